/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client at a terminal: a line editor (libedit) that also listens to the daemon while a line is typed. `?` asks for
 * help and Tab for candidates at the cursor; the line is left as it was. Lines are remembered for the session only and
 * never written to a file, since they may hold passwords.
 */
#include "cli/interactive.h"

#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/pager.h"
#include "cli/run.h"

enum { HISTORY_SIZE = 1000, CTRL_C = 3 };

struct shell {
	struct conn *conn;
	struct run run;
	struct pager pager;
	EditLine *el;
	History *history;
	char prompt[300];
	bool editing, erased;	/* a line is on the screen; it has been taken off it for a message */
	bool cancelled, discard;
	int lost;		/* the errno with which the connection ended */
};

/* A growing text: what help and completion answer. */
struct text {
	char *p;
	size_t len, cap;
};

static volatile sig_atomic_t interrupts, resized, continued;

static void on_signal(int sig)
{
	if (sig == SIGINT)
		interrupts = interrupts + 1;
	else if (sig == SIGWINCH)
		resized = 1;
	else
		continued = 1;
}

static void set_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal };	/* no SA_RESTART: a wait is to end */

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGWINCH, &act, NULL);
	sigaction(SIGCONT, &act, NULL);
}

static void print_span(struct span s)
{
	fwrite(s.p, 1, s.len, stdout);
	if (s.len && s.p[s.len - 1] != '\n')
		putchar('\n');
}

static struct shell *shell_of(EditLine *el)
{
	void *s = NULL;

	el_get(el, EL_CLIENTDATA, &s);
	return s;
}

/* ---- a line being typed ---- */

static char *on_prompt(EditLine *el)
{
	return shell_of(el)->prompt;
}

/* Takes the line off the screen, all rows of it; EL_REFRESH draws it again below what is printed meanwhile. */
static void erase_line(struct shell *s)
{
	const LineInfo *li = el_line(s->el);
	int rows = 0, columns = 80;

	el_get(s->el, EL_GETTC, "co", &columns, (void *)0);
	if (columns > 0)
		rows = ((int)strlen(s->prompt) + (int)(li->cursor - li->buffer)) / columns;
	if (rows > 0)
		printf("\033[%dA", rows);
	fputs("\r\033[J", stdout);
}

static void redraw(struct shell *s)
{
	fflush(stdout);
	el_set(s->el, EL_REFRESH);
}

static void on_async(void *ctx, struct span line)
{
	struct shell *s = ctx;

	if (s->editing && !s->erased) {
		erase_line(s);
		s->erased = true;
	}
	print_span(line);
}

static void ignore(void *ctx, struct span text)
{
}

static const struct conn_ops idle_ops = { .output = ignore, .error = ignore, .async = on_async };

/* The daemon has something to say while a line is typed. */
static bool listen_to_daemon(struct shell *s)
{
	int n = conn_idle(s->conn, &idle_ops, s);

	if (s->erased)
		redraw(s);
	s->erased = false;
	s->lost = n < 0 ? n : 0;
	return n >= 0;
}

static void after_signal(struct shell *s)
{
	if (resized)
		el_resize(s->el);
	if (continued) {
		el_set(s->el, EL_PREP_TERM, 1);
		redraw(s);
	}
	resized = continued = 0;
}

/* One character of the terminal, UTF-8 or whatever the locale says. Return: 1, or 0 at its end. */
static int read_char(wchar_t *out)
{
	mbstate_t state = { 0 };
	char c;

	while (read(STDIN_FILENO, &c, 1) == 1) {
		size_t n = mbrtowc(out, &c, 1, &state);

		if (n == (size_t)-2)
			continue;
		if (n == (size_t)-1)
			*out = L'\xfffd';
		return 1;
	}
	return 0;
}

static int wait_for_key(struct shell *s, const sigset_t *mask, wchar_t *out)
{
	struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { conn_fd(s->conn), POLLIN, 0 } };

	for (;;) {
		after_signal(s);
		if (interrupts) {
			interrupts = 0;
			*out = CTRL_C;
			return 1;
		}
		if (ppoll(fds, 2, NULL, mask) < 0 && errno == EINTR)
			continue;
		if (fds[1].revents && !listen_to_daemon(s))
			return 0;
		if (fds[0].revents)
			return read_char(out);
	}
}

/* libedit asks for a character. Signals arrive only while waiting, so that none is missed in between. */
static int on_getc(EditLine *el, wchar_t *out)
{
	sigset_t ours, was;
	int n;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGWINCH);
	sigaddset(&ours, SIGCONT);
	sigprocmask(SIG_BLOCK, &ours, &was);
	n = wait_for_key(shell_of(el), &was, out);
	sigprocmask(SIG_SETMASK, &was, NULL);
	return n;
}

static unsigned char on_cancel(EditLine *el, int ch)
{
	shell_of(el)->cancelled = true;
	fputs("^C", stdout);
	fflush(stdout);
	return CC_NEWLINE;
}

