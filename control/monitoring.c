/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/monitoring.h"

#include "control/config/config_metrics.h"
#include "control/log.h"
#include "control/metrics/gather.h"
#include "control/metrics/telemetry.h"
#include "control/observer/observer.h"
#include "control/observer/sampling.h"
#include "control/observer/tally.h"
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
	monitoring->tally = tally_new();
	if (!monitoring->observer || !monitoring->listener_ring || !monitoring->tally)
		return failure_set(failure, FAILURE_INTERNAL, "no memory to observe queries in");
	server->command.tally = monitoring->tally;
	return observer_add_sink(monitoring->observer,
		&(struct observer_sink){tally_take, tally_turn, monitoring->tally});
}

static int open_metrics(struct server *server, struct failure *failure)
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

int monitoring_open(struct server *server, struct failure *failure)
{
	if (open_observer(server, failure) != 0 || trace_server_open(server, failure) != 0)
		return -1;
	return open_metrics(server, failure);
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

/* All that workers and listener received so far. */
static uint64_t messages(const struct server *server)
{
	const struct dataplane *dataplane = server->ports.dataplane;
	const struct dns_listener_counters *listener;
	uint64_t sum = 0;

	for (unsigned i = 0; dataplane && i < dataplane_workers(dataplane); i++)
		sum += counter_read(&dataplane_worker(dataplane, i).counters->received);
	if (!server->listener)
		return sum;
	listener = dns_listener_counters(server->listener);
	return sum + counter_read(&listener->udp_queries) + counter_read(&listener->tcp_queries);
}

/* By the rate of the last second; the rings themselves hold what comes all at once. */
static void set_sampling(struct server *server)
{
	const struct config_observe *wanted = &server->config->observe;
	struct observe_terms *terms = &server->serving.observe;
	uint64_t before = server->monitoring.messages, now = messages(server);
	uint32_t one_in = wanted->automatic ? sampling_one_in(now - before) : wanted->one_in;

	server->monitoring.messages = now;
	/* Pair with the loads of who answers, which order nothing: either is right. */
	atomic_store_explicit(&terms->thins, wanted->automatic, memory_order_relaxed);
	atomic_store_explicit(&terms->one_in, one_in, memory_order_relaxed);
}

/* In the thread "metrics". */
static void settle_metrics(void *context)
{
	const struct place *place = context;

	server_leave_worker_cores(place->server->config, place->all);
	privileges_enter_metrics(&place->server->privileges);
}

static int start_metrics(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	struct place place = {server, all};

	metrics_gather(server);
	if (server->boot->metrics.dpdk_telemetry && server->boot->port_count)
		metrics_telemetry_serve(server);
	if (!server->monitoring.metrics)
		return 0;
	return metrics_start(server->monitoring.metrics, settle_metrics, &place, failure);
}

int monitoring_start(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	set_sampling(server);
	if (trace_server_start(server, all, failure) != 0 ||
		start_observer(server, all, failure) != 0)
		return -1;
	return start_metrics(server, all, failure);
}

void monitoring_gather(const struct server *server, struct report_facts *facts)
{
	facts->listener_ring = server->monitoring.listener_ring;
	facts->observe_one_in = atomic_load_explicit(
		&server->serving.observe.one_in, memory_order_relaxed); /* this thread's own */
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
	observer_free(server->monitoring.observer);
	observe_ring_free(server->monitoring.listener_ring);
	tally_free(server->monitoring.tally);
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
	set_sampling(server);
	log_rates(server);
	log_drops(server);
	trace_server_second(server);
	health_second(server);
	metrics_gather(server);
	metrics_second(server->monitoring.metrics);
}
