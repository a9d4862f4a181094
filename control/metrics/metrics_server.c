/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/metrics/metrics_server.h"

#include "control/config/config_metrics.h"
#include "control/log.h"
#include "control/metrics/gather.h"
#include "control/metrics/telemetry.h"
#include "control/server.h"

int metrics_server_open(struct server *server, struct failure *failure)
{
	const struct config_metrics *wanted = &server->boot->metrics;
	const struct metrics_config config = {
		.listen = wanted,
		.readiness = &server->monitoring.health.readiness,
		.dpdk = dataplane_version(),
		.cycles = dataplane_cycles,
	};
	bool by_root = false;
	int result;

	if (!wanted->listen)
		return 0;
	if (!config_metrics_is_local(wanted))
		log_event(LOG_WARNING, "metrics-open",
			LOG_FIELDS(LOG_TEXT_FIELD("listen", wanted->listen)),
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

/* In the thread "metrics". */
static void settle(void *context)
{
	const struct server_place *place = context;

	server_leave_worker_cores(place->server->config, place->all);
	privileges_enter_metrics(&place->server->privileges);
}

int metrics_server_start(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	struct server_place place = {server, all};

	metrics_gather(server);
	if (server->boot->metrics.dpdk_telemetry && server->boot->port_count)
		metrics_telemetry_serve(server);
	if (!server->monitoring.metrics)
		return 0;
	return metrics_start(server->monitoring.metrics, settle, &place, failure);
}
