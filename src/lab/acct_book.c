/* SPDX-License-Identifier: BSD-2-Clause */
/* What accounting has told. Sessions that have ended are kept: a second Stop, or a Start that comes late, is known. */
#include "lab/acct_book.h"

#include <stdlib.h>

struct acct_session {
	struct hmap_node node;
	uint64_t in_octets, out_octets, in_packets, out_packets;	/* told last */
	bool started, stopped, ended_by_on;
	uint8_t nas_len, id_len;
	uint8_t key[];			/* NAS, then Acct-Session-Id */
};

/* ---- records ---- */

static uint64_t with_gigawords(uint64_t low, uint64_t high)
{
	return high << 32 | low;
}

bool acct_record_read(const struct radius_pkt *p, struct acct_record *r)
{
	struct radius_attr_iter it = radius_attrs_begin(p);
	uint32_t low[2] = { 0 }, high[2] = { 0 }, packets[2] = { 0 }, gigapackets[2] = { 0 };
	struct radius_attr a;
	bool has_status = false;

	*r = (struct acct_record){ 0 };
	while (radius_attr_next(&it, &a)) {
		switch (radius_attr_id(&a)) {
		case RADIUS_ATTR_ACCT_STATUS_TYPE: has_status = radius_attr_u32(&a, &r->status); break;
		case RADIUS_ATTR_ACCT_SESSION_ID: r->session_id = a.value; break;
		case RADIUS_ATTR_NAS_IDENTIFIER: r->nas = a.value; break;
		case RADIUS_ATTR_NAS_IP_ADDRESS:
		case RADIUS_ATTR_NAS_IPV6_ADDRESS: r->nas = r->nas.len ? r->nas : a.value; break;
		case RADIUS_ATTR_ACCT_INPUT_OCTETS: (void)radius_attr_u32(&a, &low[0]); break;
		case RADIUS_ATTR_ACCT_OUTPUT_OCTETS: (void)radius_attr_u32(&a, &low[1]); break;
		case RADIUS_ATTR_ACCT_INPUT_GIGAWORDS: (void)radius_attr_u32(&a, &high[0]); break;
		case RADIUS_ATTR_ACCT_OUTPUT_GIGAWORDS: (void)radius_attr_u32(&a, &high[1]); break;
		case RADIUS_ATTR_ACCT_INPUT_PACKETS: (void)radius_attr_u32(&a, &packets[0]); break;
		case RADIUS_ATTR_ACCT_OUTPUT_PACKETS: (void)radius_attr_u32(&a, &packets[1]); break;
		case RADIUS_ATTR_ERX_INPUT_GIGAPKTS: (void)radius_attr_u32(&a, &gigapackets[0]); break;
		case RADIUS_ATTR_ERX_OUTPUT_GIGAPKTS: (void)radius_attr_u32(&a, &gigapackets[1]); break;
		case RADIUS_ATTR_ACCT_SESSION_TIME: (void)radius_attr_u32(&a, &r->session_s); break;
		default: break;
		}
	}
	r->in_octets = with_gigawords(low[0], high[0]);
	r->out_octets = with_gigawords(low[1], high[1]);
	r->in_packets = with_gigawords(packets[0], gigapackets[0]);
	r->out_packets = with_gigawords(packets[1], gigapackets[1]);
	return has_status;
}

/* ---- sessions ---- */

static uint64_t session_hash(const struct acct_book *b, const struct acct_record *r)
{
	return hash_bytes(r->session_id.p, r->session_id.len, hash_bytes(r->nas.p, r->nas.len, b->seed));
}

static bool is_of_nas(const struct acct_session *s, const struct acct_record *r)
{
	return span_eq(span_of(s->key, s->nas_len), r->nas);
}

static struct acct_session *session_find(struct acct_book *b, const struct acct_record *r)
{
	hmap_for(n, &b->sessions, session_hash(b, r)) {
		struct acct_session *s = container_of(n, struct acct_session, node);

		if (is_of_nas(s, r) && span_eq(span_of(s->key + s->nas_len, s->id_len), r->session_id))
			return s;
	}
	return NULL;
}

static struct acct_session *session_of(struct acct_book *b, const struct acct_record *r)
{
	struct acct_session *s = session_find(b, r);

