/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of values in patterns, and the list of tables. Lengths: spec section 14. */
#include "mgmt/edit.h"

static const struct gr_choice aaa_methods[] = {
	{ "local", "The local database", AAA_METHOD_LOCAL },
	{ "none", "Grant without asking", AAA_METHOD_NONE },
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
	{ "mask", GR_MASK },
	{ "line", GR_LINE },
	{ "text", GR_NAME, 1, 255, .show = "WORD" },
	{ "hostname", GR_NAME, 1, 64 },
	{ "secret", GR_NAME, 1, 32, .show = "PASSWORD", .secret = true },
	{ "user-secret", GR_NAME, 1, 128, .show = "PASSWORD", .secret = true },
	{ "aaa-method", GR_ENUM, .choices = aaa_methods },
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
	cmd_system, cmd_aaa, cmd_pool, cmd_profile, cmd_l2tp, cmd_l2tp_admin, cmd_dest_profile, cmd_host, cmd_exec,
	cmd_show, cmd_show_l2tp, cmd_show_profile, cmd_show_aaa, cmd_show_subscribers, NULL,
};
