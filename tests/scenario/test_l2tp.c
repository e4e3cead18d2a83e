/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the scripts of tests/scenario/l2tp/ (or those named as arguments): the script is the peer, an endpoint under
 * virtual time is the other. A message that comes out must be expected by the script, at that instant, in that order.
 *
 *	conf secret=s challenge hide hello=60 window=16 peer-name=x tie-breaker=HEX retries=5 linger=31 permissive
 *	     null-id
 *	     manual max-tunnels=N half-open=N half-open-source=N no-incoming
 *	     address-change=ignore|reject port-change=...
 *	at 3s | pass 1s			virtual time from the beginning, or from now
 *	local open|close|accept|reject R/E|call|answer|refuse R/E|connect|hangup R/E|sli|wen|renumber
 *	rx MSG key=value ...		the peer sends; ns=, nr=, tunnel=, session= are filled in when not given
 *	     from=ADDR:PORT		another source than 192.0.2.9:1701
 *	     hide			hidden, what may be; avp=VENDOR/TYPE/FLAGS/HEX, raw=HEX: any octets
 *	     bare			only what is named (else the AVPs that the message must have are added)
 *	     no=NAME			without that one; type=N m=0: another Message Type, another M bit
 *	expect MSG key=value ...	what comes out next; to=ADDR:PORT
 *	expect nothing
 *	state NAME | call-state NAME | event NAME key=value | count NAME=N | stat NAME=N
 *	count REASON=N			refused for it, and the owner was not asked
 *
 * Names of AVPs are those of the table in wire/l2tp_avp.h. $x is a variable: bound by an expect, used anywhere. "any"
 * matches any value; $good is the right Challenge Response.
 */
#include "scenario/script.h"

#include <glob.h>

#include "l2tp/auth.h"
#include "l2tp/counters.h"
#include "l2tp/l2tp.h"
#include "wire/l2tp_msg.h"

enum { QUEUE = 512, VARS = 32, PEER_ID = 7 };

struct sent {
	mono_t at;
	struct l2tp_path to;
	size_t len;
	uint8_t octets[2048];
};

struct var {
	char name[32];
	uint8_t octets[64];
	size_t len;
};

struct run {
	struct l2tp_endpoint *ep;
	struct l2tp_endpoint_conf node;
	struct l2tp_tunnel_conf conf;
	char strings[4][128];
	uint8_t tie[8];
	bool manual;
	mono_t start, now;
	struct l2tp_path peer;			/* from our side */
	struct l2tp_ctrl *tunnel;
	struct l2tp_call *call;
	struct sent out[QUEUE];
	unsigned out_first, out_count;
	struct l2tp_event event[QUEUE];		/* their spans are dead */
	unsigned event_first, event_count;
	uint16_t ns, nr;			/* the peer's */
	uint16_t local_tunnel, local_session;
	uint8_t our_challenge[64], peer_challenge[64];
	size_t our_challenge_len, peer_challenge_len;
	struct var var[VARS];
	unsigned vars;
};

static bool say(const char *what, const char *detail)
{
	fprintf(stderr, "%s: %s\n", what, detail);
	return false;
}

/* ---- the endpoint ---- */

static struct l2tp_cause cause_of(const char *text)
{
	unsigned result = 0, error = 0;

	if (text)
		sscanf(text, "%u/%u", &result, &error);
	return (struct l2tp_cause){ (uint16_t)result, (uint16_t)error, NULL };
}

static void connect_call(struct run *r)
{
	struct l2tp_call_params p = { .tx_connect_speed = 64000, .framing_type = 1 };

	l2tp_call_connect(r->call, &p, r->now);
}

static void on_event(struct run *r, const struct l2tp_event *ev)
{
	if (r->event_count < QUEUE)
		r->event[r->event_count++] = *ev;
	switch (ev->type) {
	case L2TP_EV_TUNNEL_OFFERED:
		r->tunnel = ev->ctrl;
		if (!r->manual)
			l2tp_tunnel_accept(ev->ctrl, &r->conf, NULL, r->now);
		break;
	case L2TP_EV_CALL_OFFERED:
		r->call = ev->call;
		if (!r->manual)
			l2tp_call_accept(ev->call, NULL, r->now);
		break;
	case L2TP_EV_CALL_ANSWERED:
		r->call = ev->call;
		if (!r->manual)
			connect_call(r);
		break;
	case L2TP_EV_CALL_DOWN:
		r->call = r->call == ev->call ? NULL : r->call;
		break;
	case L2TP_EV_TUNNEL_GONE:
		r->tunnel = r->tunnel == ev->ctrl ? NULL : r->tunnel;
		break;
	default:
		break;
	}
}

