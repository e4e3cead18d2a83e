/* SPDX-License-Identifier: BSD-2-Clause */
/* Hellos that wait for their acknowledgement: at most one a tunnel. */
#include "lab/hello.h"

#include <stdlib.h>

#include "base/list.h"
#include "l2tp/seq.h"

struct hello {
	struct hmap_node node;
	struct ip_addr local;
	uint16_t local_port, peer_tunnel_id, ns;
	mono_t sent;
};

static uint64_t hello_hash(const struct l2tp_path *p, uint16_t peer_tunnel_id)
{
	return hash_u64(ip_addr_hash(&p->local, p->local_port) + peer_tunnel_id, 0);
}

static struct hello *find(struct lab_hellos *h, const struct l2tp_path *p, uint16_t peer_tunnel_id)
{
	hmap_for(n, &h->open, hello_hash(p, peer_tunnel_id)) {
		struct hello *o = container_of(n, struct hello, node);

		if (o->peer_tunnel_id == peer_tunnel_id && o->local_port == p->local_port &&
		    ip_addr_eq(&o->local, &p->local))
			return o;
	}
	return NULL;
}

static void forget(struct lab_hellos *h, struct hello *o)
{
	hmap_del(&h->open, &o->node);
	free(o);
}

void hellos_init(struct lab_hellos *h)
{
	hmap_init(&h->open);
}

unsigned hellos_clear(struct lab_hellos *h)
{
	unsigned waited = (unsigned)h->open.count;
	struct hmap_node *n;
	size_t pos = 0;

	while ((n = hmap_walk(&h->open, &pos, NULL))) {
		forget(h, container_of(n, struct hello, node));
		pos--;		/* others may be in that bucket */
	}
	hmap_fini(&h->open);
	return waited;
}

unsigned hellos_waiting(struct lab_hellos *h, mono_t since)
{
	unsigned waiting = 0;
	struct hmap_node *n = NULL;
	size_t pos = 0;

	while ((n = hmap_walk(&h->open, &pos, n)))
		waiting += mono_before(container_of(n, struct hello, node)->sent, since);
	return waiting;
}

void hello_tx(struct lab_hellos *h, const struct l2tp_path *to, const struct l2tp_hdr *hdr, mono_t now)
{
	struct hello *o = find(h, to, hdr->tunnel_id);

	if (o && o->ns == hdr->ns)
		return;
	if (o)
		forget(h, o);
	o = malloc(sizeof(*o));
	if (!o)
		return;
	*o = (struct hello){ .local = to->local, .local_port = to->local_port, .peer_tunnel_id = hdr->tunnel_id,
			     .ns = hdr->ns, .sent = now };
	if (hmap_add(&h->open, &o->node, hello_hash(to, hdr->tunnel_id)) < 0)
		free(o);
}

bool hello_rx(struct lab_hellos *h, const struct l2tp_endpoint *ep, struct span msg, mono_t *sent)
{
	struct l2tp_hdr hdr;
	struct l2tp_ctrl *c;
	struct hello *o;

	if (!h->open.count || l2tp_hdr_decode(msg, &hdr) != L2TP_HDR_OK || !hdr.control)
		return false;
	c = l2tp_endpoint_tunnel(ep, hdr.tunnel_id);
	o = c ? find(h, l2tp_tunnel_path(c), l2tp_tunnel_peer_id(c)) : NULL;
	if (!o || !seq_before(o->ns, hdr.nr))
		return false;
	*sent = o->sent;
	forget(h, o);
	return true;
}

bool hello_forget(struct lab_hellos *h, const struct l2tp_path *path, uint16_t peer_tunnel_id)
{
	struct hello *o = find(h, path, peer_tunnel_id);

	if (o)
		forget(h, o);
	return o != NULL;
}
