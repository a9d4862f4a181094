/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The records are loaded in a thread of their own while the control thread opens the ports: neither
 * has anything that the other needs. From start to join, all that the load touches is that thread's
 * alone.
 */
#ifndef ARPAD_CONTROL_LOAD_THREAD_H
#define ARPAD_CONTROL_LOAD_THREAD_H

#include "control/failure.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

/* 0, or -1 and one sentence. */
typedef int load_function(void *context, struct failure *failure);

struct load_thread {
	load_function *function;
	void *context;
	pthread_t thread;
	bool running; /* started and not joined; control thread */
	int result;
	struct failure failure;
	struct timespec ended; /* CLOCK_MONOTONIC, once joined */
};

/*
 * Starts `function` in the thread, which handles no signal and runs where the caller may run now.
 * `load` is zeroed. 0, or -1 and one sentence. Control thread, as the one below.
 */
int load_thread_start(
	struct load_thread *load, load_function *function, void *context, struct failure *failure);

/* Waits for its end, if it was started. Returns what the function did: 0, or -1 and its sentence.
 */
int load_thread_join(struct load_thread *load, struct failure *failure);

#endif