/* Remembers what the peer of a script needs: our ids and our challenge. */
static void learn(struct run *r, const struct sent *s)
{
	struct l2tp_msg_opt opt = { .secret = r->conf.secret };
	uint8_t buf[L2TP_SCRATCH_LEN];
	struct wr scratch = wr_of(buf, sizeof(buf));
	struct l2tp_hdr h;
	struct l2tp_msg m;
	struct l2tp_fault f;

	if (l2tp_hdr_decode(span_of(s->octets, s->len), &h) != L2TP_HDR_OK)
		return;
	l2tp_msg_decode(&h, &opt, &scratch, &m, &f);
	if (m.type != L2TP_MSG_ZLB && (uint16_t)(h.ns - r->nr) < 0x8000)
		r->nr = (uint16_t)(h.ns + 1);
	if (m.assigned_tunnel_id)
		r->local_tunnel = m.assigned_tunnel_id;
	if (m.assigned_session_id && m.type != L2TP_MSG_CDN)
		r->local_session = m.assigned_session_id;
	if (l2tp_msg_has(&m, L2TP_AVP_CHALLENGE) && m.challenge.len <= sizeof(r->our_challenge)) {
		memcpy(r->our_challenge, m.challenge.p, m.challenge.len);
		r->our_challenge_len = m.challenge.len;
	}
}

static void pump(struct run *r)
{
	struct l2tp_event ev;

	while (l2tp_endpoint_event(r->ep, &ev, r->now))
		on_event(r, &ev);
	while (r->out_count < QUEUE) {
		struct sent *s = &r->out[r->out_count];

		s->len = l2tp_endpoint_tx(r->ep, &s->to, s->octets, sizeof(s->octets), r->now);
		if (!s->len)
			return;
		s->at = r->now;
		r->out_count++;
		learn(r, s);
	}
}

static const char *shown(const struct sent *s, char *buf, size_t cap)
{
	l2tp_msg_text(span_of(s->octets, s->len), span_of(NULL, 0), buf, cap);
	return buf;
}

static bool nothing_left(struct run *r, const char *when)
{
	char text[1024];

	if (r->out_first == r->out_count)
		return true;
	fprintf(stderr, "at %.3f s ", (double)(r->out[r->out_first].at.ns - r->start.ns) / 1e9);
	return say(when, shown(&r->out[r->out_first], text, sizeof(text)));
}

static void advance(struct run *r, mono_t until)
{
	for (;;) {
		mono_t next = l2tp_endpoint_deadline(r->ep);

		if (mono_before(until, next))
			break;
		if (mono_before(r->now, next))
			r->now = next;
		l2tp_endpoint_expire(r->ep, r->now);
		pump(r);
	}
	r->now = until;
}

static void begin(struct run *r)
{
	static const uint8_t seed[32] = "a seed of no importance";

	if (!r->ep)
		r->ep = l2tp_endpoint_new(&r->node, seed, r->now);
}

/* ---- conf ---- */

static struct span keep(struct run *r, int slot, const char *text)
{
	snprintf(r->strings[slot], sizeof(r->strings[slot]), "%s", text ? text : "");
	return span_str(r->strings[slot]);
}

static unsigned number(const struct script_clause *c, const char *key, unsigned otherwise)
{
	const char *v = script_value(c, key);

	return v ? (unsigned)strtoul(v, NULL, 0) : otherwise;
}

static int change_of(const struct script_clause *c, const char *key)
{
	const char *v = script_value(c, key);

	if (!v)
		return L2TP_ADDR_CHANGE_ACCEPT;
	return strcmp(v, "reject") ? L2TP_ADDR_CHANGE_IGNORE : L2TP_ADDR_CHANGE_REJECT;
}

