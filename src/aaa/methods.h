/* SPDX-License-Identifier: BSD-2-Clause */
/* The methods of authentication in their order, and what a user who is let in gets. */
#ifndef ADIT_AAA_METHODS_H
#define ADIT_AAA_METHODS_H

#include "aaa/aaa_conf.h"
#include "aaa/grant.h"
#include "aaa/radius_accept.h"

/** methods_begin - judges a new request by the first method that can; it may be answered at once, or later by RADIUS. */
void methods_begin(struct aaa *a, struct grant *g, const struct aaa_request *rq, mono_t now);

/** methods_next - no RADIUS server answered: the next method. */
void methods_next(struct aaa *a, struct grant *g, mono_t now);

/** authorize_radius - gives what an Accept says: accepts, refuses, or lets the grant wait for its address. */
void authorize_radius(struct aaa *a, struct grant *g, const struct radius_accept *acc, mono_t now);

/** methods_acct_radius - whether sessions of a service are accounted for by RADIUS. */
bool methods_acct_radius(const struct aaa_conf *c, enum aaa_service service);

#endif
