/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Port set-up. Of a port that is shared with a kernel, MTU and promiscuity are the administrator's
 * and stay as they are; one that is ours alone is owned.c's too. No offload is used that changes a
 * frame or judges one: dataplane/frame.c checks and writes every byte, so all ports answer alike.
 */
#include "dataplane/dpdk/port.h"

#include "dataplane/dpdk/failure.h"
#include "dataplane/dpdk/handover.h"
#include "dataplane/dpdk/owned.h"
#include "dataplane/dpdk/shared.h"

#include <errno.h>
#include <linux/capability.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	RING_FRAMES = 2048, /* AF_XDP's default; a few ms of frames at a core's full rate */
	POOL_CACHE_FRAMES = 256,
	BUFFERS_A_MIB = 410, /* of 2.3 KiB, with what surrounds them */
};

static int make_pools(struct port *port, unsigned buffers, char error[static DATAPLANE_ERROR_BYTES])
{
	char name[RTE_MEMPOOL_NAMESIZE];

	for (unsigned queue = 0; queue < port->queues; queue++) {
		snprintf(name, sizeof(name), "frames_%u_%u", port->id, queue);
		port->pools[queue] = rte_pktmbuf_pool_create(name, buffers, POOL_CACHE_FRAMES,
			HANDOVER_PRIVATE_BYTES, RTE_MBUF_DEFAULT_BUF_SIZE,
			rte_eth_dev_socket_id(port->id));
		if (!port->pools[queue])
			return failure(error, -rte_errno,
				"no memory for the packets of %s, queue %u (%s): each queue needs "
				"%u MiB; reserve more hugepages or raise the configured memory",
				port->name, queue, rte_strerror(rte_errno),
				(buffers + BUFFERS_A_MIB - 1) / BUFFERS_A_MIB);
	}
	return 0;
}

static int configure(struct port *port, const struct rte_eth_dev_info *info,
	char error[static DATAPLANE_ERROR_BYTES])
{
	struct rte_eth_conf conf = {0};

	if (port->queues > info->max_rx_queues || port->queues > info->max_tx_queues)
		return failure(error, -EINVAL,
			"%s has %u receive and %u transmit queues, and %u are wanted: set its "
			"queues to less",
			port->name, info->max_rx_queues, info->max_tx_queues, port->queues);
	owned_spread(port, info, &conf);
	/* Holds: a queue sends what it received, so all its frames are of one pool, held once. */
	conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE & info->tx_offload_capa;
	int rc = rte_eth_dev_configure(port->id, port->queues, port->queues, &conf);
	if (rc)
		return failure(error, rc, "%s: the driver refuses %u queues (%s)", port->name,
			port->queues, rte_strerror(-rc));
	port->configured = true;
	return 0;
}

