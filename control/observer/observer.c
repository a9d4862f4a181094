/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * No producer wakes the thread, since none makes a system call for it: it looks by the clock, more
 * often while rings fill.
 */
#include "control/observer/observer.h"

#include "control/observer/observer_clock.h"
#include "dataplane/dataplane.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	RINGS_MAX = DATAPLANE_WORKERS_MAX + 1, /* and the listener's */
	/* At 200,000 a second a ring fills in 5 ms, at 50,000 in 20 ms. */
	LOOK_MS = 5,
	LOOK_BUSY_MS = 1, /* after a ring that had this many */
	BUSY = OBSERVE_SLOTS / 16,
	FULL = OBSERVE_SLOTS / 4, /* or as many: at once */
	LOOK_IDLE_MS = 20,	  /* after so many looks that found nothing */
	LOOKS_UNTIL_IDLE = 200,
};

struct observer {
	struct observe_ring *ring[RINGS_MAX];
	unsigned ring_count;
	struct observer_sink sink[OBSERVER_SINKS_MAX];
	unsigned sink_count;
	struct observer_clock clock; /* the thread's own */
	void (*enter)(void *context);
	void *enter_context;
	sem_t entered;
	bool started;
	pthread_t thread;
	atomic_bool stop; /* control: wo, the thread: ro */
};

static void hand_out(struct observer *observer, const struct observation *observation)
{
	uint64_t when_ns;

	if (!observation->why)
		return;
	when_ns = observer_clock_time(&observer->clock, observation->cycles);
	for (unsigned i = 0; i < observer->sink_count; i++)
		observer->sink[i].take(observer->sink[i].context, observation, when_ns);
}

/* What is in it now, and no more: the others have their turn. Returns how many. */
static unsigned drain(struct observer *observer, struct observe_ring *ring)
{
	const struct observation *first;
	unsigned taken = 0, n;

	while (taken < OBSERVE_SLOTS &&
		(n = observe_peek(ring, &first, OBSERVE_SLOTS - taken)) > 0) {
		for (unsigned i = 0; i < n; i++) {
			hand_out(observer, &first[i]);
			/* One by one, so that the producer has room soon. */
			observe_release(ring, 1);
		}
		taken += n;
	}
	return taken;
}

/* The most that any ring had. */
static unsigned look(struct observer *observer)
{
	unsigned most = 0;

	observer_clock_look(&observer->clock);
	for (unsigned i = 0; i < observer->ring_count; i++) {
		unsigned taken = drain(observer, observer->ring[i]);

		most = taken > most ? taken : most;
	}
	for (unsigned i = 0; i < observer->sink_count; i++)
		if (observer->sink[i].turn)
			observer->sink[i].turn(observer->sink[i].context);
	return most;
}

static void rest(unsigned ms)
{
	const struct timespec pause = {.tv_nsec = (long)ms * 1000000};

	nanosleep(&pause, NULL);
}

static void *run(void *context)
{
	struct observer *observer = context;
	unsigned empty = 0;

	pthread_setname_np(pthread_self(), "observer");
	if (observer->enter)
		observer->enter(observer->enter_context);
	sem_post(&observer->entered);
	/* Pairs with the release in observer_stop. */
	while (!atomic_load_explicit(&observer->stop, memory_order_acquire)) {
		unsigned most = look(observer);

		empty = most ? 0 : empty < LOOKS_UNTIL_IDLE ? empty + 1 : empty;
		if (most < FULL)
			rest(most >= BUSY			   ? LOOK_BUSY_MS
					: empty < LOOKS_UNTIL_IDLE ? LOOK_MS
								   : LOOK_IDLE_MS);
	}
	look(observer);
	return NULL;
}

struct observer *observer_new(void)
{
	return calloc(1, sizeof(struct observer));
}

int observer_add_ring(struct observer *observer, struct observe_ring *ring)
{
	if (observer->ring_count == RINGS_MAX)
		return -1;
	observer->ring[observer->ring_count++] = ring;
	return 0;
}

int observer_add_sink(struct observer *observer, const struct observer_sink *sink)
{
	if (observer->sink_count == OBSERVER_SINKS_MAX)
		return -1;
	observer->sink[observer->sink_count++] = *sink;
	return 0;
}

int observer_start(struct observer *observer, void (*enter)(void *context), void *context,
	struct failure *failure)
{
	sigset_t all, before;
	int error;

	observer->enter = enter;
	observer->enter_context = context;
	sem_init(&observer->entered, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&observer->thread, NULL, run, observer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return failure_set(failure, FAILURE_INTERNAL,
			"cannot start the observer's thread: %s", strerror(error));
	while (sem_wait(&observer->entered) && errno == EINTR)
		;
	observer->started = true;
	return 0;
}

void observer_stop(struct observer *observer)
{
	if (!observer || !observer->started)
		return;
	/* Pairs with the acquire in run. */
	atomic_store_explicit(&observer->stop, true, memory_order_release);
	pthread_join(observer->thread, NULL);
	sem_destroy(&observer->entered);
	observer->started = false;
}

void observer_free(struct observer *observer)
{
	free(observer);
}
