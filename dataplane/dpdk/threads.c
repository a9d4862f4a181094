/* SPDX-License-Identifier: BSD-3-Clause */
/* An lcore is launched and joined; the helper's only door is an alarm. */
#include "dataplane/dpdk/threads.h"

#include <errno.h>
#include <rte_alarm.h>
#include <rte_launch.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct call {
	void (*function)(void *context);
	void *context;
	sem_t done;
};

enum { ALARM_US = 1, PATIENCE_S = 10 };

static int on_lcore(void *argument)
{
	const struct call *call = argument;

	call->function(call->context);
	return 0;
}

int threads_run_on_lcore(unsigned lcore, void (*function)(void *context), void *context)
{
	struct call call = {.function = function, .context = context};
	int rc = rte_eal_remote_launch(on_lcore, &call, lcore);

	if (!rc)
		rte_eal_wait_lcore(lcore);
	return rc;
}

static void on_alarm(void *argument)
{
	struct call *call = argument;

	call->function(call->context);
	sem_post(&call->done);
}

/* False: time is up. */
static bool wait_done(sem_t *done)
{
	struct timespec end;
	int rc;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_S;
	do
		rc = sem_timedwait(done, &end);
	while (rc && errno == EINTR);
	return rc == 0;
}

int threads_run_on_helper(void (*function)(void *context), void *context)
{
	struct call call = {.function = function, .context = context};
	int rc;

	sem_init(&call.done, 0, 0);
	rc = rte_eal_alarm_set(ALARM_US, on_alarm, &call);
	if (!rc && !wait_done(&call.done)) {
		/* Waits for one that runs, so that `call` is nobody's when this returns. */
		rte_eal_alarm_cancel(on_alarm, &call);
		rc = -ETIMEDOUT;
	}
	sem_destroy(&call.done);
	return rc;
}
