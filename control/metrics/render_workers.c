/* SPDX-License-Identifier: BSD-3-Clause */
/* Worker cores and the ports that they serve. */
#include "control/metrics/render.h"

#include "bpf/steer_verdict.h"

#include <stddef.h>
#include <stdio.h>

enum { NUMBER_BYTES = 12, QUARTER_US_NS = 250 };

/* A family of which every worker has one counter. */
struct row {
	const char *name, *help;
	size_t counter; /* its place in struct counters */
};

static const struct row rows[] = {
	{"arpad_lcore_busy_cycles_total",
		"TSC cycles that a worker spent on looks that found something.",
		offsetof(struct counters, busy_cycles)},
	{"arpad_lcore_asleep_cycles_total", "TSC cycles that a worker slept (dpdk.idle: adaptive).",
		offsetof(struct counters, asleep_cycles)},
	{"arpad_lcore_sleeps_total", "Times that a worker went to sleep.",
		offsetof(struct counters, sleeps)},
	{"arpad_lcore_received_packets_total", "Frames that a worker took from its queue.",
		offsetof(struct counters, received)},
	{"arpad_lcore_returned_packets_total",
		"Frames that other threads gave a worker to send: the listener's replies, and the "
		"kernel's.",
		offsetof(struct counters, returned)},
	{"arpad_lcore_sent_packets_total", "Frames that the port took from a worker.",
		offsetof(struct counters, sent)},
	{"arpad_lcore_bursts_total", "Looks of a worker that found at least one frame.",
		offsetof(struct counters, bursts)},
	{"arpad_lcore_empty_polls_total", "Looks of a worker that found nothing.",
		offsetof(struct counters, empty_polls)},
	{"arpad_lcore_tx_paused_total",
		"Looks that took nothing, so that replies could leave first.",
		offsetof(struct counters, tx_paused)},
	{"arpad_lcore_tx_dropped_total", "Replies of a worker that the port did not take in time.",
		offsetof(struct counters, tx_dropped)},
};

static void worker_sample(
	struct exposition *exposition, const struct dataplane_worker *worker, uint64_t value)
{
	char queue[NUMBER_BYTES], core[NUMBER_BYTES];

	snprintf(queue, sizeof(queue), "%u", worker->queue);
	snprintf(core, sizeof(core), "%d", worker->core);
	exposition_sample(
		exposition, value, "port", worker->port, "queue", queue, "lcore", core, NULL);
}

static uint64_t cycles_of(const struct dataplane_worker *worker, uint64_t now)
{
	uint64_t started = counter_read(&worker->counters->start_cycles);

	return started && now > started ? now - started : 0;
}

static void workers(struct exposition *exposition, const struct metrics_view *view)
{
	const struct report_facts *report = &view->facts->report;

	exposition_counter(exposition, "arpad_lcore_cycles_total",
		"TSC cycles since a worker started; its busy share is busy cycles by these.");
	for (unsigned i = 0; i < report->worker_count; i++)
		worker_sample(exposition, &report->workers[i],
			cycles_of(&report->workers[i], view->cycles));
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		exposition_counter(exposition, rows[r].name, rows[r].help);
		for (unsigned i = 0; i < report->worker_count; i++) {
			const struct dataplane_worker *worker = &report->workers[i];
			const char *block = (const char *)worker->counters;

			worker_sample(exposition, worker,
				counter_read((const _Atomic(uint64_t) *)(const void *)(block +
					rows[r].counter)));
		}
	}
	exposition_gauge(exposition, "arpad_lcore_tx_backlog_max_packets",
		"The most replies that ever waited for the port at once.");
	for (unsigned i = 0; i < report->worker_count; i++)
		worker_sample(exposition, &report->workers[i],
			counter_read(&report->workers[i].counters->tx_backlog));
}

static void histograms(struct exposition *exposition, const struct report_facts *report)
{
	uint64_t sizes[COUNTERS_BURST_SIZES + 1] = {0}, delays[COUNTERS_DELAYS] = {0};
	struct exposition_buckets burst = {sizes, COUNTERS_BURST_SIZES, 1, 0, false};
	struct exposition_buckets delay = {delays, COUNTERS_DELAYS - 1, QUARTER_US_NS, 0, true};

	for (unsigned i = 0; i < report->worker_count; i++) {
		const struct counters *counters = report->workers[i].counters;

		for (unsigned b = 0; b < COUNTERS_BURST_SIZES; b++)
			sizes[b] += counter_read(&counters->burst_size[b]);
		burst.sum += counter_read(&counters->received);
		for (unsigned b = 0; b < COUNTERS_DELAYS; b++)
			delays[b] += counter_read(&counters->delay[b]);
		delay.sum += counter_read(&counters->delay_quarter_us) * QUARTER_US_NS;
	}
	exposition_histogram(exposition, "arpad_rx_burst_packets",
		"Frames that a look at a queue brought, of all workers; 64 is the most.");
	exposition_buckets(exposition, &burst);
	exposition_histogram(exposition, "arpad_response_seconds",
		"Frames by the time from the look that found them until the port had the replies "
		"of "
		"their burst; every frame on worker cores is counted, none is sampled.");
	exposition_buckets(exposition, &delay);
}

