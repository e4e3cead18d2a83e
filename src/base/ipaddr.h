/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 and IPv6 addresses and transport end points, in network order, text both ways. */
#ifndef ADIT_BASE_IPADDR_H
#define ADIT_BASE_IPADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip_addr {
	uint8_t af;	/* 0: none, 4, 6 */
	uint8_t b[16];	/* IPv4 uses the first four; unused octets are zero, so addresses compare by memcmp */
};

struct ip_prefix {
	struct ip_addr addr;
	uint8_t len;
};

/* A network that lies behind something of ours, as the kernel is told of it. */
struct ip_route {
	struct ip_prefix dst;
	uint32_t metric;	/* 0: the kernel's default */
};

enum { IP_ADDR_TEXT = 46 };	/* room for the longest text and its NUL */

static inline bool ip_addr_is_none(const struct ip_addr *a)
{
	return a->af == 0;
}

/* An IPv4 address from, and to, a number in host order. ip4_num of anything but IPv4 is 0. */
struct ip_addr ip4_of(uint32_t host_order);
uint32_t ip4_num(const struct ip_addr *a);

bool ip_addr_eq(const struct ip_addr *a, const struct ip_addr *b);
bool ip_addr_is_any(const struct ip_addr *a);	/* none, 0.0.0.0 or :: */

/** ip_addr_parse - text to address, either family. Return: false if the text is no address. */
bool ip_addr_parse(struct ip_addr *a, const char *text);

/** ip4_parse - dotted quad only. */
bool ip4_parse(uint32_t *host_order, const char *text);

/** ip_addr_text - writes the text, "-" for none. Return: buf. */
const char *ip_addr_text(const struct ip_addr *a, char buf[IP_ADDR_TEXT]);

uint64_t ip_addr_hash(const struct ip_addr *a, uint64_t seed);

#endif
