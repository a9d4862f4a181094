/* SPDX-License-Identifier: BSD-3-Clause */
/* EAL's command line, made from our configuration. Pure: no EAL, no system call. */
#ifndef ARPAD_DATAPLANE_DPDK_EAL_ARGUMENTS_H
#define ARPAD_DATAPLANE_DPDK_EAL_ARGUMENTS_H

#include "dataplane/dataplane.h"

/* EAL's lcores are our numbering: 0 is the control thread's, worker i runs on i + 1. */
enum { EAL_CONTROL_LCORE = 0, EAL_WORKER_LCORE = 1 };

enum {
	EAL_ARGUMENTS_MAX = 64,
	/*
	 * Without hugepages EAL would take 64 MiB and never more; a queue's packet buffers, one to
	 * a page of 4 KiB, are 66 alone (dataplane/dpdk/port.c).
	 */
	EAL_NO_HUGE_MIB = 256,
	EAL_NO_HUGE_BASE_MIB = 64,
	EAL_NO_HUGE_QUEUE_MIB = 68,
	/* The rings and packet buffers of a way to the kernel through vhost-net. */
	EAL_NO_HUGE_VIRTIO_MIB = 10,
	EAL_VIRTIO_RING_FRAMES =
		1024, /* the most that vhost-net takes; as long as a worker's ring */
	EAL_PORT_NAME_BYTES = 128,
};

#define EAL_VHOST_NET "/dev/vhost-net"

struct eal_arguments {
	int count;
	char *list[EAL_ARGUMENTS_MAX + 1]; /* ends with NULL; EAL may permute the pointers */
	/* All strings but `program` and the extra arguments, which stay the caller's. */
	char text[16 * 1024];
	size_t text_bytes;
};

/*
 * Makes the arguments for `config`. Returns 0, or -EINVAL with one sentence. Control thread;
 * `config` must outlive `arguments`.
 */
int eal_arguments(const struct dataplane_config *config, struct eal_arguments *arguments,
	char error[static DATAPLANE_ERROR_BYTES]);

/* What EAL calls the ethdev of port `index`. */
void eal_port_name(
	const struct dataplane_port *port, unsigned index, char name[static EAL_PORT_NAME_BYTES]);

/* What EAL calls the virtio-user device that is port `index`'s way to the kernel. */
void eal_kernel_name(unsigned index, char name[static EAL_PORT_NAME_BYTES]);

#endif
