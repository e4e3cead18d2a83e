/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wires of AAA, for whoever has the sockets and the files: datagrams of the RADIUS client, and the journal of
 * accounting. The contract with the model is aaa.h.
 */
#ifndef ADIT_AAA_AAA_NET_H
#define ADIT_AAA_AAA_NET_H

#include "aaa/aaa.h"
#include "aaa/acct_journal.h"
#include "radius/client.h"

/** aaa_rx - a datagram that came to one of our RADIUS ports. Its events come with the ops table's event(). */
void aaa_rx(struct aaa *a, const struct radius_path *from, const uint8_t *buf, size_t len, mono_t now);

/** aaa_tx - the next datagram to send, and from which port to where. Return: its octets; 0: no more. Call it last in a turn. */
size_t aaa_tx(struct aaa *a, struct radius_path *to, uint8_t *buf, size_t cap, mono_t now);

/** aaa_journal_set - where accounting is kept from now on; the ops are copied. */
void aaa_journal_set(struct aaa *a, const struct acct_journal *j);

/** aaa_restore - an entry that the journal has from before the start; before the configuration is applied. */
void aaa_restore(struct aaa *a, uint64_t ref, struct span body, mono_t now, struct wall wall);

/** aaa_shutdown - the router goes down, every session has been released: Accounting-Off. */
void aaa_shutdown(struct aaa *a, mono_t now, struct wall wall);

/** aaa_idle - no accounting record waits for a server that may still answer. */
bool aaa_idle(const struct aaa *a);

#endif