static bool has_capability(unsigned capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

static bool locked_memory_is_limited(struct rlimit *limit)
{
	return !has_capability(CAP_IPC_LOCK) && !getrlimit(RLIMIT_MEMLOCK, limit) &&
		limit->rlim_cur != RLIM_INFINITY;
}

/* The drivers answer with one number for every reason, so the likely ones are looked at here. */
static int fail_queue(
	const struct port *port, unsigned queue, int rc, char error[static DATAPLANE_ERROR_BYTES])
{
	struct rlimit locked;

	if (!has_capability(CAP_NET_ADMIN) || !has_capability(CAP_NET_RAW) ||
		!(has_capability(CAP_BPF) || has_capability(CAP_SYS_ADMIN)))
		return failure(error, -EPERM, "%s: queue %u cannot be set up: run arpad as root",
			port->name, queue);
	if (locked_memory_is_limited(&locked))
		return failure(error, rc,
			"%s: queue %u cannot be set up, probably since locked memory is limited to "
			"%llu KiB: set LimitMEMLOCK=infinity under systemd, or `ulimit -l "
			"unlimited`",
			port->name, queue, (unsigned long long)locked.rlim_cur / 1024);
	return failure(error, rc,
		"%s: queue %u cannot be set up; the driver's message is above: see `bpftool net` "
		"for another XDP program, and whether another process has this queue",
		port->name, queue);
}

static int set_up_queues(struct port *port, const struct rte_eth_dev_info *info,
	char error[static DATAPLANE_ERROR_BYTES])
{
	uint16_t rx = RING_FRAMES, tx = RING_FRAMES;
	struct rte_eth_txconf txconf = info->default_txconf;

	int rc = rte_eth_dev_adjust_nb_rx_tx_desc(port->id, &rx, &tx);
	if (rc)
		return failure(error, rc, "%s: the driver takes no ring size (%s)", port->name,
			rte_strerror(-rc));
	txconf.offloads = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE & info->tx_offload_capa;
	int socket = rte_eth_dev_socket_id(port->id);
	for (uint16_t queue = 0; queue < port->queues; queue++) {
		rc = rte_eth_rx_queue_setup(
			port->id, queue, rx, (unsigned)socket, NULL, port->pools[queue]);
		if (!rc)
			rc = rte_eth_tx_queue_setup(port->id, queue, tx, (unsigned)socket, &txconf);
		if (rc)
			return fail_queue(port, queue, rc, error);
	}
	return 0;
}

static int ask_driver(struct port *port)
{
	struct rte_ether_addr mac;
	uint16_t mtu = 0;
	int rc = rte_eth_macaddr_get(port->id, &mac);

	rc = rc ? rc : rte_eth_dev_get_mtu(port->id, &mtu);
	if (rc)
		return rc;
	link_set_mac(&port->link, mac.addr_bytes);
	atomic_store_explicit(&port->link.mtu_bytes, mtu, memory_order_relaxed);
	return 0;
}

static int read_link(struct port *port, const struct dataplane_port *config,
	char error[static DATAPLANE_ERROR_BYTES])
{
	int rc;

	port->link.alone = !config->interface;
	/* The kernel has groups of its own to hear of. */
	port->every_group = config->kernel.device != DATAPLANE_KERNEL_NONE;
	rc = port_is_owned(port) ? ask_driver(port) : shared_follow(port);
	if (rc)
		return failure(error, rc, "%s: MAC address and MTU are not to be had (%s)",
			port->name, rte_strerror(-rc));
	return 0;
}

int port_open(struct port *port, const struct dataplane_port *config, unsigned index,
	char error[static DATAPLANE_ERROR_BYTES])
{
	char name[EAL_PORT_NAME_BYTES];
	struct rte_eth_dev_info info;

	*port = (struct port){.queues = (uint16_t)config->queues};
	eal_port_name(config, index, name);
	snprintf(
		port->name, sizeof(port->name), "%s", config->interface ? config->interface : name);
	int rc = rte_eth_dev_get_port_by_name(name, &port->id);
	if (rc)
		return failure(error, -ENODEV,
			"%s: DPDK made no port of it; the driver's message is above (a PCI device "
			"must be bound: `dpdk-devbind.py --status`)",
			port->name);
	rc = rte_eth_dev_info_get(port->id, &info);
	if (rc)
		return failure(error, rc, "%s: the driver does not describe the port (%s)",
			port->name, rte_strerror(-rc));
	rc = read_link(port, config, error);
	rc = rc ? rc : owned_check(port, &info, error);
	rc = rc ? rc : configure(port, &info, error);
	rc = rc ? rc : make_pools(port, dataplane_buffers(config), error);
	rc = rc ? rc : set_up_queues(port, &info, error);
	if (rc)
		return rc;
	rc = rte_eth_dev_start(port->id);
	if (rc)
		return failure(error, rc, "%s: the port does not start (%s)", port->name,
			rte_strerror(-rc));
	return port_is_owned(port) ? owned_open(port, error) : 0;
}

void port_close(struct port *port)
{
	/*
	 * Closing an AF_XDP port detaches the XDP program, if its owner has not done so: from then
	 * on all goes to the kernel. Without rights the driver may not even try, and would call
	 * that an error when there is nothing left to detach.
	 */
	rte_log_set_level_pattern("pmd.net.af_xdp", RTE_LOG_CRIT);
	owned_close(port);
	if (port->configured) {
		rte_eth_dev_stop(port->id);
		rte_eth_dev_close(port->id);
	}
	for (unsigned queue = 0; queue < port->queues; queue++)
		rte_mempool_free(port->pools[queue]);
	memset(port, 0, sizeof(*port));
}

bool port_stats(const struct port *port, struct dataplane_port_stats *stats)
{
	struct rte_eth_stats eth;

	if (rte_eth_stats_get(port->id, &eth))
		return false;
	*stats = (struct dataplane_port_stats){
		.port = port->name,
		.rx_packets = eth.ipackets,
		.tx_packets = eth.opackets,
		.rx_missed = eth.imissed,
		.rx_no_buffer = eth.rx_nombuf,
		.tx_errors = eth.oerrors,
		.rx_bytes = eth.ibytes,
		.tx_bytes = eth.obytes,
		.rx_errors = eth.ierrors,
		.owned = port_is_owned(port),
		.link_up = port->link_up,
		.removed = atomic_load_explicit(&port->removed, memory_order_relaxed),
		.speed_mbps = port->speed_mbps,
		.mtu_bytes = atomic_load_explicit(&port->link.mtu_bytes, memory_order_relaxed),
		.groups = port->groups,
	};
	memcpy(stats->mac, port->link.mac, sizeof(stats->mac));
	return true;
}
