/* SPDX-License-Identifier: BSD-3-Clause */
/* What is asked of a data plane that is open: facts, addresses, links, messages, grace periods. */
#include "dataplane/dpdk/dataplane_core.h"
#include "dataplane/dpdk/kernel_device.h"
#include "dataplane/dpdk/owned.h"
#include "dataplane/dpdk/punt.h"
#include "dataplane/dpdk/shared.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_version.h>
#include <string.h>

unsigned dataplane_workers(const struct dataplane *dataplane)
{
	return dataplane->worker_count;
}

uint64_t dataplane_tsc_hz(const struct dataplane *dataplane)
{
	return dataplane->worker_count ? rte_get_tsc_hz() : 0;
}

struct observe_ring *dataplane_observe_ring(const struct dataplane *dataplane, unsigned index)
{
	return dataplane->workers[index].pipeline.ring;
}

/* Where only one of the two has a node, the machine has one in all. */
static int far_node(uint16_t port, unsigned lcore)
{
	int node = rte_eth_dev_socket_id(port);

	return node >= 0 && (unsigned)node != rte_lcore_to_socket_id(lcore) ? node : -1;
}

struct dataplane_worker dataplane_worker(const struct dataplane *dataplane, unsigned index)
{
	const struct worker *worker = &dataplane->workers[index];
	uint64_t started = counter_read(&worker->counters.start_cycles);

	return (struct dataplane_worker){
		.counters = &worker->counters,
		.ring = worker->pipeline.ring,
		.port = dataplane->worker_ports[index]->name,
		.queue = worker->queue,
		.core = dataplane->worker_cores[index],
		.port_node = far_node(worker->port, EAL_WORKER_LCORE + index),
		.cycles = started ? rte_rdtsc() - started : 0,
	};
}

const char *dataplane_version(void)
{
	const char *text = rte_version(); /* "DPDK 22.11.11" */
	const char *number = strrchr(text, ' ');

	return number ? number + 1 : text;
}

uint64_t dataplane_cycles(void)
{
	return rte_rdtsc();
}

bool dataplane_port_stats(
	const struct dataplane *dataplane, unsigned index, struct dataplane_port_stats *stats)
{
	return index < dataplane->port_count && port_stats(&dataplane->ports[index], stats);
}

bool dataplane_kernel_stats(
	const struct dataplane *dataplane, unsigned index, struct dataplane_kernel_stats *stats)
{
	*stats = (struct dataplane_kernel_stats){.to_kernel = 0};
	if (index >= dataplane->port_count || !dataplane->exception ||
		!exception_stats(dataplane->exception, index, stats))
		return false;
	for (unsigned i = 0; i < dataplane->worker_count; i++)
		if (dataplane->worker_ports[i] == &dataplane->ports[index])
			stats->ring_full +=
				counter_read(&dataplane->workers[i].counters.kernel_dropped);
	return true;
}

struct dataplane_kernel_link dataplane_kernel_link(
	const struct dataplane *dataplane, unsigned index)
{
	const struct link *link = &dataplane->ports[index].link;
	uint16_t mtu = atomic_load_explicit(&link->mtu_bytes, memory_order_relaxed);
	struct dataplane_kernel_link kernel = {
		.mtu_bytes = mtu < KERNEL_DEVICE_MTU_MAX ? mtu : KERNEL_DEVICE_MTU_MAX};

	memcpy(kernel.mac, link->mac, sizeof(kernel.mac));
	return kernel;
}

static bool has_owned_port(const struct dataplane *dataplane)
{
	for (unsigned i = 0; i < dataplane->port_count; i++)
		if (port_is_owned(&dataplane->ports[i]))
			return true;
	return false;
}

int dataplane_add_address(struct dataplane *dataplane, const struct ip_address *address)
{
	if (!has_owned_port(dataplane))
		return 0;
	dataplane->addresses_new = true;
	return announcer_add(&dataplane->announcer, address);
}

void dataplane_remove_address(struct dataplane *dataplane, const struct ip_address *address)
{
	dataplane->addresses_new = true;
	announcer_remove(&dataplane->announcer, address);
}

