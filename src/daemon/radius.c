/* SPDX-License-Identifier: BSD-2-Clause */
/* Source ports of the RADIUS client, opened as they are named. Addresses that are not there are tried again. */
#include "daemon/radius.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/aaa_net.h"
#include "base/list.h"
#include "base/log.h"
#include "io/udp.h"

enum { SLOTS = 256, RETRY_S = 5, SWEEP_S = 3600 };

struct port {
	struct source *source;
	struct udp_sock *sock;
	uint16_t slot;
	bool used;			/* since the last sweep */
};

/* The ports of one (virtual router, use, family, address). */
struct source {
	struct list link;
	struct radius_path path;	/* vr, use, local */
	uint8_t af;
	bool failed;			/* told once */
	mono_t retry_at;
	struct port *port[SLOTS];
};

struct radius_ports {
	struct aaa *aaa;
	struct udp_set *set;
	struct list sources;
	mono_t sweep_at;
};

static void on_rx(void *ctx, void *user, const struct ip_addr *from, uint16_t port, struct span data, mono_t now)
{
	struct radius_ports *p = ctx;
	struct port *at = user;
	struct radius_path path = at->source->path;

	path.server = *from;
	path.port = port;
	path.slot = at->slot;
	aaa_rx(p->aaa, &path, data.p, data.len, now);
}

static struct source *source_get(struct radius_ports *p, const struct radius_path *to)
{
	struct source *s;

	list_for(l, &p->sources) {
		s = container_of(l, struct source, link);
		if (s->path.vr == to->vr && s->path.use == to->use && s->af == to->server.af &&
		    ip_addr_eq(&s->path.local, &to->local))
			return s;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->path = (struct radius_path){ .vr = to->vr, .use = to->use, .local = to->local };
	s->af = to->server.af;
	list_push_back(&p->sources, &s->link);
	return s;
}

static void tell_failed(struct source *s, int rc)
{
	struct log l;

	if (s->failed)
		return;
	s->failed = true;
	log_begin(&l, LOG_WARNING, "radius", "source address not usable");
	log_addr(&l, "address", &s->path.local);
	log_text(&l, "error", strerror(-rc));
	log_end(&l);
}

static struct port *port_open(struct radius_ports *p, struct source *s, uint16_t slot, mono_t now)
{
	struct port *at = calloc(1, sizeof(*at));
	int rc = at ? 0 : -ENOMEM;

	if (at) {
		*at = (struct port){ .source = s, .slot = slot };
		rc = udp_open(p->set, s->af, &s->path.local, at, &at->sock);
	}
	if (rc) {
		free(at);
		s->retry_at = mono_add_s(now, RETRY_S);
		tell_failed(s, rc);
		return NULL;
	}
	s->failed = false;
	return s->port[slot] = at;
}

static struct port *port_get(struct radius_ports *p, const struct radius_path *to, mono_t now)
{
	struct source *s = source_get(p, to);

	if (!s || to->slot >= SLOTS)
		return NULL;
	if (s->port[to->slot])
		return s->port[to->slot];
	if (s->failed && !mono_due(s->retry_at, now))
		return NULL;
	return port_open(p, s, to->slot, now);
}

void radius_ports_send(struct radius_ports *p, mono_t now)
{
	uint8_t buf[RADIUS_PKT_MAX];
	struct radius_path to;
	size_t len;

	while ((len = aaa_tx(p->aaa, &to, buf, sizeof(buf), now)) > 0) {
		struct port *at = port_get(p, &to, now);

		if (!at)	/* as good as lost: it is repeated */
			continue;
		at->used = true;
		udp_send(at->sock, &to.server, to.port, span_of(buf, len));
	}
	udp_flush(p->set);
}

static void source_close(struct source *s, bool all)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		struct port *at = s->port[i];

		if (!at || (at->used && !all)) {
			if (at)
				at->used = false;
			continue;
		}
		udp_close(at->sock);
		free(at);
		s->port[i] = NULL;
	}
}

void radius_ports_sweep(struct radius_ports *p, mono_t now)
{
	if (!mono_due(p->sweep_at, now))
		return;
	p->sweep_at = mono_add_s(now, SWEEP_S);
	list_for(l, &p->sources)
		source_close(container_of(l, struct source, link), false);
}

struct radius_ports *radius_ports_new(struct io_loop *loop, struct aaa *a)
{
	struct radius_ports *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->aaa = a;
	list_init(&p->sources);
	p->set = udp_set_new(loop, on_rx, p);
	if (!p->set) {
		free(p);
		return NULL;
	}
	return p;
}

void radius_ports_free(struct radius_ports *p)
{
	struct list *l;

	if (!p)
		return;
	while ((l = list_pop(&p->sources))) {
		struct source *s = container_of(l, struct source, link);

		source_close(s, true);
		free(s);
	}
	udp_set_free(p->set);
	free(p);
}
