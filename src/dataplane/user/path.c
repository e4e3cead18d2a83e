/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packet path of the user plane: datagrams to the TUN, the TUN's packets to datagrams, one at a time. What
 * to do is decided by dp_decap() and dp_encap(); here it is done, and counted as octets once the next one in
 * line has taken the packet.
 */
#include <errno.h>
#include <unistd.h>

#include "dataplane/user/encap.h"
#include "dataplane/user/tun.h"
#include "dataplane/user/user.h"

static enum dp_drop drop_of_error(int rc)
{
	return rc == -EAGAIN || rc == -ENOBUFS || rc == -ENOMEM ? DP_DROP_NO_BUFFER : DP_DROP_SOCKET;
}

/* ---- from the subscriber ---- */

static void to_network(struct dp_user *u, const struct dp_decap *d)
{
	struct span packet = dp_decap_packet(d, u->out, sizeof(u->out));
	ssize_t n = write(u->tun, packet.p, packet.len);

	if (n == (ssize_t)packet.len)
		table_up_count(d->up, packet.len);
	else
		table_up_drop(u->table, d->up, n < 0 && errno == EAGAIN ? DP_DROP_NO_BUFFER : DP_DROP_DEVICE);
}

void path_datagram(void *ctx, const struct dp_rx *rx, struct span datagram, mono_t now)
{
	struct dp_user *u = ctx;
	struct dp_decap d;

	switch (dp_decap(u->table, rx, datagram, &d)) {
	case DP_DECAP_IP:
		to_network(u, &d);
		break;
	case DP_DECAP_FRAME:
		punt_frame(&u->punt, u->table, &d, now);
		u->wake(u->ctx);
		break;
	case DP_DECAP_CONTROL:
		punt_control(&u->punt, u->table, rx, datagram);
		u->wake(u->ctx);
		break;
	case DP_DECAP_DROP:
		break;
	}
}

/* ---- towards the subscriber ---- */

static int tunnel_send(struct dp_user *u, const struct dp_tun *tun, size_t len)
{
	struct ip_addr local = table_addr(tun, tun->local), peer = table_addr(tun, tun->peer);

	return socks_send(u->socks, &local, &peer, tun->peer_port, tun->flags & DP_TUN_UDP_CHECKSUM, u->out, len);
}

static void to_subscriber(struct dp_user *u, struct dp_encap *e)
{
	struct dp_dn *dn = &u->table->dn[e->line];
	size_t len;

	while ((len = dp_encap_next(u->table, e, u->out, sizeof(u->out)))) {
		int rc = tunnel_send(u, e->tun, len);

		if (rc)
			table_dn_drop(u->table, dn, drop_of_error(rc));
		else
			table_dn_count(dn, e->inner);
	}
}

static void too_big(struct dp_user *u, const struct dp_encap *e, mono_t now)
{
	struct table_session *s = u->table->session[u->table->dn[e->line].up];
	uint8_t buf[IP4_ICMP_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	size_t len;

	if (!s || !punt_police(&s->icmp_tat, ICMP_RATE, now))
		return;
	len = ip4_frag_needed(&e->ip, ip4_num(&s->local_ip4), e->mtu, &w);
	if (len)
		icmp_send(u->icmp, e->ip.src, buf, len);	/* an error that is lost is sent for the next packet again */
}

void path_tun_ready(void *ctx, int fd, unsigned ready, mono_t now)
{
	struct dp_user *u = ctx;

	for (int i = 0; i < DP_USER_BURST; i++) {
		ssize_t n = read(u->tun, u->packet, sizeof(u->packet));
		struct dp_encap e;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		switch (dp_encap(u->table, 0, span_of(u->packet, (size_t)n), &e)) {
		case DP_ENCAP_SEND:
			to_subscriber(u, &e);
			break;
		case DP_ENCAP_TOO_BIG:
			too_big(u, &e, now);
			break;
		case DP_ENCAP_DROP:
			break;
		}
	}
}

int path_frame_tx(struct dp_user *u, struct table_session *s, const uint8_t *frame, size_t len)
{
	const struct dp_tun *tun = &u->table->tun[s->id.local_tunnel_id];
	struct wr w = wr_of(u->out, sizeof(u->out));
	int rc;

	dp_encap_header(&w, tun, s->params.peer_session_id, s->params.send_sequencing ? table_session_ns(u->table, s) : -1);
	wr_bytes(&w, frame, len);
	if (w.full)
		return -EMSGSIZE;
	rc = tunnel_send(u, tun, wr_len(&w));
	if (rc)
		table_drop(u->table, drop_of_error(rc));
	return rc;
}
