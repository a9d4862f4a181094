/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/monitoring.h"

#include "control/server.h"

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

void monitoring_second(struct server *server)
{
	log_rates(server);
	health_second(server);
}
