/* SPDX-License-Identifier: BSD-2-Clause */
/* The RADIUS servers of a configuration, datagrams in and out, and their line for people who debug. */
#include "aaa/aaa_net.h"

#include <stdio.h>
#include <stdlib.h>

#include "aaa/aaa_priv.h"
#include "aaa/methods.h"
#include "wire/radius_attr.h"

/* ---- debug ---- */

enum { LINE_MAX = 8192 };

static size_t debug_head(char *line, size_t cap, const char *dir, const struct radius_path *path,
			 const struct radius_pkt *p, size_t len)
{
	char addr[IP_ADDR_TEXT];
	int n = snprintf(line, cap, "radius %s %s server=%s port=%u id=%u len=%zu", dir, radius_code_name(p->code),
			 ip_addr_text(&path->server, addr), path->port, p->id, len);

	return n < 0 ? 0 : (size_t)n;
}

static void debug_datagram(struct aaa *a, const char *dir, const struct radius_path *path, const uint8_t *buf, size_t len)
{
	struct radius_attr_iter it;
	char line[LINE_MAX];
	struct radius_pkt p;
	struct radius_attr at;
	size_t n;

	if (!a->debug || radius_pkt_decode(&p, buf, len) != RADIUS_PKT_OK)
		return;
	n = debug_head(line, sizeof(line), dir, path, &p, len);
	it = radius_attrs_begin(&p);
	while (n + 3 < sizeof(line) && radius_attr_next(&it, &at)) {
		line[n++] = ' ';
		n += radius_attr_text(&at, line + n, sizeof(line) - n);
	}
	a->debug(a->debug_ctx, line, n);
}

void aaa_debug_set(struct aaa *a, aaa_debug_fn *fn, void *ctx)
{
	a->debug = fn;
	a->debug_ctx = ctx;
}

/* ---- datagrams ---- */

void aaa_rx(struct aaa *a, const struct radius_path *from, const uint8_t *buf, size_t len, mono_t now)
{
	debug_datagram(a, "rx", from, buf, len);
	radius_client_rx(a->radius, from, buf, len, now);
}

size_t aaa_tx(struct aaa *a, struct radius_path *to, uint8_t *buf, size_t cap, mono_t now)
{
	size_t len = radius_client_tx(a->radius, to, buf, cap, now);

	if (len)
		debug_datagram(a, "tx", to, buf, len);
	return len;
}

/* ---- servers ---- */

static unsigned servers_of(const struct aaa_radius_conf *r, const struct aaa_radius_server *list, enum radius_use use,
			   struct radius_server_conf *out)
{
	unsigned n = 0;

	for (const struct aaa_radius_server *s = list; s && n < RADIUS_SERVERS_MAX; s = s->next) {
		if (!s->key || !*s->key)	/* without a secret there is nothing to ask it with */
			continue;
		out[n++] = (struct radius_server_conf){
			.use = use, .addr = s->addr, .source = s->addr.af == 6 ? r->source6 : r->source4,
			.port = s->udp_port ? s->udp_port :
				use == RADIUS_AUTH ? AAA_RADIUS_AUTH_PORT : AAA_RADIUS_ACCT_PORT,
			.secret = span_str(s->key), .timeout_ms = s->timeout_s * 1000, .retransmit = s->retransmit,
			.deadtime_s = s->deadtime_min * 60, .window = s->max_sessions,
			.ma = (enum radius_ma_policy)s->message_authenticator, .probe = !s->no_status_server,
		};
	}
	return n;
}

int aaa_radius_apply(struct aaa *a, const struct aaa_conf *c, mono_t now)
{
	struct radius_server_conf list[2 * RADIUS_SERVERS_MAX];
	unsigned auth = servers_of(&c->radius, c->radius.auth, RADIUS_AUTH, list);
	unsigned acct = servers_of(&c->radius, c->radius.acct, RADIUS_ACCT, list + auth);
	const char *name = c->radius.nas_identifier ? c->radius.nas_identifier : c->hostname;
	struct radius_client_conf rc = { .servers = list, .server_count = auth + acct, .nas_identifier = span_str(name) };
	int err;

	rc.order[RADIUS_AUTH] = rc.order[RADIUS_ACCT] = (enum radius_order)c->radius.algorithm;
	err = radius_client_apply(a->radius, &rc, now);
	if (!err)
		a->acct.servers = acct > 0 && (methods_acct_radius(c, AAA_PPP_LAC) || methods_acct_radius(c, AAA_PPP_LNS));
	return err;
}

const struct radius_client *aaa_radius(const struct aaa *a)
{
	return a->radius;
}

/* ---- the journal, and the end ---- */

void aaa_journal_set(struct aaa *a, const struct acct_journal *j)
{
	a->acct.queue.journal = *j;
}

void aaa_restore(struct aaa *a, uint64_t ref, struct span body, mono_t now, struct wall wall)
{
	acct_restore(a, ref, body, now, wall);
}

void aaa_shutdown(struct aaa *a, mono_t now, struct wall wall)
{
	if (a->acct.servers)
		acct_node(a, false, now, wall);
	acct_queue_run(&a->acct.queue, now);
}

bool aaa_idle(const struct aaa *a)
{
	return a->acct.queue.size == 0 || !radius_client_alive(a->radius, 0, RADIUS_ACCT);
}

void aaa_acct_info(const struct aaa *a, struct aaa_acct_info *out)
{
	const struct acct_queue *q = &a->acct.queue;

	*out = (struct aaa_acct_info){
		.queued = q->size, .queue_max = q->max, .in_flight = q->in_flight,
		.sent = q->count[ACCT_QUEUE_SENT], .acked = q->count[ACCT_QUEUE_ACKED],
		.dropped_interim = q->count[ACCT_QUEUE_DROPPED_INTERIM], .dropped = q->count[ACCT_QUEUE_DROPPED],
		.restored = q->count[ACCT_QUEUE_RESTORED], .journal_errors = q->count[ACCT_QUEUE_JOURNAL_ERRORS],
	};
}
