/* SPDX-License-Identifier: BSD-2-Clause */
/* Method radius: a subscriber's Access-Request, and its answer. */
#ifndef ADIT_AAA_RADIUS_ASK_H
#define ADIT_AAA_RADIUS_ASK_H

#include "aaa/grant.h"

/**
 * radius_ask - asks for a grant whose answer has its ask (grant_ask_set)
 *
 * Return: 0: the answer comes to radius_ask_answer(); -EINVAL: what the user sent does not fit into RADIUS; -ENOMEM, -E2BIG.
 */
int radius_ask(struct aaa *a, struct grant *g, const struct aaa_request *rq, mono_t now);

/** radius_ask_answer - an event of the client whose `user` is a grant. */
void radius_ask_answer(struct aaa *a, const struct radius_event *ev, mono_t now);

#endif
