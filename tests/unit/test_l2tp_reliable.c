/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 2661 §5.8 and appendix A. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#include "l2tp/reliable.h"
#include "wire/l2tp_hdr.h"
#include "wire/l2tp_msg.h"

enum { PEER = 0x1234 };

static mono_t t0 = { 0 };

/* A message of ours: a Hello as far as octets go; `mark` is its Session ID. */
static struct span message(uint8_t buf[64], uint16_t mark)
{
	struct wr w = wr_of(buf, 64);
	struct l2tp_build b;

	l2tp_msg_begin(&b, &w, NULL, L2TP_MSG_HELLO, 0, mark, 0, 0);
	return span_of(buf, l2tp_msg_end(&b));
}

static void send_n(struct l2tp_reliable *r, unsigned n, bool urgent)
{
	uint8_t buf[64];

	for (unsigned i = 0; i < n; i++)
		assert_int_equal(l2tp_reliable_send(r, message(buf, (uint16_t)(i + 1)), (uint16_t)(i + 1), urgent), 0);
}

struct out {
	size_t len;
	struct l2tp_hdr h;
};

static struct out tx(struct l2tp_reliable *r, mono_t now)
{
	static uint8_t buf[2048];
	struct out o;

	o.len = l2tp_reliable_tx(r, PEER, buf, sizeof(buf), SIZE_MAX, now);
	if (o.len)
		assert_int_equal(l2tp_hdr_decode(span_of(buf, o.len), &o.h), L2TP_HDR_OK);
	return o;
}

static unsigned tx_all(struct l2tp_reliable *r, mono_t now)
{
	unsigned n = 0;

	while (tx(r, now).len)
		n++;
	return n;
}

static enum l2tp_rx_verdict rx(struct l2tp_reliable *r, uint16_t ns, uint16_t nr)
{
	uint8_t buf[64];

	return l2tp_reliable_rx(r, ns, nr, false, message(buf, 0), t0);
}

static void ack(struct l2tp_reliable *r, uint16_t nr, mono_t now)
{
	assert_true(l2tp_reliable_ack(r, nr, now));
}

static void sequence_numbers_compare_modulo_65536(void **state)
{
	assert_true(seq_before(0, 1));
	assert_false(seq_before(1, 0));
	assert_false(seq_before(5, 5));
	assert_true(seq_before(65535, 0));
	assert_false(seq_before(0, 65535));
	/* the RFC's example: after 15, the numbers 0 to 15 and 32784 to 65535 are less than or equal */
	for (unsigned n = 0; n < 65536; n++)
		assert_int_equal(!seq_before(15, (uint16_t)n), n <= 15 || n >= 32784);
}

static void ns_counts_messages_not_zlbs(void **state)
{
	struct l2tp_reliable r;
	struct out o;

	l2tp_reliable_init(&r, 16, 5);
	assert_int_equal(rx(&r, 0, 0), L2TP_RX_DELIVER);
	o = tx(&r, t0);
	assert_int_equal(o.len, L2TP_HDR_CONTROL_LEN);
	assert_int_equal(o.h.tunnel_id, PEER);
	assert_int_equal(o.h.ns, 0);
	assert_int_equal(o.h.nr, 1);
	assert_int_equal(tx(&r, t0).len, 0);
	send_n(&r, 1, false);
	assert_int_equal(rx(&r, 1, 0), L2TP_RX_DELIVER);
	o = tx(&r, t0);		/* the message carries the acknowledgement, and no ZLB follows */
	assert_int_equal(o.h.ns, 0);
	assert_int_equal(o.h.nr, 2);
	assert_int_equal(o.h.session_id, 1);
	assert_int_equal(tx(&r, t0).len, 0);
	assert_int_equal(r.ns, 1);
	/* a ZLB does not move Nr */
	assert_int_equal(l2tp_reliable_rx(&r, 7, 1, true, span_of(NULL, 0), t0), L2TP_RX_ZLB);
	assert_int_equal(r.nr, 2);
	assert_int_equal(r.una, 1);
	assert_int_equal(tx(&r, t0).len, 0);
	l2tp_reliable_fini(&r);
}

