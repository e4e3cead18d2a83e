/* SPDX-License-Identifier: BSD-2-Clause */
/* Ns and Nr compare modulo 65536, through this alone. RFC 2661 §5.8. */
#ifndef ADIT_L2TP_SEQ_H
#define ADIT_L2TP_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/** seq_before - whether a goes before b: the signed 16-bit difference, so 32767 numbers lie before any. */
static inline bool seq_before(uint16_t a, uint16_t b)
{
	return (int16_t)(uint16_t)(a - b) < 0;
}

#endif
