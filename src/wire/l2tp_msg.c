/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control messages: names, beginning and end when encoding, and the decoder, which walks the AVPs once and stores each
 * where its row says. A fault is kept (the first one) and the walk goes on, since the answer needs the peer's ids.
 * RFC 2661 §4, §6.
 */
#include "wire/l2tp_msg.h"

#include <stddef.h>

enum { MESSAGE_TYPE_LEN = 2, SHORT_SERIAL_LEN = 2 };
enum { ERROR_CODE_LAST = 8 };	/* §4.4.2 */

static const char *const msg_names[] = {
	[L2TP_MSG_ZLB] = "ZLB",
	[L2TP_MSG_SCCRQ] = "SCCRQ", [L2TP_MSG_SCCRP] = "SCCRP", [L2TP_MSG_SCCCN] = "SCCCN",
	[L2TP_MSG_STOPCCN] = "StopCCN", [L2TP_MSG_HELLO] = "HELLO",
	[L2TP_MSG_OCRQ] = "OCRQ", [L2TP_MSG_OCRP] = "OCRP", [L2TP_MSG_OCCN] = "OCCN",
	[L2TP_MSG_ICRQ] = "ICRQ", [L2TP_MSG_ICRP] = "ICRP", [L2TP_MSG_ICCN] = "ICCN",
	[L2TP_MSG_CDN] = "CDN", [L2TP_MSG_WEN] = "WEN", [L2TP_MSG_SLI] = "SLI",
	[L2TP_MSG_FSQ] = "FSQ", [L2TP_MSG_FSR] = "FSR", [L2TP_MSG_CSUN] = "CSUN", [L2TP_MSG_CSURQ] = "CSURQ",
};

const char *l2tp_msg_name(uint16_t type)
{
	const char *name = type < sizeof(msg_names) / sizeof(msg_names[0]) ? msg_names[type] : NULL;

	return name ? name : "?";
}

bool l2tp_msg_known(uint16_t type)
{
	return type != L2TP_MSG_ZLB && type <= L2TP_MSG_SLI && msg_names[type];
}

bool l2tp_msg_is_call(uint16_t type)
{
	return l2tp_msg_known(type) && type >= L2TP_MSG_OCRQ;
}

const char *l2tp_fault_name(enum l2tp_fault_kind kind)
{
	static const char *const names[L2TP_FAULT_COUNT] = {
#define X(id, name) [L2TP_FAULT_##id] = name,
		L2TP_FAULTS(X)
#undef X
	};

	return (unsigned)kind < L2TP_FAULT_COUNT ? names[kind] : "?";
}

const char *l2tp_toleration_name(enum l2tp_toleration t)
{
	static const char *const names[L2TP_TOLERATED_COUNT] = {
#define X(id, name) [L2TP_TOLERATED_##id] = name,
		L2TP_TOLERATIONS(X)
#undef X
	};

	return (unsigned)t < L2TP_TOLERATED_COUNT ? names[t] : "?";
}

/* ---- encoding ---- */

void l2tp_msg_begin(struct l2tp_build *b, struct wr *w, const struct l2tp_hide *hide, uint16_t type, uint16_t tunnel_id,
		    uint16_t session_id, uint16_t ns, uint16_t nr)
{
	*b = (struct l2tp_build){ .w = w, .hide = hide };
	b->mark = l2tp_hdr_put_control(w, tunnel_id, session_id, ns, nr);
	l2tp_avp_put_u16(b, L2TP_AVP_MESSAGE_TYPE, type);
}

size_t l2tp_msg_end(struct l2tp_build *b)
{
	l2tp_hdr_end(b->w, b->mark);
	return b->w->full ? 0 : wr_len(b->w) - b->mark + sizeof(uint16_t);
}

/* ---- decoding ---- */

/* Where the presence of an AVP is kept: its type, and one bit more for those beyond 47. */
static int present_bit(uint16_t type)
{
	if (type == L2TP_AVP_FAILOVER_CAPABILITY)
		return 48;
	return type < 48 ? type : -1;
}

bool l2tp_msg_has(const struct l2tp_msg *m, uint16_t type)
{
	int bit = present_bit(type);

	return bit >= 0 && m->present >> bit & 1;
}