static void numbers_wrap_at_65535(void **state)
{
	struct l2tp_reliable r;

	l2tp_reliable_init(&r, 16, 5);
	l2tp_reliable_peer_window(&r, 8);
	r.ns = r.una = r.nr = 65530;
	for (unsigned i = 0; i < 12; i++) {
		uint16_t ns = (uint16_t)(65530 + i);
		struct out o;

		send_n(&r, 1, false);
		o = tx(&r, t0);
		assert_int_equal(o.h.ns, ns);
		assert_int_equal(o.h.nr, ns);
		assert_int_equal(rx(&r, ns, (uint16_t)(ns + 1)), L2TP_RX_DELIVER);
		assert_int_equal(rx(&r, ns, (uint16_t)(ns + 1)), L2TP_RX_DUPLICATE);
		assert_false(l2tp_reliable_busy(&r));
	}
	/* early across the wrap */
	r.nr = 65534;
	assert_int_equal(rx(&r, 1, r.una), L2TP_RX_EARLY);
	assert_int_equal(rx(&r, 65535, r.una), L2TP_RX_EARLY);
	assert_int_equal(rx(&r, 0, r.una), L2TP_RX_EARLY);
	assert_int_equal(rx(&r, 65534, r.una), L2TP_RX_DELIVER);
	for (unsigned i = 0; i < 3; i++) {
		struct l2tp_stored *s = l2tp_reliable_next_early(&r);

		assert_non_null(s);
		assert_int_equal(s->ns, (uint16_t)(65535 + i));
		free(s);
	}
	assert_null(l2tp_reliable_next_early(&r));
	assert_int_equal(r.nr, 2);
	l2tp_reliable_fini(&r);
}

static void slow_start_doubles_then_grows_by_one(void **state)
{
	/* appendix A: window 8, SSTHRESH 8: 1, then +1 for each acknowledgement */
	struct l2tp_reliable r;
	uint16_t nr = 0;

	l2tp_reliable_init(&r, 16, 5);
	l2tp_reliable_peer_window(&r, 8);
	send_n(&r, 60, false);
	for (unsigned cwnd = 1; cwnd < 8; cwnd++) {
		assert_int_equal(r.cwnd, cwnd);
		tx_all(&r, t0);
		assert_int_equal(l2tp_reliable_in_flight(&r), cwnd);
		ack(&r, ++nr, t0);
	}
	tx_all(&r, t0);
	assert_int_equal(r.cwnd, 8);
	assert_int_equal(l2tp_reliable_in_flight(&r), 8);	/* never beyond the advertised window */
	ack(&r, ++nr, t0);
	assert_int_equal(r.cwnd, 8);
	l2tp_reliable_fini(&r);
}

static void congestion_halves_and_begins_again(void **state)
{
	struct l2tp_reliable r;
	mono_t now = mono_add_s(t0, 1);

	l2tp_reliable_init(&r, 16, 5);
	l2tp_reliable_peer_window(&r, 16);
	r.cwnd = 8;
	send_n(&r, 20, false);
	assert_int_equal(tx_all(&r, t0), 8);
	assert_true(l2tp_reliable_expire(&r, now));
	assert_int_equal(r.ssthresh, 4);
	assert_int_equal(r.cwnd, 1);
	assert_int_equal(tx(&r, now).h.ns, 0);			/* the oldest is repeated, alone */
	assert_int_equal(tx(&r, now).len, 0);
	ack(&r, 1, now);					/* slow start */
	assert_int_equal(tx(&r, now).h.ns, 1);
	assert_int_equal(tx(&r, now).h.ns, 2);
	assert_int_equal(tx(&r, now).len, 0);
	ack(&r, 8, now);					/* the peer had the rest: nothing more to repeat */
	assert_int_equal(tx(&r, now).h.ns, 8);
	ack(&r, 9, now);
	assert_int_equal(r.cwnd, 4);				/* SSTHRESH: now one more for CWND acknowledgements */
	for (unsigned i = 0; i < 3; i++) {
		tx_all(&r, now);
		ack(&r, (uint16_t)(10 + i), now);
		assert_int_equal(r.cwnd, 4);
	}
	tx_all(&r, now);
	ack(&r, 13, now);
	assert_int_equal(r.cwnd, 5);
	l2tp_reliable_fini(&r);
}

