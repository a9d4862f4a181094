/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread "store", which does the slow work of the store's files one job at a time, so that the
 * control thread need not wait for it. What a job touches is the thread's from give until the
 * control thread has seen it idle. All functions: control thread.
 */
#ifndef ARPAD_CONTROL_STORE_THREAD_H
#define ARPAD_CONTROL_STORE_THREAD_H

#include <stdbool.h>
#include <stdint.h>

struct store_thread;
typedef void store_job(void *context);

/* Starts it, handling no signal, with the caller's user for files. NULL: errno says why. */
struct store_thread *store_thread_start(void);
void store_thread_stop(struct store_thread *thread); /* waits for its job; takes NULL */

/* Only while it is idle. */
void store_thread_give(struct store_thread *thread, store_job *job, void *context);
bool store_thread_idle(struct store_thread *thread);

/* Whether it has a job. If so, `*cpu_ns` is the time that it has run in all: it grows as it works.
 */
bool store_thread_at_work(struct store_thread *thread, uint64_t *cpu_ns);

/* Waits until it is idle, at most so long. Whether it is. */
bool store_thread_wait(struct store_thread *thread, unsigned milliseconds);

#endif
