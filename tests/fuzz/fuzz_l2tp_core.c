/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The L2TP core under two peers and an owner that all do as the input says: well-formed messages with the right ids and
 * sequence numbers (so that they get deep), the same with flaws, raw octets, time, and the owner's calls in any order.
 * The input is a program: one octet says what, the following ones how.
 */
#include <stdlib.h>
#include <string.h>

#include "l2tp/auth.h"
#include "l2tp/counters.h"
#include "l2tp/l2tp.h"
#include "wire/l2tp_msg.h"

enum { PEERS = 2, TUNNELS = 8, CALLS = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a peer has seen of us. */
struct peer {
	struct l2tp_path path;		/* from our side */
	uint16_t ns, nr;
	uint16_t tunnel, session;	/* our ids */
	uint8_t challenge[64];
	size_t challenge_len;
};

struct fuzz {
	struct rd in;
	struct l2tp_endpoint *ep;
	struct l2tp_tunnel_conf conf;
	mono_t now;
	struct peer peer[PEERS];
	struct l2tp_ctrl *tunnel[TUNNELS];
	struct l2tp_call *call[CALLS];
	struct l2tp_ctrl *gone;		/* their pointers end with the next event */
	struct l2tp_call *down;
};

static void require(bool truth)
{
	if (!truth)
		abort();
}

/* ---- the owner ---- */

static void add_tunnel(struct fuzz *f, struct l2tp_ctrl *c)
{
	for (int i = 0; i < TUNNELS; i++) {
		if (!f->tunnel[i]) {
			f->tunnel[i] = c;
			return;
		}
	}
	l2tp_tunnel_close(c, L2TP_REASON_TUNNEL_ADMIN_CLOSE, (struct l2tp_cause){ 2, 4, "full" }, f->now);
}

static void add_call(struct fuzz *f, struct l2tp_call *call)
{
	for (int i = 0; i < CALLS; i++) {
		if (!f->call[i]) {
			f->call[i] = call;
			return;
		}
	}
	l2tp_call_close(call, L2TP_REASON_SESSION_CREATE_FAILED_LIMIT_REACHED, (struct l2tp_cause){ 4, 0, NULL },
			NULL, f->now);
}

static void forget(struct fuzz *f, const struct l2tp_event *ev)
{
	for (int i = 0; i < TUNNELS; i++) {
		if (ev->type == L2TP_EV_TUNNEL_GONE && f->tunnel[i] == ev->ctrl)
			f->tunnel[i] = NULL;
	}
	for (int i = 0; i < CALLS; i++) {
		if (ev->type == L2TP_EV_CALL_DOWN && f->call[i] == ev->call)
			f->call[i] = NULL;
	}
}

static void read_span(struct span s)
{
	volatile uint8_t sum = 0;

	for (size_t i = 0; i < s.len; i++)
		sum = (uint8_t)(sum + s.p[i]);
}

/* Every span of an event must be readable until the next one. */
static void read_event(const struct l2tp_event *ev)
{
	read_span(ev->peer.host_name);
	read_span(ev->peer.vendor_name);
	read_span(ev->peer_text);
	read_span(ev->offer.calling_number);
	read_span(ev->offer.called_number);
	read_span(ev->offer.avps);
	read_span(ev->params.last_tx_lcp);
	read_span(ev->params.proxy_name);
	read_span(ev->params.proxy_response);
	read_span(ev->params.avps);
}

static void on_event(struct fuzz *f, const struct l2tp_event *ev)
{
	uint8_t how = rd_u8(&f->in);
	struct l2tp_call_params params = { .tx_connect_speed = 1,
					   .framing_type = 1,
					   .last_tx_lcp = span_of("abcd", 4) };

	if (ev->type == L2TP_EV_TUNNEL_OFFERED) {
		if (how % 8 == 7)
			l2tp_tunnel_reject(ev->ctrl, L2TP_REASON_TUNNEL_RX_SCCRQ_BAD_ADDRESS,
					   (struct l2tp_cause){ 4, 0, "no" }, f->now);
		else if (how % 8 != 6)
			l2tp_tunnel_accept(ev->ctrl, &f->conf, NULL, f->now);
		add_tunnel(f, ev->ctrl);
	} else if (ev->type == L2TP_EV_CALL_OFFERED) {
		if (how & 0x10)
			l2tp_call_renumber(ev->call);
		if (how % 8 == 7)
			l2tp_call_reject(ev->call, L2TP_REASON_SESSION_CREATE_FAILED_TOO_BUSY,
					 (struct l2tp_cause){ 4, 0, NULL }, f->now);
		else if (how % 8 != 6)
			l2tp_call_accept(ev->call, NULL, f->now);
		add_call(f, ev->call);
	} else if (ev->type == L2TP_EV_CALL_ANSWERED && how % 8 != 7) {
		l2tp_call_connect(ev->call, &params, f->now);
	}
	read_event(ev);
	if (ev->type == L2TP_EV_CALL_DOWN || ev->type == L2TP_EV_TUNNEL_DOWN)
		require(ev->reason != L2TP_REASON_NONE && l2tp_reason_name(ev->reason));
	forget(f, ev);
}

static void learn(struct fuzz *f, const struct l2tp_path *to, const uint8_t *msg, size_t len)
{
	struct peer *p = &f->peer[to->peer_port & 1];
	struct l2tp_msg_opt opt = { .secret = f->conf.secret };
	uint8_t buf[L2TP_SCRATCH_LEN];
	struct wr scratch = wr_of(buf, sizeof(buf));
	struct l2tp_hdr h;
	struct l2tp_msg m;
	struct l2tp_fault fault;

	require(l2tp_hdr_decode(span_of(msg, len), &h) == L2TP_HDR_OK);
	require(l2tp_msg_decode(&h, &opt, &scratch, &m, &fault));	/* what we send is always in order */
	if (m.type != L2TP_MSG_ZLB)
		p->nr = (uint16_t)(h.ns + 1);
	if (m.assigned_tunnel_id && m.type != L2TP_MSG_STOPCCN)
		p->tunnel = m.assigned_tunnel_id;
	if (m.assigned_session_id && m.type != L2TP_MSG_CDN)
		p->session = m.assigned_session_id;
	if (l2tp_msg_has(&m, L2TP_AVP_CHALLENGE) && m.challenge.len <= sizeof(p->challenge)) {
		memcpy(p->challenge, m.challenge.p, m.challenge.len);
		p->challenge_len = m.challenge.len;
	}
}

static void pump(struct fuzz *f)
{
	struct l2tp_event ev;
	struct l2tp_path to;
	uint8_t buf[2048];
	size_t len;

	while (l2tp_endpoint_event(f->ep, &ev, f->now))
		on_event(f, &ev);
	while ((len = l2tp_endpoint_tx(f->ep, &to, buf, sizeof(buf), f->now)))
		learn(f, &to, buf, len);
	require(!l2tp_endpoint_counter(f->ep, L2TP_COUNT_INTERNAL));
	require(l2tp_endpoint_deadline(f->ep).ns > 0);
}

/* ---- messages of a peer ---- */

static void put_required(struct fuzz *f, struct l2tp_build *b, struct peer *p, uint16_t type, uint8_t flaw)
{
	static const uint8_t some[32] = { 0, 1, 0, 0, 0, 1 };
	const struct l2tp_avp_info *info;
	uint8_t response[L2TP_RESPONSE_LEN];

	for (unsigned i = 0; (info = l2tp_avp_row(i)); i++) {
		size_t len = info->min ? info->min : 4;
		struct span v = span_of(some + (len == 4 ? 2 : len == 2 ? 0 : 0), len > 32 ? 32 : len);
		uint8_t id[2] = { 0, (uint8_t)(1 + flaw % 3) };

		if (info->type == L2TP_AVP_MESSAGE_TYPE || info->vendor ||
		    !((info->required | (flaw & 8 ? info->optional : 0)) & L2TP_IN(type)))
			continue;
		if (info->type == L2TP_AVP_PROTOCOL_VERSION)
			v = span_of("\1\0", 2);
		if (info->type == L2TP_AVP_ASSIGNED_SESSION_ID || info->type == L2TP_AVP_ASSIGNED_TUNNEL_ID)
			v = span_of(id, 2);
		if (info->type == L2TP_AVP_CHALLENGE_RESPONSE || info->type == L2TP_AVP_RANDOM_VECTOR)
			continue;
		if ((flaw & 0xf0) == 0x10 && i % 7 == flaw % 7)
			continue;
		l2tp_avp_put(b, info->vendor, info->type, v);
	}
	if ((type == L2TP_MSG_SCCRP || type == L2TP_MSG_SCCCN) && p->challenge_len && f->conf.secret.len) {
		l2tp_auth_response(type, f->conf.secret, span_of(p->challenge, p->challenge_len), response);
		l2tp_avp_put_bytes(b, L2TP_AVP_CHALLENGE_RESPONSE, span_of(response, sizeof(response)));
	}
	if ((flaw & 0xf0) == 0x20)
		wr_put(b->w, rd_bytes(&f->in, rd_u8(&f->in) % 64));
}

static void send(struct fuzz *f, struct peer *p, const uint8_t *msg, size_t len)
{
	/* a copy of its own length, so that a read beyond it shows */
	uint8_t *exact = malloc(len ? len : 1);

	memcpy(exact, msg, len);
	l2tp_endpoint_rx(f->ep, &p->path, exact, len, f->now);
	free(exact);
}

static void peer_message(struct fuzz *f, struct peer *p)
{
	static const uint8_t types[] = { 1, 2, 3, 4, 6, 7, 8, 9, 10, 10, 11, 12, 12, 14, 15, 16 };
	uint8_t what = rd_u8(&f->in), flaw = rd_u8(&f->in), seq = rd_u8(&f->in);
	uint16_t type = types[what % sizeof(types)], session = l2tp_msg_is_call(type) ? p->session : 0;
	uint16_t ns = p->ns, nr = p->nr;
	struct rng rng;
	struct l2tp_hide hide = { .secret = f->conf.secret, .rng = &rng, .enabled = flaw & 4, .padding_max = 8 };
	uint8_t buf[2048];
	struct wr w = wr_of(buf, sizeof(buf));
	struct l2tp_build b;

	rng_init_u64(&rng, what);
	if (type == L2TP_MSG_ICRQ || type == L2TP_MSG_OCRQ || (seq & 0xf0) == 0x40)
		session = 0;
	if (type == L2TP_MSG_SCCRQ && what & 0x40)
		ns = nr = p->ns = p->nr = 0;
	if ((seq & 0xf0) == 0x10)
		ns = (uint16_t)(ns + seq % 16);
	if ((seq & 0xf0) == 0x20)
		ns = (uint16_t)(ns - seq % 16);
	if ((seq & 0xf0) == 0x30)
		nr = (uint16_t)(nr + 8 - seq % 16);
	l2tp_msg_begin(&b, &w, &hide, type, type == L2TP_MSG_SCCRQ && !(seq & 0x80) ? 0 : p->tunnel, session, ns, nr);
	put_required(f, &b, p, type, flaw);
	if (!l2tp_msg_end(&b))
		return;
	if ((flaw & 0xf0) == 0x30)
		buf[rd_u8(&f->in) % wr_len(&w)] ^= rd_u8(&f->in);
	if (ns == p->ns)
		p->ns++;
	send(f, p, buf, wr_len(&w));
}

static void peer_zlb(struct fuzz *f, struct peer *p)
{
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof(buf));

