/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page /metrics. docs/metrics.md tells of each of its families; a test compares the two. Pure,
 * but for counters that are read live.
 */
#ifndef ARPAD_CONTROL_METRICS_RENDER_H
#define ARPAD_CONTROL_METRICS_RENDER_H

#include "control/command/text.h"
#include "control/metrics/exposition.h"
#include "control/metrics/facts.h"
#include "control/metrics/http_server.h"
#include "control/metrics/usage.h"

struct metrics_view {
	const struct metrics_facts *facts; /* NULL: nothing was told yet */
	const struct usage_facts *usage;
	const struct http_counters *http;
	const char *dpdk;   /* its version */
	uint64_t cycles;    /* the TSC now */
	uint32_t reasons;   /* not to be ready, by enum readiness_reason */
	uint64_t silent_ms; /* since the control thread last came round */
	uint64_t render_ns; /* how long the page took the last time */
};

void metrics_render(const struct metrics_view *view, struct text *page);

/* Its parts. */
void metrics_render_traffic(struct exposition *exposition, const struct metrics_view *view);
void metrics_render_workers(struct exposition *exposition, const struct metrics_view *view);
void metrics_render_records(struct exposition *exposition, const struct metrics_view *view);
void metrics_render_clients(struct exposition *exposition, const struct metrics_view *view);

#endif