static void peer_window_is_honoured(void **state)
{
	struct l2tp_reliable r;

	l2tp_reliable_init(&r, 16, 5);
	assert_int_equal(r.tx_window, 4);	/* §4.4.3: when it is absent */
	l2tp_reliable_peer_window(&r, 0);
	assert_int_equal(r.tx_window, 1);
	send_n(&r, 3, false);
	assert_int_equal(tx_all(&r, t0), 1);
	ack(&r, 1, t0);
	assert_int_equal(tx_all(&r, t0), 1);
	l2tp_reliable_fini(&r);
}

static void retries_back_off_and_end(void **state)
{
	/* 1+2+4+8+16+16 = 47 s */
	static const unsigned at[] = { 1, 3, 7, 15, 31 };
	struct l2tp_reliable r;

	l2tp_reliable_init(&r, 16, 5);
	send_n(&r, 1, false);
	assert_int_equal(tx_all(&r, t0), 1);
	for (unsigned i = 0; i < 5; i++) {
		mono_t due = mono_add_s(t0, at[i]);

		assert_int_equal(r.retry_due.ns, due.ns);
		assert_true(l2tp_reliable_expire(&r, mono_add_ms(due, -1)));
		assert_int_equal(tx_all(&r, due), 0);
		assert_true(l2tp_reliable_expire(&r, due));
		assert_int_equal(tx_all(&r, due), 1);
	}
	assert_int_equal(r.retry_due.ns, mono_add_s(t0, 47).ns);
	assert_false(l2tp_reliable_expire(&r, mono_add_s(t0, 47)));
	assert_int_equal(r.retransmissions, 5);
	l2tp_reliable_fini(&r);
}

static void progress_resets_the_retries(void **state)
{
	struct l2tp_reliable r;
	mono_t now = mono_add_s(t0, 1);

	l2tp_reliable_init(&r, 16, 5);
	r.cwnd = 2;
	send_n(&r, 2, false);
	tx_all(&r, t0);
	l2tp_reliable_expire(&r, now);
	assert_int_equal(r.tries, 1);
	ack(&r, 1, now);
	assert_int_equal(r.tries, 0);
	assert_int_equal(r.retry_due.ns, mono_add_s(now, 1).ns);
	ack(&r, 2, now);
	assert_true(mono_is_never(r.retry_due));
	l2tp_reliable_fini(&r);
}

static void a_repetition_carries_the_current_nr(void **state)
{
	struct l2tp_reliable r;
	struct out o;

	l2tp_reliable_init(&r, 16, 5);
	send_n(&r, 1, false);
	assert_int_equal(tx(&r, t0).h.nr, 0);
	rx(&r, 0, 0);
	rx(&r, 1, 0);
	assert_int_equal(tx(&r, t0).h.nr, 2);	/* a ZLB although a message of ours waits for its acknowledgement */
	l2tp_reliable_expire(&r, mono_add_s(t0, 1));
	o = tx(&r, t0);
	assert_int_equal(o.h.ns, 0);
	assert_int_equal(o.h.nr, 2);
	assert_int_equal(tx(&r, t0).len, 0);
	l2tp_reliable_fini(&r);
}

static void duplicates_are_acknowledged(void **state)
{
	struct l2tp_reliable r;

	l2tp_reliable_init(&r, 16, 5);
	rx(&r, 0, 0);
	tx_all(&r, t0);
	assert_int_equal(rx(&r, 0, 0), L2TP_RX_DUPLICATE);
	assert_int_equal(tx(&r, t0).h.nr, 1);
	assert_int_equal(rx(&r, 65535, 0), L2TP_RX_DUPLICATE);
	assert_int_equal(rx(&r, 32769, 0), L2TP_RX_DUPLICATE);
	l2tp_reliable_fini(&r);
}

static void early_messages_are_kept_within_the_window(void **state)
{
	struct l2tp_reliable r;

	l2tp_reliable_init(&r, 4, 5);
	assert_int_equal(rx(&r, 3, 0), L2TP_RX_EARLY);
	assert_int_equal(rx(&r, 1, 0), L2TP_RX_EARLY);
	assert_int_equal(rx(&r, 1, 0), L2TP_RX_EARLY_DROPPED);
	assert_int_equal(rx(&r, 4, 0), L2TP_RX_OUT_OF_WINDOW);
	assert_int_equal(rx(&r, 30000, 0), L2TP_RX_OUT_OF_WINDOW);
	assert_int_equal(tx(&r, t0).len, 0);
	assert_int_equal(rx(&r, 0, 0), L2TP_RX_DELIVER);
	free(l2tp_reliable_next_early(&r));
	assert_int_equal(r.nr, 2);
	assert_null(l2tp_reliable_next_early(&r));
	assert_int_equal(rx(&r, 2, 0), L2TP_RX_DELIVER);
	free(l2tp_reliable_next_early(&r));
	assert_int_equal(r.nr, 4);
	assert_int_equal(r.early_octets, 0);
	l2tp_reliable_fini(&r);
}

