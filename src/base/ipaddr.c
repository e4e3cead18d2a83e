/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/ipaddr.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/hmap.h"
#include "base/text.h"

struct ip_addr ip4_of(uint32_t v)
{
	return (struct ip_addr){ 4, { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v } };
}

uint32_t ip4_num(const struct ip_addr *a)
{
	if (a->af != 4)
		return 0;
	return (uint32_t)a->b[0] << 24 | (uint32_t)a->b[1] << 16 | (uint32_t)a->b[2] << 8 | a->b[3];
}

bool ip_addr_eq(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->af == b->af && memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool ip_addr_is_any(const struct ip_addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->b, zero, sizeof(zero)) == 0;
}

bool ip4_parse(uint32_t *v, const char *text)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*v = ntohl(in.s_addr);
	return true;
}

bool ip_addr_parse(struct ip_addr *a, const char *text)
{
	uint32_t v;

	memset(a, 0, sizeof(*a));
	if (ip4_parse(&v, text)) {
		*a = ip4_of(v);
		return true;
	}
	if (inet_pton(AF_INET6, text, a->b) != 1)
		return false;
	a->af = 6;
	return true;
}

/* As inet_ntop() writes it, which does so with printf: each call has a dozen addresses in attributes and log lines. */
static void ip4_text(const uint8_t b[4], char *buf)
{
	for (unsigned i = 0; i < 4; i++) {
		buf += text_decimal(buf, b[i]);
		*buf++ = '.';
	}
	buf[-1] = '\0';
}

const char *ip_addr_text(const struct ip_addr *a, char buf[IP_ADDR_TEXT])
{
	if (a->af == 4)
		ip4_text(a->b, buf);
	else if (a->af == 0 || !inet_ntop(AF_INET6, a->b, buf, IP_ADDR_TEXT))
		memcpy(buf, "-", 2);
	return buf;
}

uint64_t ip_addr_hash(const struct ip_addr *a, uint64_t seed)
{
	return hash_bytes(a, sizeof(*a), seed);
}