static bool do_conf(struct run *r, const struct script_clause *c)
{
	const char *tie = script_value(c, "tie-breaker");

	r->conf.secret = keep(r, 0, script_value(c, "secret"));
	r->conf.peer_name = keep(r, 1, script_value(c, "peer-name"));
	r->conf.challenge = script_flag(c, "challenge");
	r->conf.hide = script_flag(c, "hide");
	r->conf.null_tunnel_id = script_flag(c, "null-id");
	r->conf.hello_s = (uint16_t)number(c, "hello", 60);
	r->conf.receive_window = (uint16_t)number(c, "window", 16);
	r->conf.call_accept_incoming = !script_flag(c, "no-incoming");
	r->conf.address_change = change_of(c, "address-change");
	r->conf.port_change = change_of(c, "port-change");
	if (tie)
		r->conf.tie_breaker = span_of(r->tie, script_hex(tie, r->tie, sizeof(r->tie)));
	r->manual = script_flag(c, "manual");
	r->node.retries_established = (uint8_t)number(c, "retries", 5);
	r->node.retries_not_established = (uint8_t)number(c, "setup-retries", 5);
	r->node.linger_s = (uint16_t)number(c, "linger", 31);
	r->node.permissive_avps = script_flag(c, "permissive");
	r->node.max_tunnels = number(c, "max-tunnels", 65535);
	r->node.half_open = number(c, "half-open", 2000);
	r->node.half_open_per_source = number(c, "half-open-source", 256);
	if (r->ep)
		l2tp_endpoint_conf_set(r->ep, &r->node);
	return true;
}

/* ---- values ---- */

static struct var *var_find(struct run *r, const char *name)
{
	for (unsigned i = 0; i < r->vars; i++) {
		if (!strcmp(r->var[i].name, name))
			return &r->var[i];
	}
	return NULL;
}

static size_t put_number(uint64_t v, size_t len, uint8_t *out)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(v >> 8 * (len - 1 - i));
	return len;
}

static size_t put_parts(const char *text, size_t reserved, size_t width, uint8_t *out)
{
	size_t len = reserved;
	char *end;

	memset(out, 0, reserved);
	for (; *text; text = *end == '/' ? end + 1 : end) {
		unsigned long v = strtoul(text, &end, 0);

		if (end == text)
			break;
		len += put_number(v, width, out + len);
	}
	return len;
}

static size_t put_result(const char *text, uint8_t *out)
{
	const char *slash = strchr(text, '/'), *more = slash ? strchr(slash + 1, '/') : NULL;
	size_t len = put_parts(text, 0, 2, out);

	if (!more)
		return len;
	len = 4;
	memcpy(out + len, more + 1, strlen(more + 1));
	return len + strlen(more + 1);
}

/* The right answer to the challenge of the other side. */
static size_t put_good(struct run *r, uint16_t msg_type, bool from_peer, uint8_t *out)
{
	struct span challenge = from_peer ? span_of(r->our_challenge, r->our_challenge_len) :
					    span_of(r->peer_challenge, r->peer_challenge_len);

	l2tp_auth_response(msg_type, r->conf.secret, challenge, out);
	return L2TP_RESPONSE_LEN;
}

static size_t value_octets(struct run *r, const struct l2tp_avp_info *info, uint16_t msg_type, bool from_peer,
			   const char *text, uint8_t *out, size_t cap)
{
	static const uint8_t width[] = { [L2TP_FORM_U16] = 2, [L2TP_FORM_U32] = 4, [L2TP_FORM_U64] = 8 };
	struct var *v = text[0] == '$' ? var_find(r, text) : NULL;

	if (!strcmp(text, "$good"))
		return put_good(r, msg_type, from_peer, out);
	if (v) {
		memcpy(out, v->octets, v->len);
		return v->len;
	}
	if (!strncmp(text, "hex:", 4))
		return script_hex(text + 4, out, cap);
	if (info->form < sizeof(width) && width[info->form])
		return put_number(strtoull(text, NULL, 0), width[info->form], out);
	if (info->form == L2TP_FORM_RESULT)
		return put_result(text, out);
	if (info->form == L2TP_FORM_ACCM || info->form == L2TP_FORM_CALL_ERRORS)
		return put_parts(text, 2, 4, out);
	snprintf((char *)out, cap, "%s", text);
	return strlen((char *)out);
}

static const struct l2tp_avp_info *info_by_name(const char *name, size_t len)
{
	const struct l2tp_avp_info *info;

	for (unsigned i = 0; (info = l2tp_avp_row(i)); i++) {
		if (strlen(info->name) == len && !strncmp(info->name, name, len))
			return info;
	}
	return NULL;
}

static uint16_t type_by_name(const char *name)
{
	for (uint16_t t = 0; t < 32; t++) {
		if (!strcmp(l2tp_msg_name(t), name))
			return t;
	}
	return 0xffff;
}

