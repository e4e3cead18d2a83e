/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Access-Request of a subscriber, and what becomes of its answer.
 *
 * Source: RFC 2865 §2.2, §4.1-4.4, §5.1-5.3, §5.6, §5.7, §5.18, §5.40; RFC 2866 §5.5; RFC 2548 §2.1.2, §2.3.2, §2.3.3;
 * RFC 5080 §2.6.1.
 */
#include "aaa/radius_ask.h"

#include <errno.h>

#include "aaa/aaa_priv.h"
#include "aaa/methods.h"
#include "aaa/radius_line.h"
#include "wire/radius_attr.h"

enum { ATTRS_MAX = RADIUS_PKT_MAX - RADIUS_HDR_LEN - 18 - 130 };	/* room for Message-Authenticator and User-Password */

/* CHAP-Challenge is always sent, whatever its length: the Request Authenticator is the client core's own (§5.40). */
static bool put_credentials(struct wr *w, const struct aaa_request *rq)
{
	switch (rq->cred) {
	case AAA_CRED_PAP:
		return rq->password.len <= RADIUS_USER_PASSWORD_MAX;	/* the client core hides it for each server */
	case AAA_CRED_CHAP_MD5:
		return rq->response.len == 16 && radius_put_chap_password(w, rq->chap_id, rq->response.p) &&
		       radius_put_span(w, RADIUS_ATTR_CHAP_CHALLENGE, rq->challenge);
	case AAA_CRED_MSCHAPV2:
		return rq->response.len == 49 && radius_put_span(w, RADIUS_ATTR_MS_CHAP_CHALLENGE, rq->challenge) &&
		       radius_put_ms_chap2_response(w, rq->chap_id, rq->response.p);
	case AAA_CRED_NONE:
		break;
	}
	return false;
}

static void put_user(struct wr *w, const struct aaa *a, const struct grant *g)
{
	char id[20];

	radius_put_span(w, RADIUS_ATTR_USER_NAME, grant_name(g));
	radius_put_u32(w, RADIUS_ATTR_SERVICE_TYPE, RADIUS_SERVICE_TYPE_FRAMED_USER);
	radius_put_u32(w, RADIUS_ATTR_FRAMED_PROTOCOL, RADIUS_FRAMED_PROTOCOL_PPP);
	acct_id_text(g->acct.id, id);
	if (g->acct.id && radius_included(&a->conf.radius, AAA_INCLUDE_ACCT_SESSION_ID, AAA_INCLUDE_ACCESS_REQUEST))
		radius_put_span(w, RADIUS_ATTR_ACCT_SESSION_ID, span_str(id));
}

int radius_ask(struct aaa *a, struct grant *g, const struct aaa_request *rq, mono_t now)
{
	uint8_t buf[ATTRS_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct radius_request q = { .vr = 0, .use = RADIUS_AUTH, .code = RADIUS_ACCESS_REQUEST, .since = now,
				    .give_up = MONO_NEVER, .user = g };

	/* a name that does not fit would arrive as another's */
	if (rq->user.len > RADIUS_VALUE_MAX || rq->user.len == 0)
		return -EINVAL;
	put_user(&w, a, g);
	if (!put_credentials(&w, rq))
		return -EINVAL;
	radius_put_node(&w, &a->conf, AAA_INCLUDE_ACCESS_REQUEST, &rq->line);
	radius_put_line(&w, &a->conf, AAA_INCLUDE_ACCESS_REQUEST, &rq->line);
	q.attrs = wr_span(&w);
	if (rq->cred == AAA_CRED_PAP)
		q.password = span_of(rq->password.p ? rq->password.p : (const uint8_t *)"", rq->password.len);
	return radius_client_submit(a->radius, &q, now, &g->answer->ask->radius);
}

/* ---- answers ---- */

static void keep_message(struct grant *g, const struct radius_pkt *p)
{
	struct radius_attr_iter it = radius_attrs_begin(p);
	struct grant_answer *an = g->answer;
	struct radius_attr at;

	an->message_len = 0;
	while (radius_attr_next(&it, &at)) {
		size_t room = sizeof(an->message) - an->message_len;
		size_t n = at.value.len < room ? at.value.len : room;

		if (radius_attr_id(&at) != RADIUS_ATTR_REPLY_MESSAGE || !n)
			continue;
		memcpy(an->message + an->message_len, at.value.p, n);
		an->message_len = (uint8_t)(an->message_len + n);
	}
}

static void take_accept(struct aaa *a, struct grant *g, const struct radius_event *ev, mono_t now)
{
	struct grant_ask *k = g->answer->ask;
	struct radius_accept acc;
	enum aaa_refusal why = radius_accept_read(a, &ev->reply, k->rq.cred == AAA_CRED_MSCHAPV2, &acc);

	g->method = AAA_METHOD_RADIUS;
	if (why == AAA_REFUSE_NONE && radius_accept_keep(g, &acc) < 0)
		why = AAA_REFUSE_NO_RESOURCES;
	if (why != AAA_REFUSE_NONE)
		grant_refuse(a, g, why);
	else
		authorize_radius(a, g, &acc, now);
}

void radius_ask_answer(struct aaa *a, const struct radius_event *ev, mono_t now)
{
	struct grant *g = ev->user;

	g->answer->ask->radius = (struct radius_handle){ 0 };
	if (ev->type == RADIUS_EV_SILENT) {
		a->count[AAA_COUNT_RADIUS_SILENT]++;
		methods_next(a, g, now);
		return;
	}
	keep_message(g, &ev->reply);
	switch (ev->reply.code) {
	case RADIUS_ACCESS_ACCEPT:
		take_accept(a, g, ev, now);
		break;
	case RADIUS_ACCESS_CHALLENGE:
		grant_refuse(a, g, AAA_REFUSE_CHALLENGE);
		break;
	default:
		grant_refuse(a, g, AAA_REFUSE_DENIED);
		break;
	}
}
