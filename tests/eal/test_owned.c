/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports that DPDK owns, on drivers without a card: how clients are spread, which groups are let
 * through, what is seen of link and removal; and announcements, as the worker gets them.
 */
#include "dataplane/dpdk/announcer.h"
#include "dataplane/dpdk/owned.h"

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { POOL_FRAMES = 4095, POOL_CACHE_FRAMES = 64 };

static struct rte_mempool *pool;
static struct handover handover;
static struct announcer announcer;
static const struct link wire = {.mac = {2, 0, 0, 0, 0, 10}, .alone = true, .mtu_bytes = 1500};

static int start_eal(void **state)
{
	static char words[][16] = {"test_owned", "--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "--iova-mode=va", "-m", "64", "--lcores", "0@0", "--vdev",
		"net_null0", "--vdev", "net_ring0"};
	enum { WORDS = sizeof(words) / sizeof(words[0]) };
	char *arguments[WORDS];

	for (unsigned i = 0; i < WORDS; i++)
		arguments[i] = words[i];
	(void)state;
	assert_true(rte_eal_init(WORDS, arguments) >= 0);
	pool = rte_pktmbuf_pool_create(
		"frames", POOL_FRAMES, POOL_CACHE_FRAMES, 0, RTE_MBUF_DEFAULT_BUF_SIZE, -1);
	assert_non_null(pool);
	return 0;
}

static int stop_eal(void **state)
{
	(void)state;
	rte_mempool_free(pool);
	return rte_eal_cleanup();
}

static void clients_are_spread_by_addresses_and_ports(void **state)
{
	struct rte_eth_dev_info info = {.flow_type_rss_offloads = RTE_ETH_RSS_NONFRAG_IPV4_UDP |
			RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_NONFRAG_IPV4_TCP |
			RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_L2_PAYLOAD,
		.hash_key_size = 40};
	struct port first = {.queues = 4}, second = {.queues = 4};
	struct rte_eth_conf conf = {0}, other = {0};

	(void)state;
	owned_spread(&first, &info, &conf);
	owned_spread(&second, &info, &other);
	assert_int_equal(conf.rxmode.mq_mode, RTE_ETH_MQ_RX_RSS);
	assert_int_equal(conf.rx_adv_conf.rss_conf.rss_hf,
		info.flow_type_rss_offloads & ~RTE_ETH_RSS_L2_PAYLOAD);
	assert_ptr_equal(conf.rx_adv_conf.rss_conf.rss_key, first.rss_key);
	assert_int_equal(conf.rx_adv_conf.rss_conf.rss_key_len, 40);
	/* Secret: no two starts have the same. */
	assert_memory_not_equal(first.rss_key, second.rss_key, 40);
}

static void a_card_that_spreads_otherwise_is_left_its_way(void **state)
{
	struct rte_eth_dev_info info = {
		.flow_type_rss_offloads = RTE_ETH_RSS_IPV4, .hash_key_size = 128};
	struct port port = {.queues = 4};
	struct rte_eth_conf conf = {0};

	(void)state;
	owned_spread(&port, &info, &conf); /* a key longer than any we know: the driver's own */
	assert_int_equal(conf.rxmode.mq_mode, RTE_ETH_MQ_RX_RSS);
	assert_null(conf.rx_adv_conf.rss_conf.rss_key);
	info.flow_type_rss_offloads = 0;
	conf = (struct rte_eth_conf){0};
	owned_spread(&port, &info, &conf);
	assert_int_equal(conf.rxmode.mq_mode, RTE_ETH_MQ_RX_NONE);
	info.flow_type_rss_offloads = RTE_ETH_RSS_IPV4;
	port.queues = 1;
	conf = (struct rte_eth_conf){0};
	owned_spread(&port, &info, &conf);
	assert_int_equal(conf.rxmode.mq_mode, RTE_ETH_MQ_RX_NONE);
}

