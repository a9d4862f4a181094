/* SPDX-License-Identifier: BSD-3-Clause */
/* Start and end are one list read in two directions; nothing is served before all of it stands. */
#include "control/server.h"

#include "control/address/answering.h"
#include "control/command/command_txn.h"
#include "control/command/users.h"
#include "control/log.h"
#include "control/reload.h"
#include "control/server_requests.h"

#include <errno.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

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

static void reader_online(void *dataplane)
{
	dataplane_reader_online(dataplane);
}

static void reader_quiescent(void *dataplane)
{
	dataplane_reader_quiescent(dataplane);
}

static void reader_offline(void *dataplane)
{
	dataplane_reader_offline(dataplane);
}

static unsigned punt_take(void *dataplane, struct dataplane_message *messages, unsigned count)
{
	return dataplane_punt_take(dataplane, messages, count);
}

static void punt_reply(void *dataplane, const struct dataplane_message *messages, unsigned count)
{
	dataplane_punt_reply(dataplane, messages, count);
}

static void on_stop_signal(evutil_socket_t number, short what, void *context)
{
	struct server *server = context;

	(void)what;
	log_event(LOG_INFO, "stopping",
		LOG_FIELDS(LOG_TEXT_FIELD("by", number == SIGTERM ? "SIGTERM" : "SIGINT")),
		"stopping: %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
	health_stopping(&server->monitoring.health);
	event_base_loopbreak(server->base);
}

static void on_reload_signal(evutil_socket_t number, short what, void *context)
{
	struct failure logged;

	(void)number;
	(void)what;
	json_decref(reload_config(context, &logged));
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

/* The hot side reads no clock: it is told the time here. */
static void tell_time(struct server *server)
{
	atomic_store_explicit(&server->serving.now, (uint32_t)time(NULL), memory_order_relaxed);
}

static void wake_followers(struct server *server)
{
	socket_wake_followers(server->socket);
	socket_wake_followers(server->read_only_socket);
}

static void command_changed(void *context)
{
	struct server *server = context;

	arm_poll(server);
	wake_followers(server);
}

static void on_clock(evutil_socket_t fd, short what, void *context)
{
	struct server *server = context;

	(void)fd;
	(void)what;
	tell_time(server);
	reload_settle(server);
	monitoring_second(server);
	store_poll(server->store);
	if (server->ready && overdue_undo(&server->overdue, server->update))
		command_changed(server);
	command_txn_tick(&server->command);
	wake_followers(server);
	if (server->ready)
		ports_follow(&server->ports);
}

/* TCP clients take a descriptor each, and the usual soft limit is meant for select(). */
static void raise_descriptors(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max)
		return;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		log_event(LOG_WARNING, "descriptors", NULL,
			"the limit of open files can't be raised: %s", strerror(errno));
}

static int open_loop(struct server *server, struct failure *failure)
{
	const struct timeval second = {.tv_sec = 1};
	struct event_base *base = event_base_new();

	server->base = base;
	if (!base || event_base_priority_init(base, SOCKET_PRIORITIES) != 0)
		return failure_set(failure, FAILURE_INTERNAL, "the event loop can't be made");
	signal(SIGPIPE, SIG_IGN);
	/* Drivers that ask for signals (net_tap) get it when too many wait (fcntl(2), F_SETSIG). */
	signal(SIGIO, SIG_IGN);
	server->stop_signals[0] = evsignal_new(base, SIGTERM, on_stop_signal, server);
	server->stop_signals[1] = evsignal_new(base, SIGINT, on_stop_signal, server);
	server->reload_signal = evsignal_new(base, SIGHUP, on_reload_signal, server);
	server->poll = evtimer_new(base, on_poll, server);
	server->clock = event_new(base, -1, EV_PERSIST, on_clock, server);
	if (!server->stop_signals[0] || !server->stop_signals[1] || !server->reload_signal ||
		!server->poll || !server->clock || event_add(server->stop_signals[0], NULL) != 0 ||
		event_add(server->stop_signals[1], NULL) != 0 ||
		event_add(server->reload_signal, NULL) != 0 ||
		event_add(server->clock, &second) != 0)
		return failure_set(
			failure, FAILURE_INTERNAL, "signals and time can't be waited for");
	tell_time(server);
	return 0;
}

static int open_store(struct server *server, struct failure *failure)
{
	const char *directory = server->config->store_directory;
	int result;

	if (privileges_give_store(&server->privileges, directory, failure) != 0)
		return -1;
	privileges_files_as_user(&server->privileges);
	result = store_open(directory, &server->store, failure);
	privileges_files_as_root(&server->privileges);
	return result;
}

/* In the thread that loads, and later in this one. */
static void on_progress(void *context, size_t records)
{
	struct server *server = context;

	if (server->ready)
		monitoring_working(server);
	else
		health_loading(&server->monitoring.health, records);
}

/*
 * Runs beside ports_open: no worker and no listener reads yet, and no grace period starts here. A
 * thread has the user for files of the one that made it, so the store is open by now.
 */
static int load_records(void *context, struct failure *failure)
{
	const struct grace grace = {grace_start, grace_passed, context};
	struct server *server = context;
	uint8_t seed[TABLE_SEED_BYTES];

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
	update_set_progress(server->update, on_progress, server);
	update_set_journal(server->update, &server->config->journal);
	update_set_ttl(server->update, server->config->zones.ttl);
	return update_load(server->update, failure);
}

/* Before anybody can ask. What the store makes for it is the user's, as all of the store. */
static void undo_overdue(struct server *server)
{
	privileges_files_as_user(&server->privileges);
	overdue_undo(&server->overdue, server->update);
	privileges_files_as_root(&server->privileges);
}

static int publish_first(struct server *server, struct failure *failure)
{
	struct publish *publish = &server->publish;

	publish->serving = &server->serving;
	publish->reclaim = server->reclaim;
	publish->table = server->table;
	publish->idle_ms = server->config->tcp.idle_ms;
	if (getrandom(publish->secret, sizeof(publish->secret), 0) != sizeof(publish->secret))
		return failure_set(failure, FAILURE_INTERNAL,
			"the kernel gives no random numbers: %s", strerror(errno));
	return publish_config(publish, server->config, &server->book, failure);
}

void server_leave_worker_cores(const struct config *config, const cpu_set_t *all)
{
	cpu_set_t others = *all;

	for (unsigned i = 0; i < config->worker_count; i++)
		CPU_CLR(config->worker_cores[i], &others);
	if (CPU_COUNT(&others))
		sched_setaffinity(0, sizeof(others), &others);
}

/* In the store's thread. */
static void settle_store(void *context)
{
	const struct server_place *place = context;

	server_leave_worker_cores(place->server->config, place->all);
	privileges_enter_store(&place->server->privileges);
}

/* The listener's thread inherits where this one may run, so this one goes there for the while. */
static int start_listener(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	const struct config *config = server->config;
	const struct reader reader = {
		server->ports.dataplane, reader_online, reader_quiescent, reader_offline};
	const struct punt punt = {server->ports.dataplane, punt_take, punt_reply};
	struct dns_listener_config wanted = {
		.addresses = server->book.addresses,
		.address_count = server->book.count,
		.udp = true,
		.tcp = true,
		.punt = config->port_count ? &punt : NULL,
		.absent_addresses = config->port_count > 0,
		.limits = config->tcp,
		.enter = privileges_enter_listener,
		.enter_context = &server->privileges,
		.limiter_entries = config->limiter_entries,
		.ring = server->monitoring.listener_ring,
	};
	cpu_set_t here;
	int result;

	if (sched_getaffinity(0, sizeof(here), &here) != 0)
		return failure_set(failure, FAILURE_INTERNAL,
			"the kernel does not say which CPUs we may use: %s", strerror(errno));
	if (getrandom(wanted.limiter_secret, sizeof(wanted.limiter_secret), 0) !=
		sizeof(wanted.limiter_secret))
		return failure_set(failure, FAILURE_INTERNAL,
			"the kernel gives no random numbers: %s", strerror(errno));
	server_leave_worker_cores(config, all);
	result = dns_listener_start(&wanted, &server->serving, &reader, &server->listener, failure);
	sched_setaffinity(0, sizeof(here), &here);
	return result;
}

/* The workers and the listener start last: all that they answer from is published. */
static int start_answering(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	if (publish_first(server, failure) != 0 ||
		ports_start(&server->ports, &server->serving, failure) != 0)
		return -1;
	return start_listener(server, all, failure);
}

static int open_socket(struct server *server, const char *path, unsigned mode,
	int (*open)(struct event_base *base, const char *path, unsigned mode,
		struct command *command, struct socket **out, struct failure *failure),
	struct socket **out, struct failure *failure)
{
	bool by_root = privileges_socket_begin(&server->privileges, path);
	int result = open(server->base, path, mode, &server->command, out, failure);

	privileges_socket_end(&server->privileges, path, by_root);
	return result;
}

static int open_sockets(struct server *server, struct failure *failure)
{
	const struct config *config = server->config;

	server_requests_open(server, command_changed);
	undo_overdue(server);
	if (open_socket(server, config->control_socket, config->control_mode, socket_open,
		    &server->socket, failure) != 0)
		return -1;
	if (!config->read_only_socket)
		return 0;
	return open_socket(server, config->read_only_socket, config->read_only_mode,
		socket_open_read_only, &server->read_only_socket, failure);
}

static int open_ports(struct server *server, const char *program, struct failure *failure)
{
	clock_gettime(CLOCK_MONOTONIC, &server->opening);
	if (ports_open(&server->ports, server->config, program, failure) != 0)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &server->opened);
	return 0;
}

