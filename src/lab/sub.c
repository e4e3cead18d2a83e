/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One subscriber: a call of the LAC, and the PPP client behind it. Its state says what is waited for; the first failure
 * is the one that counts, and names that state.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "lab/lab_priv.h"
#include "lab/pattern.h"
#include "wire/l2tp_avp.h"
#include "wire/ppp_frame.h"

enum {
	FRAME_MAX = 2048,
	HANGUP_PATIENCE_S = 10,	/* for the answer to our Terminate-Request */
	PROXY_TURNS = 64,	/* of the exchange between LAC and client before the call */
};

static const struct l2tp_cause carrier_lost = { 1, 0, NULL };	/* RFC 2661 §4.4.2: loss of carrier */

const char *sub_state_name(enum sub_state st)
{
	static const char *const names[] = { "new", "waiting", "call", "lcp", "auth", "ipcp", "up", "ending", "ended" };

	return names[st];
}

static char *text_for(const char *pattern, unsigned number)
{
	char buf[LAB_NAME_MAX + 1];

	pattern_expand(buf, sizeof(buf), pattern, number);
	return strdup(buf);
}

void sub_init(struct lab *l, struct lab_sub *s, unsigned index, mono_t now)
{
	s->tunnel = &l->tunnel[index % l->conf->tunnels];
	s->index = index;
	s->user = text_for(l->conf->user, l->conf->first + index);
	s->password = text_for(l->conf->password, l->conf->first + index);
	traffic_reset(s);
	ppp_link_conf_default(&s->link_conf, PPP_CLIENT);
	memcpy(s->link_conf.auth, l->conf->auth, sizeof(s->link_conf.auth));
	s->link_conf.mru = (uint16_t)l->conf->mru;
	s->link_conf.keepalive_s = 0;
	s->link_conf.name = span_str(s->user);
	s->link_conf.password = span_str(s->password);
	tunnel_call(s, now);
}

static void ppp_end(struct lab_sub *s)
{
	if (s->net)
		ppp_net_free(s->net);
	if (s->link)
		ppp_link_free(s->link);
	if (s->lac_link)
		ppp_link_free(s->lac_link);
	s->net = NULL;
	s->link = s->lac_link = NULL;
}

void sub_fini(struct lab_sub *s)
{
	ppp_end(s);
	free(s->user);
	free(s->password);
}

void sub_arm(struct lab_sub *s)
{
	mono_t due = mono_min(s->limit, traffic_deadline(s));

	if (s->link)
		due = mono_min(due, ppp_link_deadline(s->link));
	if (s->net)
		due = mono_min(due, ppp_net_deadline(s->net));
	wheel_set(&lab_of(s)->wheel, &s->timer, due);
}