static void what_does_not_fit_is_told_in_a_sentence(void **state)
{
	struct rte_eth_dev_info info = {.min_rx_bufsize = 256, .max_mtu = 9000};
	struct port port = {.name = "0000:3b:00.0", .queues = 1};
	char error[DATAPLANE_ERROR_BYTES] = "";

	(void)state;
	assert_int_equal(owned_check(&port, &info, error), 0);
	info.min_rx_bufsize = 4096;
	assert_true(owned_check(&port, &info, error) < 0);
	assert_non_null(strstr(error, "0000:3b:00.0 wants buffers of 4096 bytes"));
	info.min_rx_bufsize = 0;
	info.max_mtu = 40;
	assert_true(owned_check(&port, &info, error) < 0);
	assert_non_null(strstr(error, "packets of 40 bytes at most"));
}

static void open_port(struct port *port, const char *device)
{
	const struct dataplane_port config = {.device = device, .queues = 1, .buffers = 1023};
	char error[DATAPLANE_ERROR_BYTES] = "";

	if (port_open(port, &config, 0, error))
		fail_msg("%s", error);
	assert_true(port_is_owned(port));
}

static void link_and_removal_are_followed(void **state)
{
	struct dataplane_port_stats stats;
	struct port port;

	(void)state;
	open_port(&port, "net_null0");
	assert_true(port.watched);
	assert_false(port.link_up);
	assert_true(owned_follow(&port)); /* it came up */
	assert_false(owned_follow(&port));
	assert_true(port_stats(&port, &stats));
	assert_true(stats.owned && stats.link_up && !stats.removed);
	assert_int_equal(stats.mtu_bytes, 1500);
	/* As EAL's interrupt thread does. */
	atomic_store_explicit(&port.removed, true, memory_order_release);
	assert_false(owned_follow(&port));
	assert_true(port_stats(&port, &stats));
	assert_true(stats.removed && !stats.link_up);
	port_close(&port);
}

static void a_card_without_a_list_of_groups_lets_all_through(void **state)
{
	static const struct ip_address ours[] = {{4, {192, 0, 2, 53}}, {6, {0x20, 1, [15] = 0x53}}};
	struct port port;

	(void)state;
	open_port(&port, "net_ring0");
	owned_join(&port, ours, 2);
	assert_int_equal(port.groups, DATAPLANE_GROUPS_ALL);
	assert_int_equal(rte_eth_allmulticast_get(port.id), 1);
	assert_int_equal(rte_eth_promiscuous_get(port.id), 0);
	port_close(&port);
}

/* ---- Announcements ---- */

static int open_rings(void **state)
{
	struct rte_mbuf *frames[HANDOVER_BURST];
	char error[DATAPLANE_ERROR_BYTES] = "";

	(void)state;
	if (handover_init(&handover, pool, 0, -1, error))
		fail_msg("%s", error);
	for (unsigned i = 0; i < 2 * HANDOVER_BLANK_FRAMES / HANDOVER_BURST; i++)
		assert_int_equal(handover_collect(&handover, frames), 0);
	return 0;
}

static int close_rings(void **state)
{
	(void)state;
	announcer_fini(&announcer);
	handover_fini(&handover);
	return rte_mempool_in_use_count(pool) == 0 ? 0 : -1;
}

static struct ip_address numbered(unsigned n)
{
	return (struct ip_address){4, {198, 18, (uint8_t)(n >> 8), (uint8_t)n}};
}

/* One call of announcer_send; `seen` counts each numbered address. Returns the frames. */
static unsigned send_round(unsigned port, unsigned *seen)
{
	struct rte_mbuf *frames[HANDOVER_BURST];
	unsigned sent = 0, got;

	announcer_send(&announcer, port, &wire, &handover);
	while ((got = handover_collect(&handover, frames)) > 0) {
		for (unsigned i = 0; i < got; i++) {
			const uint8_t *frame = rte_pktmbuf_mtod(frames[i], uint8_t *);

			assert_int_equal(frames[i]->pkt_len, 60);
			assert_int_equal(frames[i]->data_len, 60);
			assert_memory_equal(frame + 6, wire.mac, 6);
			seen[frame[40] << 8 | frame[41]]++;
			rte_pktmbuf_free(frames[i]);
		}
		sent += got;
	}
	return sent;
}

