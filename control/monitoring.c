/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/monitoring.h"

#include "control/config/config_metrics.h"
#include "control/log.h"
#include "control/metrics/gather.h"
#include "control/server.h"

/* In the thread "metrics". */
static void enter_metrics(void *context)
{
	struct server *server = context;

	server_leave_worker_cores(server->boot, &server->monitoring.all);
	privileges_enter_metrics(&server->privileges);
}

static int open_metrics(struct server *server, struct failure *failure)
{
	const struct config_metrics *wanted = &server->boot->metrics;
	const struct metrics_config config = {
		.listen = wanted,
		.readiness = &server->monitoring.readiness,
		.dpdk = dataplane_version(),
		.cycles = dataplane_cycles,
		.enter = enter_metrics,
		.enter_context = server,
	};
	bool by_root = false;
	int result;

	if (!wanted->listen)
		return 0;
	if (!config_metrics_is_local(wanted))
		log_warning(
			"metrics.listen is %s, which other hosts may reach: nobody is asked who "
			"he is there, so let a firewall say who may",
			wanted->listen);
	if (wanted->path)
		by_root = privileges_socket_begin(&server->privileges, wanted->path);
	result = metrics_open(
		&config, &server->monitoring.shared, &server->monitoring.metrics, failure);
	if (wanted->path)
		privileges_socket_end(&server->privileges, wanted->path, by_root);
	return result;
}

int monitoring_open(struct server *server, struct failure *failure)
{
	return open_metrics(server, failure);
}

int monitoring_start(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	server->monitoring.all = *all;
	metrics_gather(server);
	if (!server->monitoring.metrics)
		return 0;
	return metrics_start(server->monitoring.metrics, failure);
}

void monitoring_stop(struct server *server)
{
	metrics_stop(server->monitoring.metrics);
}

void monitoring_close(struct server *server)
{
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

void monitoring_second(struct server *server)
{
	struct readiness *readiness = &server->monitoring.readiness;

	readiness_set(readiness, READINESS_STARTING, !server->ready);
	readiness_set(readiness, READINESS_DRAINING, server->draining);
	log_rates(server);
	metrics_gather(server);
}
