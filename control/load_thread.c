/* SPDX-License-Identifier: BSD-3-Clause */
/* One thread, once: what it made becomes the control thread's by the join. */
#include "control/load_thread.h"

#include <signal.h>
#include <string.h>

static void *run(void *context)
{
	struct load_thread *load = context;

	pthread_setname_np(pthread_self(), "store-load");
	load->result = load->function(load->context, &load->failure);
	clock_gettime(CLOCK_MONOTONIC, &load->ended);
	return NULL;
}

int load_thread_start(
	struct load_thread *load, load_function *function, void *context, struct failure *failure)
{
	sigset_t all, before;
	int error;

	load->function = function;
	load->context = context;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&load->thread, NULL, run, load);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return failure_set(failure, FAILURE_INTERNAL,
			"no thread can be made to load the store: %s", strerror(error));
	load->running = true;
	return 0;
}

int load_thread_join(struct load_thread *load, struct failure *failure)
{
	if (!load->running)
		return 0;
	pthread_join(load->thread, NULL);
	load->running = false;
	if (load->result != 0)
		*failure = load->failure;
	return load->result;
}
