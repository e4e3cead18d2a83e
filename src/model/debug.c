/* SPDX-License-Identifier: BSD-2-Clause */
/* debug l2tp, debug ppp: one decoded line a message, for the union of what monitors wish; nothing is formatted
 * without a wish. */
#include <stdio.h>
#include <stdlib.h>

#include "model/priv.h"

enum { LINE_MAX_LEN = 2048 };

void model_debug_set(struct model *m, model_debug_fn *fn, void *ctx)
{
	m->debug_fn = fn;
	m->debug_ctx = ctx;
}

unsigned model_debug_add(struct model *m, const struct model_debug *d)
{
	struct wish *w = NULL;

	for (unsigned i = 0; i < DEBUG_WISHES && !w; i++)
		if (!m->wish[i].id)
			w = &m->wish[i];
	if (!w)
		return 0;
	*w = (struct wish){ .l2tp = d->l2tp, .ppp = d->ppp, .peer = d->peer };
	if (d->user) {
		w->user = strdup(d->user);
		if (!w->user)
			return 0;
	}
	w->id = ++m->last_wish ? m->last_wish : ++m->last_wish;
	m->wishes_l2tp += w->l2tp;
	m->wishes_ppp += w->ppp;
	return w->id;
}

static void wish_drop(struct model *m, struct wish *w)
{
	m->wishes_l2tp -= w->l2tp;
	m->wishes_ppp -= w->ppp;
	free(w->user);
	*w = (struct wish){ 0 };
}

void model_debug_del(struct model *m, unsigned id)
{
	for (unsigned i = 0; i < DEBUG_WISHES; i++)
		if (id && m->wish[i].id == id)
			wish_drop(m, &m->wish[i]);
}

void debug_fini(struct model *m)
{
	for (unsigned i = 0; i < DEBUG_WISHES; i++)
		wish_drop(m, &m->wish[i]);
}

static bool wanted(const struct model *m, bool ppp, const struct ip_addr *peer, struct span user)
{
	for (unsigned i = 0; i < DEBUG_WISHES; i++) {
		const struct wish *w = &m->wish[i];

		if (!w->id || !(ppp ? w->ppp : w->l2tp))
			continue;
		if (!ip_addr_is_none(&w->peer) && !ip_addr_eq(&w->peer, peer))
			continue;
		if (!w->user || (user.len && glob_match(w->user, user)))
			return true;
	}
	return false;
}

void debug_control(struct model *m, bool rx, uint32_t vr, const struct ip_addr *local, uint16_t local_port,
		   const struct ip_addr *peer, uint16_t peer_port, const uint8_t *msg, size_t len)
{
	char line[LINE_MAX_LEN], here[IP_ADDR_TEXT], there[IP_ADDR_TEXT];
	int n;

	if (!m->wishes_l2tp || !m->debug_fn || !wanted(m, false, peer, span_of(NULL, 0)))
		return;
	n = snprintf(line, sizeof(line), "l2tp %s peer=%s:%u local=%s:%u ", rx ? "rx" : "tx",
		     ip_addr_text(peer, there), peer_port,
		     ip_addr_text(local, here), local_port);
	n += (int)l2tp_debug_line(m->ep, msg, len, line + n, sizeof(line) - (size_t)n);
	m->debug_fn(m->debug_ctx, line, (size_t)n);
}

void debug_frame(struct model *m, bool rx, const struct session *s, const uint8_t *frame, size_t len)
{
	char line[LINE_MAX_LEN], label[36], user[256];
	int n;

	if (!m->wishes_ppp || !m->debug_fn || !wanted(m, true, &s->tunnel->path.peer, subscriber_user(s)))
		return;
	session_label(s, label);
	text_escape(user, sizeof(user), subscriber_user(s));
	n = snprintf(line, sizeof(line), "ppp %s session=%s user=\"%s\" ", rx ? "rx" : "tx", label, user);
	n += (int)ppp_debug_line(frame, len, line + n, sizeof(line) - (size_t)n);
	m->debug_fn(m->debug_ctx, line, (size_t)n);
}
