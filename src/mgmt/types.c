/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of values in patterns, and the list of tables. Lengths: spec section 14. */
#include "mgmt/edit.h"
#include "radius/client.h"

static const struct gr_choice aaa_methods[] = {
	{ "local", "The local database", AAA_METHOD_LOCAL },
	{ "none", "Grant without asking", AAA_METHOD_NONE },
	{ "radius", "RADIUS servers; the next method is asked when none answers", AAA_METHOD_RADIUS },
	{ 0 },
};

static const struct gr_choice acct_methods[] = {
	{ "none", "Tell nobody", AAA_METHOD_NONE },
	{ "radius", "RADIUS accounting servers", AAA_METHOD_RADIUS },
	{ 0 },
};

static const struct gr_choice radius_orders[] = {
	{ "direct", "The first server that is alive (default)", RADIUS_ORDER_DIRECT },
	{ "round-robin", "In turn", RADIUS_ORDER_ROUND_ROBIN },
	{ 0 },
};

static const struct gr_choice radius_ma[] = {
	{ "auto", "Judged when there; demanded of a server that has sent one (default)", RADIUS_MA_AUTO },
	{ "no", "Judged when there", RADIUS_MA_NO },
	{ "require", "Demanded of every answer to an Access-Request", RADIUS_MA_REQUIRE },
	{ 0 },
};

static const struct gr_choice connect_infos[] = {
	{ "default", "The line as text", AAA_CONNECT_INFO_DEFAULT },
	{ "l2tp-connect-speed", "TX, or TX/RX where they differ", AAA_CONNECT_INFO_L2TP_SPEED },
	{ "l2tp-connect-speed-rx-when-equal", "TX/RX", AAA_CONNECT_INFO_L2TP_SPEED_RX_WHEN_EQUAL },
	{ 0 },
};

static const struct gr_choice radius_attributes[] = {
#define X(id, word, may, dflt) { word, "The attribute of that name", AAA_INCLUDE_##id },
	AAA_INCLUDES(X)
#undef X
	{ 0 },
};

static const struct gr_choice radius_messages[] = {
	{ "access-request", "Access-Request", AAA_INCLUDE_ACCESS_REQUEST },
	{ "acct-off", "Accounting-Off", AAA_INCLUDE_ACCT_OFF },
	{ "acct-on", "Accounting-On", AAA_INCLUDE_ACCT_ON },
	{ "acct-start", "Accounting Start", AAA_INCLUDE_ACCT_START },
	{ "acct-stop", "Accounting Stop, and interim updates", AAA_INCLUDE_ACCT_STOP },
	{ 0 },
};

static const struct gr_choice ppp_auths[] = {
	{ "chap", "CHAP with MD5 (RFC 1994)", PPP_AUTH_CHAP_MD5 },
	{ "ms-chap-v2", "MS-CHAP version 2 (RFC 2759)", PPP_AUTH_MSCHAPV2 },
	{ "pap", "PAP (RFC 1334)", PPP_AUTH_PAP },
	{ 0 },
};

const struct gr_type mgmt_types[] = {
	{ "ipv4", GR_IPV4 },
	{ "address", GR_ADDR },
	{ "mask", GR_MASK },
	{ "line", GR_LINE },
	{ "text", GR_NAME, 1, 255, .show = "WORD" },
	{ "hostname", GR_NAME, 1, 64 },
	{ "secret", GR_NAME, 1, 32, .show = "PASSWORD", .secret = true },
	{ "user-secret", GR_NAME, 1, 128, .show = "PASSWORD", .secret = true },
	{ "radius-key", GR_NAME, 1, 128, .show = "KEY", .secret = true },
	{ "aaa-method", GR_ENUM, .choices = aaa_methods },
	{ "acct-method", GR_ENUM, .choices = acct_methods },
	{ "radius-order", GR_ENUM, .choices = radius_orders },
	{ "radius-ma", GR_ENUM, .choices = radius_ma },
	{ "connect-info", GR_ENUM, .choices = connect_infos },
	{ "radius-attribute", GR_ENUM, .choices = radius_attributes },
	{ "radius-message", GR_ENUM, .choices = radius_messages },
	{ "ppp-auth", GR_ENUM, .choices = ppp_auths },
	{ "loopback", GR_INT, 0, 32000, .names = NAMES_LOOPBACK },
	{ "loopback-ref", GR_INT, 0, 32000, .names = NAMES_LOOPBACK, .refers = true },
	{ "profile", GR_NAME, 1, 80, .names = NAMES_PROFILE },
	{ "profile-ref", GR_NAME, 1, 80, .names = NAMES_PROFILE, .refers = true },
	{ "pool", GR_NAME, 1, AAA_NAME_MAX, .names = NAMES_POOL },
	{ "pool-ref", GR_NAME, 1, AAA_NAME_MAX, .names = NAMES_POOL, .refers = true },
	{ "database", GR_NAME, 1, AAA_NAME_MAX, .names = NAMES_DATABASE },
	{ "database-ref", GR_NAME, 1, AAA_NAME_MAX, .names = NAMES_DATABASE, .refers = true },
	{ "user", GR_NAME, 1, 253, .names = NAMES_USER },
	{ "dest-profile", GR_NAME, 1, 64, .names = NAMES_DEST_PROFILE },
	{ "host", GR_NAME, 1, 64, .names = NAMES_HOST },
	{ "group", GR_NAME, 1, 63, .names = NAMES_GROUP },
	{ "group-ref", GR_NAME, 1, 63, .names = NAMES_GROUP, .refers = true },
	{ "destination", GR_OBJECT, .max = 1, .names = NAMES_DESTINATION },
	{ "tunnel", GR_OBJECT, .max = 2, .names = NAMES_TUNNEL },
	{ "session", GR_OBJECT, .max = 3, .names = NAMES_SESSION },
	{ 0 },
};

/* In the order of the running configuration. */
const struct gr_cmd *const mgmt_tables[] = {
	cmd_system, cmd_aaa, cmd_acct, cmd_radius, cmd_aaa_local, cmd_pool, cmd_profile, cmd_l2tp, cmd_l2tp_admin,
	cmd_dest_profile, cmd_host, cmd_exec, cmd_show, cmd_show_l2tp, cmd_show_profile, cmd_show_aaa,
	cmd_show_subscribers, cmd_show_radius, cmd_test, NULL,
};
