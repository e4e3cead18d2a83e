/* SPDX-License-Identifier: BSD-2-Clause */
/* What a command or a display addresses: the fields of a filter, and walks over what matches. */
#include "model/priv.h"

bool glob_match(const char *pattern, struct span text)
{
	const char *star = NULL;
	size_t i = 0, mark = 0;

	while (i < text.len) {
		if (*pattern == '*') {
			star = pattern++;
			mark = i;
		} else if (*pattern && (uint8_t)*pattern == text.p[i]) {
			pattern++;
			i++;
		} else if (star) {
			pattern = star + 1;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool number_ok(unsigned wanted, unsigned number)
{
	return !wanted || wanted == number;
}

static bool addr_ok(const struct ip_addr *wanted, const struct ip_addr *a)
{
	return ip_addr_is_none(wanted) || ip_addr_eq(wanted, a);
}

static bool text_ok(const char *wanted, struct span text)
{
	return !wanted || glob_match(wanted, text);
}

bool filter_dest(const struct model_filter *f, unsigned dest, const struct ip_addr *lac)
{
	return !f || (number_ok(f->dest, dest) && addr_ok(&f->lac, lac));
}

bool filter_tunnel(const struct model_filter *f, unsigned dest, unsigned tunnel, const struct ip_addr *lac,
		   struct span lac_name)
{
	return !f || (filter_dest(f, dest, lac) && number_ok(f->tunnel, tunnel) && text_ok(f->lac_name, lac_name));
}

bool filter_session(const struct model_filter *f, const struct session *s)
{
	const struct tunnel *t = s->tunnel;
	struct ip_addr ip = { 0 };

	if (!f)
		return true;
	if (!number_ok(f->session, s->name.number) ||
	    !filter_tunnel(f, t->dest->name.number, t->name.number, &t->path.peer, pack_get(t->text, TUNNEL_HOST_NAME)))
		return false;
	if (s->sub && s->sub->ip4)
		ip = ip4_of(s->sub->ip4);
	return text_ok(f->user, subscriber_user(s)) && text_ok(f->calling_number, pack_get(s->text, SESSION_CALLING)) &&
	       text_ok(f->circuit_id, pack_get(s->text, SESSION_CIRCUIT_ID)) && addr_ok(&f->address, &ip);
}

bool filter_session_row(const struct model_filter *f, const struct model_session_row *r)
{
	return !f || (number_ok(f->session, r->number) && filter_tunnel(f, r->dest, r->tunnel, &r->lac, r->lac_name) &&
		      text_ok(f->user, r->user) && text_ok(f->calling_number, r->calling_number) &&
		      text_ok(f->circuit_id, r->circuit_id) && addr_ok(&f->address, &r->ip4));
}

/* ---- walks ---- */

static struct dest *dest_numbered(struct model *m, unsigned dest)
{
	struct name *n = name_find(m, LEVEL_DEST, 0, dest);

	return n ? container_of(n, struct dest, name) : NULL;
}

static struct tunnel *tunnel_numbered(struct model *m, unsigned dest, unsigned tunnel)
{
	struct dest *d = dest_numbered(m, dest);
	struct name *n = d ? name_find(m, LEVEL_TUNNEL, d->h.slot, tunnel) : NULL;

	return n ? container_of(n, struct tunnel, name) : NULL;
}

static struct session *session_numbered(struct model *m, unsigned dest, unsigned tunnel, unsigned session)
{
	struct tunnel *t = tunnel_numbered(m, dest, tunnel);
	struct name *n = t ? name_find(m, LEVEL_SESSION, t->h.slot, session) : NULL;

	return n ? container_of(n, struct session, name) : NULL;
}

/* The one object that a whole name addresses comes once, at position 0. */
static bool once(struct walk *w)
{
	if (w->pos)
		return false;
	w->pos = 1;
	return true;
}

struct dest *walk_dest(struct model *m, struct walk *w, const struct model_filter *f)
{
	struct dest *d;

	if (f && f->dest) {
		d = once(w) ? dest_numbered(m, f->dest) : NULL;
		return d && filter_dest(f, d->name.number, &d->peer) ? d : NULL;
	}
	while ((d = slots_next(&m->dests, &w->pos)))
		if (filter_dest(f, d->name.number, &d->peer))
			return d;
	return NULL;
}

static bool tunnel_matches(const struct model_filter *f, const struct tunnel *t)
{
	return filter_tunnel(f, t->dest->name.number, t->name.number, &t->path.peer,
			     pack_get(t->text, TUNNEL_HOST_NAME));
}

struct tunnel *walk_tunnel(struct model *m, struct walk *w, const struct model_filter *f)
{
	struct tunnel *t;

	if (f && f->dest && f->tunnel) {
		t = once(w) ? tunnel_numbered(m, f->dest, f->tunnel) : NULL;
		return t && tunnel_matches(f, t) ? t : NULL;
	}
	while ((t = slots_next(&m->tunnels, &w->pos)))
		if (tunnel_matches(f, t))
			return t;
	return NULL;
}

struct session *walk_session(struct model *m, struct walk *w, const struct model_filter *f)
{
	struct session *s;

	if (f && f->dest && f->tunnel && f->session) {
		s = once(w) ? session_numbered(m, f->dest, f->tunnel, f->session) : NULL;
		return s && filter_session(f, s) ? s : NULL;
	}
	while ((s = slots_next(&m->sessions, &w->pos)))
		if (filter_session(f, s))
			return s;
	return NULL;
}
