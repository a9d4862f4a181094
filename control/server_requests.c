/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/server_requests.h"

#include "control/address/answering.h"
#include "control/log.h"
#include "control/observer/observer_server.h"
#include "control/reload.h"
#include "control/server.h"

#include <jansson.h>

static void stop(void *context)
{
	struct server *server = context;

	log_event(LOG_INFO, "stopping", LOG_FIELDS(LOG_TEXT_FIELD("by", "server.stop")),
		"stopping: server.stop");
	health_stopping(&server->monitoring.health);
	event_base_loopexit(server->base, NULL);
}

static void gather_process(const struct process *process, struct report_facts *facts)
{
	facts->start_id = process->start_id;
	facts->started_ms = process->started_ms;
	facts->time_ms = process_time_ms();
	facts->monotonic_ms = process_monotonic_ms();
	facts->resident_bytes = process_resident_bytes(process);
}

static void gather(void *context, struct report_facts *facts)
{
	struct server *server = context;
	const struct zones *zones = atomic_load_explicit(&server->serving.zones,
		memory_order_relaxed); /* this thread is the only one that stores it */
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	gather_process(&server->process, facts);
	facts->uptime_s = (uint64_t)(now.tv_sec - server->started.tv_sec);
	facts->reasons = readiness_reasons(&server->monitoring.health.readiness);
	facts->ready = facts->reasons == 0;
	facts->sequence = store_sequence(server->store);
	facts->zones = zones ? zones_count(zones) : 0;
	facts->rrsets = store_rrsets(server->store);
	facts->waiting = reclaim_waiting(server->reclaim);
	facts->table = table_counts(server->table);
	facts->addresses = server->book.count;
	facts->steering = !ports_steered(&server->ports) ? REPORT_NO_STEERING
		: server->draining			 ? REPORT_DRAINING
							 : REPORT_STEERING;
	ports_gather(&server->ports, facts);
	privileges_gather(&server->privileges, facts);
	observer_server_gather(server, facts);
	trace_server_gather(server, facts);
	if (server->listener) {
		facts->listener = dns_listener_counters(server->listener);
		facts->tcp_clients_max = dns_listener_tcp_clients_max(server->listener);
	}
}

static const struct address_book *addresses(void *context)
{
	const struct server *server = context;

	return &server->book;
}

static int change_address(void *context, const struct dns_listener_address *address, bool add,
	struct failure *failure)
{
	return add ? answering_add(context, address, failure)
		   : answering_remove(context, address, failure);
}

static int drain(
	void *context, bool drain, struct command_steering *steering, struct failure *failure)
{
	return health_drain(context, drain, steering, failure);
}

static json_t *health(void *context)
{
	return health_report(context);
}

void server_requests_open(struct server *server, void (*changed)(void *context))
{
	const struct config *config = server->config;

	server->command = (struct command){
		.store = server->store,
		.update = server->update,
		.zones = &config->zones,
		.name_syntax = config->name_syntax,
		.interfaces = config->interfaces,
		.gather = gather,
		.stop = stop,
		.changed = changed,
		.addresses = addresses,
		.change_address = change_address,
		.drain = drain,
		.show_config = reload_show,
		.diff_config = reload_difference,
		.reload = reload_config,
		.health = health,
		.access = &config->access,
		.counts = &server->monitoring.shared.requests,
		.context = server,
	};
}
