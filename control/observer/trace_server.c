/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/observer/trace_server.h"

#include "control/log.h"
#include "control/observer/dnstap.h"
#include "control/observer/observer.h"
#include "control/observer/trace.h"
#include "control/server.h"

#include <stdlib.h>

static bool publish(void *context, const struct observe_filters *filters)
{
	struct server *server = context;
	struct observe_filters *copy = NULL;
	struct failure failure;

	if (filters->used) {
		copy = malloc(sizeof(*copy));
		if (!copy)
			return false;
		*copy = *filters;
	}
	if (publish_filters(&server->publish, copy, &failure) != 0) {
		free(copy);
		return false;
	}
	server->command.changed(server->command.context); /* has what is retired looked after */
	return true;
}

static uint64_t dropped_of(const struct observe_ring *ring)
{
	return atomic_load_explicit(&ring->dropped, memory_order_relaxed);
}

static uint64_t missed(void *context)
{
	const struct server *server = context;
	const struct dataplane *dataplane = server->ports.dataplane;
	uint64_t sum = dropped_of(server->monitoring.listener_ring);

	for (unsigned i = 0; i < dataplane_workers(dataplane); i++)
		sum += dropped_of(dataplane_observe_ring(dataplane, i));
	return sum;
}

static bool samples(void *context)
{
	const struct server *server = context;

	return atomic_load_explicit(&server->serving.observe.one_in, memory_order_relaxed) != 0;
}

static void opened(void *context)
{
	const struct timeval period = {.tv_usec = TRACE_PERIOD_MS * 1000};
	struct server *server = context;

	if (!evtimer_pending(server->monitoring.trace.tick, NULL))
		evtimer_add(server->monitoring.trace.tick, &period);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct server *server = context;

	(void)fd;
	(void)what;
	if (traces_tick(server->monitoring.trace.traces))
		opened(server);
	socket_wake_followers(server->socket);
}

int trace_server_open(struct server *server, struct failure *failure)
{
	const struct dnstap_settings *settings = &server->boot->dnstap;
	struct trace_part *part = &server->monitoring.trace;
	const struct trace_server needs = {publish, opened, missed, samples, server};

	part->traces = traces_new(&needs);
	part->tick = evtimer_new(server->base, on_tick, server);
	if (!part->traces || !part->tick)
		return failure_set(failure, FAILURE_INTERNAL, "no memory for traces");
	server->command.traces = part->traces;
	if (!settings->socket && !settings->file)
		return 0;
	part->dnstap = dnstap_new(settings, failure);
	return part->dnstap ? 0 : -1;
}

/* In the thread that libfstrm's inherits from. */
static void settle(void *context)
{
	const struct server_place *place = context;

	server_leave_worker_cores(place->server->config, place->all);
	privileges_enter_dnstap(&place->server->privileges);
}

int trace_server_start(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	struct trace_part *part = &server->monitoring.trace;
	struct observer *observer = server->monitoring.observer;
	const struct observer_sink traces = {.take = traces_take, .context = part->traces},
				   dnstap = {.take = dnstap_take, .context = part->dnstap};
	struct server_place place = {server, all};

	if (part->dnstap && dnstap_start(part->dnstap, settle, &place, failure) != 0)
		return -1;
	if (observer_add_sink(observer, &traces) != 0 ||
		(part->dnstap && observer_add_sink(observer, &dnstap) != 0))
		return failure_set(failure, FAILURE_INTERNAL, "too many look at what is observed");
	return 0;
}

void trace_server_stop(struct server *server)
{
	dnstap_free(server->monitoring.trace.dnstap);
	server->monitoring.trace.dnstap = NULL;
}

void trace_server_close(struct server *server)
{
	struct trace_part *part = &server->monitoring.trace;

	if (part->tick)
		event_free(part->tick);
	traces_free(part->traces);
}

void trace_server_second(struct server *server)
{
	if (server->monitoring.trace.dnstap)
		dnstap_second(server->monitoring.trace.dnstap);
}

void trace_server_gather(const struct server *server, struct report_facts *facts)
{
	struct dnstap *dnstap = server->monitoring.trace.dnstap;

	facts->has_dnstap = dnstap != NULL;
	if (dnstap)
		facts->dnstap = dnstap_counts(dnstap);
}
