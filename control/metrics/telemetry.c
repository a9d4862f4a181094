/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/metrics/telemetry.h"

#include "control/log.h"
#include "control/server.h"

#include <stdio.h>
#include <string.h>

enum { NUMBER_BYTES = 12 };

static void put_status(struct server *server, const struct metrics_facts *facts,
	struct dataplane_telemetry_reply *reply)
{
	const struct report_facts *report = &facts->report;
	uint32_t reasons = readiness_reasons(&server->monitoring.health.readiness);

	dataplane_telemetry_put_text(reply, "version", ARPAD_VERSION);
	dataplane_telemetry_put(reply, "ready", reasons == 0);
	for (unsigned i = 0; i < READINESS_REASONS; i++)
		dataplane_telemetry_put(reply, readiness_name(i), reasons >> i & 1);
	dataplane_telemetry_put(reply, "uptime_s", report->uptime_s);
	dataplane_telemetry_put(reply, "sequence", report->sequence);
	dataplane_telemetry_put(reply, "zones", report->zones);
	dataplane_telemetry_put(reply, "rrsets", report->rrsets);
	dataplane_telemetry_put(reply, "owners", report->table.owners);
	dataplane_telemetry_put(reply, "table_bytes", report->table.bytes);
	dataplane_telemetry_put(reply, "addresses", report->addresses);
	dataplane_telemetry_put(reply, "workers", report->worker_count);
}

static void put_stats(const struct metrics_facts *facts, struct dataplane_telemetry_reply *reply)
{
	uint64_t outcomes[OUTCOMES] = {0}, received = 0, sent = 0, dropped = 0;

	for (unsigned i = 0; i < facts->report.worker_count; i++) {
		const struct counters *counters = facts->report.workers[i].counters;

		for (unsigned j = 0; j < OUTCOMES; j++)
			outcomes[j] += counter_read(&counters->outcome[j]);
		received += counter_read(&counters->received);
		sent += counter_read(&counters->sent);
		dropped += counter_read(&counters->tx_dropped);
	}
	dataplane_telemetry_put(reply, "received", received);
	dataplane_telemetry_put(reply, "sent", sent);
	dataplane_telemetry_put(reply, "tx_dropped", dropped);
	for (unsigned j = 0; j < OUTCOMES; j++)
		dataplane_telemetry_put(reply, outcome_name(j), outcomes[j]);
}

static void put_worker(const void *context, struct dataplane_telemetry_reply *object)
{
	const struct dataplane_worker *worker = context;
	const struct counters *counters = worker->counters;
	uint64_t started = counter_read(&counters->start_cycles);

	dataplane_telemetry_put_text(object, "port", worker->port);
	dataplane_telemetry_put(object, "queue", worker->queue);
	dataplane_telemetry_put(object, "lcore", (uint64_t)worker->core);
	dataplane_telemetry_put(object, "received", counter_read(&counters->received));
	dataplane_telemetry_put(object, "sent", counter_read(&counters->sent));
	dataplane_telemetry_put(object, "bursts", counter_read(&counters->bursts));
	dataplane_telemetry_put(object, "tx_dropped", counter_read(&counters->tx_dropped));
	dataplane_telemetry_put(object, "total_cycles", started ? dataplane_cycles() - started : 0);
	dataplane_telemetry_put(object, "busy_cycles", counter_read(&counters->busy_cycles));
	dataplane_telemetry_put(object, "asleep_cycles", counter_read(&counters->asleep_cycles));
}

static void put_workers(const struct metrics_facts *facts, struct dataplane_telemetry_reply *reply)
{
	for (unsigned i = 0; i < facts->report.worker_count; i++) {
		char number[NUMBER_BYTES];

		snprintf(number, sizeof(number), "%u", i);
		dataplane_telemetry_put_object(
			reply, number, put_worker, &facts->report.workers[i]);
	}
}

static void fill(
	void *context, enum dataplane_telemetry_page page, struct dataplane_telemetry_reply *reply)
{
	struct server *server = context;
	struct metrics_box *box = &server->monitoring.shared.box;
	const struct metrics_facts *facts = metrics_box_read(box);

	if (facts && page == DATAPLANE_TELEMETRY_STATUS)
		put_status(server, facts, reply);
	else if (facts && page == DATAPLANE_TELEMETRY_STATS)
		put_stats(facts, reply);
	else if (facts)
		put_workers(facts, reply);
	metrics_box_done(box);
}

void metrics_telemetry_serve(struct server *server)
{
	const struct dataplane_telemetry telemetry = {fill, server};
	int rc = dataplane_telemetry_serve(&telemetry);

	if (rc != 0)
		log_event(LOG_WARNING, "telemetry", NULL,
			"DPDK's telemetry does not take our commands: %s", strerror(-rc));
}
