/* SPDX-License-Identifier: BSD-3-Clause */
/* A job's results are handed over by the mutex that marks its end. */
#include "control/store/store_thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct store_thread {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t given, done;
	store_job *job; /* NULL: idle */
	void *context;
	bool stop;
};

static void *run(void *context)
{
	struct store_thread *thread = context;

	pthread_setname_np(pthread_self(), "store");
	pthread_mutex_lock(&thread->mutex);
	while (thread->job != NULL || !thread->stop) {
		if (thread->job == NULL) {
			pthread_cond_wait(&thread->given, &thread->mutex);
			continue;
		}
		pthread_mutex_unlock(&thread->mutex);
		thread->job(thread->context);
		pthread_mutex_lock(&thread->mutex);
		thread->job = NULL;
		pthread_cond_signal(&thread->done);
	}
	pthread_mutex_unlock(&thread->mutex);
	return NULL;
}

static void free_thread(struct store_thread *thread)
{
	pthread_cond_destroy(&thread->given);
	pthread_cond_destroy(&thread->done);
	pthread_mutex_destroy(&thread->mutex);
	free(thread);
}

struct store_thread *store_thread_start(void)
{
	struct store_thread *thread = calloc(1, sizeof(*thread));
	pthread_condattr_t clock;
	sigset_t all, before;
	int error;

	if (thread == NULL)
		return NULL;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_mutex_init(&thread->mutex, NULL);
	pthread_cond_init(&thread->given, NULL);
	pthread_cond_init(&thread->done, &clock);
	pthread_condattr_destroy(&clock);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread->thread, NULL, run, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		return thread;
	free_thread(thread);
	errno = error;
	return NULL;
}

void store_thread_stop(struct store_thread *thread)
{
	if (thread == NULL)
		return;
	pthread_mutex_lock(&thread->mutex);
	thread->stop = true;
	pthread_cond_signal(&thread->given);
	pthread_mutex_unlock(&thread->mutex);
	pthread_join(thread->thread, NULL);
	free_thread(thread);
}

void store_thread_give(struct store_thread *thread, store_job *job, void *context)
{
	pthread_mutex_lock(&thread->mutex);
	thread->job = job;
	thread->context = context;
	pthread_cond_signal(&thread->given);
	pthread_mutex_unlock(&thread->mutex);
}

bool store_thread_idle(struct store_thread *thread)
{
	return store_thread_wait(thread, 0);
}

bool store_thread_at_work(struct store_thread *thread, uint64_t *cpu_ns)
{
	struct timespec cpu = {0};
	clockid_t clock;

	if (store_thread_idle(thread))
		return false;
	if (pthread_getcpuclockid(thread->thread, &clock) == 0)
		clock_gettime(clock, &cpu);
	*cpu_ns = (uint64_t)cpu.tv_sec * 1000000000 + (uint64_t)cpu.tv_nsec;
	return true;
}

bool store_thread_wait(struct store_thread *thread, unsigned milliseconds)
{
	struct timespec until;
	bool idle;
	int error = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&thread->mutex);
	while (thread->job != NULL && milliseconds > 0 && error == 0)
		error = pthread_cond_timedwait(&thread->done, &thread->mutex, &until);
	idle = thread->job == NULL;
	pthread_mutex_unlock(&thread->mutex);
	return idle;
}