static void each_address_is_told_thrice_by_each_port(void **state)
{
	static const struct ip_address loopback = {4, {127, 0, 0, 1}};
	unsigned seen[2][512] = {{0}};

	(void)state;
	for (unsigned n = 0; n < 3; n++) {
		struct ip_address address = numbered(n);

		assert_int_equal(announcer_add(&announcer, &address), 0);
	}
	assert_int_equal(announcer_add(&announcer, &loopback), 0);
	for (unsigned round = 0; round < ANNOUNCER_ROUNDS; round++)
		for (unsigned port = 0; port < 2; port++)
			assert_int_equal(send_round(port, seen[port]), 3);
	assert_int_equal(send_round(0, seen[0]), 0);
	/* One that is there already is no news; a link that came back is. */
	struct ip_address again = numbered(1);
	assert_int_equal(announcer_add(&announcer, &again), 0);
	assert_int_equal(send_round(0, seen[0]), 0);
	announcer_repeat(&announcer, 1);
	assert_int_equal(send_round(0, seen[0]), 0);
	assert_int_equal(send_round(1, seen[1]), 3);
	announcer_remove(&announcer, &again);
	announcer_remove(&announcer, &again);
	assert_int_equal(send_round(1, seen[1]), 2);
	assert_int_equal(seen[1][0], 5);
	assert_int_equal(seen[1][1], 4);
	assert_int_equal(seen[0][2], ANNOUNCER_ROUNDS);
}

static void many_addresses_are_told_by_turns(void **state)
{
	enum { MANY = 500 };
	unsigned seen[512] = {0}, sent = 0, calls = 0, more;

	(void)state;
	for (unsigned n = 0; n < MANY; n++) {
		struct ip_address address = numbered(n);

		assert_int_equal(announcer_add(&announcer, &address), 0);
	}
	while ((more = send_round(0, seen)) > 0) {
		assert_true(more <= ANNOUNCER_FRAMES);
		sent += more;
		calls++;
		/* Nobody is told twice before all are told once. */
		if (calls == MANY / ANNOUNCER_FRAMES)
			for (unsigned n = 0; n < MANY; n++)
				assert_true(seen[n] <= 1);
	}
	assert_int_equal(sent, MANY * ANNOUNCER_ROUNDS);
	for (unsigned n = 0; n < MANY; n++)
		assert_int_equal(seen[n], ANNOUNCER_ROUNDS);
}

/* A worker that has put out no blank frames yet: what was due is still due. */
static void without_a_frame_it_waits(void **state)
{
	struct rte_mbuf *held[HANDOVER_BLANK_FRAMES];
	struct ip_address address = numbered(7);
	unsigned seen[512] = {0};

	(void)state;
	for (unsigned i = 0; i < HANDOVER_BLANK_FRAMES; i++) {
		held[i] = handover_alloc(&handover);
		assert_non_null(held[i]);
		held[i]->pkt_len = 0;
	}
	assert_int_equal(announcer_add(&announcer, &address), 0);
	announcer_send(&announcer, 0, &wire, &handover);
	for (unsigned i = 0; i < HANDOVER_BLANK_FRAMES; i++)
		handover_return(&handover, &held[i], 1);
	for (unsigned i = 0; i < 2 * HANDOVER_BLANK_FRAMES / HANDOVER_BURST; i++)
		assert_int_equal(handover_collect(&handover, held), 0);
	for (unsigned round = 0; round < ANNOUNCER_ROUNDS; round++)
		assert_int_equal(send_round(0, seen), 1);
	assert_int_equal(send_round(0, seen), 0);
	assert_int_equal(seen[7], ANNOUNCER_ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_spread_by_addresses_and_ports),
		cmocka_unit_test(a_card_that_spreads_otherwise_is_left_its_way),
		cmocka_unit_test(what_does_not_fit_is_told_in_a_sentence),
		cmocka_unit_test(link_and_removal_are_followed),
		cmocka_unit_test(a_card_without_a_list_of_groups_lets_all_through),
		cmocka_unit_test_setup_teardown(
			each_address_is_told_thrice_by_each_port, open_rings, close_rings),
		cmocka_unit_test_setup_teardown(
			many_addresses_are_told_by_turns, open_rings, close_rings),
		cmocka_unit_test_setup_teardown(without_a_frame_it_waits, open_rings, close_rings),
	};

	return cmocka_run_group_tests_name("dpdk/owned", tests, start_eal, stop_eal);
}
