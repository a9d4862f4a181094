/* SPDX-License-Identifier: BSD-3-Clause */
/* What arpad is and how it is; the other families are in render_*.c. */
#include "control/metrics/render.h"

#include "control/health/readiness.h"

static void build(struct exposition *exposition, const struct metrics_view *view)
{
	exposition_gauge(exposition, "arpad_build_info", "Always 1; its labels say what runs.");
	exposition_sample(exposition, 1, "version", ARPAD_VERSION, "dpdk", view->dpdk, NULL);
}

static void readiness(struct exposition *exposition, const struct metrics_view *view)
{
	exposition_gauge(exposition, "arpad_ready", "1: others should send us queries.");
	exposition_sample(exposition, view->reasons == 0, NULL);
	exposition_gauge(exposition, "arpad_draining", "1: an operator has asked for a drain.");
	exposition_sample(exposition, view->reasons >> READINESS_DRAINING & 1, NULL);
	exposition_gauge(exposition, "arpad_not_ready", "1: this is a reason not to be ready.");
	for (unsigned i = 0; i < READINESS_REASONS; i++)
		exposition_sample(
			exposition, view->reasons >> i & 1, "reason", readiness_name(i), NULL);
	exposition_gauge(exposition, "arpad_control_silent_seconds",
		"Since the control thread last came round: seconds during a large import, else at "
		"most "
		"about 1.");
	exposition_seconds(exposition, view->silent_ms * 1000000, NULL);
}

static void process(struct exposition *exposition, const struct usage_facts *facts)
{
	exposition_counter(exposition, "process_cpu_seconds_total",
		"CPU time of all threads. Workers that poll take a whole core each, busy or not.");
	exposition_seconds(exposition, facts->cpu_ns, NULL);
	exposition_gauge(
		exposition, "process_start_time_seconds", "When arpad started, since 1970.");
	exposition_seconds(exposition, facts->start_ns, NULL);
	if (facts->resident_bytes) {
		exposition_gauge(exposition, "process_resident_memory_bytes",
			"Memory in use, without huge pages that DPDK took.");
		exposition_sample(exposition, facts->resident_bytes, NULL);
		exposition_gauge(exposition, "process_virtual_memory_bytes",
			"Address space; the store maps up to 1 TiB that is no memory.");
		exposition_sample(exposition, facts->virtual_bytes, NULL);
	}
	if (facts->files) {
		exposition_gauge(exposition, "process_open_fds", "Open files and sockets.");
		exposition_sample(exposition, facts->files, NULL);
	}
	exposition_gauge(exposition, "process_max_fds", "How many there may be.");
	exposition_sample(exposition, facts->files_max, NULL);
}

static void scrapes(struct exposition *exposition, const struct metrics_view *view)
{
	const struct http_counters *http = view->http;

	exposition_counter(exposition, "arpad_http_requests_total",
		"Requests to this listener: answered; refused (no HTTP of ours, or no such page); "
		"late "
		"(too slow); crowded (too many at once); no-memory.");
	exposition_sample(exposition, counter_read(&http->answered), "result", "answered", NULL);
	exposition_sample(exposition, counter_read(&http->refused), "result", "refused", NULL);
	exposition_sample(exposition, counter_read(&http->late), "result", "late", NULL);
	exposition_sample(exposition, counter_read(&http->crowded), "result", "crowded", NULL);
	exposition_sample(exposition, counter_read(&http->no_memory), "result", "no-memory", NULL);
	exposition_gauge(exposition, "arpad_scrape_duration_seconds",
		"How long the previous page of metrics took to make.");
	exposition_seconds(exposition, view->render_ns, NULL);
}

void metrics_render(const struct metrics_view *view, struct text *page)
{
	struct exposition exposition = {.text = page};

	build(&exposition, view);
	readiness(&exposition, view);
	if (view->facts) {
		metrics_render_traffic(&exposition, view);
		metrics_render_workers(&exposition, view);
		metrics_render_records(&exposition, view);
		metrics_render_clients(&exposition, view);
	}
	process(&exposition, view->usage);
	scrapes(&exposition, view);
}
