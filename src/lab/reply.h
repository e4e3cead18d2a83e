/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RADIUS attributes of an answer, from text: `Name=Value` with the names of the attribute table, `Name:TAG=Value` for a
 * tagged one, `Attr-200=0x01` and `Attr-26.9.1=0x01` for what the table has not.
 */
#ifndef ADIT_LAB_REPLY_H
#define ADIT_LAB_REPLY_H

#include "base/rng.h"
#include "wire/radius_attr.h"

struct reply_hidden;

struct reply {
	uint8_t *octets;		/* encoded attributes */
	size_t len;
	struct reply_hidden *hidden;	/* those that are encoded for each answer anew */
};

/** reply_add - appends one attribute. Return: NULL, or what is wrong with the text. */
const char *reply_add(struct reply *r, const char *text);
void reply_fini(struct reply *r);

/** reply_put - all of them into an answer. Return: false when it is full. */
bool reply_put(const struct reply *r, struct wr *w, const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
	       struct span secret, struct rng *rng);

#endif