static uint16_t id_value(struct run *r, const struct script_clause *c, const char *key, uint16_t otherwise)
{
	const char *text = script_value(c, key);
	struct var *v = text ? var_find(r, text) : NULL;

	if (v && v->len == 2)
		return (uint16_t)(v->octets[0] << 8 | v->octets[1]);
	return text ? (uint16_t)strtoul(text, NULL, 0) : otherwise;
}

/* ---- rx ---- */

/* What a message must have, unless the script says otherwise. */
static const struct {
	uint16_t msg;
	const char *name, *value;
} usual[] = {
	{ L2TP_MSG_SCCRQ, "protocol-version", "0x0100" }, { L2TP_MSG_SCCRQ, "host-name", "peer" },
	{ L2TP_MSG_SCCRQ, "framing-capabilities", "3" }, { L2TP_MSG_SCCRQ, "assigned-tunnel-id", "7" },
	{ L2TP_MSG_SCCRP, "protocol-version", "0x0100" }, { L2TP_MSG_SCCRP, "host-name", "peer" },
	{ L2TP_MSG_SCCRP, "framing-capabilities", "3" }, { L2TP_MSG_SCCRP, "assigned-tunnel-id", "7" },
	{ L2TP_MSG_STOPCCN, "assigned-tunnel-id", "7" }, { L2TP_MSG_STOPCCN, "result-code", "1/0" },
	{ L2TP_MSG_ICRQ, "assigned-session-id", "70" }, { L2TP_MSG_ICRQ, "call-serial-number", "1" },
	{ L2TP_MSG_ICRP, "assigned-session-id", "70" },
	{ L2TP_MSG_ICCN, "connect-speed", "64000" }, { L2TP_MSG_ICCN, "framing-type", "1" },
	{ L2TP_MSG_CDN, "result-code", "1/0" }, { L2TP_MSG_CDN, "assigned-session-id", "70" },
	{ L2TP_MSG_OCRQ, "assigned-session-id", "70" }, { L2TP_MSG_OCRQ, "call-serial-number", "1" },
	{ L2TP_MSG_OCRQ, "minimum-bps", "1" }, { L2TP_MSG_OCRQ, "maximum-bps", "2" },
	{ L2TP_MSG_OCRQ, "bearer-type", "1" }, { L2TP_MSG_OCRQ, "framing-type", "1" },
	{ L2TP_MSG_OCRQ, "called-number", "12" },
	{ L2TP_MSG_OCRP, "assigned-session-id", "70" },
	{ L2TP_MSG_OCCN, "connect-speed", "64000" }, { L2TP_MSG_OCCN, "framing-type", "1" },
	{ L2TP_MSG_SLI, "accm", "1/2" }, { L2TP_MSG_WEN, "call-errors", "1/2/3/4/5/6" },
};

static bool left_out(const struct script_clause *c, const char *name)
{
	for (unsigned i = 1; i < c->n; i++) {
		if (!strncmp(c->word[i], "no=", 3) && !strcmp(c->word[i] + 3, name))
			return true;
	}
	return script_value(c, name) || script_flag(c, "bare");
}

static void put_named(struct run *r, struct l2tp_build *b, uint16_t type, const char *name, size_t len,
		      const char *value)
{
	const struct l2tp_avp_info *info = info_by_name(name, len);
	uint8_t octets[1024];
	size_t n;

	if (!info)
		return;
	n = value_octets(r, info, type, true, value, octets, sizeof(octets));
	if (info->type == L2TP_AVP_CHALLENGE && !info->vendor && n <= sizeof(r->peer_challenge)) {
		memcpy(r->peer_challenge, octets, n);
		r->peer_challenge_len = n;
	}
	l2tp_avp_put(b, info->vendor, info->type, span_of(octets, n));
}

static void put_any(struct l2tp_build *b, const char *text)
{
	unsigned vendor, type, flags;
	int at = 0;
	uint8_t octets[1024];
	size_t n;

	if (sscanf(text, "%u/%u/%x/%n", &vendor, &type, &flags, &at) < 3)
		return;
	n = script_hex(text + at, octets, sizeof(octets));
	wr_be16(b->w, (uint16_t)(flags | (n + L2TP_AVP_HDR_LEN)));
	wr_be16(b->w, (uint16_t)vendor);
	wr_be16(b->w, (uint16_t)type);
	wr_bytes(b->w, octets, n);
}