/* Where values of one number or one run of octets go. Its width is that of the row's form. */
#define AT(id, field) [L2TP_AVP_##id] = offsetof(struct l2tp_msg, field)
static const uint16_t field_at[] = {
	AT(PROTOCOL_VERSION, protocol_version),
	AT(FRAMING_CAPABILITIES, framing_caps),
	AT(BEARER_CAPABILITIES, bearer_caps),
	AT(TIE_BREAKER, tie_breaker),
	AT(FIRMWARE_REVISION, firmware_revision),
	AT(HOST_NAME, host_name),
	AT(VENDOR_NAME, vendor_name),
	AT(ASSIGNED_TUNNEL_ID, assigned_tunnel_id),
	AT(RECEIVE_WINDOW_SIZE, receive_window),
	AT(CHALLENGE, challenge),
	AT(CHALLENGE_RESPONSE, challenge_response),
	AT(ASSIGNED_SESSION_ID, assigned_session_id),
	AT(CALL_SERIAL_NUMBER, call_serial),
	AT(MINIMUM_BPS, minimum_bps),
	AT(MAXIMUM_BPS, maximum_bps),
	AT(BEARER_TYPE, bearer_type),
	AT(FRAMING_TYPE, framing_type),
	AT(CALLED_NUMBER, called_number),
	AT(CALLING_NUMBER, calling_number),
	AT(SUB_ADDRESS, sub_address),
	AT(TX_CONNECT_SPEED, tx_connect_speed),
	AT(RX_CONNECT_SPEED, rx_connect_speed),
	AT(PHYSICAL_CHANNEL_ID, physical_channel),
	AT(INITIAL_RX_LCP_CONFREQ, initial_rx_lcp),
	AT(LAST_TX_LCP_CONFREQ, last_tx_lcp),
	AT(LAST_RX_LCP_CONFREQ, last_rx_lcp),
	AT(PROXY_AUTHEN_TYPE, proxy_authen_type),
	AT(PROXY_AUTHEN_ID, proxy_authen_id),
	AT(PROXY_AUTHEN_NAME, proxy_authen_name),
	AT(PROXY_AUTHEN_CHALLENGE, proxy_authen_challenge),
	AT(PROXY_AUTHEN_RESPONSE, proxy_authen_response),
	AT(PRIVATE_GROUP_ID, private_group_id),
};
#undef AT

static void store_result(struct l2tp_msg *m, struct rd *v)
{
	m->result = rd_be16(v);
	m->has_error = rd_left(v) > 0;
	m->error = m->has_error ? rd_be16(v) : 0;
	m->error_text = rd_rest(v);
}

static void store_q931(struct l2tp_msg *m, struct rd *v)
{
	m->q931_cause = rd_be16(v);
	m->q931_msg = rd_u8(v);
	m->q931_text = rd_rest(v);
}

static void tolerate(struct l2tp_msg *m, enum l2tp_toleration t)
{
	m->tolerated |= UINT32_C(1) << t;
}

static void store_call_errors(struct l2tp_msg *m, struct rd *v)
{
	if (rd_be16(v) != 0)
		tolerate(m, L2TP_TOLERATED_RESERVED);
	for (unsigned i = 0; i < 6; i++)
		m->call_errors[i] = rd_be32(v);
}

static void store_accm(struct l2tp_msg *m, struct rd *v)
{
	m->accm_reserved = rd_be16(v);
	m->tx_accm = rd_be32(v);
	m->rx_accm = rd_be32(v);
}

static void store_disconnect(struct l2tp_msg *m, struct rd *v)
{
	m->disconnect_code = rd_be16(v);
	m->disconnect_protocol = rd_be16(v);
	m->disconnect_direction = rd_u8(v);
	m->disconnect_text = rd_rest(v);
}

static void store_failover(struct l2tp_msg *m, struct rd *v)
{
	m->failover_caps = rd_be16(v);
	m->failover_recovery_ms = rd_be32(v);
}

static void store(struct l2tp_msg *m, const struct l2tp_avp_info *info, struct rd *v)
{
	size_t at = info->type < sizeof(field_at) / sizeof(field_at[0]) ? field_at[info->type] : 0;
	void *field = (char *)m + at;

	switch ((enum l2tp_avp_form)info->form) {
	case L2TP_FORM_U16: *(uint16_t *)field = rd_be16(v); break;
	case L2TP_FORM_U32: *(uint32_t *)field = rd_left(v) == SHORT_SERIAL_LEN ? rd_be16(v) : rd_be32(v); break;
	case L2TP_FORM_U64: *(uint64_t *)field = rd_be64(v); break;
	case L2TP_FORM_BYTES:
	case L2TP_FORM_TEXT: *(struct span *)field = rd_rest(v); break;
	case L2TP_FORM_RESULT: store_result(m, v); break;
	case L2TP_FORM_Q931: store_q931(m, v); break;
	case L2TP_FORM_CALL_ERRORS: store_call_errors(m, v); break;
	case L2TP_FORM_ACCM: store_accm(m, v); break;
	case L2TP_FORM_DISCONNECT: store_disconnect(m, v); break;
	case L2TP_FORM_FAILOVER: store_failover(m, v); break;
	case L2TP_FORM_FLAG:
	case L2TP_FORM_NAME_ONLY: break;
	}
}