/* EAL waits more than it works, and the store is read meanwhile; its failure comes first. */
static int open_ports_and_load(struct server *server, const char *program, struct failure *failure)
{
	int result;

	if (load_thread_start(&server->load, load_records, server, failure) != 0)
		return -1;
	result = open_ports(server, program, failure);
	return load_thread_join(&server->load, failure) != 0 ? -1 : result;
}

/* From here on nothing is opened that root alone may open. */
static int drop_privileges(struct server *server, const cpu_set_t *all, struct failure *failure)
{
	struct server_place place = {server, all};
	const struct privileges_later later = ports_later(&server->ports);
	struct privileges *privileges = &server->privileges;

	if (privileges_drop(privileges, &later, failure) != 0 ||
		ports_enter(&server->ports, privileges, failure) != 0)
		return -1;
	store_enter(server->store, settle_store, &place);
	privileges_enter_control(privileges);
	return 0;
}

static unsigned milliseconds(const struct timespec *from, const struct timespec *to)
{
	return (unsigned)((to->tv_sec - from->tv_sec) * 1000 +
		(to->tv_nsec - from->tv_nsec) / 1000000);
}

static void log_ready(const struct server *server)
{
	struct table_counts counts = table_counts(server->table);
	unsigned clients = dns_listener_tcp_clients_max(server->listener);
	struct timespec now;

	if (clients < server->config->tcp.tcp_clients)
		log_event(LOG_WARNING, "descriptors",
			LOG_FIELDS(LOG_NUMBER_FIELD("wanted", server->config->tcp.tcp_clients),
				LOG_NUMBER_FIELD("room", clients)),
			"tcp.clients is %u, but the limit of open files leaves room for %u; "
			"raise it (LimitNOFILE=, ulimit -n)",
			server->config->tcp.tcp_clients, clients);
	clock_gettime(CLOCK_MONOTONIC, &now);
	log_event(LOG_INFO, "ready",
		LOG_FIELDS(LOG_NUMBER_FIELD("ms", milliseconds(&server->started, &now)),
			LOG_NUMBER_FIELD("names", counts.owners),
			LOG_NUMBER_FIELD("workers", server->config->worker_count),
			LOG_NUMBER_FIELD("addresses", server->book.count)),
		"ready after %u ms (store %u, ports %u): %zu names, %u workers, %zu addresses, "
		"control socket %s",
		milliseconds(&server->started, &now),
		milliseconds(&server->started, &server->load.ended),
		milliseconds(&server->opening, &server->opened), counts.owners,
		server->config->worker_count, server->book.count, server->config->control_socket);
}

