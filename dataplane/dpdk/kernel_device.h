/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An interface that the kernel gets from us, of either kind, as a place for frames. Frames are
 * copied, so the caller's stay the caller's: the buffers of a worker never end in a driver that is
 * not its own.
 */
#ifndef ARPAD_DATAPLANE_DPDK_KERNEL_DEVICE_H
#define ARPAD_DATAPLANE_DPDK_KERNEL_DEVICE_H

#include "dataplane/dataplane.h"

#include <stdint.h>

struct rte_mbuf;
struct rte_mempool;

struct kernel_device {
	enum dataplane_kernel_device kind; /* DATAPLANE_KERNEL_NONE: not open */
	int descriptor;			   /* of the TAP */
	uint16_t port;			   /* of virtio-user, EAL's */
	struct rte_mempool *pool;	   /* of virtio-user: this device's alone */
};

enum {
	/* What a frame's buffer holds (RTE_MBUF_DEFAULT_BUF_SIZE) without Ethernet and two tags. */
	KERNEL_DEVICE_MTU_MAX = 2048 - 14 - 8,
	KERNEL_DEVICE_BURST = 64,
};

/*
 * Makes the interface, which is down; it is gone when the process ends, however it ends. `index` is
 * the port's. Returns 0, or -errno with one sentence; kernel_device_close is owed in every case.
 * Control thread, with CAP_NET_ADMIN.
 */
int kernel_device_open(struct kernel_device *device, const struct dataplane_kernel *kernel,
	unsigned index, char error[static DATAPLANE_ERROR_BYTES]);

/* Takes one that is all zero. Control thread; the thread below has ended. */
void kernel_device_close(struct kernel_device *device);

/*
 * Gives the kernel up to KERNEL_DEVICE_BURST frames of one segment; returns how many it took: what
 * it had no room for, or would not have, is lost. Of one thread, as all below; none blocks.
 */
unsigned kernel_device_send(
	struct kernel_device *device, struct rte_mbuf *const *frames, unsigned count);

/* Fills up to KERNEL_DEVICE_BURST empty frames with what the kernel sends; returns how many, the
 * first ones. */
unsigned kernel_device_receive(
	struct kernel_device *device, struct rte_mbuf *const *frames, unsigned count);

#endif