struct decoder {
	const struct l2tp_msg_opt *opt;
	struct wr *scratch;
	struct l2tp_msg *m;
	struct l2tp_fault *fault;
	bool has_rv;
	struct span rv;			/* of the Random Vector AVP last met */
	bool others;			/* there are AVPs to hand on */
};

static void fault_at(struct decoder *d, enum l2tp_fault_kind kind, const struct l2tp_avp *avp)
{
	if (d->fault->kind == L2TP_FAULT_NONE)
		*d->fault = (struct l2tp_fault){ kind, avp->vendor, avp->type };
}

static bool recognised(const struct l2tp_avp *avp, const struct l2tp_avp_info *info)
{
	return info && info->form != L2TP_FORM_NAME_ONLY && !(avp->flags & L2TP_AVP_RESERVED);
}

/* RFC 2661 §4.1, §4.2: unrecognised with M set ends call or tunnel; otherwise it is as if it had not been there. */
static void unrecognised(struct decoder *d, const struct l2tp_avp *avp)
{
	if (!(avp->flags & L2TP_AVP_M)) {
		tolerate(d->m, L2TP_TOLERATED_UNKNOWN_AVP);
		d->others = true;
	} else if (d->opt->permissive) {
		tolerate(d->m, L2TP_TOLERATED_UNKNOWN_MANDATORY);
	} else {
		fault_at(d, L2TP_FAULT_UNKNOWN_AVP, avp);
	}
}

/* The value of a hidden AVP, or what stands in the way. */
static enum l2tp_fault_kind unhide(const struct decoder *d, const struct l2tp_avp *avp, struct span *value)
{
	if (d->opt->secret.len == 0)
		return L2TP_FAULT_MISSING_SECRET;
	if (!d->has_rv)
		return L2TP_FAULT_MISSING_RANDOM_VECTOR;
	switch (l2tp_avp_unhide(d->opt->secret, d->rv, avp->type, rd_rest(&avp->value), d->scratch, value)) {
	case L2TP_UNHIDE_OK: return L2TP_FAULT_NONE;
	case L2TP_UNHIDE_NO_ROOM: return L2TP_FAULT_NO_RESOURCES;
	case L2TP_UNHIDE_BAD: break;
	}
	return L2TP_FAULT_BAD_HIDDEN;
}

/* interop.md 14: what cannot be read for want of a secret or a Random Vector matters only when M is set. */
static bool reveal(struct decoder *d, struct l2tp_avp *avp, const struct l2tp_avp_info *info)
{
	enum l2tp_fault_kind kind;
	struct span value;

	if (d->opt->leave_hidden) {
		d->m->hidden_skipped = true;
		if (avp->vendor == L2TP_VENDOR_IETF)
			d->m->unread |= UINT64_C(1) << present_bit(avp->type);
		return false;
	}
	if (!info->may_hide)
		tolerate(d->m, L2TP_TOLERATED_H_BIT);
	kind = unhide(d, avp, &value);
	if (kind == L2TP_FAULT_NONE) {
		avp->value = rd_span(value);
		return true;
	}
	if (!(avp->flags & L2TP_AVP_M) &&
	    (kind == L2TP_FAULT_MISSING_SECRET || kind == L2TP_FAULT_MISSING_RANDOM_VECTOR))
		tolerate(d->m, L2TP_TOLERATED_HIDDEN_SKIPPED);
	else
		fault_at(d, kind, avp);
	return false;
}

/* Clients exist that send the Call Serial Number in two octets (interop.md 17). */
static bool short_serial(const struct l2tp_avp_info *info, size_t len)
{
	return info->vendor == L2TP_VENDOR_IETF && info->type == L2TP_AVP_CALL_SERIAL_NUMBER && len == SHORT_SERIAL_LEN;
}

static bool length_ok(const struct l2tp_avp_info *info, size_t len)
{
	if (info->form == L2TP_FORM_RESULT && len == 3)		/* half an Error Code */
		return false;
	return len >= info->min && len <= info->max;
}

