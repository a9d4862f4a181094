/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is connected, and what was asked for over the control socket. */
#include "control/metrics/render.h"

#include "control/command/command_method.h"
#include "control/metrics/request_counts.h"

static void requests(struct exposition *exposition, const struct request_counts *counts)
{
	static const char *const results[REQUEST_COUNTS_RESULTS] = {"done", "refused", "failed"};
	const struct method *method;

	exposition_counter(exposition, "arpad_update_requests_total",
		"Requests that change something, by method and result: refused for the client's "
		"fault, "
		"failed for the server's.");
	for (unsigned i = 0;
		i < REQUEST_COUNTS_METHODS_MAX && (method = command_method_at(i)) != NULL; i++) {
		if (method->kind != METHOD_CHANGE && method->kind != METHOD_ACT)
			continue;
		for (unsigned r = 0; r < REQUEST_COUNTS_RESULTS; r++)
			exposition_sample(exposition, counter_read(&counts->count[i][r]), "method",
				method->name, "result", results[r], NULL);
	}
}

static void tcp(struct exposition *exposition, const struct report_facts *report)
{
	const struct dns_listener_counters *counters = report->listener;

	exposition_gauge(exposition, "arpad_tcp_clients", "DNS clients that are connected.");
	exposition_sample(exposition, counter_read(&counters->tcp_clients), NULL);
	exposition_gauge(exposition, "arpad_tcp_clients_max", "How many there may be.");
	exposition_sample(exposition, report->tcp_clients_max, NULL);
	exposition_counter(exposition, "arpad_tcp_accepted_total", "Connections that were taken.");
	exposition_sample(exposition, counter_read(&counters->tcp_accepted), NULL);
	exposition_counter(exposition, "arpad_tcp_closed_total",
		"Connections that we closed: idle too long; slow; limit (idle longest when a new "
		"one "
		"needed the place); memory (tcp.buffer-bytes); malformed.");
	exposition_sample(exposition, counter_read(&counters->closed_idle), "reason", "idle", NULL);
	exposition_sample(exposition, counter_read(&counters->closed_slow), "reason", "slow", NULL);
	exposition_sample(
		exposition, counter_read(&counters->closed_limit), "reason", "limit", NULL);
	exposition_sample(
		exposition, counter_read(&counters->closed_memory), "reason", "memory", NULL);
	exposition_sample(
		exposition, counter_read(&counters->closed_malformed), "reason", "malformed", NULL);
	exposition_counter(exposition, "arpad_tcp_refused_total",
		"Connections that were refused: per-network (tcp.clients-per-network) or "
		"no-resources "
		"(no descriptor or memory).");
	exposition_sample(exposition, counter_read(&counters->refused_per_network), "reason",
		"per-network", NULL);
	exposition_sample(exposition, counter_read(&counters->refused_no_resources), "reason",
		"no-resources", NULL);
	exposition_counter(exposition, "arpad_listener_bytes_total",
		"Octets of DNS messages over kernel sockets, by direction.");
	exposition_sample(exposition, counter_read(&counters->bytes_in), "direction", "in", NULL);
	exposition_sample(exposition, counter_read(&counters->bytes_out), "direction", "out", NULL);
}

void metrics_render_clients(struct exposition *exposition, const struct metrics_view *view)
{
	const struct metrics_facts *facts = view->facts;

	exposition_gauge(exposition, "arpad_control_clients", "Clients of the control sockets.");
	exposition_sample(exposition, facts->control_clients, "socket", "control", NULL);
	exposition_sample(exposition, facts->read_only_clients, "socket", "read-only", NULL);
	if (facts->report.listener)
		tcp(exposition, &facts->report);
	if (facts->requests)
		requests(exposition, facts->requests);
}
