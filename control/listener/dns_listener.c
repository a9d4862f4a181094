/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listener's thread and life. The control thread opens and closes sockets; only the listener's
 * thread touches their events, on a command that the control thread waits for. So a socket is
 * never closed under an event, and "listening" means that it is.
 */
#include "control/listener/dns_listener.h"

#include "control/listener/dns_listener_change.h"
#include "control/listener/dns_listener_core.h"
#include "control/listener/dns_listener_punt.h"
#include "control/listener/dns_listener_tcp.h"
#include "control/listener/dns_listener_udp.h"
#include "control/thread_loop.h"
#include "dataplane/dataplane.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

/* Descriptors that stay for the rest of the process: store, control socket, ports, listeners. */
enum { RESERVED_DESCRIPTORS = 256 };

/* What the control thread has the listener's thread do. */
struct command {
	struct dns_listener_sockets add, drop;
	bool stop;
	bool failed; /* the reply; then nothing was added or dropped */
};

/* Of our own queries: whose move it is, as with a worker's (struct probe). */
struct dns_listener_probe {
	_Atomic(unsigned) state; /* of enum probe_state */
	size_t length;
	uint8_t message[PROBE_MESSAGE_MAX_BYTES];
};

struct dns_listener {
	struct dns_listener_counters counters;
	struct dns_listener_core core;
	struct dns_listener_tcp *tcp;
	struct dns_listener_udp *udp;
	struct dns_listener_punt *punt;
	unsigned tcp_clients_max;
	bool absent_addresses;
	struct dns_listener_sockets sockets; /* the control thread's */
	pthread_t thread;
	struct event wake;
	int wake_fd;
	sem_t done;
	_Atomic(struct command *) command; /* control: release, listener: acquire, and then NULL */
	struct dns_listener_probe probe;
	void (*enter)(void *context);
	void *enter_context;
};

static void socket_unwatch(struct dns_listener_socket *socket)
{
	event_del(&socket->readable);
	event_del(&socket->retry);
}

static void carry_out(struct command *command)
{
	for (size_t i = 0; i < command->add.count; i++) {
		if (event_add(&command->add.at[i]->readable, NULL) == 0)
			continue;
		while (i-- > 0)
			socket_unwatch(command->add.at[i]);
		command->failed = true;
		return;
	}
	for (size_t i = 0; i < command->drop.count; i++)
		socket_unwatch(command->drop.at[i]);
}

/* As a query over UDP, but counted nowhere and limited by nothing. */
static void answer_probe(struct dns_listener *listener)
{
	static const uint8_t nobody[4] = {192, 0, 0, 8}; /* RFC 7600's dummy address */
	const struct client client = {
		.address = nobody, .address_bytes = sizeof(nobody), .transport = TRANSPORT_UDP};
	struct dns_listener_probe *probe = &listener->probe;
	const struct reader *reader = &listener->core.reader;
	enum outcome outcome;

	reader->online(reader->context);
	probe->length = respond(listener->core.serving, &client, probe->message, probe->length,
		sizeof(probe->message), &outcome);
	reader->offline(reader->context);
	/* Pairs with the acquire in dns_listener_probe_take. */
	atomic_store_explicit(&probe->state, PROBE_ANSWERED, memory_order_release);
}

static void woken(evutil_socket_t fd, short what, void *context)
{
	struct dns_listener *listener = context;
	struct command *command;
	eventfd_t wakes;

	(void)what;
	if (eventfd_read(fd, &wakes))
		return;
	/* Pairs with the release in dns_listener_probe_send. */
	if (atomic_load_explicit(&listener->probe.state, memory_order_acquire) == PROBE_ASKED)
		answer_probe(listener);
	/* Pairs with the release in send_command. */
	command = atomic_exchange_explicit(&listener->command, NULL, memory_order_acquire);
	if (!command)
		return;
	if (command->stop)
		event_base_loopbreak(listener->core.base);
	else
		carry_out(command);
	sem_post(&listener->done);
}

static void send_command(struct dns_listener *listener, struct command *command)
{
	/* Pairs with the acquire in woken. */
	atomic_store_explicit(&listener->command, command, memory_order_release);
	eventfd_write(listener->wake_fd, 1);
	while (sem_wait(&listener->done) && errno == EINTR)
		;
}

static void *run(void *context)
{
	struct dns_listener *listener = context;

	pthread_setname_np(pthread_self(), "dns-listener");
	if (listener->core.ring)
		observe_ring_settle(listener->core.ring);
	if (listener->enter)
		listener->enter(listener->enter_context);
	event_base_dispatch(listener->core.base);
	return NULL;
}

int dns_listener_set_addresses(struct dns_listener *listener,
	const struct dns_listener_address *addresses, size_t count, struct failure *failure)
{
	const struct dns_listener_parts parts = {
		listener->core.base, listener->tcp, listener->udp, listener->absent_addresses};
	struct dns_listener_change change;
	struct command command = {0};

	if (dns_listener_change_plan(
		    &change, &parts, &listener->sockets, addresses, count, failure))
		return -1;
	command.add = change.add;
	command.drop = change.drop;
	send_command(listener, &command);
	if (command.failed) {
		dns_listener_change_undo(&change);
		return failure_set(failure, FAILURE_INTERNAL,
			"cannot wait for queries on %zu addresses: out of memory", count);
	}
	dns_listener_change_commit(&change, &listener->sockets);
	return 0;
}