static void put_raw(struct l2tp_build *b, const char *text)
{
	uint8_t octets[1024];

	wr_bytes(b->w, octets, script_hex(text, octets, sizeof(octets)));
}

static void put_avps(struct run *r, struct l2tp_build *b, uint16_t type, const struct script_clause *c)
{
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (usual[i].msg == type && !left_out(c, usual[i].name))
			put_named(r, b, type, usual[i].name, strlen(usual[i].name), usual[i].value);
	}
	for (unsigned i = 2; i < c->n; i++) {
		const char *eq = strchr(c->word[i], '=');

		if (!eq)
			continue;
		if (!strncmp(c->word[i], "avp=", 4))
			put_any(b, eq + 1);
		else if (!strncmp(c->word[i], "raw=", 4))
			put_raw(b, eq + 1);
		else
			put_named(r, b, type, c->word[i], (size_t)(eq - c->word[i]), eq + 1);
	}
}

static void parse_end(const char *text, struct ip_addr *addr, uint16_t *port)
{
	char host[64];
	const char *colon = text ? strrchr(text, ':') : NULL;

	if (!colon)
		return;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	ip_addr_parse(addr, host);
	*port = (uint16_t)strtoul(colon + 1, NULL, 10);
}

static bool do_rx(struct run *r, const struct script_clause *c)
{
	uint16_t type = type_by_name(c->word[1]), send = (uint16_t)number(c, "type", type);
	bool request = type == L2TP_MSG_SCCRQ, icrq = type == L2TP_MSG_ICRQ || type == L2TP_MSG_OCRQ;
	uint16_t tunnel = id_value(r, c, "tunnel", request ? 0 : r->local_tunnel);
	uint16_t session = id_value(r, c, "session", l2tp_msg_is_call(type) && !icrq ? r->local_session : 0);
	uint16_t ns = (uint16_t)number(c, "ns", r->ns), nr = (uint16_t)number(c, "nr", r->nr);
	struct l2tp_path from = r->peer;
	struct rng rng;
	struct l2tp_hide hide = {
		.secret = r->conf.secret, .rng = &rng, .enabled = script_flag(c, "hide"), .padding_max = 8
	};
	uint8_t buf[2048];
	struct wr w = wr_of(buf, sizeof(buf));
	struct l2tp_build b;

	if (type == 0xffff)
		return say("no such message", c->word[1]);
	rng_init_u64(&rng, 1);
	parse_end(script_value(c, "from"), &from.peer, &from.peer_port);
	if (type == L2TP_MSG_ZLB) {
		l2tp_hdr_put_zlb(&w, tunnel, ns, nr);
	} else {
		l2tp_msg_begin(&b, &w, &hide, send, tunnel, session, ns, nr);
		if (!number(c, "m", 1))
			buf[L2TP_HDR_CONTROL_LEN] &= 0x7f;
		put_avps(r, &b, type, c);
		l2tp_msg_end(&b);
		if (ns == r->ns)
			r->ns++;
	}
	l2tp_endpoint_rx(r->ep, &from, buf, wr_len(&w), r->now);
	pump(r);
	return true;
}

/* ---- expect ---- */

static bool header_matches(struct run *r, const struct script_clause *c, const struct l2tp_hdr *h)
{
	return id_value(r, c, "ns", h->ns) == h->ns && id_value(r, c, "nr", h->nr) == h->nr &&
	       id_value(r, c, "tunnel", h->tunnel_id) == h->tunnel_id &&
	       id_value(r, c, "session", h->session_id) == h->session_id;
}

/* The value of an AVP as sent, unhidden; its H bit. */
static bool find_avp(struct run *r, const struct l2tp_hdr *h, const struct l2tp_avp_info *info, uint8_t *out,
		     size_t *len, bool *hidden)
{
	struct rd msg = rd_span(h->payload);
	struct l2tp_avp avp;
	struct span rv = span_of(NULL, 0), value;
	struct wr w = wr_of(out, 1024);

	while (l2tp_avp_next(&msg, &avp)) {
		if (!avp.vendor && avp.type == L2TP_AVP_RANDOM_VECTOR)
			rv = rd_rest(&avp.value);
		if (avp.vendor != info->vendor || avp.type != info->type)
			continue;
		*hidden = avp.flags & L2TP_AVP_H;
		value = rd_rest(&avp.value);
		if (*hidden)
			return l2tp_avp_unhide(r->conf.secret, rv, avp.type, value, &w, &value) == L2TP_UNHIDE_OK &&
			       (*len = value.len, memmove(out, value.p, value.len), true);
		wr_put(&w, value);
		*len = value.len;
		return true;
	}
	return false;
}