static void early_octets_are_bounded(void **state)
{
	struct l2tp_reliable r;
	uint8_t *big = calloc(1, 20000);

	l2tp_reliable_init(&r, 16, 5);
	assert_int_equal(l2tp_reliable_rx(&r, 2, 0, false, span_of(big, 20000), t0), L2TP_RX_EARLY);
	assert_int_equal(l2tp_reliable_rx(&r, 3, 0, false, span_of(big, 20000), t0), L2TP_RX_EARLY_DROPPED);
	l2tp_reliable_fini(&r);
	free(big);
}

static void nr_of_what_was_never_sent(void **state)
{
	struct l2tp_reliable r;

	l2tp_reliable_init(&r, 16, 5);
	assert_int_equal(rx(&r, 0, 1), L2TP_RX_BAD_NR);
	assert_int_equal(r.nr, 0);
	send_n(&r, 2, false);
	tx_all(&r, t0);
	assert_int_equal(rx(&r, 0, 2), L2TP_RX_BAD_NR);		/* the second waits for the window */
	assert_int_equal(rx(&r, 0, 1), L2TP_RX_DELIVER);
	assert_int_equal(rx(&r, 1, 0), L2TP_RX_DELIVER);	/* an old Nr is only old */
	assert_int_equal(r.una, 1);
	l2tp_reliable_fini(&r);
}

static void urgent_goes_before_bulk(void **state)
{
	struct l2tp_reliable r;

	l2tp_reliable_init(&r, 16, 5);
	send_n(&r, 3, false);
	assert_int_equal(tx(&r, t0).h.session_id, 1);
	assert_int_equal(l2tp_reliable_send(&r, message((uint8_t[64]){ 0 }, 99), 99, true), 0);
	ack(&r, 1, t0);
	assert_int_equal(tx(&r, t0).h.session_id, 99);
	assert_int_equal(tx(&r, t0).h.session_id, 2);
	l2tp_reliable_fini(&r);
}

static void a_message_waits_for_room(void **state)
{
	struct l2tp_reliable r;
	uint8_t buf[256];

	l2tp_reliable_init(&r, 16, 5);
	send_n(&r, 1, false);
	rx(&r, 0, 0);
	assert_int_equal(l2tp_reliable_tx(&r, PEER, buf, sizeof(buf), 12, t0), 0);	/* no ZLB: the peer shall repeat */
	assert_int_equal(l2tp_reliable_tx(&r, PEER, buf, sizeof(buf), 20, t0), 20);
	rx(&r, 0, 0);
	assert_int_equal(l2tp_reliable_tx(&r, PEER, buf, sizeof(buf), 11, t0), 0);
	assert_int_equal(l2tp_reliable_tx(&r, PEER, buf, sizeof(buf), 12, t0), 12);
	l2tp_reliable_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequence_numbers_compare_modulo_65536),
		cmocka_unit_test(ns_counts_messages_not_zlbs),
		cmocka_unit_test(numbers_wrap_at_65535),
		cmocka_unit_test(slow_start_doubles_then_grows_by_one),
		cmocka_unit_test(congestion_halves_and_begins_again),
		cmocka_unit_test(peer_window_is_honoured),
		cmocka_unit_test(retries_back_off_and_end),
		cmocka_unit_test(progress_resets_the_retries),
		cmocka_unit_test(a_repetition_carries_the_current_nr),
		cmocka_unit_test(duplicates_are_acknowledged),
		cmocka_unit_test(early_messages_are_kept_within_the_window),
		cmocka_unit_test(early_octets_are_bounded),
		cmocka_unit_test(nr_of_what_was_never_sent),
		cmocka_unit_test(urgent_goes_before_bulk),
		cmocka_unit_test(a_message_waits_for_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