/* A family of which every port has one number. */
static const struct {
	const char *name, *help;
	size_t place; /* in struct dataplane_port_stats */
} nic_rows[] = {
	{"arpad_nic_rx_packets_total", "Packets that the port's driver received.",
		offsetof(struct dataplane_port_stats, rx_packets)},
	{"arpad_nic_rx_bytes_total", "Octets of these.",
		offsetof(struct dataplane_port_stats, rx_bytes)},
	{"arpad_nic_rx_missed_total",
		"Packets that were lost before a worker saw them, since its queue was full.",
		offsetof(struct dataplane_port_stats, rx_missed)},
	{"arpad_nic_rx_no_buffer_total", "Packets that were lost for want of a buffer.",
		offsetof(struct dataplane_port_stats, rx_no_buffer)},
	{"arpad_nic_rx_errors_total", "Packets that the port refused as damaged.",
		offsetof(struct dataplane_port_stats, rx_errors)},
	{"arpad_nic_tx_packets_total", "Packets that the port's driver sent.",
		offsetof(struct dataplane_port_stats, tx_packets)},
	{"arpad_nic_tx_bytes_total", "Octets of these.",
		offsetof(struct dataplane_port_stats, tx_bytes)},
	{"arpad_nic_tx_errors_total", "Packets that the port's driver could not send.",
		offsetof(struct dataplane_port_stats, tx_errors)},
};

static void ports(struct exposition *exposition, const struct report_facts *report)
{
	for (size_t r = 0; r < sizeof(nic_rows) / sizeof(nic_rows[0]); r++) {
		exposition_counter(exposition, nic_rows[r].name, nic_rows[r].help);
		for (unsigned i = 0; i < report->port_count; i++) {
			const char *stats = (const char *)&report->ports[i];

			exposition_sample(exposition,
				*(const uint64_t *)(const void *)(stats + nic_rows[r].place),
				"port", report->ports[i].port, NULL);
		}
	}
	exposition_gauge(exposition, "arpad_nic_link_up",
		"1: the link is up. Only of ports that DPDK owns; the kernel knows of the others.");
	for (unsigned i = 0; i < report->port_count; i++)
		if (report->ports[i].owned)
			exposition_sample(exposition, report->ports[i].link_up, "port",
				report->ports[i].port, NULL);
}

static void kernel_paths(struct exposition *exposition, const struct report_facts *report)
{
	exposition_counter(exposition, "arpad_kernel_path_packets_total",
		"Frames that the exception path of a port moved to the kernel, and from it.");
	for (unsigned i = 0; i < report->port_count; i++) {
		const struct report_kernel *kernel = &report->kernels[i];

		if (!kernel->interface)
			continue;
		exposition_sample(exposition, kernel->stats.to_kernel, "interface",
			kernel->interface, "direction", "to", NULL);
		exposition_sample(exposition, kernel->stats.from_kernel, "interface",
			kernel->interface, "direction", "from", NULL);
	}
	exposition_counter(exposition, "arpad_kernel_path_dropped_total",
		"Frames for the kernel that were dropped: ring-full (above ports[].kernel.rate, or "
		"the "
		"kernel took too few) or device-full (its interface is full or down).");
	for (unsigned i = 0; i < report->port_count; i++) {
		const struct report_kernel *kernel = &report->kernels[i];

		if (!kernel->interface)
			continue;
		exposition_sample(exposition, kernel->stats.ring_full, "interface",
			kernel->interface, "reason", "ring-full", NULL);
		exposition_sample(exposition, kernel->stats.device_full, "interface",
			kernel->interface, "reason", "device-full", NULL);
	}
}

static void steering(struct exposition *exposition, const struct report_facts *report)
{
	exposition_counter(exposition, "arpad_steer_packets_total",
		"Packets that the XDP program of an interface looked at, by verdict "
		"(docs/outcomes.md).");
	for (unsigned i = 0; i < report->steer_count; i++)
		for (unsigned v = 0; v < STEER_VERDICTS; v++)
			exposition_sample(exposition, report->steers[i].verdicts[v], "interface",
				report->steers[i].interface, "verdict", steer_verdict_name(v),
				NULL);
}

void metrics_render_workers(struct exposition *exposition, const struct metrics_view *view)
{
	const struct report_facts *report = &view->facts->report;

	workers(exposition, view);
	histograms(exposition, report);
	ports(exposition, report);
	kernel_paths(exposition, report);
	steering(exposition, report);
}
