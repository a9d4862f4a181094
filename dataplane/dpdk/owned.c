/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports that DPDK owns; a driver that lacks an operation is taken to need none. */
#include "dataplane/dpdk/owned.h"

#include "dataplane/dpdk/failure.h"
#include "dataplane/neighbor.h"

#include <errno.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void owned_spread(struct port *port, const struct rte_eth_dev_info *info, struct rte_eth_conf *conf)
{
	struct rte_eth_rss_conf *rss = &conf->rx_adv_conf.rss_conf;

	rss->rss_hf =
		(RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_TCP) & info->flow_type_rss_offloads;
	if (port->queues < 2 || !rss->rss_hf)
		return;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	/* Without a key the driver has one, often the same that is printed in every manual. */
	if (info->hash_key_size > sizeof(port->rss_key) ||
		getrandom(port->rss_key, info->hash_key_size, 0) != info->hash_key_size)
		return;
	rss->rss_key = info->hash_key_size ? port->rss_key : NULL;
	rss->rss_key_len = info->hash_key_size;
}

int owned_check(const struct port *port, const struct rte_eth_dev_info *info,
	char error[static DATAPLANE_ERROR_BYTES])
{
	if (info->min_rx_bufsize > RTE_MBUF_DEFAULT_DATAROOM)
		return failure(error, -EINVAL,
			"%s wants buffers of %u bytes and arpad's have %u: set the device's "
			"parameters so that it takes smaller ones",
			port->name, info->min_rx_bufsize, RTE_MBUF_DEFAULT_DATAROOM);
	if (info->max_mtu && info->max_mtu < RTE_ETHER_MIN_MTU)
		return failure(error, -EINVAL,
			"%s carries packets of %u bytes at most, which is no network for IP",
			port->name, info->max_mtu);
	return 0;
}

/* EAL's interrupt thread. */
static int on_removal(uint16_t id, enum rte_eth_event_type type, void *port, void *ret)
{
	(void)id;
	(void)type;
	(void)ret;
	/* Pairs with the acquire in owned_follow. */
	atomic_store_explicit(&((struct port *)port)->removed, true, memory_order_release);
	return 0;
}

/* frame.c reads the tags and replies with them; a stripped one would be lost. */
static int keep_tags(const struct port *port, char error[static DATAPLANE_ERROR_BYTES])
{
	rte_eth_dev_set_vlan_offload(port->id, 0);
	if (rte_eth_dev_get_vlan_offload(port->id) > 0)
		return failure(error, -EINVAL,
			"%s: the driver strips or filters VLAN tags and can't be told not to: turn "
			"it off "
			"by the device's parameters",
			port->name);
	return 0;
}

int owned_open(struct port *port, char error[static DATAPLANE_ERROR_BYTES])
{
	int rc = keep_tags(port, error);

	if (rc)
		return rc;
	rc = rte_eth_promiscuous_disable(port->id);
	if (rc && rc != -ENOTSUP)
		return failure(error, rc,
			"%s: the driver does not leave promiscuous mode (%s), so other hosts' "
			"frames "
			"would reach arpad",
			port->name, rte_strerror(-rc));
	rc = rte_eth_dev_callback_register(port->id, RTE_ETH_EVENT_INTR_RMV, on_removal, port);
	if (rc)
		return failure(error, rc, "%s: no memory to hear of its removal", port->name);
	port->watched = true;
	return 0;
}

void owned_close(struct port *port)
{
	if (port->watched)
		rte_eth_dev_callback_unregister(port->id, RTE_ETH_EVENT_INTR_RMV, on_removal, port);
	port->watched = false;
}

/* ---- Groups ---- */

static int compare_groups(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct rte_ether_addr));
}

/* All nodes, then the solicited-node groups, each once; returns how many. */
static uint32_t list_groups(
	struct rte_ether_addr *groups, const struct ip_address *addresses, size_t count)
{
	static const struct rte_ether_addr all_nodes = {{0x33, 0x33, 0, 0, 0, 1}};
	uint32_t listed = 1, kept = 0;

	groups[0] = all_nodes;
	for (size_t i = 0; i < count; i++)
		if (addresses[i].family == 6)
			neighbor_group_mac(addresses[i].bytes, groups[listed++].addr_bytes);
	qsort(groups, listed, sizeof(*groups), compare_groups);
	for (uint32_t i = 1; i < listed; i++)
		if (compare_groups(&groups[kept], &groups[i]) != 0)
			groups[++kept] = groups[i];
	return kept + 1;
}

static bool set_groups(const struct port *port, const struct ip_address *addresses, size_t count)
{
	struct rte_ether_addr *groups = calloc(count + 1, sizeof(*groups));
	bool done = groups &&
		rte_eth_dev_set_mc_addr_list(
			port->id, groups, list_groups(groups, addresses, count)) == 0;

	free(groups);
	return done;
}

void owned_join(struct port *port, const struct ip_address *addresses, size_t count)
{
	if (!port->every_group && set_groups(port, addresses, count)) {
		port->groups = DATAPLANE_GROUPS_LISTED;
		/* Those of before: the list may have been too long for the card. */
		rte_eth_allmulticast_disable(port->id);
		return;
	}
	port->groups = rte_eth_allmulticast_enable(port->id) == 0 ? DATAPLANE_GROUPS_ALL
								  : DATAPLANE_GROUPS_UNKNOWN;
}

/* ---- Link ---- */

bool owned_follow(struct port *port)
{
	struct rte_eth_link link = {0};
	bool was_up = port->link_up;
	uint16_t mtu;

	/* Pairs with the release in on_removal. */
	if (atomic_load_explicit(&port->removed, memory_order_acquire)) {
		port->link_up = false;
		return false;
	}
	/* A driver that does not know its link is asked for frames all the same. */
	port->link_up = rte_eth_link_get_nowait(port->id, &link) || link.link_status;
	port->speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
	if (rte_eth_dev_get_mtu(port->id, &mtu) == 0)
		atomic_store_explicit(&port->link.mtu_bytes, mtu, memory_order_relaxed);
	return port->link_up && !was_up;
}
