/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a Hello of ours waits for its acknowledgement (RFC 2661 §5.5, §5.8): from its first transmission to the first
 * message whose Nr covers it. Looks at what goes out and comes in; the core knows nothing of it.
 */
#ifndef ADIT_LAB_HELLO_H
#define ADIT_LAB_HELLO_H

#include "base/hmap.h"
#include "base/mono.h"
#include "l2tp/l2tp.h"
#include "wire/l2tp_hdr.h"

/* Those of one endpoint that wait. */
struct lab_hellos {
	struct hmap open;	/* by our address and port, and the peer's tunnel id */
};

void hellos_init(struct lab_hellos *h);
/** hellos_clear - forgets those that wait, and frees all. Return: how many there were. */
unsigned hellos_clear(struct lab_hellos *h);

/** hello_tx - a Hello goes out. A repeated one keeps its first time. */
void hello_tx(struct lab_hellos *h, const struct l2tp_path *to, const struct l2tp_hdr *hdr, mono_t now);
/** hello_rx - one comes in, for a tunnel of the endpoint. Return: whether it answers a Hello, and when that was sent. */
bool hello_rx(struct lab_hellos *h, const struct l2tp_endpoint *ep, struct span msg, mono_t *sent);
/** hellos_waiting - how many have waited since before an instant. */
unsigned hellos_waiting(struct lab_hellos *h, mono_t since);
/** hello_forget - the tunnel has ended. Return: whether a Hello of it still waited. */
bool hello_forget(struct lab_hellos *h, const struct l2tp_path *path, uint16_t peer_tunnel_id);

#endif
