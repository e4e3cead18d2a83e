/* SPDX-License-Identifier: BSD-2-Clause */
/* The sockets of the RADIUS client: one for each source port that aaa_tx() names. */
#ifndef ADIT_DAEMON_RADIUS_H
#define ADIT_DAEMON_RADIUS_H

#include "aaa/aaa.h"
#include "io/loop.h"

struct radius_ports;

/** radius_ports_new - none is open yet. Return: NULL when out of memory. */
struct radius_ports *radius_ports_new(struct io_loop *loop, struct aaa *a);
void radius_ports_free(struct radius_ports *p);

/** radius_ports_send - everything that AAA has to send; at the end of a turn. */
void radius_ports_send(struct radius_ports *p, mono_t now);

/** radius_ports_sweep - closes ports that nothing was sent from since the last sweep, an hour ago at least, when nothing is outstanding there any more: after a change
 *  of servers or source addresses. */
void radius_ports_sweep(struct radius_ports *p, mono_t now);

#endif