static unsigned clients_max(unsigned configured)
{
	struct rlimit files;
	rlim_t left;

	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur == RLIM_INFINITY)
		return configured;
	left = files.rlim_cur > 2 * RESERVED_DESCRIPTORS ? files.rlim_cur - RESERVED_DESCRIPTORS
							 : files.rlim_cur / 2;
	return left < configured ? (unsigned)left : configured;
}

/* Everything but the thread; what it made, parts_free frees, also after half of it. */
static bool parts_new(struct dns_listener *listener, const struct dns_listener_config *config)
{
	struct dns_listener_limits effective = config->limits;

	effective.tcp_clients = listener->tcp_clients_max;
	listener->core.base = thread_loop_new();
	if (!listener->core.base)
		return false;
	if (config->tcp)
		listener->tcp = dns_listener_tcp_new(&listener->core, &effective);
	if (config->udp)
		listener->udp = dns_listener_udp_new(&listener->core);
	if (config->punt)
		listener->punt = dns_listener_punt_new(&listener->core, config->punt);
	if (config->limiter_entries)
		listener->core.limiter =
			ratelimit_new(config->limiter_entries, config->limiter_secret, 1);
	listener->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return (listener->tcp || !config->tcp) && (listener->udp || !config->udp) &&
		(listener->punt || !config->punt) &&
		(listener->core.limiter || !config->limiter_entries) && listener->wake_fd >= 0 &&
		event_assign(&listener->wake, listener->core.base, listener->wake_fd,
			EV_READ | EV_PERSIST, woken, listener) == 0 &&
		event_add(&listener->wake, NULL) == 0;
}

static void parts_free(struct dns_listener *listener)
{
	for (size_t i = 0; i < listener->sockets.count; i++)
		socket_unwatch(listener->sockets.at[i]);
	dns_listener_sockets_free(&listener->sockets);
	dns_listener_tcp_free(listener->tcp);
	dns_listener_udp_free(listener->udp);
	dns_listener_punt_free(listener->punt);
	ratelimit_free(listener->core.limiter);
	if (listener->wake_fd >= 0)
		close(listener->wake_fd);
	if (listener->core.base)
		event_base_free(listener->core.base);
	sem_destroy(&listener->done);
	free(listener);
}

/* Signals are the main thread's: this one is started with all of them blocked. */
static int thread_start(struct dns_listener *listener)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&listener->thread, NULL, run, listener);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

int dns_listener_start(const struct dns_listener_config *config, const struct serving *serving,
	const struct reader *reader, struct dns_listener **out, struct failure *failure)
{
	struct dns_listener *listener =
		aligned_alloc(_Alignof(struct dns_listener), sizeof(*listener));
	int error;

	if (!listener)
		return failure_set(failure, FAILURE_INTERNAL, "out of memory for the listener");
	memset(listener, 0, sizeof(*listener));
	listener->core.serving = serving;
	listener->core.reader = *reader;
	listener->core.counters = &listener->counters;
	listener->core.ring = config->ring;
	listener->tcp_clients_max = clients_max(config->limits.tcp_clients);
	listener->absent_addresses = config->absent_addresses;
	listener->enter = config->enter;
	listener->enter_context = config->enter_context;
	listener->wake_fd = -1;
	sem_init(&listener->done, 0, 0);
	if (!parts_new(listener, config)) {
		parts_free(listener);
		return failure_set(failure, FAILURE_INTERNAL,
			"cannot set up the DNS listener: out of memory or descriptors");
	}
	error = thread_start(listener);
	if (error) {
		parts_free(listener);
		return failure_set(failure, FAILURE_INTERNAL,
			"cannot start the DNS listener's thread: %s", strerror(error));
	}
	if (dns_listener_set_addresses(
		    listener, config->addresses, config->address_count, failure)) {
		dns_listener_stop(listener);
		return -1;
	}
	*out = listener;
	return 0;
}

const struct dns_listener_counters *dns_listener_counters(const struct dns_listener *listener)
{
	return &listener->counters;
}

unsigned dns_listener_tcp_clients_max(const struct dns_listener *listener)
{
	return listener->tcp_clients_max;
}

bool dns_listener_probe_send(struct dns_listener *listener, const uint8_t *message, size_t length)
{
	struct dns_listener_probe *probe = &listener->probe;

	if (length > sizeof(probe->message) ||
		atomic_load_explicit(&probe->state, memory_order_relaxed) != PROBE_IDLE)
		return false;
	memcpy(probe->message, message, length);
	probe->length = length;
	/* Pairs with the acquire in woken. */
	atomic_store_explicit(&probe->state, PROBE_ASKED, memory_order_release);
	return eventfd_write(listener->wake_fd, 1) == 0;
}

bool dns_listener_probe_take(struct dns_listener *listener, const uint8_t **message, size_t *length)
{
	struct dns_listener_probe *probe = &listener->probe;

	/* Pairs with the release in answer_probe. */
	if (atomic_load_explicit(&probe->state, memory_order_acquire) != PROBE_ANSWERED)
		return false;
	*message = probe->message;
	*length = probe->length;
	atomic_store_explicit(&probe->state, PROBE_IDLE, memory_order_relaxed);
	return true;
}

void dns_listener_stop(struct dns_listener *listener)
{
	struct command command = {.stop = true};

	if (!listener)
		return;
	send_command(listener, &command);
	pthread_join(listener->thread, NULL);
	parts_free(listener);
}