/* ---- help and completion ---- */

static void text_add(struct text *t, const char *p, size_t len)
{
	if (t->len + len + 1 > t->cap) {
		size_t cap = (t->len + len + 1) * 2;
		char *more = realloc(t->p, cap);

		if (!more)
			return;
		t->p = more;
		t->cap = cap;
	}
	memcpy(t->p + t->len, p, len);
	t->len += len;
	t->p[t->len] = '\0';
}

/* What a `help` or `complete` request answers. */
struct query {
	struct shell *shell;
	struct text *text;
};

static void query_output(void *ctx, struct span s)
{
	text_add(((struct query *)ctx)->text, (const char *)s.p, s.len);
}

static void query_async(void *ctx, struct span line)
{
	on_async(((struct query *)ctx)->shell, line);
}

static const struct conn_ops query_ops = { .output = query_output, .error = query_output, .async = query_async };

static struct span before_cursor(EditLine *el)
{
	const LineInfo *li = el_line(el);

	return span_of(li->buffer, (size_t)(li->cursor - li->buffer));
}

/* The filters that the word after the last `|` may become, if that is where the cursor is. */
static bool ask_filters(struct span typed, const char *verb, struct text *t)
{
	char *line = strndup((const char *)typed.p, typed.len);
	const char *word = line ? filter_find(line) : NULL;
	bool ours = word && !strpbrk(word, " \t");
	char row[128];

	for (const struct filter_name *n = filter_names; ours && n->name; n++) {
		if (strncmp(n->name, word, strlen(word)) != 0)
			continue;
		if (*verb == 'c')
			snprintf(row, sizeof(row), "%s\n", n->name);
		else
			snprintf(row, sizeof(row), "  %-8s %-6s %s\n", n->name, n->arg ? n->arg : "", n->help);
		text_add(t, row, strlen(row));
	}
	free(line);
	return ours;
}

/* Return: false when the connection has ended. */
static bool ask(struct shell *s, const char *verb, struct text *t)
{
	struct span typed = before_cursor(s->el);
	struct query q = { s, t };
	int code;

	if (ask_filters(typed, verb, t))
		return true;
	if (conn_request(s->conn, verb, typed) == 0) {
		code = conn_answer(s->conn, &query_ops, &q);
		if (code >= FRAME_SYNTAX && *verb == 'c')
			t->len = 0;	/* a complaint, no candidates */
		s->lost = code < 0 ? code : 0;
	}
	return !s->lost;
}

static void print_below(struct shell *s, const struct text *t)
{
	const char *p = t->p, *nl;

	if (!s->erased)
		putchar('\n');
	pager_begin(&s->pager, STDIN_FILENO, false);
	for (; p && *p; p = nl) {
		nl = strchrnul(p, '\n');
		nl += *nl == '\n';
		pager_line(&s->pager, p, (size_t)(nl - p));
	}
	if (t->len && t->p[t->len - 1] != '\n')
		putchar('\n');
	s->erased = false;
	redraw(s);
}

static unsigned char on_help(EditLine *el, int ch)
{
	struct shell *s = shell_of(el);
	struct text t = { 0 };
	bool alive = ask(s, "help", &t);

	if (alive && el_line(el)->cursor == el_line(el)->lastchar)
		putchar('?');
	if (alive)
		print_below(s, &t);
	free(t.p);
	return alive ? CC_NORM : CC_EOF;
}

/* How many octets all candidates begin with alike; *count is how many there are. */
static size_t common_start(const char *words, size_t *count)
{
	size_t len = strcspn(words, "\n");

	*count = 0;
	for (const char *w = words; *w; w += strcspn(w, "\n"), w += *w == '\n') {
		size_t same = 0;

		while (same < len && w[same] == words[same])
			same++;
		len = same;
		*count += 1;
	}
	return len;
}

static unsigned char complete(struct shell *s, const struct text *t)
{
	struct span typed = before_cursor(s->el);
	size_t count, common = common_start(t->p, &count), word = 0;
	char insert[CONN_LINE_MAX];

	while (word < typed.len && !strchr(" \t", typed.p[typed.len - 1 - word]))
		word++;
	if (common < word || memcmp(t->p, typed.p + typed.len - word, word) != 0 ||
		(count > 1 && common == word) || common >= sizeof(insert) - 1) {
		print_below(s, t);
		return CC_NORM;
	}
	snprintf(insert, sizeof(insert), "%.*s%s", (int)(common - word), t->p + word, count == 1 ? " " : "");
	el_insertstr(s->el, insert);
	return CC_REFRESH;
}

static unsigned char on_complete(EditLine *el, int ch)
{
	struct shell *s = shell_of(el);
	struct text t = { 0 };
	bool alive = ask(s, "complete", &t);
	unsigned char ret = alive ? CC_NORM : CC_EOF;

	if (alive && t.len)
		ret = complete(s, &t);
	else if (alive && s->erased)
		redraw(s);
	s->erased = false;
	free(t.p);
	return ret;
}

