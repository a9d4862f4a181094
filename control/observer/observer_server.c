/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/observer/observer_server.h"

#include "control/observer/observer.h"
#include "control/observer/sampling.h"
#include "control/observer/tally.h"
#include "control/server.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

int observer_server_open(struct server *server, struct failure *failure)
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

/* In the observer's thread. */
static void settle(void *context)
{
	const struct server_place *place = context;

	server_leave_worker_cores(place->server->config, place->all);
	privileges_enter_observer(&place->server->privileges);
}

int observer_server_start(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	const struct dataplane *dataplane = server->ports.dataplane;
	struct observer *observer = server->monitoring.observer;
	struct server_place place = {server, all};
	unsigned workers = dataplane_workers(dataplane);
	int result = observer_add_ring(observer, server->monitoring.listener_ring);

	for (unsigned i = 0; i < workers && result == 0; i++)
		result = observer_add_ring(observer, dataplane_observe_ring(dataplane, i));
	if (result != 0)
		return failure_set(failure, FAILURE_INTERNAL, "too many workers to observe");
	return observer_start(observer, settle, &place, failure);
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
void observer_server_second(struct server *server)
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

void observer_server_gather(const struct server *server, struct report_facts *facts)
{
	facts->listener_ring = server->monitoring.listener_ring;
	facts->observe_one_in = atomic_load_explicit(
		&server->serving.observe.one_in, memory_order_relaxed); /* this thread's own */
}

void observer_server_close(struct server *server)
{
	observer_free(server->monitoring.observer);
	observe_ring_free(server->monitoring.listener_ring);
	tally_free(server->monitoring.tally);
}
