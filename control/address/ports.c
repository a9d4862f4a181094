/* SPDX-License-Identifier: BSD-3-Clause */
/* dataplane.h and steer.h put together in the one right order. */
#include "control/address/ports.h"

#include "control/address/hugepages.h"
#include "control/address/kernel_interface.h"
#include "control/library_log.h"
#include "control/log.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static long free_hugepages(void)
{
	FILE *file = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "re");
	long pages = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%ld", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages;
}

static bool choose_hugepages(const struct config *config)
{
	long needed = hugepages_needed(config), there = free_hugepages();

	if (!config->port_count)
		return false;
	if (config->hugepages != HUGEPAGES_AUTO)
		return config->hugepages == HUGEPAGES_YES;
	if (there >= needed)
		return true;
	log_event(LOG_WARNING, "hugepages-missing",
		LOG_FIELDS(LOG_NUMBER_FIELD("free", there), LOG_NUMBER_FIELD("needed", needed)),
		"serving without huge pages, which is slower: %ld are free and %ld needed; run "
		"\"sysctl -w vm.nr_hugepages=%ld\" and restart",
		there, needed, needed);
	return false;
}

/* The steering program: beside the build's arpad, else where it is installed. */
static const char *steer_object(char path[static PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length > 0) {
		self[length] = '\0';
		if (snprintf(path, PATH_MAX, "%s/../bpf/steer.bpf.o", dirname(self)) < PATH_MAX &&
			access(path, R_OK) == 0)
			return path;
	}
	return ARPAD_STEER_OBJECT;
}

static int clear_stale(const struct config *config, struct failure *failure)
{
	char error[STEER_ERROR_BYTES];

	for (unsigned i = 0; i < config->port_count; i++) {
		const char *interface = config->ports[i].interface;

		if (interface && steer_clear_stale(interface, error) != 0)
			return failure_set(failure, FAILURE_INTERNAL, "%s", error);
	}
	return 0;
}

static int open_dataplane(struct ports *ports, const struct config *config, const char *program,
	struct failure *failure)
{
	char object[PATH_MAX], error[DATAPLANE_ERROR_BYTES];
	struct dataplane_config wanted = {
		.program = program,
		.port_count = config->port_count,
		.steer_object = steer_object(object),
		.control_core = config->control_core,
		.worker_count = config->worker_count,
		.idle_us = config->idle_us,
		.hugepages = ports->hugepages,
		.memory_mib = config->memory_mib,
		.limiter_entries = config->limiter_entries,
		.log = library_log_dpdk,
		.log_detail = config->log_level == LOG_DEBUG,
		.telemetry = config->metrics.dpdk_telemetry,
		.extra_args = config->extra_args,
		.extra_arg_count = config->extra_arg_count,
	};

	memcpy(wanted.ports, config->ports, sizeof(wanted.ports));
	memcpy(wanted.worker_cores, config->worker_cores, sizeof(wanted.worker_cores));
	if (getrandom(wanted.limiter_secret, sizeof(wanted.limiter_secret), 0) !=
		sizeof(wanted.limiter_secret))
		return failure_set(failure, FAILURE_INTERNAL,
			"the kernel gives no random numbers: %s", strerror(errno));
	steer_log(library_log_libbpf);
	if (dataplane_open(&wanted, &ports->dataplane, error) != 0)
		return failure_set(failure, FAILURE_INTERNAL, "%s", error);
	return 0;
}

static int open_steers(struct ports *ports, struct failure *failure)
{
	char error[STEER_ERROR_BYTES];

	for (unsigned i = 0; i < ports->count; i++)
		if (ports->interfaces[i] &&
			steer_open(ports->interfaces[i], &ports->steers[i], error) != 0)
			return failure_set(failure, FAILURE_INTERNAL, "%s", error);
	return 0;
}

/* Once a port is open its MAC address and MTU are known. */
static int open_kernels(
	const struct ports *ports, const struct config *config, struct failure *failure)
{
	for (unsigned i = 0; i < config->port_count; i++) {
		struct dataplane_kernel_link link;

		if (config->ports[i].kernel.device == DATAPLANE_KERNEL_NONE)
			continue;
		link = dataplane_kernel_link(ports->dataplane, i);
		if (kernel_interface_set_up(config, i, &link, failure) != 0)
			return -1;
	}
	return 0;
}

static void warn_of_far_cores(const struct ports *ports)
{
	for (unsigned i = 0; i < dataplane_workers(ports->dataplane); i++) {
		struct dataplane_worker worker = dataplane_worker(ports->dataplane, i);

		if (worker.port_node >= 0)
			log_event(LOG_WARNING, "numa",
				LOG_FIELDS(LOG_TEXT_FIELD("port", worker.port),
					LOG_NUMBER_FIELD("queue", worker.queue),
					LOG_NUMBER_FIELD("cpu", worker.core),
					LOG_NUMBER_FIELD("node", worker.port_node)),
				"queue %u of %s is served by CPU %d, which is on another NUMA "
				"node; choose one of node %d for dpdk.worker-cores",
				worker.queue, worker.port, worker.core, worker.port_node);
	}
}

