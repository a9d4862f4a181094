/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EAL's command line. Every worker is an lcore of its own, so several may share a CPU; nothing is
 * shared between processes, so two arpads never meet in EAL's files.
 */
#include "dataplane/dpdk/eal_arguments.h"

#include "dataplane/dpdk/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Appends to the text; what does not fit shows in text_bytes, which is checked once, at the end. */
__attribute__((format(printf, 2, 3))) static void print(
	struct eal_arguments *arguments, const char *format, ...)
{
	size_t used = arguments->text_bytes < sizeof(arguments->text) ? arguments->text_bytes
								      : sizeof(arguments->text);
	va_list list;

	va_start(list, format);
	int bytes = vsnprintf(arguments->text + used, sizeof(arguments->text) - used, format, list);
	va_end(list);
	arguments->text_bytes = used + (size_t)bytes;
}

static void add(struct eal_arguments *arguments, const char *argument)
{
	if (arguments->count < EAL_ARGUMENTS_MAX)
		arguments->list[arguments->count] = (char *)(uintptr_t)argument;
	arguments->count++;
}

/* Begins an argument that print() makes; end() closes it. */
static void begin(struct eal_arguments *arguments)
{
	size_t at = arguments->text_bytes;

	add(arguments, at < sizeof(arguments->text) ? arguments->text + at : "");
}

static void end(struct eal_arguments *arguments)
{
	arguments->text_bytes++; /* the terminating zero stays */
}

