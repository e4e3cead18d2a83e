/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a network layer, shared by netlayer.c, ipcp.c and ipv6cp.c. */
#ifndef ADIT_PPP_NET_IMPL_H
#define ADIT_PPP_NET_IMPL_H

#include "ppp/cp.h"
#include "ppp/ppp.h"
#include "wire/ppp_frame.h"

enum { NCP_IP4, NCP_IP6, NCP_COUNT };

struct ppp_net;

/* One NCP, its automaton first. */
struct ncp {
	struct ppp_cp cp;
	uint8_t index;		/* in ppp_net.ncp: finds the network layer from the automaton */
	bool enabled, initiate;
	bool begun;		/* has negotiated since the network phase began */
	bool was_up;		/* has been Opened since then */
	bool finished;		/* ended or refused, and nothing has begun since */
	uint8_t no_option;	/* a bit for each option of ours that the peer will not have, while negotiating */
	uint8_t negotiations;	/* since ppp_net_new(), after the first Opened */
};

struct ppp_net {
	struct ncp ncp[NCP_COUNT];
	struct ppp_env env;
	struct ppp_net_conf conf;
	uint32_t local_ip4, peer_ip4, dns[2], wins[2];	/* agreed, or asked for by a client */
	uint8_t local_iid[8], peer_iid[8];
	uint8_t suggested_iid[8];			/* for a peer without one */
	uint8_t told, why;
	bool up, none_left;
};

static inline struct ncp *ncp_of(struct ppp_cp *cp)
{
	return (struct ncp *)(void *)cp;
}

static inline struct ppp_net *net_of(struct ppp_cp *cp)
{
	struct ncp *first = ncp_of(cp) - ncp_of(cp)->index;

	return (struct ppp_net *)(void *)first;
}

extern const struct ppp_cp_ops ipcp_ops, ipv6cp_ops;

#endif