/* By the worker of the port's first queue. */
static struct handover *port_handover(struct dataplane *dataplane, const struct port *port)
{
	unsigned index = 0;

	while (dataplane->worker_ports[index] != port)
		index++;
	return &dataplane->workers[index].handover;
}

static void follow_owned(struct dataplane *dataplane, unsigned index)
{
	struct announcer *announcer = &dataplane->announcer;
	struct port *port = &dataplane->ports[index];

	if (owned_follow(port))
		announcer_repeat(announcer, index);
	if (dataplane->addresses_new)
		owned_join(port, announcer->addresses, announcer->count);
	if (port->link_up && dataplane->launched == dataplane->worker_count)
		announcer_send(announcer, index, &port->link, port_handover(dataplane, port));
}

void dataplane_follow(struct dataplane *dataplane)
{
	for (unsigned i = 0; i < dataplane->port_count; i++) {
		struct port *port = &dataplane->ports[i];

		if (port_is_owned(port))
			follow_owned(dataplane, i);
		else
			shared_follow(port); /* an interface that is gone has nothing to tell */
	}
	dataplane->addresses_new = false;
}

unsigned dataplane_punt_take(
	struct dataplane *dataplane, struct dataplane_message *messages, unsigned count)
{
	struct rte_mbuf *frames[DATAPLANE_PUNT_BATCH];
	unsigned taken = 0, workers = dataplane->launched;

	if (count > DATAPLANE_PUNT_BATCH)
		count = DATAPLANE_PUNT_BATCH;
	for (unsigned turn = 0; turn < workers && taken < count; turn++) {
		unsigned worker = dataplane->punt_next++ % workers;
		unsigned more = handover_take(
			&dataplane->workers[worker].handover, HANDOVER_PUNT, frames, count - taken);

		for (unsigned i = 0; i < more; i++)
			messages[taken++] = punt_message(
				frames[i], &dataplane->worker_ports[worker]->link, worker);
	}
	return taken;
}

void dataplane_punt_reply(
	struct dataplane *dataplane, const struct dataplane_message *messages, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *frame = punt_close(&messages[i]);

		handover_return(&dataplane->workers[messages[i].worker].handover, &frame, 1);
	}
}

bool dataplane_probe_send(struct dataplane *dataplane, unsigned index, const struct ip_address *to,
	uint16_t port, const uint8_t *message, size_t length)
{
	struct probe *probe = &dataplane->workers[index].probe;

	if (index >= dataplane->launched || length > PROBE_MESSAGE_MAX_BYTES ||
		atomic_load_explicit(&probe->state, memory_order_relaxed) != PROBE_IDLE)
		return false;
	probe->length = probe_write(
		probe->frame, &dataplane->worker_ports[index]->link, to, port, message, length);
	/* Pairs with the acquire in the worker's poll_once. */
	atomic_store_explicit(&probe->state, PROBE_ASKED, memory_order_release);
	return true;
}

bool dataplane_probe_take(
	struct dataplane *dataplane, unsigned index, const uint8_t **message, size_t *length)
{
	struct probe *probe = &dataplane->workers[index].probe;

	/* Pairs with the release in the worker's answer_probe. */
	if (atomic_load_explicit(&probe->state, memory_order_acquire) != PROBE_ANSWERED)
		return false;
	*length = probe_read(probe->frame, probe->length, message);
	atomic_store_explicit(&probe->state, PROBE_IDLE, memory_order_relaxed);
	return true;
}

uint64_t dataplane_grace_start(struct dataplane *dataplane)
{
	return grace_start(dataplane->grace);
}

bool dataplane_grace_passed(struct dataplane *dataplane, uint64_t token)
{
	return grace_passed(dataplane->grace, token);
}

void dataplane_reader_online(struct dataplane *dataplane)
{
	grace_online(dataplane->grace, dataplane->reader);
}

void dataplane_reader_quiescent(struct dataplane *dataplane)
{
	grace_quiescent(dataplane->grace, dataplane->reader);
}

void dataplane_reader_offline(struct dataplane *dataplane)
{
	grace_offline(dataplane->grace, dataplane->reader);
}
