/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How EAL, ports and workers (dataplane/dataplane.h) come up and go. Everything is built in
 * dataplane_open and undone in reverse by dataplane_close, also half-way.
 */
#include "dataplane/dpdk/dataplane_core.h"
#include "dataplane/dpdk/eal.h"
#include "dataplane/dpdk/eal_arguments.h"
#include "dataplane/dpdk/failure.h"
#include "dataplane/dpdk/threads.h"

#include <errno.h>
#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_random.h>
#include <stdlib.h>
#include <string.h>

static int open_worker(struct dataplane *dataplane, unsigned index, const struct port *port,
	uint16_t queue, const struct dataplane_config *config,
	char error[static DATAPLANE_ERROR_BYTES])
{
	struct worker *worker = &dataplane->workers[index];

	worker->port = port->id;
	worker->queue = queue;
	worker->reader = index;
	worker->grace = dataplane->grace;
	worker->stop = &dataplane->stop;
	idle_init(&worker->idle, config->idle_us);
	worker->backlog.port = port->id;
	worker->backlog.queue = queue;
	worker->backlog.counters = &worker->counters;
	worker->backlog.patience_cycles = rte_get_tsc_hz() / 1000 * BACKLOG_PATIENCE_MS;
	dataplane->worker_ports[index] = port;
	dataplane->worker_cores[index] = config->worker_cores[index];
	return handover_init(&worker->handover, port->pools[queue], index,
		rte_eth_dev_socket_id(port->id), error);
}

static void give_exception(struct dataplane *dataplane, unsigned port, unsigned index)
{
	struct worker *worker = &dataplane->workers[index];

	worker->kernel = exception_add_worker(dataplane->exception, port, &worker->handover);
}

static int open_workers(struct dataplane *dataplane, const struct dataplane_config *config,
	char error[static DATAPLANE_ERROR_BYTES])
{
	for (unsigned p = 0; p < dataplane->port_count; p++) {
		const struct port *port = &dataplane->ports[p];

		for (uint16_t queue = 0; queue < port->queues; queue++) {
			int rc = open_worker(
				dataplane, dataplane->worker_count++, port, queue, config, error);
			if (rc)
				return rc;
			give_exception(dataplane, p, dataplane->worker_count - 1);
		}
	}
	return 0;
}

static int open_kernels(struct dataplane *dataplane, const struct dataplane_config *config,
	char error[static DATAPLANE_ERROR_BYTES])
{
	dataplane->exception = exception_new();
	if (!dataplane->exception)
		return failure(error, -ENOMEM, "no memory for the exception path");
	for (unsigned i = 0; i < config->port_count; i++) {
		const struct dataplane_kernel *kernel = &config->ports[i].kernel;

		if (kernel->device == DATAPLANE_KERNEL_NONE)
			continue;
		int rc = exception_open(dataplane->exception, kernel, i, error);
		if (rc)
			return rc;
	}
	return 0;
}

static int open_ports(struct dataplane *dataplane, const struct dataplane_config *config,
	char error[static DATAPLANE_ERROR_BYTES])
{
	for (unsigned i = 0; i < config->port_count; i++) {
		dataplane->port_count++;
		int rc = port_open(&dataplane->ports[i], &config->ports[i], i, error);
		if (rc)
			return rc;
	}
	return 0;
}

/* One a worker, from the same secret: what one of them knows of a prefix, no other needs. */
static bool limiters_new(struct dataplane *dataplane, const struct dataplane_config *config)
{
	for (unsigned i = 0; i < dataplane->worker_count && config->limiter_entries; i++) {
		struct worker *worker = &dataplane->workers[i];

		worker->pipeline.limiter = ratelimit_new(config->limiter_entries,
			config->limiter_secret, dataplane->worker_ports[i]->queues);
		if (!worker->pipeline.limiter)
			return false;
	}
	return true;
}

static bool rings_new(struct dataplane *dataplane)
{
	for (unsigned i = 0; i < dataplane->worker_count; i++) {
		struct pipeline *pipeline = &dataplane->workers[i].pipeline;

		pipeline->ring = observe_ring_new((uint16_t)i, rte_rand());
		if (!pipeline->ring)
			return false;
	}
	return true;
}

/* sizeof(struct worker) is a multiple of its alignment, as C has it. */
static bool workers_new(struct dataplane *dataplane, unsigned workers)
{
	if (!workers)
		return true;
	dataplane->workers =
		aligned_alloc(_Alignof(struct worker), workers * sizeof(struct worker));
	if (!dataplane->workers)
		return false;
	memset(dataplane->workers, 0, workers * sizeof(struct worker));
	return true;
}

/* What needs no EAL. */
static struct dataplane *dataplane_new(unsigned workers)
{
	struct dataplane *dataplane = calloc(1, sizeof(*dataplane));