	if (s)
		return s;
	s = calloc(1, sizeof(*s) + r->nas.len + r->session_id.len);
	if (!s)
		return NULL;
	s->nas_len = (uint8_t)r->nas.len;	/* values of attributes: at most 253 */
	s->id_len = (uint8_t)r->session_id.len;
	if (r->nas.len)
		memcpy(s->key, r->nas.p, r->nas.len);
	memcpy(s->key + r->nas.len, r->session_id.p, r->session_id.len);
	if (hmap_add(&b->sessions, &s->node, session_hash(b, r)) == 0)
		return s;
	free(s);
	return NULL;
}

static bool is_open(const struct acct_session *s)
{
	return s->started && !s->stopped && !s->ended_by_on;
}

/* ---- what a record tells ---- */

static void usage(struct acct_book *b, struct acct_session *s, const struct acct_record *r)
{
	b->went_back += r->in_octets < s->in_octets || r->out_octets < s->out_octets || r->in_packets < s->in_packets ||
			r->out_packets < s->out_packets;
	s->in_octets = r->in_octets;
	s->out_octets = r->out_octets;
	s->in_packets = r->in_packets;
	s->out_packets = r->out_packets;
}

static void start(struct acct_book *b, struct acct_session *s)
{
	if (s->started)
		b->starts_again++;
	else if (s->stopped)
		b->stops_without_start--;	/* only late */
	s->started = true;
}

static void interim(struct acct_book *b, struct acct_session *s, const struct acct_record *r)
{
	if (s->stopped)		/* late: its figures are old */
		return;
	b->interims_without_start += !s->started;
	usage(b, s, r);
}

static void stop(struct acct_book *b, struct acct_session *s, const struct acct_record *r)
{
	if (s->stopped) {
		b->stops_again++;
		return;
	}
	s->stopped = true;
	b->stops_without_start += !s->started;
	usage(b, s, r);
	b->in_octets += r->in_octets;
	b->out_octets += r->out_octets;
	b->in_packets += r->in_packets;
	b->out_packets += r->out_packets;
	b->session_s += r->session_s;
}

/* Accounting-On and -Off: no session of that NAS lives (RFC 2866 §5.1). */
static void nas_restarted(struct acct_book *b, const struct acct_record *r)
{
	struct hmap_node *n = NULL;
	size_t pos = 0;

	while ((n = hmap_walk(&b->sessions, &pos, n))) {
		struct acct_session *s = container_of(n, struct acct_session, node);

		if (!is_open(s) || !is_of_nas(s, r))
			continue;
		s->ended_by_on = true;
		b->ended_by_on++;
		b->open--;
	}
}

static bool session_record(struct acct_book *b, const struct acct_record *r)
{
	struct acct_session *s;
	bool was_open;

	if (!r->session_id.len) {
		b->without_session_id++;
		return true;
	}
	s = session_of(b, r);
	if (!s)
		return false;
	was_open = is_open(s);
	if (r->status == RADIUS_ACCT_STATUS_TYPE_START)
		start(b, s);
	else if (r->status == RADIUS_ACCT_STATUS_TYPE_STOP)
		stop(b, s, r);
	else
		interim(b, s, r);
	b->open += is_open(s);
	b->open -= was_open;
	return true;
}

bool acct_book_add(struct acct_book *b, const struct acct_record *r)
{
	b->by_status[r->status <= ACCT_STATUS_MAX ? r->status : 0]++;
	switch (r->status) {
	case RADIUS_ACCT_STATUS_TYPE_START:
	case RADIUS_ACCT_STATUS_TYPE_STOP:
	case RADIUS_ACCT_STATUS_TYPE_INTERIM_UPDATE:
		return session_record(b, r);
	case RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_ON:
	case RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_OFF:
		nas_restarted(b, r);
		return true;
	default:
		return true;
	}
}

void acct_book_init(struct acct_book *b, uint64_t seed)
{
	*b = (struct acct_book){ .seed = seed };
	hmap_init(&b->sessions);
}

void acct_book_fini(struct acct_book *b)
{
	struct hmap_node *n;
	size_t pos = 0;

	while ((n = hmap_walk(&b->sessions, &pos, NULL))) {
		pos--;
		hmap_del(&b->sessions, n);
		free(container_of(n, struct acct_session, node));
	}
	hmap_fini(&b->sessions);
}
