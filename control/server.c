/* SPDX-License-Identifier: BSD-3-Clause */
/* Start and end are one list read in two directions; nothing is served before all of it stands. */
#include "control/server.h"

#include "control/log.h"
#include "control/reload.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>

enum {
	TABLE_SHARDS = 16, /* bounds one shard's growth step; more than that brings nothing */
	/* How long freed records may stay: longer than any grace period, short for a person. */
	POLL_MS = 10,
};

/* Before the workers start and after they end there is nobody to wait for. */
static uint64_t grace_start(void *context)
{
	struct server *server = context;

	return server->ports.dataplane ? dataplane_grace_start(server->ports.dataplane) : 0;
}

static bool grace_passed(void *context, uint64_t token)
{
	struct server *server = context;

	return !server->ports.dataplane || dataplane_grace_passed(server->ports.dataplane, token);
}

static void on_stop_signal(evutil_socket_t number, short what, void *context)
{
	struct server *server = context;

	(void)what;
	log_info("stopping: %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
	event_base_loopbreak(server->base);
}

static void on_reload_signal(evutil_socket_t number, short what, void *context)
{
	(void)number;
	(void)what;
	reload_config(context);
}

static void arm_poll(void *context)
{
	const struct timeval soon = {.tv_usec = POLL_MS * 1000};
	struct server *server = context;

	if (!evtimer_pending(server->poll, NULL))
		evtimer_add(server->poll, &soon);
}

static void on_poll(evutil_socket_t fd, short what, void *context)
{
	struct server *server = context;

	(void)fd;
	(void)what;
	if (update_poll(server->update))
		arm_poll(server);
}

static void command_stop(void *context)
{
	struct server *server = context;

	log_info("stopping: server.stop");
	event_base_loopexit(server->base, NULL);
}

static void command_gather(void *context, struct report_facts *facts)
{
	struct server *server = context;
	const struct zones *zones = atomic_load_explicit(&server->serving.zones,
		memory_order_relaxed); /* this thread is the only one that stores it */
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	facts->uptime_s = (uint64_t)(now.tv_sec - server->started.tv_sec);
	facts->ready = server->ready;
	facts->sequence = store_sequence(server->store);
	facts->zones = zones ? zones_count(zones) : 0;
	facts->rrsets = store_rrsets(server->store);
	facts->waiting = reclaim_waiting(server->reclaim);
	facts->table = table_counts(server->table);
	ports_gather(&server->ports, facts);
}

static int open_loop(struct server *server, struct failure *failure)
{
	struct event_base *base = event_base_new();

	server->base = base;
	if (!base || event_base_priority_init(base, SOCKET_PRIORITIES) != 0)
		return failure_set(failure, FAILURE_INTERNAL, "the event loop can't be made");
	signal(SIGPIPE, SIG_IGN);
	server->stop_signals[0] = evsignal_new(base, SIGTERM, on_stop_signal, server);
	server->stop_signals[1] = evsignal_new(base, SIGINT, on_stop_signal, server);
	server->reload_signal = evsignal_new(base, SIGHUP, on_reload_signal, server);
	server->poll = evtimer_new(base, on_poll, server);
	if (!server->stop_signals[0] || !server->stop_signals[1] || !server->reload_signal ||
		!server->poll || event_add(server->stop_signals[0], NULL) != 0 ||
		event_add(server->stop_signals[1], NULL) != 0 ||
		event_add(server->reload_signal, NULL) != 0)
		return failure_set(failure, FAILURE_INTERNAL, "the signals can't be waited for");
	return 0;
}

static int open_records(struct server *server, struct failure *failure)
{
	const struct grace grace = {grace_start, grace_passed, server};
	uint8_t seed[TABLE_SEED_BYTES];

	if (store_open(server->config->store_directory, &server->store, failure) != 0)
		return -1;
	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return failure_set(failure, FAILURE_INTERNAL,
			"the kernel gives no random numbers: %s", strerror(errno));
	server->table = table_new(TABLE_SHARDS, seed);
	server->serving.table = server->table;
	server->reclaim = reclaim_new(&grace);
	if (server->table && server->reclaim)
		server->update =
			update_new(server->store, server->table, &server->serving, server->reclaim);
	if (!server->update)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	return update_load(server->update, failure);
}

static int publish_addresses(struct server *server, struct failure *failure)
{
	const struct config *config = server->config;
	struct addresses *addresses =
		addresses_new(config->addresses, config->address_count, config->port);

	if (!addresses)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	serving_publish_addresses(&server->serving, addresses);
	return 0;
}

static void publish_policy(struct server *server)
{
	server->policy = policy_default();
	serving_publish_policy(&server->serving, &server->policy);
}

/* The workers start last: all that they answer from is published. */
static int start_answering(struct server *server, struct failure *failure)
{
	publish_policy(server);
	if (publish_addresses(server, failure) != 0)
		return -1;
	return ports_start(&server->ports, &server->serving, failure);
}

static int open_socket(struct server *server, struct failure *failure)
{
	server->command = (struct command){
		.store = server->store,
		.update = server->update,
		.zones = &server->config->zones,
		.gather = command_gather,
		.stop = command_stop,
		.changed = arm_poll,
		.context = server,
	};
	return socket_open(server->base, server->config->control_socket,
		server->config->control_mode, &server->command, &server->socket, failure);
}

static void log_ready(const struct server *server)
{
	struct table_counts counts = table_counts(server->table);

	log_info("ready: %zu names, %u workers, %zu addresses, port %u, control socket %s",
		counts.owners, server->config->worker_count, server->config->address_count,
		server->config->port, server->config->control_socket);
}

int server_open(struct server *server, const char *config_path, struct config *config,
	const char *program, struct failure *failure)
{
	server->config_path = config_path;
	server->boot = server->config = config;
	clock_gettime(CLOCK_MONOTONIC, &server->started);
	log_set_level(config->log_level);
	if (open_loop(server, failure) != 0 || open_records(server, failure) != 0 ||
		ports_open(&server->ports, config, program, failure) != 0 ||
		start_answering(server, failure) != 0 || open_socket(server, failure) != 0 ||
		ports_steer(&server->ports, config, failure) != 0)
		return -1;
	server->ready = true;
	log_ready(server);
	return 0;
}

int server_run(struct server *server)
{
	return event_base_dispatch(server->base) < 0 ? -EIO : 0;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

static void close_records(struct server *server)
{
	addresses_free(
		(struct addresses *)(uintptr_t)serving_publish_addresses(&server->serving, NULL));
	update_free(server->update);
	reclaim_free(server->reclaim);
	if (server->table)
		table_free(server->table);
	store_close(server->store);
}

void server_close(struct server *server)
{
	socket_stop(server->socket);
	ports_close(&server->ports);
	close_records(server);
	/* From here on a client that waits for the end of its connection sees it. */
	socket_free(server->socket);
	free_event(server->stop_signals[0]);
	free_event(server->stop_signals[1]);
	free_event(server->reload_signal);
	free_event(server->poll);
	if (server->base)
		event_base_free(server->base);
	if (server->config != server->boot)
		config_free(server->config);
	config_free(server->boot);
}