static void note(const struct lab_sub *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(const struct lab_sub *s, const char *fmt, ...)
{
	FILE *out = lab_of(s)->env.notes;
	va_list ap;

	if (!out)
		return;
	fprintf(out, "%s: ", s->user);
	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	fputc('\n', out);
}

/* ---- the end of a call ---- */

/* It is no longer one of those that are up. */
static void not_up(struct lab_sub *s)
{
	lab_of(s)->stats.up_now -= s->counted_up;
	s->counted_up = false;
}

/* The call has come up, or has ended. */
static void not_pending(struct lab_sub *s)
{
	lab_of(s)->pending -= s->pending;
	s->pending = false;
}

void sub_await(struct lab_sub *s)
{
	s->over = s->came_up = false;
}

static void ended(struct lab_sub *s, mono_t now)
{
	struct lab *l = lab_of(s);
	enum sub_next next = s->next;

	s->state = SUB_ENDED;
	s->limit = MONO_NEVER;
	s->next = SUB_STAYS_AWAY;
	if (l->stage >= LAB_HANGING_UP || l->stage == LAB_DROPPING)
		next = SUB_STAYS_AWAY;
	if (next != SUB_STAYS_AWAY)
		sub_await(s);
	if (next == SUB_RETRIES) {
		s->state = SUB_WAITING;
		s->limit = lab_backoff(l, &s->tries, now);
	} else if (next == SUB_RETURNS) {
		tunnel_call(s, now);
	}
	sub_arm(s);
}

static void call_close(struct lab_sub *s, mono_t now)
{
	s->state = SUB_ENDING;
	s->limit = MONO_NEVER;	/* CALL_DOWN is certain now */
	if (s->call)
		l2tp_call_close(s->call, L2TP_REASON_SESSION_ACCESS_INTERFACE_DOWN, carrier_lost, NULL, now);
	else
		ended(s, now);
}

/* ---- what has become of a subscriber ---- */

void sub_undecide(struct lab_sub *s)
{
	lab_of(s)->undecided += s->decided;
	s->decided = false;
	s->failed = false;
}

void sub_decided(struct lab_sub *s)
{
	lab_of(s)->undecided -= !s->decided;
	s->decided = true;
}

static void first_call_decided(struct lab_sub *s, mono_t now)
{
	struct lab *l = lab_of(s);

	if (s->first_decided)
		return;
	s->first_decided = true;
	if (--l->undecided_calls == 0)
		l->stats.all_up = now;
}

static void failure_count(struct lab_sub *s, const char *text, bool again)
{
	struct lab *l = lab_of(s);
	bool repeated = again && !s->came_up;
	const char *what = s->came_up ? "dropped" : repeated ? "repeated" : "failed";

	l->stats.dropped += s->came_up;
	l->stats.failed += !s->came_up && !again;
	l->stats.retries += repeated;
	l->storm.retries += repeated;
	causes_add(repeated ? &l->stats.retry_causes : &l->stats.failures, "%s%s: %s", s->came_up ? "dropped: " : "",
		   sub_state_name(s->state), text);
	note(s, "%s, %s: %s", what, sub_state_name(s->state), text);
}

/* The first failure of a call counts. In a storm all leave anyway. */
static bool failed(struct lab_sub *s, const char *text, mono_t now)
{
	bool again = lab_may_retry(lab_of(s));

	if (s->over)
		return false;
	s->over = true;
	if (lab_of(s)->stage != LAB_DROPPING)
		failure_count(s, text, again);
	not_up(s);
	not_pending(s);
	traffic_end(s);
	if (again) {
		s->next = SUB_RETRIES;
		sub_undecide(s);
		return true;
	}
	s->failed = true;
	first_call_decided(s, now);
	sub_decided(s);
	return true;
}

void sub_fail(struct lab_sub *s, mono_t now, const char *fmt, ...)
{
	char text[LAB_CAUSE_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!failed(s, text, now))
		return;
	call_close(s, now);
	if (s->failed && sub_neighbour(s)->state == SUB_UP)
		traffic_begin(sub_neighbour(s), now);	/* which need not wait for this one */
}

static void cause_text(const struct l2tp_event *ev, char *buf, size_t cap)
{
	char text[80];

	text_escape(text, sizeof(text), ev->peer_text);
	snprintf(buf, cap, "%s%s, result %u error %u%s%s", l2tp_reason_name(ev->reason),
		 ev->by_peer ? " by the LNS" : "", ev->cause.result, ev->cause.error, *text ? " " : "", text);
}

/* Call and PPP are gone. */
static void forget_call(struct lab_sub *s)
{
	struct lab *l = lab_of(s);

	hmap_del(&l->by_ids, &s->node);
	if (s->iccn_waits)
		hmap_del(&l->by_iccn, &s->iccn_node);
	s->iccn_waits = false;
	s->call = NULL;
	s->connected = false;
	l->living--;
	not_up(s);
	not_pending(s);
	traffic_end(s);
	ppp_end(s);
}

void sub_disconnected(struct lab_sub *s, const struct l2tp_event *ev, mono_t now)
{
	char text[LAB_CAUSE_LEN];

	if (s->state != SUB_ENDING && lab_of(s)->stage < LAB_CLOSING) {
		cause_text(ev, text, sizeof(text));
		(void)failed(s, text, now);
	}
	forget_call(s);
	ended(s, now);
	if (s->failed && sub_neighbour(s)->state == SUB_UP)
		traffic_begin(sub_neighbour(s), now);
}

/* ---- PPP ---- */

static const char *ip4_text(uint32_t v, char buf[IP_ADDR_TEXT])
{
	struct ip_addr a = ip4_of(v);

	return v ? ip_addr_text(&a, buf) : "-";
}

static void up_count(struct lab_sub *s, mono_t now)
{
	struct lab *l = lab_of(s);

	series_add(&l->stats.series[LAB_IPCP], s->since, now);
	series_add(&l->stats.series[LAB_TOTAL], s->called, now);
	if (l->stage == LAB_RETURNING) {
		series_add(&l->storm.away, l->storm.returning, now);
		series_add(&l->storm.call, s->called, now);
	}
	l->stats.calls_up++;
	l->stats.up += !s->ever_up;
	l->stats.up_now++;
	l->stats.churn_returned += s->churned;
	s->ever_up = s->came_up = s->counted_up = true;
	s->churned = false;
	s->tries = 0;
	not_pending(s);
	first_call_decided(s, now);
}

static void sub_up(struct lab_sub *s, const struct ppp_net_event *ev, mono_t now)
{
	char ip[IP_ADDR_TEXT], gateway[IP_ADDR_TEXT], dns[IP_ADDR_TEXT];

	s->ip4 = ev->local_ip4;
	s->gateway = ev->peer_ip4;
	memcpy(s->dns, ev->dns, sizeof(s->dns));
	if (s->state == SUB_ENDING)
		return;
	s->state = SUB_UP;
	s->limit = MONO_NEVER;
	if (s->came_up)
		return;
	up_count(s, now);
	note(s, "up, address %s gateway %s dns %s, %.1f ms after the call", ip4_text(s->ip4, ip),
	     ip4_text(s->gateway, gateway), ip4_text(s->dns[0], dns), (double)(now.ns - s->called.ns) / 1e6);
	traffic_begin(s, now);
	if (sub_neighbour(s)->state == SUB_UP)
		traffic_begin(sub_neighbour(s), now);
}

static void network_begin(struct lab_sub *s, mono_t now)
{
	struct lab *l = lab_of(s);
	struct ppp_net_conf conf;

	if (!s->connected) {
		s->network_early = true;
		return;
	}
	series_add(&l->stats.series[LAB_AUTH], s->since, now);
	s->since = now;
	if (s->state != SUB_ENDING)
		s->state = SUB_IPCP;
	ppp_net_conf_default(&conf, PPP_CLIENT);
	conf.ipv4 = true;
	conf.ipv6 = l->conf->ipv6;
	conf.dns[0] = conf.dns[1] = 1;
	if (!s->net)
		s->net = ppp_net_new(&conf, &l->rng, &l->ppp_counters);
	if (s->net)
		ppp_net_up(s->net, now);
	else
		sub_fail(s, now, "out of memory");
}

static void link_opened(struct lab_sub *s, mono_t now)
{
	if (!s->connected)
		return;
	series_add(&lab_of(s)->stats.series[LAB_LCP], s->since, now);
	s->since = now;
	if (s->state == SUB_LCP)
		s->state = SUB_AUTH;
}

static void link_event(struct lab_sub *s, const struct ppp_link_event *ev, mono_t now)
{
	char text[80];

	switch (ev->type) {
	case PPP_LINK_EV_UP:
		link_opened(s, now);
		break;
	case PPP_LINK_EV_NETWORK:
		network_begin(s, now);
		break;
	case PPP_LINK_EV_RENEGOTIATE:
		s->network_early = false;
		s->since = now;
		if (s->net)
			ppp_net_down(s->net, now);
		if (s->state != SUB_ENDING && s->connected)
			s->state = SUB_LCP;
		break;
	case PPP_LINK_EV_DOWN:
		if (s->state == SUB_ENDING) {
			/* as a LAC whose client hangs up; the LNS may wait its Restart timer out */
			call_close(s, now);
			break;
		}
		text_escape(text, sizeof(text), ev->message);
		sub_fail(s, now, "%s%s%s", ppp_reason_name(ev->reason), *text ? " " : "", text);
		break;
	case PPP_LINK_EV_AUTH_REQUEST:
	case PPP_LINK_EV_KEEPALIVE_DUE:
		break;
	}
}

static void net_event(struct lab_sub *s, const struct ppp_net_event *ev, mono_t now)
{
	switch (ev->type) {
	case PPP_NET_EV_IP4_UP:
		sub_up(s, ev, now);
		break;
	case PPP_NET_EV_IP4_DOWN:
		s->ip4 = 0;
		if (s->state == SUB_UP)
			s->state = SUB_IPCP;
		break;
	case PPP_NET_EV_NONE_LEFT:
		if (s->state != SUB_ENDING)
			sub_fail(s, now, "%s", ppp_reason_name(ev->reason));
		break;
	case PPP_NET_EV_IP6_UP:
	case PPP_NET_EV_IP6_DOWN:
		break;
	}
}

static bool ppp_events(struct lab_sub *s, mono_t now)
{
	struct ppp_link_event le;
	struct ppp_net_event ne;
	bool any = false;

	for (; s->link && ppp_link_event(s->link, &le); any = true)
		link_event(s, &le, now);
	for (; s->net && ppp_net_event(s->net, &ne); any = true)
		net_event(s, &ne, now);
	return any;
}

static void ppp_tx(struct lab_sub *s, mono_t now)
{
	uint8_t buf[FRAME_MAX];
	size_t len;

	while ((s->link && (len = ppp_link_tx(s->link, buf, sizeof(buf), now))) ||
	       (s->net && (len = ppp_net_tx(s->net, buf, sizeof(buf), now))))
		if (s->connected)
			lab_data_tx(lab_of(s), s, span_of(buf, len));
}

static void sub_pump(struct lab_sub *s, mono_t now)
{
	bool more = true;

	while (more) {
		more = ppp_events(s, now);
		ppp_tx(s, now);
	}
	sub_arm(s);
}

/* ---- LCP and authentication before the call: the LAC's side plays in this process ---- */

static bool relay(struct ppp_link *from, struct ppp_link *to, mono_t now)
{
	uint8_t buf[FRAME_MAX];
	size_t len;
	bool any = false;

	for (; (len = ppp_link_tx(from, buf, sizeof(buf), now)); any = true)
		(void)ppp_link_rx(to, buf, len, now);
	return any;
}

/* True when the LAC knows who the user is, and so would call. */
static bool lac_decided(struct lab_sub *s)
{
	struct ppp_link_event ev;
	bool decided = false;

	while (ppp_link_event(s->lac_link, &ev))
		decided |= ev.type == PPP_LINK_EV_AUTH_REQUEST || ev.type == PPP_LINK_EV_NETWORK;
	return decided;
}

static bool proxy_negotiate(struct lab_sub *s, mono_t now)
{
	struct lab *l = lab_of(s);
	bool decided = false;

	s->lac_link = ppp_link_new(&l->lac_conf, &l->rng, &l->ppp_counters);
	if (!s->lac_link)
		return false;
	ppp_link_up(s->lac_link, now);
	ppp_link_up(s->link, now);
	for (unsigned i = 0; i < PROXY_TURNS && !decided; i++) {
		bool moved = relay(s->lac_link, s->link, now);

		ppp_events(s, now);
		moved |= relay(s->link, s->lac_link, now);
		decided = lac_decided(s);
		if (!moved && !decided)
			return false;
	}
	return decided;
}

/* ---- the call ---- */

/* One text of the offer; empty if it is not asked for. */
static struct span number_text(const char *pattern, unsigned number, char buf[LAB_NAME_MAX + 1])
{
	return pattern ? span_of(buf, pattern_expand(buf, LAB_NAME_MAX + 1, pattern, number)) : span_of(NULL, 0);
}

static int call_offer(struct lab_sub *s, mono_t now)
{
	struct lab *l = lab_of(s);
	unsigned number = l->conf->first + s->index;
	char calling[LAB_NAME_MAX + 1], called[LAB_NAME_MAX + 1], circuit[LAB_NAME_MAX + 1], remote[LAB_NAME_MAX + 1];
	uint8_t avps[2 * LAB_NAME_MAX + 32];
	struct wr w = wr_of(avps, sizeof(avps));
	struct l2tp_access_line line = { .circuit_id = number_text(l->conf->circuit_id, number, circuit),
					 .remote_id = number_text(l->conf->remote_id, number, remote) };
	struct l2tp_call_offer offer = { .call_serial = s->index + 1,
					 .calling_number = number_text(l->conf->calling_number, number, calling),
					 .called_number = number_text(l->conf->called_number, number, called) };

	l2tp_access_line_encode(&w, &line);
	offer.avps = wr_span(&w);
	return l2tp_call_offer(s->tunnel->ctrl, &offer, s, now, &s->call);
}

/* Nothing of an earlier call is left. */
static void call_reset(struct lab_sub *s)
{
	ppp_end(s);
	traffic_reset(s);
	s->came_up = s->failed = s->over = s->network_early = false;
	s->next = SUB_STAYS_AWAY;
	s->ns = s->peer_session_id = 0;
	s->ip4 = 0;
}

void sub_call(struct lab_sub *s, mono_t now)
{
	struct lab *l = lab_of(s);
	int rc;

	call_reset(s);
	s->state = SUB_CALLING;
	s->called = s->since = now;
	s->limit = mono_add_s(now, l->conf->setup_timeout_s);
	s->pending = true;
	l->pending++;
	l->stats.started++;
	s->link = s->user && s->password ? ppp_link_new(&s->link_conf, &l->rng, &l->ppp_counters) : NULL;
	if (!s->link) {
		sub_fail(s, now, "out of memory");
		return;
	}
	if (l->conf->proxy && !proxy_negotiate(s, now)) {
		sub_fail(s, now, "LAC and client do not agree");
		return;
	}
	rc = call_offer(s, now);
	if (rc < 0) {
		s->call = NULL;
		sub_fail(s, now, "cannot be made: %s", strerror(-rc));
		return;
	}
	l->living++;
	(void)hmap_add(&l->by_ids, &s->node, hash_u64((uint64_t)l2tp_tunnel_local_id(s->tunnel->ctrl) << 16 |
						      l2tp_call_local_id(s->call), l->seed));
	sub_arm(s);
}

static void proxy_params(const struct lab_sub *s, struct l2tp_call_params *p)
{
	struct ppp_proxy px;

	ppp_link_proxy_data(s->lac_link, &px);
	p->initial_rx_lcp = px.initial_rx_lcp;
	p->last_tx_lcp = px.last_tx_lcp;
	p->last_rx_lcp = px.last_rx_lcp;
	p->proxy_authen_type = px.authen_type;
	p->proxy_name = px.name;
	p->proxy_challenge = px.challenge;
	p->proxy_response = px.response;
	p->proxy_id = px.id;
	p->has_proxy_id = px.has_id;
}

void sub_answered(struct lab_sub *s, mono_t now)
{
	struct l2tp_call_params p = { .tx_connect_speed = 100000000, .rx_connect_speed = 40000000, .framing_type = 1,
				      .sequencing_required = lab_of(s)->conf->sequencing };

	if (s->lac_link)
		proxy_params(s, &p);
	l2tp_call_connect(s->call, &p, now);
}

static uint64_t iccn_hash(const struct lab *l, uint16_t tunnel_id, uint16_t session_id)
{
	return hash_u64((uint64_t)tunnel_id << 16 | session_id, l->seed);
}

/* The window may hold the ICCN back; a frame that came before it would be lost. */
void sub_connected(struct lab_sub *s)
{
	struct lab *l = lab_of(s);

	s->peer_session_id = l2tp_call_peer_id(s->call);
	s->iccn_waits = hmap_add(&l->by_iccn, &s->iccn_node,
				 iccn_hash(l, l2tp_tunnel_peer_id(s->tunnel->ctrl), s->peer_session_id)) == 0;
}

static void begin_ppp(struct lab_sub *s, mono_t now)
{
	s->connected = true;
	series_add(&lab_of(s)->stats.series[LAB_CALL], s->called, now);
	s->since = now;
	s->state = s->lac_link ? SUB_AUTH : SUB_LCP;
	if (!s->lac_link)
		ppp_link_up(s->link, now);
	else
		ppp_link_free(s->lac_link);
	s->lac_link = NULL;
	if (s->network_early)
		network_begin(s, now);
	sub_pump(s, now);
}

static bool is_its_iccn(const struct lab_sub *s, const struct l2tp_path *to, const struct l2tp_hdr *hdr)
{
	const struct l2tp_path *own = l2tp_tunnel_path(s->tunnel->ctrl);

	return s->peer_session_id == hdr->session_id && l2tp_tunnel_peer_id(s->tunnel->ctrl) == hdr->tunnel_id &&
	       own->local_port == to->local_port && ip_addr_eq(&own->local, &to->local);
}

void sub_iccn_sent(struct lab *l, const struct l2tp_path *to, const struct l2tp_hdr *hdr, mono_t now)
{
	hmap_for(n, &l->by_iccn, iccn_hash(l, hdr->tunnel_id, hdr->session_id)) {
		struct lab_sub *s = container_of(n, struct lab_sub, iccn_node);

		if (!is_its_iccn(s, to, hdr))
			continue;
		hmap_del(&l->by_iccn, n);
		s->iccn_waits = false;
		if (s->state == SUB_CALLING)
			begin_ppp(s, now);
		return;
	}
}

void sub_rx(struct lab_sub *s, struct span frame, mono_t now)
{
	struct rd r = rd_span(frame);
	uint16_t protocol;

	if (!s->link)
		return;
	switch (ppp_link_rx(s->link, frame.p, frame.len, now)) {
	case PPP_RX_DONE:
		break;
	case PPP_RX_NCP:
		if (!s->net || !ppp_net_rx(s->net, frame.p, frame.len, now))
			ppp_link_reject_protocol(s->link, frame.p, frame.len, now);
		break;
	case PPP_RX_DATA:
		if (ppp_frame_protocol(&r, &protocol) && protocol == PPP_PROTO_IP4)
			traffic_rx(s, rd_rest(&r), now);
		break;
	}
	sub_pump(s, now);
}

/* ---- time and hanging up ---- */

void sub_expire(struct lab_sub *s, mono_t now)
{
	if (s->link)
		ppp_link_expire(s->link, now);
	if (s->net)
		ppp_net_expire(s->net, now);
	if (mono_due(s->limit, now) && s->state == SUB_WAITING)
		tunnel_call(s, now);
	else if (mono_due(s->limit, now) && s->state == SUB_ENDING)
		call_close(s, now);
	else if (mono_due(s->limit, now))
		sub_fail(s, now, "not done in %u s", lab_of(s)->conf->setup_timeout_s);
	traffic_expire(s, now);
	sub_pump(s, now);
}

void sub_leave(struct lab_sub *s)
{
	traffic_end(s);
	not_up(s);
	s->state = s->call ? SUB_ENDING : SUB_ENDED;
	s->limit = MONO_NEVER;
	s->next = SUB_STAYS_AWAY;
	sub_arm(s);
}

void sub_vanish(struct lab_sub *s)
{
	if (s->call)
		forget_call(s);
	sub_leave(s);
}

void sub_hangup(struct lab_sub *s, enum lab_hangup how, enum sub_next next, mono_t now)
{
	traffic_end(s);
	if (!s->call || s->state == SUB_ENDING)
		return;
	not_up(s);
	s->next = next;
	if (how != LAB_HANGUP_LCP || !s->connected) {
		call_close(s, now);
		return;
	}
	s->state = SUB_ENDING;
	s->limit = mono_add_s(now, HANGUP_PATIENCE_S);
	ppp_link_close(s->link, PPP_REASON_ADMIN_LOGOUT, now);
	sub_pump(s, now);
}