static bool avp_matches(struct run *r, const struct l2tp_hdr *h, uint16_t type, const struct l2tp_avp_info *info,
			const char *want)
{
	uint8_t have[1024], octets[1024];
	size_t have_len = 0, len;
	bool hidden = false;

	if (!find_avp(r, h, info, have, &have_len, &hidden))
		return !strcmp(want, "none");
	if (!strcmp(want, "any"))
		return true;
	if (!strcmp(want, "hidden"))
		return hidden;
	if (want[0] == '$' && strcmp(want, "$good") && !var_find(r, want) && r->vars < VARS && have_len <= 64) {
		struct var *v = &r->var[r->vars++];

		snprintf(v->name, sizeof(v->name), "%s", want);
		memcpy(v->octets, have, have_len);
		v->len = have_len;
		return true;
	}
	len = value_octets(r, info, type, false, want, octets, sizeof(octets));
	if (info->form == L2TP_FORM_RESULT && have_len > len)
		have_len = len;		/* the text only when it is asked for */
	return have_len == len && !memcmp(have, octets, len);
}

static bool avps_match(struct run *r, const struct script_clause *c, const struct l2tp_hdr *h, uint16_t type)
{
	for (unsigned i = 2; i < c->n; i++) {
		const char *eq = strchr(c->word[i], '=');
		const struct l2tp_avp_info *info = eq ? info_by_name(c->word[i], (size_t)(eq - c->word[i])) : NULL;

		if (info && !avp_matches(r, h, type, info, eq + 1))
			return say("does not match", c->word[i]);
	}
	return true;
}

static uint16_t type_of(const struct l2tp_hdr *h)
{
	struct rd msg = rd_span(h->payload);
	struct l2tp_avp avp;

	return l2tp_avp_next(&msg, &avp) ? rd_be16(&avp.value) : L2TP_MSG_ZLB;
}

static bool to_matches(const struct script_clause *c, const struct l2tp_path *to)
{
	struct ip_addr addr = to->peer;
	uint16_t port = to->peer_port;

	parse_end(script_value(c, "to"), &addr, &port);
	return ip_addr_eq(&addr, &to->peer) && port == to->peer_port;
}

static bool do_expect(struct run *r, const struct script_clause *c)
{
	char text[1024];
	struct sent *s;
	struct l2tp_hdr h;

	if (!strcmp(c->word[1], "nothing"))
		return nothing_left(r, "not expected");
	if (r->out_first == r->out_count)
		return say("nothing was sent", c->word[1]);
	s = &r->out[r->out_first++];
	shown(s, text, sizeof(text));
	if (r->now.ns - s->at.ns > 5000000)
		return say("sent earlier", text);
	if (l2tp_hdr_decode(span_of(s->octets, s->len), &h) != L2TP_HDR_OK)
		return say("malformed header", text);
	if (type_of(&h) != type_by_name(c->word[1]) || !header_matches(r, c, &h) || !to_matches(c, &s->to))
		return say("sent instead", text);
	if (!avps_match(r, c, &h, type_of(&h)))
		return say("sent instead", text);
	if (r->out_first == r->out_count)
		r->out_first = r->out_count = 0;
	return true;
}

/* ---- the rest ---- */

static bool do_open(struct run *r)
{
	return l2tp_tunnel_open(r->ep, &r->peer, &r->conf, NULL, r->now, &r->tunnel) == 0 || say("open", "failed");
}

static bool do_offer(struct run *r)
{
	struct l2tp_call_offer offer = { .call_serial = 1, .calling_number = span_str("4401234") };

	return l2tp_call_offer(r->tunnel, &offer, NULL, r->now, &r->call) == 0 || say("call", "failed");
}