/* The length of a PCI address (DDDD:BB:DD.F or BB:DD.F) that `device` begins with, or 0. */
static size_t pci_address_length(const char *device)
{
	unsigned domain, bus, slot, function;
	int length = 0;

	if (sscanf(device, "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &length) < 4 ||
		!length) {
		length = 0;
		if (sscanf(device, "%2x:%2x.%1x%n", &bus, &slot, &function, &length) < 3)
			length = 0;
	}
	return length && (!device[length] || device[length] == ',') ? (size_t)length : 0;
}

static bool is_pci(const struct dataplane_port *port)
{
	return port->device && pci_address_length(port->device);
}

void eal_port_name(
	const struct dataplane_port *port, unsigned index, char name[static EAL_PORT_NAME_BYTES])
{
	if (!port->device) {
		snprintf(name, EAL_PORT_NAME_BYTES, "net_af_xdp%u", index);
		return;
	}
	/* What follows the comma is for the driver; a PCI address is named with its domain. */
	int length = (int)strcspn(port->device, ",");
	bool short_pci = pci_address_length(port->device) == strlen("BB:DD.F");
	snprintf(name, EAL_PORT_NAME_BYTES, "%s%.*s", short_pci ? "0000:" : "", length,
		port->device);
}

void eal_kernel_name(unsigned index, char name[static EAL_PORT_NAME_BYTES])
{
	snprintf(name, EAL_PORT_NAME_BYTES, "virtio_user%u", index);
}

static unsigned no_huge_mib(const struct dataplane_config *config)
{
	unsigned mib = EAL_NO_HUGE_BASE_MIB;

	for (unsigned i = 0; i < config->port_count; i++) {
		mib += dataplane_pools(&config->ports[i]) * EAL_NO_HUGE_QUEUE_MIB;
		if (config->ports[i].kernel.device == DATAPLANE_KERNEL_VIRTIO_USER)
			mib += EAL_NO_HUGE_VIRTIO_MIB;
	}
	return mib > EAL_NO_HUGE_MIB ? mib : EAL_NO_HUGE_MIB;
}

static void add_memory(struct eal_arguments *arguments, const struct dataplane_config *config)
{
	unsigned mib = config->memory_mib;

	if (!config->hugepages) {
		/* Without hugepages EAL refuses --in-memory; this much of it is allowed. */
		add(arguments, "--no-huge");
		add(arguments, "--no-shconf");
		mib = mib ? mib : no_huge_mib(config);
	} else {
		add(arguments, "--in-memory");
	}
	if (!mib)
		return;
	add(arguments, "-m");
	begin(arguments);
	print(arguments, "%u", mib);
	end(arguments);
}

static void add_lcores(struct eal_arguments *arguments, const struct dataplane_config *config)
{
	add(arguments, "--lcores");
	begin(arguments);
	print(arguments, "%d@%d", EAL_CONTROL_LCORE, config->control_core);
	for (unsigned i = 0; i < config->worker_count; i++)
		print(arguments, ",%u@%d", EAL_WORKER_LCORE + i, config->worker_cores[i]);
	end(arguments);
	add(arguments, "--main-lcore");
	begin(arguments);
	print(arguments, "%d", EAL_CONTROL_LCORE);
	end(arguments);
}

static void add_af_xdp(struct eal_arguments *arguments, const struct dataplane_port *port,
	unsigned index, const char *object)
{
	add(arguments, "--vdev");
	begin(arguments);
	/* busy_budget=0: the driver's busy polling loses replies under load on veth. */
	print(arguments,
		"net_af_xdp%u,iface=%s,start_queue=0,queue_count=%u,xdp_prog=%s,busy_budget=0",
		index, port->interface, port->queues, object);
	end(arguments);
}

/* One pair of queues: one thread serves them. The interface is made by the driver, as the device
 * starts. */
static void add_virtio_user(
	struct eal_arguments *arguments, const struct dataplane_kernel *kernel, unsigned index)
{
	char name[EAL_PORT_NAME_BYTES];

	eal_kernel_name(index, name);
	add(arguments, "--vdev");
	begin(arguments);
	print(arguments, "%s,path=" EAL_VHOST_NET ",queues=1,queue_size=%d,iface=%s", name,
		EAL_VIRTIO_RING_FRAMES, kernel->interface);
	end(arguments);
}

static void add_ports(struct eal_arguments *arguments, const struct dataplane_config *config)
{
	bool pci = false;

	for (unsigned i = 0; i < config->port_count; i++) {
		const struct dataplane_port *port = &config->ports[i];

		pci = pci || is_pci(port);
		if (!port->device) {
			add_af_xdp(arguments, port, i, config->steer_object);
			continue;
		}
		add(arguments, is_pci(port) ? "-a" : "--vdev");
		add(arguments, port->device);
		if (port->kernel.device == DATAPLANE_KERNEL_VIRTIO_USER)
			add_virtio_user(arguments, &port->kernel, i);
	}
	if (pci)
		return;
	add(arguments, "--no-pci");
	/*
	 * With physical addresses a pool is cut at every hugepage, but net_af_xdp takes a pool for
	 * one piece. Only a NIC may need them.
	 */
	add(arguments, "--iova-mode=va");
}

static int check_port(const struct dataplane_config *config, unsigned index,
	char error[static DATAPLANE_ERROR_BYTES])
{
	const struct dataplane_port *port = &config->ports[index];

	if (!port->interface == !port->device)
		return failure(error, -EINVAL,
			"port %u: give an interface or a device, one of the two", index);
	if (port->queues < 1 || port->queues > DATAPLANE_WORKERS_MAX)
		return failure(error, -EINVAL, "port %u: queues must be 1 to %d, not %u", index,
			DATAPLANE_WORKERS_MAX, port->queues);
	if (port->kernel.device != DATAPLANE_KERNEL_NONE &&
		(!port->device || !port->kernel.rate || !port->kernel.interface ||
			strchr(port->kernel.interface, ',')))
		return failure(error, -EINVAL,
			"port %u: the way to the kernel is for a device, and needs a rate and the "
			"name of an interface without a comma",
			index);
	if (port->device)
		return 0;
	/* EAL cuts device strings at commas and has no way to quote one. */
	if (strchr(port->interface, ','))
		return failure(error, -EINVAL, "port %u: the interface name '%s' has a comma",
			index, port->interface);
	if (!config->steer_object || strchr(config->steer_object, ','))
		return failure(error, -EINVAL,
			"the path of the XDP program (%s) must be given and hold no comma",
			config->steer_object ? config->steer_object : "none");
	return 0;
}

static int check(const struct dataplane_config *config, char error[static DATAPLANE_ERROR_BYTES])
{
	unsigned queues = 0;

	if (config->port_count < 1 || config->port_count > DATAPLANE_PORTS_MAX)
		return failure(error, -EINVAL, "there must be 1 to %d ports, not %u",
			DATAPLANE_PORTS_MAX, config->port_count);
	for (unsigned i = 0; i < config->port_count; i++) {
		int rc = check_port(config, i, error);

		if (rc)
			return rc;
		queues += config->ports[i].queues;
	}
	if (queues != config->worker_count || queues > DATAPLANE_WORKERS_MAX)
		return failure(error, -EINVAL,
			"the ports have %u queues for %u workers: give each queue one CPU, and "
			"at most %d in all",
			queues, config->worker_count, DATAPLANE_WORKERS_MAX);
	return 0;
}

int eal_arguments(const struct dataplane_config *config, struct eal_arguments *arguments,
	char error[static DATAPLANE_ERROR_BYTES])
{
	int rc = check(config, error);

	if (rc)
		return rc;
	arguments->count = 0;
	arguments->text_bytes = 0;
	add(arguments, config->program);
	add_memory(arguments, config);
	add_lcores(arguments, config);
	add_ports(arguments, config);
	if (!config->telemetry)
		add(arguments, "--no-telemetry");
	/* Silent on success: EAL warns of every hugepage size that the machine has not reserved. */
	add(arguments, config->log_detail ? "--log-level=info" : "--log-level=warning");
	add(arguments,
		config->log_detail ? "--log-level=lib.eal:info" : "--log-level=lib.eal:error");
	for (unsigned i = 0; i < config->extra_arg_count; i++)
		add(arguments, config->extra_args[i]);
	if (arguments->count > EAL_ARGUMENTS_MAX || arguments->text_bytes > sizeof(arguments->text))
		return failure(
			error, -EINVAL, "too many EAL arguments: give fewer or shorter extra ones");
	arguments->list[arguments->count] = NULL;
	return 0;
}
