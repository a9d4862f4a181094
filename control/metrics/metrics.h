/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The thread "metrics": HTTP for Prometheus and for who asks whether we live. It reads counters and
 * a copy of facts, so it waits for no other thread, nor any for it.
 */
#ifndef ARPAD_CONTROL_METRICS_METRICS_H
#define ARPAD_CONTROL_METRICS_METRICS_H

#include "control/config/config.h"
#include "control/failure.h"
#include "control/health/readiness.h"
#include "control/metrics/facts.h"
#include "control/metrics/request_counts.h"

#include <stdatomic.h>
#include <stdint.h>

/* /healthz calls the control thread dead when it has not come round for so long. */
enum { METRICS_ALIVE_MS = 60000 };

/* Borrowed until metrics_close. */
struct metrics_config {
	const struct config_metrics *listen;
	const struct readiness *readiness;
	const char *dpdk;	  /* its version */
	uint64_t (*cycles)(void); /* the TSC now; any thread */
};

/* What the control thread fills, whether anybody reads it or not. Zeroed at first. */
struct metrics_shared {
	struct metrics_box box;
	_Atomic(int64_t) alive_ms; /* CLOCK_MONOTONIC: when the control thread last came round */
	struct request_counts requests;
};

struct metrics;

/*
 * Opens the socket and what of /proc is read later: before privileges are dropped. Where the socket
 * can't be had a warning says why, and metrics_second tries again. -1: one sentence.
 */
int metrics_open(const struct metrics_config *config, struct metrics_shared *shared,
	struct metrics **metrics, struct failure *failure);

/* Starts the thread, which first runs enter(context): that is waited for. */
int metrics_start(struct metrics *metrics, void (*enter)(void *context), void *context,
	struct failure *failure);

/* Once a second: tries again what did not go at the start, and logs when it does. Takes NULL. */
void metrics_second(struct metrics *metrics);

/* Joins the thread; a Unix socket's file is removed. Takes NULL. */
void metrics_stop(struct metrics *metrics);
void metrics_close(struct metrics *metrics); /* takes NULL */

/* CLOCK_MONOTONIC. */
int64_t metrics_now_ms(void);

#endif
