/* SPDX-License-Identifier: BSD-2-Clause */
/* What a faulty message leads to: its terminate reason (JunosE vocabulary), and the Result Code the peer is told. */
#ifndef ADIT_L2TP_FAULT_H
#define ADIT_L2TP_FAULT_H

#include "l2tp/l2tp.h"
#include "l2tp/reason.h"
#include "wire/l2tp_msg.h"

/* Or'ed to a message type: the message belongs to a recovery tunnel (RFC 4951). */
enum { L2TP_MSG_RECOVERY = 0x8000 };

/**
 * l2tp_fault_reason - the named reason of (message, fault, AVP)
 * @msg_type: enum l2tp_msg_type, or'ed with L2TP_MSG_RECOVERY
 *
 * Return: the exact reason; where the vocabulary has none, the nearest: L2TP_REASON_SESSION_UNKNOWN_CAUSE for a call's
 * message, L2TP_REASON_TUNNEL_RX_UNEXPECTED_PACKET for another; NONE for a fault of kind NONE or IGNORABLE.
 */
enum l2tp_reason l2tp_fault_reason(uint16_t msg_type, const struct l2tp_fault *f);

/**
 * l2tp_fault_cause - the Result Code AVP that answers it: StopCCN form, or CDN form when the message is a call's
 *
 * Its text names message and AVP ("ICRQ: unknown AVP 0/99"); it is written to @buf and lives as long.
 *
 * Source: RFC 2661 §4.4.2.
 */
struct l2tp_cause l2tp_fault_cause(uint16_t msg_type, const struct l2tp_fault *f, char *buf, size_t cap);

/** l2tp_fault_ends_call - whether the answer is a CDN for one call (else a StopCCN of the tunnel). RFC 2661 §4.1 */
bool l2tp_fault_ends_call(uint16_t msg_type, const struct l2tp_fault *f);

#endif
