/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/monitoring.h"

#include "control/observer/observer.h"
#include "control/server.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

struct place {
	struct server *server;
	const cpu_set_t *all;
};

static int open_observer(struct server *server, struct failure *failure)
{
	struct monitoring *monitoring = &server->monitoring;
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return failure_set(failure, FAILURE_INTERNAL,
			"the kernel gives no random numbers: %s", strerror(errno));
	monitoring->observer = observer_new();
	monitoring->listener_ring = observe_ring_new((uint16_t)server->config->worker_count, seed);
	if (!monitoring->observer || !monitoring->listener_ring)
		return failure_set(failure, FAILURE_INTERNAL, "no memory to observe queries in");
	return 0;
}

int monitoring_open(struct server *server, struct failure *failure)
{
	return open_observer(server, failure);
}

/* In the observer's thread. */
static void settle_observer(void *context)
{
	const struct place *place = context;

	server_leave_worker_cores(place->server->config, place->all);
	privileges_enter_observer(&place->server->privileges);
}

static int start_observer(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	const struct dataplane *dataplane = server->ports.dataplane;
	struct observer *observer = server->monitoring.observer;
	struct place place = {server, all};
	unsigned workers = dataplane_workers(dataplane);
	int result = observer_add_ring(observer, server->monitoring.listener_ring);

	for (unsigned i = 0; i < workers && result == 0; i++)
		result = observer_add_ring(observer, dataplane_observe_ring(dataplane, i));
	if (result != 0)
		return failure_set(failure, FAILURE_INTERNAL, "too many workers to observe");
	return observer_start(observer, settle_observer, &place, failure);
}

int monitoring_start(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	return start_observer(server, all, failure);
}

void monitoring_stop(struct server *server)
{
	health_stopping(&server->monitoring.health);
	observer_stop(server->monitoring.observer);
}

void monitoring_close(struct server *server)
{
	health_close(&server->monitoring.health);
	observer_free(server->monitoring.observer);
	observe_ring_free(server->monitoring.listener_ring);
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

void monitoring_second(struct server *server)
{
	log_rates(server);
	log_drops(server);
	health_second(server);
}