static bool do_local(struct run *r, const struct script_clause *c)
{
	static const uint32_t errors[6] = { 1, 2, 3, 4, 5, 6 };
	const char *what = c->word[1];
	struct l2tp_cause cause = cause_of(c->n > 2 ? c->word[2] : NULL);
	bool good = true;

	if (!strcmp(what, "open"))
		good = do_open(r);
	else if (!strcmp(what, "call"))
		good = do_offer(r);
	else if (!strcmp(what, "renumber"))
		good = l2tp_call_renumber(r->call) == 0;
	else if (!strcmp(what, "close"))
		l2tp_tunnel_close(r->tunnel, L2TP_REASON_TUNNEL_ADMIN_CLOSE, cause, r->now);
	else if (!strcmp(what, "accept"))
		l2tp_tunnel_accept(r->tunnel, &r->conf, NULL, r->now);
	else if (!strcmp(what, "reject"))
		l2tp_tunnel_reject(r->tunnel, L2TP_REASON_TUNNEL_RX_SCCRQ_AUTHENTICATE_FAILED_HOST, cause, r->now);
	else if (!strcmp(what, "answer"))
		l2tp_call_accept(r->call, NULL, r->now);
	else if (!strcmp(what, "refuse"))
		l2tp_call_reject(r->call, L2TP_REASON_SESSION_CREATE_FAILED_LIMIT_REACHED, cause, r->now);
	else if (!strcmp(what, "connect"))
		connect_call(r);
	else if (!strcmp(what, "hangup"))
		l2tp_call_close(r->call, L2TP_REASON_SESSION_ADMIN_CLOSE, cause, NULL, r->now);
	else if (!strcmp(what, "sli"))
		l2tp_call_send_sli(r->call, 1, 2, r->now);
	else if (!strcmp(what, "wen"))
		l2tp_call_send_wen(r->call, errors, r->now);
	else
		return say("local", what);
	if (!script_flag(c, "hold"))
		pump(r);
	return good;
}

static bool do_time(struct run *r, const struct script_clause *c)
{
	bool at = !strcmp(c->word[0], "at");
	mono_t until = mono_add_ms(at ? r->start : r->now, script_ms(c->word[1]));

	if (!nothing_left(r, "not expected before time passes"))
		return false;
	if (mono_before(until, r->now))
		return say("time goes back", c->word[1]);
	advance(r, until);
	return true;
}

static bool do_state(struct run *r, const struct script_clause *c)
{
	struct l2tp_tunnel_stats st = { .state = "gone" };
	const char *have;

	if (r->tunnel)
		l2tp_tunnel_stats(r->tunnel, &st);
	have = strcmp(c->word[0], "state") ? (r->call ? l2tp_call_state(r->call) : "none") : st.state;
	return !strcmp(have, c->word[1]) || say("state is", have);
}

static const char *const event_names[] = {
	"TUNNEL_OFFERED", "TUNNEL_UP", "TUNNEL_DOWN", "TUNNEL_GONE", "CALL_OFFERED",
	"CALL_ANSWERED",  "CALL_UP",   "CALL_DOWN",   "CALL_SLI",    "CALL_WEN",
};

static bool event_matches(const struct l2tp_event *ev, const struct script_clause *c)
{
	const char *reason = script_value(c, "reason"), *by = script_value(c, "by"),
		   *result = script_value(c, "result");
	struct l2tp_cause cause = cause_of(result);

	return !strcmp(event_names[ev->type], c->word[1]) &&
	       (!reason || !strcmp(l2tp_reason_name(ev->reason), reason)) &&
	       (!by || ev->by_peer == !strcmp(by, "peer")) &&
	       (!result || (ev->cause.result == cause.result && ev->cause.error == cause.error));
}

static bool do_event(struct run *r, const struct script_clause *c)
{
	unsigned from = r->event_first;

	if (!strcmp(c->word[1], "nothing"))
		return r->event_first == r->event_count || say("event", event_names[r->event[r->event_first].type]);
	while (r->event_first < r->event_count) {
		if (event_matches(&r->event[r->event_first++], c))
			return true;
	}
	for (; from < r->event_count; from++)
		fprintf(stderr, "had %s reason=%s result=%u/%u\n", event_names[r->event[from].type],
			l2tp_reason_name(r->event[from].reason), r->event[from].cause.result,
			r->event[from].cause.error);
	return say("no such event", c->word[1]);
}

/* count REASON=N: refused for it without asking the owner. */
static bool do_count_refused(struct run *r, const struct script_clause *c)
{
	char have[64];

	for (unsigned i = 1; i < L2TP_REASON_COUNT; i++) {
		const char *want = script_value(c, l2tp_reason_name((enum l2tp_reason)i));

		if (!want)
			continue;
		snprintf(have, sizeof(have), "%llu",
			 (unsigned long long)l2tp_endpoint_refused(r->ep, (enum l2tp_reason)i));
		return !strcmp(have, want) || say("count is", have);
	}
	return say("no such counter", c->word[1]);
}

