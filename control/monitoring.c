/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/monitoring.h"

#include "control/metrics/gather.h"
#include "control/metrics/metrics_server.h"
#include "control/observer/observer.h"
#include "control/observer/observer_server.h"
#include "control/server.h"

int monitoring_open(struct server *server, struct failure *failure)
{
	if (observer_server_open(server, failure) != 0 || trace_server_open(server, failure) != 0)
		return -1;
	return metrics_server_open(server, failure);
}

int monitoring_start(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	observer_server_second(server);
	if (trace_server_start(server, all, failure) != 0 ||
		observer_server_start(server, all, failure) != 0)
		return -1;
	return metrics_server_start(server, all, failure);
}

void monitoring_stop(struct server *server)
{
	health_stopping(&server->monitoring.health);
	observer_stop(server->monitoring.observer);
	trace_server_stop(server);
	dataplane_telemetry_end();
	metrics_stop(server->monitoring.metrics);
}

void monitoring_close(struct server *server)
{
	trace_server_close(server);
	health_close(&server->monitoring.health);
	observer_server_close(server);
	metrics_close(server->monitoring.metrics);
	metrics_box_fini(&server->monitoring.shared.box);
}

static void log_rates(struct server *server)
{
	struct report_facts facts = {.ready = false};
	struct ratelimit_totals totals = {.exempt_cookie = 0};

	if (server->config->policy.rate.mode == RATELIMIT_OFF)
		return;
	ports_gather(&server->ports, &facts);
	for (unsigned i = 0; i < facts.worker_count; i++)
		ratelimit_totals_add(&totals, facts.workers[i].counters);
	if (server->listener)
		ratelimit_totals_add(&totals, &dns_listener_counters(server->listener)->messages);
	ratelimit_log_second(&server->monitoring.rate_log,
		server->config->policy.rate.mode == RATELIMIT_LOG, &totals);
}

static void log_drops(struct server *server)
{
	struct report_facts facts = {.ready = false};
	struct drop_totals totals;

	if (!server->ready || !drop_log_wants(&server->monitoring.drop_log))
		return;
	ports_gather(&server->ports, &facts);
	facts.listener = dns_listener_counters(server->listener);
	totals = drop_totals_of(&facts);
	drop_log_second(&server->monitoring.drop_log, &totals);
}

void monitoring_working(struct server *server)
{
	metrics_alive(server);
	health_working(server);
}

void monitoring_second(struct server *server)
{
	observer_server_second(server);
	log_rates(server);
	log_drops(server);
	trace_server_second(server);
	health_second(server);
	metrics_gather(server);
	metrics_second(server->monitoring.metrics);
}
