/* SPDX-License-Identifier: BSD-2-Clause */
/* What RADIUS is told of the router, a line and its tunnel, the same in Access- and Accounting-Requests (spec 8.2). */
#ifndef ADIT_AAA_RADIUS_LINE_H
#define ADIT_AAA_RADIUS_LINE_H

#include "aaa/aaa_conf.h"
#include "base/wr.h"

/** radius_included - whether the configuration wants this in that message. */
static inline bool radius_included(const struct aaa_radius_conf *c, enum aaa_include what,
				   enum aaa_include_message message)
{
	return c->include[what] >> message & 1;
}

/** radius_put_node - NAS-Identifier, and NAS-IP-Address or NAS-IPv6-Address. @line: NULL in Accounting-On and -Off. */
void radius_put_node(struct wr *w, const struct aaa_conf *c, enum aaa_include_message message,
		     const struct aaa_line *line);

/** radius_put_line - port, stations, speeds, tunnel (RFC 2868), access line (RFC 4679 from RFC 5515). */
void radius_put_line(struct wr *w, const struct aaa_conf *c, enum aaa_include_message message,
		     const struct aaa_line *line);

/** radius_put_tunnel - the attributes of RFC 2868 and Acct-Tunnel-Connection (RFC 2867 §4.1). */
void radius_put_tunnel(struct wr *w, const struct aaa_conf *c, enum aaa_include_message message,
		       const struct aaa_line *line);

/** radius_line_id - which line it is, the same in NAS-Port-Id and Connect-Info: media:local address:peer address:local
 *  tunnel:peer tunnel:local session:peer session:call serial number. */
enum { RADIUS_LINE_ID = 160 };
struct span radius_line_id(const struct aaa_line *line, char buf[RADIUS_LINE_ID]);

#endif