/* ---- an answer being shown ---- */

static void on_begin(void *ctx, bool no_more)
{
	struct shell *s = ctx;

	s->discard = false;
	interrupts = 0;
	pager_begin(&s->pager, STDIN_FILENO, no_more);
}

static void on_output(void *ctx, const char *line, size_t len)
{
	struct shell *s = ctx;

	if (!s->discard)
		pager_line(&s->pager, line, len);
}

static void on_error(void *ctx, struct span text)
{
	print_span(text);
}

/* The first Ctrl-C ends what the daemon waits for, and drops the rest of an answer, which it still sends; another one gives
 * the connection up. */
static bool on_give_up(void *ctx)
{
	struct shell *s = ctx;

	if (interrupts && !s->discard) {
		s->discard = true;
		conn_request(s->conn, "cancel", span_of(NULL, 0));
		fputs("^C\n", stdout);
		fflush(stdout);
	}
	return interrupts > 1;
}

/* ---- the loop ---- */

static void take_prompt(struct shell *s)
{
	size_t n = (size_t)snprintf(s->prompt, sizeof(s->prompt), "%s", conn_prompt(s->conn));

	if (n && s->prompt[n - 1] != ' ')
		strcat(s->prompt, " ");
}

static bool first_prompt(struct shell *s)
{
	static const struct conn_ops quiet = { .output = ignore, .error = ignore, .async = on_async };
	int err = conn_request(s->conn, "prompt", span_str(""));

	s->lost = err ? err : conn_answer(s->conn, &quiet, s);
	if (s->lost < 0)
		return false;
	s->lost = 0;
	take_prompt(s);
	return true;
}

static void shell_init(struct shell *s)
{
	HistEvent ev;

	s->el = el_init("adit", stdin, stdout, stderr);
	s->history = history_init();
	history(s->history, &ev, H_SETSIZE, HISTORY_SIZE);
	history(s->history, &ev, H_SETUNIQUE, 1);
	el_set(s->el, EL_CLIENTDATA, s);
	el_set(s->el, EL_EDITOR, "emacs");
	el_set(s->el, EL_SIGNAL, 0);
	el_set(s->el, EL_PROMPT, on_prompt);
	el_set(s->el, EL_HIST, history, s->history);
	el_set(s->el, EL_GETCFN, on_getc);
	el_set(s->el, EL_ADDFN, "adit-help", "help at the cursor", on_help);
	el_set(s->el, EL_ADDFN, "adit-complete", "candidates at the cursor", on_complete);
	el_set(s->el, EL_ADDFN, "adit-cancel", "cancel the line", on_cancel);
	el_set(s->el, EL_BIND, "?", "adit-help", NULL);
	el_set(s->el, EL_BIND, "^I", "adit-complete", NULL);
	el_set(s->el, EL_BIND, "^C", "adit-cancel", NULL);
	el_set(s->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_set(s->el, EL_BIND, "^W", "ed-delete-prev-word", NULL);
}

/* The next line, without its newline; "" when it was cancelled; NULL at the end. */
static char *next_line(struct shell *s)
{
	const char *got;
	int n;

	s->cancelled = false;
	interrupts = 0;		/* what ended the last answer is not meant for this line */
	s->editing = true;
	got = el_gets(s->el, &n);
	s->editing = false;
	if (s->cancelled) {
		putchar('\n');
		return strdup("");
	}
	return got && n > 0 ? strndup(got, strcspn(got, "\r\n")) : NULL;
}

static void remember(struct shell *s, const char *line)
{
	HistEvent ev;

	history(s->history, &ev, H_ENTER, line);
}

/* Return: false when this was the last line. */
static bool one_line(struct shell *s)
{
	char *line = next_line(s);
	int code = FRAME_DONE;

	if (!line)
		return false;
	if (line[strspn(line, " \t")]) {
		remember(s, line);
		code = run_line(&s->run, line);
		fflush(stdout);
		take_prompt(s);
	}
	free(line);
	s->lost = code < 0 ? code : 0;
	return code > 0 && code != FRAME_BYE;
}

int interactive(struct conn *c)
{
	static struct shell s;	/* left to exit(): el_end() loses the names of added functions (libedit 3.1-20221030) */

	s.conn = c;
	s.run = (struct run){ c, &s, on_begin, on_output, on_error, on_async, on_give_up };
	set_signals();
	if (first_prompt(&s)) {
		shell_init(&s);
		while (one_line(&s))
			;
	}
	if (!s.lost)
		return CLI_OK;
	fprintf(stderr, "\nadit: the connection has ended%s%s\n", s.lost == -EPIPE ? "" : ": ",
		s.lost == -EPIPE ? "" : strerror(-s.lost));
	return CLI_LOST;
}