/* A vendor's AVP is handed on as it is; the description of a line never fails a call, the Cisco NAS port may. */
static void vendor_avp(struct decoder *d, const struct l2tp_avp *avp, const struct l2tp_avp_info *info)
{
	if (length_ok(info, rd_left(&avp->value)))
		d->others = true;
	else if (avp->vendor == L2TP_VENDOR_CISCO)
		fault_at(d, L2TP_FAULT_BAD_VALUE, avp);
	else
		tolerate(d->m, L2TP_TOLERATED_VENDOR_LENGTH);
}

/* Each may be in a message once, and only in the messages that §4.4 names: of no consequence otherwise. */
static bool belongs(struct decoder *d, const struct l2tp_avp_info *info)
{
	if (!((info->required | info->optional) & L2TP_IN(d->m->type)))
		tolerate(d->m, L2TP_TOLERATED_MISPLACED_AVP);
	else if (l2tp_msg_has(d->m, info->type))
		tolerate(d->m, L2TP_TOLERATED_DUPLICATE_AVP);
	else
		return true;
	return false;
}

static void ietf_avp(struct decoder *d, struct l2tp_avp *avp, const struct l2tp_avp_info *info)
{
	size_t len = rd_left(&avp->value);

	if (short_serial(info, len))
		tolerate(d->m, L2TP_TOLERATED_SHORT_SERIAL);
	else if (!length_ok(info, len)) {
		fault_at(d, L2TP_FAULT_BAD_LENGTH, avp);
		return;
	}
	if (info->m != !!(avp->flags & L2TP_AVP_M))
		tolerate(d->m, L2TP_TOLERATED_M_BIT);
	if (info->type == L2TP_AVP_RANDOM_VECTOR) {		/* any number of them, each for what follows it */
		d->rv = rd_rest(&avp->value);
		d->has_rv = true;
	} else if (belongs(d, info)) {
		store(d->m, info, &avp->value);
	} else {
		return;
	}
	d->m->present |= UINT64_C(1) << present_bit(info->type);
}

static void one_avp(struct decoder *d, struct l2tp_avp *avp)
{
	const struct l2tp_avp_info *info = l2tp_avp_info(avp->vendor, avp->type);

	if (!recognised(avp, info))
		unrecognised(d, avp);
	else if (avp->flags & L2TP_AVP_H && !reveal(d, avp, info))
		return;
	else if (avp->vendor != L2TP_VENDOR_IETF)
		vendor_avp(d, avp, info);
	else
		ietf_avp(d, avp, info);
}

/* §4.4.1: the Message Type AVP MUST be first, and cannot be hidden. */
static bool message_type(struct decoder *d, struct rd *r)
{
	struct l2tp_avp avp;

	if (!l2tp_avp_next(r, &avp) || avp.vendor != L2TP_VENDOR_IETF || avp.type != L2TP_AVP_MESSAGE_TYPE ||
	    avp.flags & (L2TP_AVP_H | L2TP_AVP_RESERVED) || rd_left(&avp.value) != MESSAGE_TYPE_LEN) {
		fault_at(d, L2TP_FAULT_INDECIPHERABLE, &avp);
		return false;
	}
	d->m->type = rd_be16(&avp.value);
	d->m->m = avp.flags & L2TP_AVP_M;
	d->m->present |= UINT64_C(1) << L2TP_AVP_MESSAGE_TYPE;
	if (!l2tp_msg_known(d->m->type)) {
		fault_at(d, d->m->m ? L2TP_FAULT_UNRECOGNISED : L2TP_FAULT_IGNORABLE, &avp);
		return false;
	}
	if (!d->m->m)
		tolerate(d->m, L2TP_TOLERATED_M_BIT);
	return true;
}

static void all_avps(struct decoder *d, struct rd *r)
{
	size_t left = rd_left(r);
	struct l2tp_avp avp;

	for (; l2tp_avp_next(r, &avp); left = rd_left(r))
		one_avp(d, &avp);
	if (r->bad)
		fault_at(d, left >= L2TP_AVP_HDR_LEN && avp.len < L2TP_AVP_HDR_LEN ? L2TP_FAULT_BAD_LENGTH :
			 L2TP_FAULT_TRUNCATED, &avp);
}

/* ---- what is handed on ---- */

static bool handed_on(const struct l2tp_avp *avp, const struct l2tp_avp_info *info)
{
	if (avp->flags & L2TP_AVP_RESERVED)
		return false;
	if (recognised(avp, info))
		return avp->vendor != L2TP_VENDOR_IETF;
	return !(avp->flags & L2TP_AVP_M);
}