	l2tp_hdr_put_zlb(&w, p->tunnel, p->ns, p->nr);
	send(f, p, buf, wr_len(&w));
}

static void peer_raw(struct fuzz *f, struct peer *p)
{
	struct span s = rd_bytes(&f->in, rd_u8(&f->in));

	send(f, p, s.p ? s.p : (const uint8_t *)"", s.len);
}

/* ---- the owner's own doings ---- */

static void owner(struct fuzz *f, uint8_t what)
{
	static const struct l2tp_call_offer offer = { .call_serial = 1 };
	static const uint32_t errors[6];
	struct l2tp_cause cause = { 1, 0, NULL };
	struct l2tp_disconnect dc = { 1, 2, 3, "bye" };
	uint8_t i = rd_u8(&f->in);
	struct l2tp_ctrl *c = f->tunnel[i % TUNNELS];
	struct l2tp_call *call = f->call[i % CALLS];

	if (what == 0 && l2tp_tunnel_open(f->ep, &f->peer[i % PEERS].path, &f->conf, NULL, f->now, &c) == 0)
		add_tunnel(f, c);
	else if (what == 1 && c)
		l2tp_tunnel_close(c, L2TP_REASON_TUNNEL_ADMIN_CLOSE, cause, f->now);
	else if (what == 2 && c && l2tp_call_offer(c, &offer, NULL, f->now, &call) == 0)
		add_call(f, call);
	else if (what == 3 && call)
		l2tp_call_close(call, L2TP_REASON_SESSION_ADMIN_CLOSE, cause, i & 0x80 ? &dc : NULL, f->now);
	else if (what == 4 && call)
		l2tp_call_send_sli(call, 1, 2, f->now);
	else if (what == 5 && call)
		l2tp_call_send_wen(call, errors, f->now);
	else if (what == 6 && call)
		l2tp_call_accept(call, NULL, f->now);
	else if (what == 7 && c)
		l2tp_tunnel_conf_follow(c, &(struct l2tp_tunnel_conf){ .hello_s = i, .retries_established = i % 4 }, f->now);
}

