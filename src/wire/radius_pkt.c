/* SPDX-License-Identifier: BSD-2-Clause */
/* RADIUS packets and their authenticators: RFC 2865 §3, RFC 2866 §3, RFC 2869 §5.14, RFC 3579 §3.2, RFC 5176 §2.3 and §3.4. */
#include "wire/radius_pkt.h"

#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>

#include "base/rd.h"
#include "wire/radius_attr.h"

enum { AT_LENGTH = 2, AT_AUTHENTICATOR = 4, LEN = RADIUS_AUTHENTICATOR_LEN };

static const uint8_t zeros[LEN];

const char *radius_code_name(uint8_t code)
{
	switch (code) {
	case RADIUS_ACCESS_REQUEST: return "Access-Request";
	case RADIUS_ACCESS_ACCEPT: return "Access-Accept";
	case RADIUS_ACCESS_REJECT: return "Access-Reject";
	case RADIUS_ACCOUNTING_REQUEST: return "Accounting-Request";
	case RADIUS_ACCOUNTING_RESPONSE: return "Accounting-Response";
	case RADIUS_ACCESS_CHALLENGE: return "Access-Challenge";
	case RADIUS_STATUS_SERVER: return "Status-Server";
	case RADIUS_DISCONNECT_REQUEST: return "Disconnect-Request";
	case RADIUS_DISCONNECT_ACK: return "Disconnect-ACK";
	case RADIUS_DISCONNECT_NAK: return "Disconnect-NAK";
	case RADIUS_COA_REQUEST: return "CoA-Request";
	case RADIUS_COA_ACK: return "CoA-ACK";
	case RADIUS_COA_NAK: return "CoA-NAK";
	default: return "?";
	}
}

const char *radius_pkt_fault_name(enum radius_pkt_fault f)
{
	static const char *const names[RADIUS_PKT_FAULTS] = {
		[RADIUS_PKT_OK] = "ok",
		[RADIUS_PKT_SHORT] = "short",
		[RADIUS_PKT_LENGTH] = "bad-length",
		[RADIUS_PKT_ATTRIBUTE] = "bad-attribute",
	};

	return (unsigned)f < RADIUS_PKT_FAULTS ? names[f] : "?";
}

/* ---- reading ---- */

/* RFC 2865 §3: "Octets outside the range of the Length field MUST be treated as padding and ignored on reception." */
static enum radius_pkt_fault cut_padding(const uint8_t *buf, size_t len, struct span *pkt)
{
	struct rd r = rd_of(buf, len);
	uint16_t length;

	*pkt = span_of(NULL, 0);
	rd_skip(&r, AT_LENGTH);
	length = rd_be16(&r);
	if (len < RADIUS_HDR_LEN)
		return RADIUS_PKT_SHORT;
	if (length < RADIUS_HDR_LEN || length > RADIUS_PKT_MAX || length > len)
		return RADIUS_PKT_LENGTH;
	*pkt = span_of(buf, length);
	return RADIUS_PKT_OK;
}

static struct rd attrs_of(struct span pkt)
{
	return rd_of(pkt.p + RADIUS_HDR_LEN, pkt.len - RADIUS_HDR_LEN);
}

/* The next type and value; false at the end, and with a bad reader when malformed. */
static bool next(struct rd *r, uint8_t *type, struct span *value)
{
	uint8_t len;

	if (rd_left(r) == 0)
		return false;
	*type = rd_u8(r);
	len = rd_u8(r);
	if (len < RADIUS_ATTR_HDR_LEN)	/* Length counts Type and itself */
		return rd_fail(r);
	*value = rd_bytes(r, len - RADIUS_ATTR_HDR_LEN);
	return !r->bad;
}

static bool chain_ok(struct rd r)
{
	struct span value;
	uint8_t type;

	while (next(&r, &type, &value))
		;
	return !r.bad;
}

enum radius_pkt_fault radius_pkt_decode(struct radius_pkt *p, const uint8_t *buf, size_t len)
{
	struct span pkt;
	enum radius_pkt_fault fault = cut_padding(buf, len, &pkt);
	struct rd r = rd_span(pkt);

	*p = (struct radius_pkt){ 0 };
	if (fault != RADIUS_PKT_OK)
		return fault;
	if (!chain_ok(attrs_of(pkt)))
		return RADIUS_PKT_ATTRIBUTE;
	p->code = rd_u8(&r);
	p->id = rd_u8(&r);
	rd_skip(&r, 2);
	rd_copy(&r, p->authenticator, LEN);
	p->attrs = rd_rest(&r);
	return RADIUS_PKT_OK;
}

/* ---- writing ---- */

void radius_pkt_begin(struct wr *w, enum radius_code code, uint8_t id, const uint8_t *authenticator)
{
	wr_u8(w, (uint8_t)code);
	wr_u8(w, id);
	wr_be16(w, 0);
	wr_bytes(w, authenticator ? authenticator : zeros, LEN);
}

void radius_put_message_authenticator_slot(struct wr *w)
{
	radius_put_span(w, RADIUS_ATTR_MESSAGE_AUTHENTICATOR, span_of(zeros, LEN));
}

size_t radius_pkt_end(struct wr *w)
{
	size_t len = wr_done(w);

	if (len < RADIUS_HDR_LEN || len > RADIUS_PKT_MAX)
		return 0;
	wr_poke16(w, AT_LENGTH, (uint16_t)len);
	return len;
}

/* ---- authenticators ---- */

