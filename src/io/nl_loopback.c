/* SPDX-License-Identifier: BSD-2-Clause */
/* The addresses of `interface loopback N` on the namespace's lo (netlink.h): we remove only what we added. */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>

#include "io/netlink.h"

struct nl_loopbacks {
	struct nl *nl;
	unsigned ifindex;
	struct ip_prefix *added;	/* those that we answer for */
	unsigned count;
};

struct nl_loopbacks *nl_loopbacks_new(struct nl *n)
{
	struct nl_loopbacks *lb = calloc(1, sizeof(*lb));

	if (!lb)
		return NULL;
	lb->nl = n;
	lb->ifindex = if_nametoindex("lo");
	return lb;
}

static bool prefix_in(const struct ip_prefix *set, unsigned n, const struct ip_prefix *p)
{
	for (unsigned i = 0; i < n; i++)
		if (set[i].len == p->len && ip_addr_eq(&set[i].addr, &p->addr))
			return true;
	return false;
}

/* Return: 1 when the address is there and ours, 0 when it is there and another's, or -errno. */
static int loopback_add(struct nl_loopbacks *lb, const struct ip_prefix *p)
{
	int rc = nl_addr_add(lb->nl, lb->ifindex, p);

	if (rc == 0)
		return 1;
	return rc == -EEXIST ? nl_addr_is_ours(lb->nl, lb->ifindex, p) : rc;
}

int nl_loopbacks_set(struct nl_loopbacks *lb, const struct ip_prefix *addrs, unsigned n)
{
	struct ip_prefix *now = calloc(n ? n : 1, sizeof(*now));
	unsigned count = 0;
	int first_error = 0;

	if (!now)
		return -ENOMEM;
	for (unsigned i = 0; i < lb->count; i++)
		if (!prefix_in(addrs, n, &lb->added[i]))
			nl_addr_del(lb->nl, lb->ifindex, &lb->added[i]);
	for (unsigned i = 0; i < n; i++) {
		int rc = prefix_in(lb->added, lb->count, &addrs[i]) ? 1 : loopback_add(lb, &addrs[i]);

		if (rc > 0 && !prefix_in(now, count, &addrs[i]))
			now[count++] = addrs[i];
		if (rc < 0 && !first_error)
			first_error = rc;
	}
	free(lb->added);
	lb->added = now;
	lb->count = count;
	return first_error;
}

void nl_loopbacks_free(struct nl_loopbacks *lb)
{
	if (!lb)
		return;
	for (unsigned i = 0; i < lb->count; i++)
		nl_addr_del(lb->nl, lb->ifindex, &lb->added[i]);
	free(lb->added);
	free(lb);
}