static void act(struct fuzz *f)
{
	static const uint16_t step_ms[] = { 1, 100, 1000, 2000, 4000, 16000, 31000, 61000 };
	uint8_t op = rd_u8(&f->in);
	struct peer *p = &f->peer[op >> 4 & 1];

	switch (op & 0x0f) {
	default:
		peer_message(f, p);
		break;
	case 8:
	case 9:
		peer_zlb(f, p);
		break;
	case 10:
		peer_raw(f, p);
		break;
	case 11:
		f->now = mono_add_ms(f->now, step_ms[op >> 5]);
		l2tp_endpoint_expire(f->ep, f->now);
		break;
	case 12:
	case 13:
		owner(f, op >> 5);
		break;
	case 14:
		return;		/* no pump: the next one comes in the same turn */
	}
	pump(f);
}

static void init(struct fuzz *f, const uint8_t *data, size_t size)
{
	struct l2tp_endpoint_conf conf = { .max_tunnels = 6,
					   .half_open_per_source = 3,
					   .half_open = 5,
					   .retries_established = 5,
					   .retries_not_established = 3,
					   .linger_s = 31 };
	uint8_t seed[32] = { 1 }, taste;

	memset(f, 0, sizeof(*f));
	f->in = rd_of(data, size);
	taste = rd_u8(&f->in);
	conf.permissive_avps = taste & 1;
	f->now = mono_add_s(MONO_ZERO, 1000);
	f->ep = l2tp_endpoint_new(&conf, seed, f->now);
	f->conf = (struct l2tp_tunnel_conf){ .local_name = span_str("here"),
					     .secret = span_str(taste & 2 ? "s" : ""),
					     .challenge = taste & 4,
					     .hide = taste & 8,
					     .hello_s = 10,
					     .receive_window = 4,
					     .null_tunnel_id = taste & 64,
					     .call_accept_incoming = !(taste & 16),
					     .tie_breaker = span_of("\0\0\0\0\0\0\0\1", taste & 32 ? 8 : 0) };
	for (unsigned i = 0; i < PEERS; i++)
		f->peer[i].path = (struct l2tp_path){ .local = ip4_of(1), .peer = ip4_of(2), .local_port = 1701,
						      .peer_port = (uint16_t)(1700 + i) };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz f;

	init(&f, data, size);
	while (rd_left(&f.in))
		act(&f);
	l2tp_endpoint_free(f.ep);
	return 0;
}
