/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is a decoded message what RFC 2661 §6 says it must be: the AVPs that MUST be present, and the values of §4.4. What
 * depends on the state (a response that is due, an id in use) is judged in l2tp/.
 */
#include "wire/l2tp_msg.h"

#define BIT(n) (1U << (n))

enum {
	FRAMING_BITS = L2TP_FRAMING_SYNC | L2TP_FRAMING_ASYNC,
	BEARER_BITS = L2TP_BEARER_DIGITAL | L2TP_BEARER_ANALOG | L2TP_BEARER_BROADBAND,
	FAILOVER_BITS = 3,		/* D and C, RFC 4951 §5.1 */
};

static bool version_ok(const struct l2tp_msg *m)
{
	return m->protocol_version >> 8 == L2TP_PROTOCOL_VERSION >> 8;	/* any revision of version 1 */
}

/* §4.4.2 Error Code 3: a reserved field that is not zero. */
static bool framing_caps_ok(const struct l2tp_msg *m)
{
	return !(m->framing_caps & ~(uint32_t)FRAMING_BITS);
}

static bool bearer_caps_ok(const struct l2tp_msg *m)
{
	return !(m->bearer_caps & ~(uint32_t)BEARER_BITS);
}

static bool framing_type_ok(const struct l2tp_msg *m)
{
	return !(m->framing_type & ~(uint32_t)FRAMING_BITS);
}

static bool bearer_type_ok(const struct l2tp_msg *m)
{
	return !(m->bearer_type & ~(uint32_t)BEARER_BITS);
}

static bool tunnel_id_ok(const struct l2tp_msg *m)
{
	return m->assigned_tunnel_id != 0;
}

static bool session_id_ok(const struct l2tp_msg *m)
{
	return m->assigned_session_id != 0;
}

static bool challenge_ok(const struct l2tp_msg *m)
{
	return m->challenge.len > 0;	/* "one or more octets of random data" */
}

static bool failover_ok(const struct l2tp_msg *m)
{
	return m->failover_caps & FAILOVER_BITS;	/* MUST NOT be sent with C and D cleared */
}

static bool accm_ok(const struct l2tp_msg *m)
{
	return m->accm_reserved == 0;
}

static bool authen_type_ok(const struct l2tp_msg *m)
{
	return m->proxy_authen_type != 0;	/* reserved */
}

static bool authen_type_supported(const struct l2tp_msg *m)
{
	return m->proxy_authen_type <= L2TP_PROXY_MSCHAPV1;
}

static const struct {
	uint16_t type;
	enum l2tp_fault_kind kind;
	bool (*ok)(const struct l2tp_msg *m);
} values[] = {
	{ L2TP_AVP_PROTOCOL_VERSION,     L2TP_FAULT_BAD_VALUE,         version_ok },
	{ L2TP_AVP_FRAMING_CAPABILITIES, L2TP_FAULT_BAD_VALUE,         framing_caps_ok },
	{ L2TP_AVP_BEARER_CAPABILITIES,  L2TP_FAULT_BAD_VALUE,         bearer_caps_ok },
	{ L2TP_AVP_ASSIGNED_TUNNEL_ID,   L2TP_FAULT_BAD_VALUE,         tunnel_id_ok },
	{ L2TP_AVP_CHALLENGE,            L2TP_FAULT_BAD_VALUE,         challenge_ok },
	{ L2TP_AVP_FAILOVER_CAPABILITY,  L2TP_FAULT_BAD_VALUE,         failover_ok },
	{ L2TP_AVP_ASSIGNED_SESSION_ID,  L2TP_FAULT_BAD_VALUE,         session_id_ok },
	{ L2TP_AVP_BEARER_TYPE,          L2TP_FAULT_BAD_VALUE,         bearer_type_ok },
	{ L2TP_AVP_FRAMING_TYPE,         L2TP_FAULT_BAD_VALUE,         framing_type_ok },
	{ L2TP_AVP_PROXY_AUTHEN_TYPE,    L2TP_FAULT_BAD_VALUE,         authen_type_ok },
	{ L2TP_AVP_PROXY_AUTHEN_TYPE,    L2TP_FAULT_UNSUPPORTED_VALUE, authen_type_supported },
	{ L2TP_AVP_ACCM,                 L2TP_FAULT_BAD_VALUE,         accm_ok },
};

/* §4.4.5: what each Proxy Authen Type brings with it. */
static const struct {
	uint16_t type;
	unsigned with;		/* bits by Proxy Authen Type */
} proxy_parts[] = {
	{ L2TP_AVP_PROXY_AUTHEN_NAME,
	  BIT(L2TP_PROXY_TEXT) | BIT(L2TP_PROXY_CHAP) | BIT(L2TP_PROXY_PAP) | BIT(L2TP_PROXY_MSCHAPV1) },
	{ L2TP_AVP_PROXY_AUTHEN_CHALLENGE, BIT(L2TP_PROXY_CHAP) | BIT(L2TP_PROXY_MSCHAPV1) },
	{ L2TP_AVP_PROXY_AUTHEN_ID, BIT(L2TP_PROXY_CHAP) | BIT(L2TP_PROXY_PAP) | BIT(L2TP_PROXY_MSCHAPV1) },
	{ L2TP_AVP_PROXY_AUTHEN_RESPONSE,
	  BIT(L2TP_PROXY_TEXT) | BIT(L2TP_PROXY_CHAP) | BIT(L2TP_PROXY_PAP) | BIT(L2TP_PROXY_MSCHAPV1) },
};

static bool failed(struct l2tp_fault *fault, enum l2tp_fault_kind kind, uint16_t type)
{
	*fault = (struct l2tp_fault){ kind, L2TP_VENDOR_IETF, type };
	return false;
}

static bool required_check(const struct l2tp_msg *m, struct l2tp_fault *fault)
{
	uint64_t missing = l2tp_avp_required(m->type) & ~(m->present | m->unread);

	return !missing || failed(fault, L2TP_FAULT_MISSING, (uint16_t)__builtin_ctzll(missing));
}

static bool values_check(const struct l2tp_msg *m, struct l2tp_fault *fault)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (l2tp_msg_has(m, values[i].type) && !values[i].ok(m))
			return failed(fault, values[i].kind, values[i].type);
	return true;
}

static bool proxy_check(const struct l2tp_msg *m, struct l2tp_fault *fault)
{
	if (!l2tp_msg_has(m, L2TP_AVP_PROXY_AUTHEN_TYPE))
		return true;
	for (size_t i = 0; i < sizeof(proxy_parts) / sizeof(proxy_parts[0]); i++)
		if (proxy_parts[i].with & BIT(m->proxy_authen_type) && !l2tp_msg_has(m, proxy_parts[i].type))
			return failed(fault, L2TP_FAULT_MISSING, proxy_parts[i].type);
	return true;
}

bool l2tp_msg_check(const struct l2tp_msg *m, struct l2tp_fault *fault)
{
	*fault = (struct l2tp_fault){ 0 };
	if (!l2tp_msg_known(m->type))
		return true;
	return required_check(m, fault) && values_check(m, fault) && proxy_check(m, fault);
}
