/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The exception path: one thread that moves frames between the workers of ports that DPDK owns and
 * the host's kernel. It may make system calls; it never makes a worker wait, and what it moves is
 * bounded by each port's rate.
 */
#ifndef ARPAD_DATAPLANE_DPDK_EXCEPTION_H
#define ARPAD_DATAPLANE_DPDK_EXCEPTION_H

#include "dataplane/dataplane.h"

struct exception;
struct handover;

/* One without ports. NULL: no memory. Control thread, as all of these. */
struct exception *exception_new(void);

/*
 * Makes the interface of port `index`. Returns 0, or -errno with one sentence. Before
 * exception_start.
 */
int exception_open(struct exception *exception, const struct dataplane_kernel *kernel,
	unsigned index, char error[static DATAPLANE_ERROR_BYTES]);

/* Says that port `index` has a worker more; returns whether it has this path. Before
 * exception_start. */
bool exception_add_worker(struct exception *exception, unsigned index, struct handover *handover);

/*
 * Starts the thread where a port is open, on the CPUs that EAL leaves to such threads: none that a
 * worker polls, unless there is no other. Returns 0, or -errno with one sentence.
 */
int exception_start(struct exception *exception, char error[static DATAPLANE_ERROR_BYTES]);

/* Ends the thread; every frame is back with its worker's handover. Takes NULL. */
void exception_stop(struct exception *exception);

/* After exception_stop: closes the devices, so that the interfaces are gone. Takes NULL. */
void exception_free(struct exception *exception);

/* Adds this thread's counters of port `index`; false: it has no such path. */
bool exception_stats(
	const struct exception *exception, unsigned index, struct dataplane_kernel_stats *stats);

#endif
