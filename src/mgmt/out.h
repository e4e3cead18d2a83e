/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Growing text, for answers and files. A failed allocation is remembered (`failed`) and judged once, at the end, as
 * with struct wr; what was there stays.
 */
#ifndef ADIT_MGMT_OUT_H
#define ADIT_MGMT_OUT_H

#include <stdarg.h>

#include "base/ipaddr.h"
#include "base/span.h"

struct out {
	char *p;		/* NUL after `len`, or NULL when empty */
	size_t len, cap;
	bool failed;
};

/** out_fini - frees the text; the struct may be used again. out_reset keeps the memory. */
void out_fini(struct out *o);
void out_reset(struct out *o);

void out_bytes(struct out *o, const void *p, size_t n);
void out_str(struct out *o, const char *s);
void out_char(struct out *o, char c);
void out_pad(struct out *o, char c, size_t n);
void out_fmt(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void out_vfmt(struct out *o, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void out_addr(struct out *o, const struct ip_addr *a);

/** out_drop, out_drop_end - takes the first, or last, n octets away. */
void out_drop(struct out *o, size_t n);
void out_drop_end(struct out *o, size_t n);

/** out_escaped - peers' octets, harmless on a terminal (base/log.h text_escape), any length. */
void out_escaped(struct out *o, struct span s);

/** out_word - a value as the lexer reads it back: quoted and escaped only where it must be. */
void out_word(struct out *o, const char *s);
/** out_quoted - the same, always in quotes, so that it is never taken for a keyword. */
void out_quoted(struct out *o, const char *s);

/** out_steal - the text, to be freed by the caller (never NULL unless out of memory); `o` is empty after it. */
char *out_steal(struct out *o);

#endif