int server_open(struct server *server, const char *config_path, struct config *config,
	const char *program, struct failure *failure)
{
	cpu_set_t all; /* before EAL pins this thread */

	server->config_path = config_path;
	server->boot = server->config = config;
	clock_gettime(CLOCK_MONOTONIC, &server->started);
	metrics_box_init(&server->monitoring.shared.box);
	health_open(&server->monitoring.health);
	process_open(&server->process);
	log_set_level(config->log_level);
	log_set_format(config->log_format);
	raise_descriptors();
	json_object_seed(0); /* reads a file that can't be read later */
	users_remember();    /* likewise */
	CPU_ZERO(&all);
	sched_getaffinity(0, sizeof(all), &all);
	if (privileges_open(&server->privileges, config, config_path, failure) != 0 ||
		open_loop(server, failure) != 0 || answering_open(server, failure) != 0 ||
		open_store(server, failure) != 0 ||
		open_ports_and_load(server, program, failure) != 0 ||
		open_sockets(server, failure) != 0 || monitoring_open(server, failure) != 0 ||
		drop_privileges(server, &all, failure) != 0 ||
		start_answering(server, &all, failure) != 0 ||
		monitoring_start(server, &all, failure) != 0 ||
		answering_start(server, failure) != 0)
		return -1;
	server->ready = true;
	privileges_log(&server->privileges);
	log_ready(server);
	health_serving(server);
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
	publish_free(&server->publish);
	update_free(server->update);
	reclaim_free(server->reclaim);
	if (server->table)
		table_free(server->table);
	store_close(server->store);
}

void server_close(struct server *server)
{
	monitoring_stop(server);
	socket_stop(server->socket);
	socket_stop(server->read_only_socket);
	ports_unsteer(&server->ports);
	dns_listener_stop(server->listener);
	ports_close(&server->ports);
	close_records(server);
	/* From here on a client that waits for the end of its connection sees it. */
	socket_free(server->socket);
	socket_free(server->read_only_socket);
	command_txn_end(&server->command);
	free_event(server->stop_signals[0]);
	free_event(server->stop_signals[1]);
	free_event(server->reload_signal);
	free_event(server->poll);
	free_event(server->clock);
	answering_close(server);
	monitoring_close(server);
	if (server->base)
		event_base_free(server->base);
	reload_settle(server);
	if (server->config != server->boot)
		config_free(server->config);
	config_free(server->boot);
	process_close(&server->process);
	users_forget();
}