/* MD5 over the packet with another authenticator in place of its own, and the secret. */
static void digest(struct span pkt, const uint8_t authenticator[LEN], struct span secret, uint8_t out[LEN])
{
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, AT_AUTHENTICATOR, pkt.p);
	md5_update(&md5, LEN, authenticator);
	md5_update(&md5, pkt.len - RADIUS_HDR_LEN, pkt.p + RADIUS_HDR_LEN);
	md5_update(&md5, secret.len, secret.p);
	md5_digest(&md5, LEN, out);
	explicit_bzero(&md5, sizeof(md5));
}

static bool digest_ok(const uint8_t *buf, size_t len, const uint8_t authenticator[LEN], struct span secret)
{
	uint8_t expected[LEN];
	struct span pkt;

	if (cut_padding(buf, len, &pkt) != RADIUS_PKT_OK)
		return false;
	digest(pkt, authenticator, secret, expected);
	return memeql_sec(expected, pkt.p + AT_AUTHENTICATOR, LEN);
}

bool radius_response_ok(const uint8_t *buf, size_t len, const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
			struct span secret)
{
	return digest_ok(buf, len, request_authenticator, secret);
}

bool radius_accounting_request_ok(const uint8_t *buf, size_t len, struct span secret)
{
	return digest_ok(buf, len, zeros, secret);
}

/* ---- Message-Authenticator ---- */

/* RADIUS_MA_GOOD here: there is one of the right form; *at is where its value begins in the packet. */
static enum radius_ma find_slot(struct span pkt, size_t *at)
{
	struct rd r = attrs_of(pkt);
	enum radius_ma found = RADIUS_MA_ABSENT;
	struct span value;
	uint8_t type;

	while (next(&r, &type, &value)) {
		if (type != RADIUS_ATTR_MESSAGE_AUTHENTICATOR)
			continue;
		if (found != RADIUS_MA_ABSENT || value.len != LEN)
			return RADIUS_MA_BAD;
		found = RADIUS_MA_GOOD;
		*at = (size_t)(value.p - pkt.p);
	}
	return r.bad ? RADIUS_MA_BAD : found;
}

/* HMAC-MD5 over the packet with another authenticator in place of its own, and zeros in the slot. */
static void hmac(struct span pkt, size_t slot, const uint8_t authenticator[LEN], struct span secret, uint8_t out[LEN])
{
	struct hmac_md5_ctx h;

	hmac_md5_set_key(&h, secret.len, secret.p);
	hmac_md5_update(&h, AT_AUTHENTICATOR, pkt.p);
	hmac_md5_update(&h, LEN, authenticator);
	hmac_md5_update(&h, slot - RADIUS_HDR_LEN, pkt.p + RADIUS_HDR_LEN);
	hmac_md5_update(&h, LEN, zeros);
	hmac_md5_update(&h, pkt.len - slot - LEN, pkt.p + slot + LEN);
	hmac_md5_digest(&h, LEN, out);
	explicit_bzero(&h, sizeof(h));
}

enum radius_ma radius_message_authenticator_check(const uint8_t *buf, size_t len,
						  const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN],
						  struct span secret)
{
	uint8_t expected[LEN];
	enum radius_ma found;
	struct span pkt;
	size_t slot = 0;

	if (cut_padding(buf, len, &pkt) != RADIUS_PKT_OK)
		return RADIUS_MA_BAD;
	found = find_slot(pkt, &slot);
	if (found != RADIUS_MA_GOOD)
		return found;
	hmac(pkt, slot, authenticator, secret, expected);
	return memeql_sec(expected, pkt.p + slot, LEN) ? RADIUS_MA_GOOD : RADIUS_MA_BAD;
}

/* ---- signing ---- */

/* Fills the slot, if there is one. */
static enum radius_ma fill_slot(uint8_t *buf, size_t len, const uint8_t authenticator[LEN], struct span secret,
				struct span *pkt)
{
	enum radius_ma found;
	uint8_t ma[LEN];
	size_t slot = 0;

	if (cut_padding(buf, len, pkt) != RADIUS_PKT_OK)
		return RADIUS_MA_BAD;
	found = find_slot(*pkt, &slot);
	if (found != RADIUS_MA_GOOD)
		return found;
	hmac(*pkt, slot, authenticator, secret, ma);
	memcpy(buf + slot, ma, LEN);
	return RADIUS_MA_GOOD;
}

bool radius_sign_request(uint8_t *buf, size_t len, struct span secret)
{
	uint8_t authenticator[LEN];
	struct span pkt;

	if (len < RADIUS_HDR_LEN)
		return false;
	memcpy(authenticator, buf + AT_AUTHENTICATOR, LEN);
	return fill_slot(buf, len, authenticator, secret, &pkt) == RADIUS_MA_GOOD;
}

static bool sign(uint8_t *buf, size_t len, const uint8_t authenticator[LEN], struct span secret)
{
	uint8_t signature[LEN];
	struct span pkt;

	if (fill_slot(buf, len, authenticator, secret, &pkt) == RADIUS_MA_BAD)
		return false;
	digest(pkt, authenticator, secret, signature);
	memcpy(buf + AT_AUTHENTICATOR, signature, LEN);
	return true;
}

bool radius_sign_accounting(uint8_t *buf, size_t len, struct span secret)
{
	return sign(buf, len, zeros, secret);
}

bool radius_sign_response(uint8_t *buf, size_t len, const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
			  struct span secret)
{
	return sign(buf, len, request_authenticator, secret);
}
