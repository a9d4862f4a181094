/* SPDX-License-Identifier: BSD-3-Clause */
/* Running a function once in threads that EAL made, and waiting for its end. Control thread. */
#ifndef ARPAD_DATAPLANE_DPDK_THREADS_H
#define ARPAD_DATAPLANE_DPDK_THREADS_H

/* On an idle lcore. 0 or -errno: there is no such lcore, or it is busy. */
int threads_run_on_lcore(unsigned lcore, void (*function)(void *context), void *context);

/* On the thread in which EAL waits for interrupts and alarms. -ETIMEDOUT: it does not answer. */
int threads_run_on_helper(void (*function)(void *context), void *context);

#endif