	if (!dataplane)
		return NULL;
	dataplane->reader = workers;
	dataplane->grace = grace_new(workers + 1);
	if (dataplane->grace && workers_new(dataplane, workers))
		return dataplane;
	grace_free(dataplane->grace);
	free(dataplane);
	return NULL;
}

static int open_fast_path(struct dataplane *dataplane, const struct dataplane_config *config,
	char error[static DATAPLANE_ERROR_BYTES])
{
	int rc = eal_open(config, error);

	if (rc)
		return rc;
	dataplane->eal = true;
	rc = open_ports(dataplane, config, error);
	rc = rc ? rc : open_kernels(dataplane, config, error);
	if (!rc)
		rc = open_workers(dataplane, config, error);
	if (!rc && !limiters_new(dataplane, config))
		rc = failure(error, -ENOMEM, "no memory for rate-limit.entries");
	if (!rc && !rings_new(dataplane))
		rc = failure(error, -ENOMEM, "no memory to observe queries in: 2 MiB a worker");
	return rc;
}

int dataplane_open(const struct dataplane_config *config, struct dataplane **dataplane,
	char error[static DATAPLANE_ERROR_BYTES])
{
	struct dataplane *made = dataplane_new(config->worker_count);
	int rc = 0;

	*dataplane = NULL;
	if (!made)
		return failure(error, -ENOMEM, "no memory for %u workers", config->worker_count);
	if (config->port_count)
		rc = open_fast_path(made, config, error);
	if (rc) {
		dataplane_close(made);
		return rc;
	}
	*dataplane = made;
	return 0;
}

int dataplane_enter_threads(struct dataplane *dataplane, void (*worker)(void *context),
	void (*helper)(void *context), void *context, char error[static DATAPLANE_ERROR_BYTES])
{
	for (unsigned i = 0; i < dataplane->worker_count; i++) {
		int rc = threads_run_on_lcore(EAL_WORKER_LCORE + i, worker, context);

		if (rc)
			return failure(error, rc,
				"worker %u does not start on CPU %d (%s): the extra EAL arguments "
				"must not set lcores",
				i, dataplane->worker_cores[i], rte_strerror(-rc));
	}
	if (!dataplane->eal || threads_run_on_helper(helper, context) == 0)
		return 0;
	return failure(error, -ETIMEDOUT,
		"DPDK's thread for interrupts does not answer: restart arpad, and see whether its "
		"control core is overloaded");
}

int dataplane_start(struct dataplane *dataplane, const struct serving *serving,
	char error[static DATAPLANE_ERROR_BYTES])
{
	while (dataplane->launched < dataplane->worker_count) {
		unsigned index = dataplane->launched;
		struct worker *worker = &dataplane->workers[index];

		worker->pipeline = (struct pipeline){
			.serving = serving,
			.link = &dataplane->worker_ports[index]->link,
			.counters = &worker->counters,
			.limiter = worker->pipeline.limiter,
			.ring = worker->pipeline.ring,
		};
		worker->probing = (struct pipeline){
			.serving = serving,
			.link = &dataplane->worker_ports[index]->link,
			.counters = &worker->probing_counters,
		};
		worker->us_a_cycle =
			(uint64_t)(((unsigned __int128)RATELIMIT_SECOND << 64) / rte_get_tsc_hz());
		int rc = rte_eal_remote_launch(worker_run, worker, EAL_WORKER_LCORE + index);
		if (rc)
			return failure(error, rc,
				"worker %u does not start on CPU %d (%s): the extra EAL arguments "
				"must not set lcores",
				index, dataplane->worker_cores[index], rte_strerror(-rc));
		dataplane->launched++;
	}
	return dataplane->exception ? exception_start(dataplane->exception, error) : 0;
}

void dataplane_close(struct dataplane *dataplane)
{
	if (!dataplane)
		return;
	/* Pairs with the acquire in worker_run. */
	atomic_store_explicit(&dataplane->stop, true, memory_order_release);
	for (unsigned i = 0; i < dataplane->launched; i++)
		rte_eal_wait_lcore(EAL_WORKER_LCORE + i);
	exception_stop(dataplane->exception);
	exception_free(dataplane->exception);
	for (unsigned i = 0; i < dataplane->worker_count; i++)
		handover_fini(&dataplane->workers[i].handover);
	for (unsigned i = 0; i < dataplane->port_count; i++)
		port_close(&dataplane->ports[i]);
	if (dataplane->eal)
		eal_close();
	announcer_fini(&dataplane->announcer);
	for (unsigned i = 0; i < dataplane->worker_count; i++) {
		ratelimit_free(dataplane->workers[i].pipeline.limiter);
		observe_ring_free(dataplane->workers[i].pipeline.ring);
	}
	free(dataplane->workers);
	grace_free(dataplane->grace);
	free(dataplane);
}