int ports_open(struct ports *ports, const struct config *config, const char *program,
	struct failure *failure)
{
	ports->hugepages = choose_hugepages(config);
	ports->count = config->port_count;
	for (unsigned i = 0; i < config->port_count; i++)
		ports->interfaces[i] = config->ports[i].interface;
	for (unsigned i = 0; i < config->port_count; i++)
		ports->kernels[i] = config->ports[i].kernel.interface;
	if (clear_stale(config, failure) != 0 ||
		open_dataplane(ports, config, program, failure) != 0)
		return -1;
	warn_of_far_cores(ports);
	ports_links_wait(ports);
	return open_kernels(ports, config, failure) != 0 ? -1 : open_steers(ports, failure);
}

struct privileges_later ports_later(const struct ports *ports)
{
	struct privileges_later later = {.maps = false};

	for (unsigned i = 0; i < ports->count; i++)
		if (ports->steers[i]) {
			later.maps = true;
			later.detach = later.detach || !steer_is_tied(ports->steers[i]);
		}
	return later;
}

int ports_enter(struct ports *ports, struct privileges *privileges, struct failure *failure)
{
	char error[DATAPLANE_ERROR_BYTES];

	if (dataplane_enter_threads(ports->dataplane, privileges_enter_worker,
		    privileges_enter_helper, privileges, error) != 0)
		return failure_set(failure, FAILURE_INTERNAL, "%s", error);
	return 0;
}

int ports_start(struct ports *ports, const struct serving *serving, struct failure *failure)
{
	char error[DATAPLANE_ERROR_BYTES];

	if (dataplane_start(ports->dataplane, serving, error) != 0)
		return failure_set(failure, FAILURE_INTERNAL, "%s", error);
	return 0;
}

int ports_add_address(struct ports *ports, const struct ip_address *address)
{
	int refused = dataplane_add_address(ports->dataplane, address);

	if (refused)
		return refused;
	for (unsigned i = 0; i < ports->count; i++) {
		int error = ports->steers[i]
			? steer_add_address(ports->steers[i], address->family, address->bytes)
			: 0;

		if (error)
			return error;
	}
	return 0;
}

void ports_remove_address(struct ports *ports, const struct ip_address *address)
{
	dataplane_remove_address(ports->dataplane, address);
	for (unsigned i = 0; i < ports->count; i++)
		if (ports->steers[i])
			steer_remove_address(ports->steers[i], address->family, address->bytes);
}

bool ports_steered(const struct ports *ports)
{
	for (unsigned i = 0; i < ports->count; i++)
		if (ports->steers[i])
			return true;
	return false;
}

static int fail_settings(int error, struct failure *failure)
{
	return failure_set(failure, FAILURE_INTERNAL,
		"the steering program's settings can't be written: %s", strerror(-error));
}

int ports_steer(struct ports *ports, uint16_t port, struct failure *failure)
{
	int error = 0;

	for (unsigned i = 0; i < ports->count && !error; i++)
		if (ports->steers[i])
			error = steer_enable(ports->steers[i], port);
	if (error)
		return fail_settings(error, failure);
	dataplane_follow(ports->dataplane);
	return 0;
}

int ports_drain(struct ports *ports, struct failure *failure)
{
	int error = 0;

	for (unsigned i = 0; i < ports->count && !error; i++)
		if (ports->steers[i])
			error = steer_drain(ports->steers[i]);
	return error ? fail_settings(error, failure) : 0;
}

static void gather_port(const struct ports *ports, unsigned index, struct report_facts *facts)
{
	struct report_kernel *kernel = &facts->kernels[facts->port_count];

	if (!dataplane_port_stats(ports->dataplane, index, &facts->ports[facts->port_count]))
		return;
	if (dataplane_kernel_stats(ports->dataplane, index, &kernel->stats))
		kernel->interface = ports->kernels[index];
	facts->port_count++;
}

void ports_gather(const struct ports *ports, struct report_facts *facts)
{
	facts->hugepages = ports->hugepages;
	if (!ports->dataplane)
		return;
	facts->tsc_hz = dataplane_tsc_hz(ports->dataplane);
	facts->worker_count = dataplane_workers(ports->dataplane);
	for (unsigned i = 0; i < facts->worker_count; i++)
		facts->workers[i] = dataplane_worker(ports->dataplane, i);
	for (unsigned i = 0; i < ports->count; i++) {
		struct report_steer *entry = &facts->steers[facts->steer_count];

		gather_port(ports, i, facts);
		if (!ports->steers[i])
			continue;
		entry->interface = ports->interfaces[i];
		for (unsigned verdict = 0; verdict < STEER_VERDICTS; verdict++)
			entry->verdicts[verdict] = steer_verdict_count(ports->steers[i], verdict);
		facts->steer_count++;
	}
}

void ports_unsteer(struct ports *ports)
{
	for (unsigned i = 0; i < ports->count; i++)
		if (ports->steers[i] && steer_disable(ports->steers[i]) != 0)
			log_event(LOG_WARNING, "steering",
				LOG_FIELDS(LOG_TEXT_FIELD("port", ports->interfaces[i])),
				"steering on %s can't be turned off", ports->interfaces[i]);
}

void ports_close(struct ports *ports)
{
	/* The steers first: the driver detaches whatever it finds, and complains where it may not.
	 */
	for (unsigned i = 0; i < ports->count; i++) {
		steer_close(ports->steers[i]);
		ports->steers[i] = NULL;
	}
	dataplane_close(ports->dataplane);
	ports->dataplane = NULL;
}