/* Appends the AVP unhidden; what cannot be unhidden or has the wrong length is left out. */
static void hand_on(struct decoder *d, const struct l2tp_avp *avp, const struct l2tp_avp_info *info)
{
	struct wr *w = d->scratch;
	uint8_t *start = w->p;
	struct span value = rd_rest(&avp->value);
	size_t mark = wr_mark16(w);

	wr_be16(w, avp->vendor);
	wr_be16(w, avp->type);
	if (!(avp->flags & L2TP_AVP_H))
		wr_put(w, value);
	else if (d->opt->leave_hidden || unhide(d, avp, &value) != L2TP_FAULT_NONE)
		w->p = start;
	if (recognised(avp, info) && !length_ok(info, value.len))
		w->p = start;
	if (w->p != start)
		wr_poke16(w, mark, (uint16_t)((avp->flags & L2TP_AVP_M) | (L2TP_AVP_HDR_LEN + value.len)));
}

static void all_others(struct decoder *d, struct rd r)
{
	size_t start = wr_len(d->scratch);
	struct l2tp_avp avp;

	d->has_rv = false;
	while (l2tp_avp_next(&r, &avp)) {
		const struct l2tp_avp_info *info = l2tp_avp_info(avp.vendor, avp.type);

		if (handed_on(&avp, info)) {
			hand_on(d, &avp, info);
		} else if (avp.vendor == L2TP_VENDOR_IETF && avp.type == L2TP_AVP_RANDOM_VECTOR) {
			d->rv = rd_rest(&avp.value);
			d->has_rv = true;
		}
	}
	d->m->others = span_of(d->scratch->start + start, wr_len(d->scratch) - start);
	if (d->scratch->full)
		fault_at(d, L2TP_FAULT_NO_RESOURCES, &(struct l2tp_avp){ 0 });
}

/* Apple has sent the Error Code with its octets exchanged (interop.md 12). That of StopCCN 5 is a version, not of §4.4.2's list. */
static bool swapped_error(const struct l2tp_msg *m)
{
	bool version = m->type == L2TP_MSG_STOPCCN && m->result == 5;

	return m->error && !(m->error & 0xff) && m->error >> 8 <= ERROR_CODE_LAST && !version;
}

/* Values that are taken as something else than was sent. */
static void settle(struct l2tp_msg *m)
{
	if (!l2tp_msg_has(m, L2TP_AVP_RECEIVE_WINDOW_SIZE)) {
		m->receive_window = L2TP_DEFAULT_WINDOW;
	} else if (m->receive_window == 0) {
		m->receive_window = 1;
		tolerate(m, L2TP_TOLERATED_ZERO_WINDOW);
	}
	if (swapped_error(m)) {
		m->error >>= 8;
		tolerate(m, L2TP_TOLERATED_SWAPPED_ERROR);
	}
	if (m->proxy_authen_id > UINT8_MAX) {
		m->proxy_authen_id &= UINT8_MAX;
		tolerate(m, L2TP_TOLERATED_RESERVED);
	}
}

/* A first look judges what it sees, but for a message whose answer goes to an id that only the secret shows. */
static bool put_off(const struct l2tp_msg *m)
{
	return m->unread >> L2TP_AVP_ASSIGNED_TUNNEL_ID & 1 && l2tp_msg_has(m, L2TP_AVP_HOST_NAME);
}

bool l2tp_msg_decode(const struct l2tp_hdr *hdr, const struct l2tp_msg_opt *opt, struct wr *scratch, struct l2tp_msg *m,
		     struct l2tp_fault *fault)
{
	static const struct l2tp_msg_opt strict;
	struct decoder d = { .opt = opt ? opt : &strict, .scratch = scratch, .m = m, .fault = fault };
	struct rd r = rd_span(hdr->payload), body;

	*m = (struct l2tp_msg){
		.tunnel_id = hdr->tunnel_id, .session_id = hdr->session_id, .ns = hdr->ns, .nr = hdr->nr,
	};
	*fault = (struct l2tp_fault){ 0 };
	if (rd_left(&r) == 0)
		return true;	/* ZLB */
	if (!message_type(&d, &r))
		return false;
	body = r;
	all_avps(&d, &r);
	if (d.others)
		all_others(&d, body);
	settle(m);
	if (fault->kind == L2TP_FAULT_NONE && !put_off(m))
		l2tp_msg_check(m, fault);
	return fault->kind == L2TP_FAULT_NONE;
}