static bool do_count(struct run *r, const struct script_clause *c)
{
	char have[64];

	for (unsigned i = 0; l2tp_counter_name(i); i++) {
		const char *want = script_value(c, l2tp_counter_name(i));

		if (!want)
			continue;
		snprintf(have, sizeof(have), "%llu", (unsigned long long)l2tp_endpoint_counter(r->ep, i));
		return !strcmp(have, want) || say("count is", have);
	}
	return do_count_refused(r, c);
}

struct stat_row {
	const char *name;
	uint64_t v;
};

static bool do_stat(struct run *r, const struct script_clause *c)
{
	struct l2tp_tunnel_stats st = { 0 };

	if (!r->tunnel)
		return say("stat", "no tunnel");
	l2tp_tunnel_stats(r->tunnel, &st);
	const struct stat_row row[] = {
		{ "ns", st.ns },
		{ "nr", st.nr },
		{ "peer-nr", st.peer_nr },
		{ "tx-window", st.tx_window },
		{ "cwnd", st.cwnd },
		{ "queued", st.queued },
		{ "in-flight", st.in_flight },
		{ "duplicates", st.rx_duplicates },
		{ "retransmissions", st.retransmissions },
		{ "calls", st.calls },
	};
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *want = script_value(c, row[i].name);

		if (want && strtoull(want, NULL, 0) != row[i].v) {
			fprintf(stderr, "%s is %llu\n", row[i].name, (unsigned long long)row[i].v);
			return false;
		}
	}
	return true;
}

static const char *const keywords[] = { "conf",	 "at",	       "pass",	"local", "rx",	 "expect",
					"state", "call-state", "event", "count", "stat", NULL };

static bool clause(void *ctx, const struct script_clause *c)
{
	struct run *r = ctx;
	const char *k = c->word[0];

	if (!strcmp(k, "conf"))
		return do_conf(r, c);
	begin(r);
	if (c->n < 2)
		return say("what of it", k);
	if (!strcmp(k, "at") || !strcmp(k, "pass"))
		return do_time(r, c);
	if (!strcmp(k, "local"))
		return do_local(r, c);
	if (!strcmp(k, "rx"))
		return do_rx(r, c);
	if (!strcmp(k, "expect"))
		return do_expect(r, c);
	if (!strcmp(k, "event"))
		return do_event(r, c);
	if (!strcmp(k, "count"))
		return do_count(r, c);
	if (!strcmp(k, "stat"))
		return do_stat(r, c);
	if (!strcmp(k, "state") || !strcmp(k, "call-state"))
		return do_state(r, c);
	return say("no such word", k);
}

static bool run_file(const char *file)
{
	struct run *r = calloc(1, sizeof(*r));
	const struct script_clause none = { .n = 0 };
	bool good;

	r->start = r->now = mono_add_s(MONO_ZERO, 1000);
	r->peer = (struct l2tp_path){
		.local = ip4_of(0xc0000201), .peer = ip4_of(0xc0000209), .local_port = 1701, .peer_port = 1701
	};
	r->conf.local_name = span_str("here");
	do_conf(r, &none);
	good = script_run(file, keywords, clause, r) && nothing_left(r, "not expected at the end");
	if (good && r->ep && l2tp_endpoint_counter(r->ep, L2TP_COUNT_INTERNAL))
		good = say(file, "internal counter");
	l2tp_endpoint_free(r->ep);
	free(r);
	printf("%s %s\n", good ? "ok    " : "FAILED", file);
	return good;
}

int main(int argc, char **argv)
{
	glob_t g = { 0 };
	unsigned failed = 0;

	for (int i = 1; i < argc; i++)
		failed += !run_file(argv[i]);
	if (argc > 1)
		return failed != 0;
	if (glob("tests/scenario/l2tp/*.script", 0, NULL, &g) || g.gl_pathc < 15) {
		fprintf(stderr, "no scripts: run from the root of the tree\n");
		return 1;
	}
	for (size_t i = 0; i < g.gl_pathc; i++)
		failed += !run_file(g.gl_pathv[i]);
	printf("%zu scripts, %u failed\n", g.gl_pathc, failed);
	globfree(&g);
	return failed != 0;
}
