/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The L2TP message header, RFC 2661 §3.1:
 *
 *	|T|L|x|x|S|x|O|P|x|x|x|x| Ver | Length (L) | Tunnel ID | Session ID | Ns (S) | Nr (S) | Offset (O) | pad |
 *
 * One decoder for every legal shape, data and control; reserved (x) bits are ignored, as the RFC asks.
 */
#ifndef ADIT_WIRE_L2TP_HDR_H
#define ADIT_WIRE_L2TP_HDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/wr.h"

enum {
	L2TP_HDR_T = 0x8000,		/* control message */
	L2TP_HDR_L = 0x4000,		/* Length present */
	L2TP_HDR_S = 0x0800,		/* Ns and Nr present */
	L2TP_HDR_O = 0x0200,		/* Offset Size present */
	L2TP_HDR_P = 0x0100,		/* priority; data only */
	L2TP_HDR_VER = 0x000f,
	L2TP_VERSION = 2,
	L2TP_HDR_CONTROL_LEN = 12,	/* a control header, and so a ZLB */
	L2TP_HDR_DATA_MIN = 6,
	L2TP_HDR_DATA_MAX = 14,		/* all fields, without offset pad */
};

struct l2tp_hdr {
	bool control, has_length, has_seq, has_offset, priority;
	uint16_t length;		/* as sent; when encoding it is computed */
	uint16_t tunnel_id, session_id;	/* the recipient's */
	uint16_t ns, nr;		/* Nr is reserved in data messages */
	uint16_t offset;		/* octets of offset pad */
	struct span payload;		/* after the offset pad, up to Length; empty in a ZLB */
};

/* X(enumerator, "name"): the first fault found, in the order of the fields. */
#define L2TP_HDR_VERDICTS(X) \
	X(OK, "ok") \
	X(SHORT, "header-short")			/* the datagram ends inside the header */ \
	X(VERSION, "header-version")			/* Ver is not 2 (1 is L2F, 3 is L2TPv3) */ \
	X(CONTROL_NO_LENGTH, "control-no-length")	/* T without L */ \
	X(CONTROL_NO_SEQUENCE, "control-no-sequence")	/* T without S */ \
	X(CONTROL_OFFSET, "control-offset")		/* T with O */ \
	X(CONTROL_PRIORITY, "control-priority")		/* T with P */ \
	X(LENGTH_LONG, "length-long")			/* Length says more than the datagram has */ \
	X(LENGTH_SHORT, "length-short")			/* Length ends inside the header */ \
	X(OFFSET_PAD, "offset-pad")			/* the offset leaves no payload */

enum l2tp_hdr_verdict {
#define X(id, name) L2TP_HDR_##id,
	L2TP_HDR_VERDICTS(X)
#undef X
	L2TP_HDR_VERDICT_COUNT
};

/**
 * l2tp_hdr_decode - the header of one datagram
 * @datagram: what UDP delivered; octets beyond Length are padding and not part of the payload
 * @h:        out, valid when the verdict is OK; after any other verdict it holds the fields read so far, payload empty
 *
 * Return: L2TP_HDR_OK or the first fault.
 * Source: RFC 2661 §3.1.
 */
enum l2tp_hdr_verdict l2tp_hdr_decode(struct span datagram, struct l2tp_hdr *h);

/** l2tp_hdr_verdict_name - its word in counters and logs. */
const char *l2tp_hdr_verdict_name(enum l2tp_hdr_verdict v);

/**
 * l2tp_hdr_put_control - a control header: T, L and S set
 *
 * Return: mark of the Length field; after the AVPs: l2tp_hdr_end(w, mark).
 */
size_t l2tp_hdr_put_control(struct wr *w, uint16_t tunnel_id, uint16_t session_id, uint16_t ns, uint16_t nr);

/** l2tp_hdr_end - patches Length to what was written since the header began. */
void l2tp_hdr_end(struct wr *w, size_t mark);

/** l2tp_hdr_put_zlb - a Zero-Length Body message, complete. Source: RFC 2661 §5.8. */
void l2tp_hdr_put_zlb(struct wr *w, uint16_t tunnel_id, uint16_t ns, uint16_t nr);

/**
 * l2tp_hdr_put_data - a data header of the shape that @h describes
 *
 * Writes the header and h->offset octets of zeros as offset pad. Length (if has_length) counts h->payload.len, which
 * the caller writes after it.
 */
void l2tp_hdr_put_data(struct wr *w, const struct l2tp_hdr *h);

/**
 * l2tp_hdr_set_nr, l2tp_hdr_set_ns - refresh a control message that was encoded earlier (RFC 2661 §5.8: a
 * retransmission carries the current Nr). Messages shorter than a control header are left alone.
 */
void l2tp_hdr_set_nr(uint8_t *msg, size_t len, uint16_t nr);
void l2tp_hdr_set_ns(uint8_t *msg, size_t len, uint16_t ns);
/** l2tp_hdr_set_ids - the same for the ids, when a message was encoded before the peer's ids were known. */
void l2tp_hdr_set_ids(uint8_t *msg, size_t len, uint16_t tunnel_id, uint16_t session_id);

#endif
