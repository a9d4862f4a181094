/* SPDX-License-Identifier: BSD-3-Clause */
/* What rate limiting did, in at most one line a minute, and none while it does nothing. */
#ifndef ARPAD_CONTROL_RATELIMIT_LOG_H
#define ARPAD_CONTROL_RATELIMIT_LOG_H

#include "dataplane/counters.h"

#include <stdbool.h>
#include <stdint.h>

/* The counters of all threads together. */
struct ratelimit_totals {
	uint64_t limited[RATELIMIT_CLASSES], slipped, dropped, exempt_cookie, exempt_prefix;
};

void ratelimit_totals_add(struct ratelimit_totals *totals, const struct counters *counters);

/* The key and report name of a class: "answers". */
const char *ratelimit_class_name(enum ratelimit_class class);

/* Zeroed at first; the control thread's. */
struct ratelimit_log {
	struct ratelimit_totals told; /* by the last line */
	unsigned wait_s;	      /* until there may be another */
};

/* Called once a second. `log_only` says what the line says: replies limited, or such as would be.
 */
void ratelimit_log_second(
	struct ratelimit_log *log, bool log_only, const struct ratelimit_totals *totals);

#endif
