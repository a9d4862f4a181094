/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listener's thread and life. The control thread opens and closes sockets; only the listener's
 * thread touches their events, on a command that the control thread waits for. So a socket is
 * never closed under an event, and "listening" means that it is.
 */
#include "control/dns_listener.h"

#include "control/dns_listener_core.h"
#include "control/dns_listener_socket.h"
#include "control/dns_listener_tcp.h"
#include "control/dns_listener_udp.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

const struct dns_listener_limits dns_listener_limits_default = {
	.tcp_clients = 1024,
	.tcp_clients_per_network = 64,
	.idle_ms = 10000,
	.receive_ms = 5000,
	.send_ms = 5000,
	.buffer_bytes = 64 << 20,
};

/* Descriptors that stay for the rest of the process: store, control socket, ports, listeners. */
enum { RESERVED_DESCRIPTORS = 256 };

struct socket_list {
	struct dns_listener_socket **at;
	size_t count;
};

/* What the control thread has the listener's thread do. */
struct command {
	struct socket_list add, drop;
	bool stop;
	bool failed; /* the reply; then nothing was added or dropped */
};

struct dns_listener {
	struct dns_listener_counters counters;
	struct dns_listener_core core;
	struct dns_listener_tcp *tcp;
	struct dns_listener_udp *udp;
	bool use_tcp, use_udp;
	unsigned tcp_clients_max;
	struct socket_list sockets; /* the control thread's */
	pthread_t thread;
	struct event wake;
	int wake_fd;
	sem_t done;
	_Atomic(struct command *) command; /* control: release, listener: acquire */
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

static void woken(evutil_socket_t fd, short what, void *context)
{
	struct dns_listener *listener = context;
	struct command *command;
	eventfd_t wakes;

	(void)what;
	if (eventfd_read(fd, &wakes))
		return;
	/* Pairs with the release in send_command. */
	command = atomic_load_explicit(&listener->command, memory_order_acquire);
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

	event_base_dispatch(listener->core.base);
	return NULL;
}

static void socket_free(struct dns_listener_socket *socket)
{
	close(socket->fd);
	free(socket);
}

static struct dns_listener_socket *socket_new(struct dns_listener *listener,
	const struct dns_listener_address *address, bool tcp, struct failure *failure)
{
	struct dns_listener_socket *socket = calloc(1, sizeof(*socket));
	event_callback_fn readable = tcp ? dns_listener_tcp_readable : dns_listener_udp_readable;

	if (!socket) {
		failure_set(failure, FAILURE_INTERNAL, "out of memory for a socket");
		return NULL;
	}
	socket->address = *address;
	socket->tcp = tcp;
	socket->part = tcp ? (void *)listener->tcp : (void *)listener->udp;
	socket->fd = dns_listener_socket_open(address, tcp, failure);
	if (socket->fd < 0) {
		free(socket);
		return NULL;
	}
	event_assign(&socket->readable, listener->core.base, socket->fd, EV_READ | EV_PERSIST,
		readable, socket);
	event_assign(&socket->retry, listener->core.base, -1, 0, dns_listener_tcp_retry, socket);
	return socket;
}

static bool same_address(const struct dns_listener_address *a, const struct dns_listener_address *b)
{
	return a->port == b->port && a->address.family == b->address.family &&
		memcmp(a->address.bytes, b->address.bytes, a->address.family == 4 ? 4 : 16) == 0;
}

static struct dns_listener_socket *list_find(
	const struct socket_list *list, const struct dns_listener_address *address, bool tcp)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i]->tcp == tcp && same_address(&list->at[i]->address, address))
			return list->at[i];
	return NULL;
}

/* Says it better when what is in the way of a new address is one of our own that shall go. */
static void explain_overlap(const struct socket_list *old,
	const struct dns_listener_address *address, bool tcp, struct failure *failure)
{
	char text[DNS_LISTENER_ADDRESS_BYTES], other[DNS_LISTENER_ADDRESS_BYTES];

	if (failure->code != FAILURE_EXISTS)
		return;
	for (size_t i = 0; i < old->count; i++) {
		const struct dns_listener_address *held = &old->at[i]->address;

		if (old->at[i]->tcp != tcp || held->port != address->port ||
			held->address.family != address->address.family ||
			!(dns_listener_address_is_any(held) ||
				dns_listener_address_is_any(address)))
			continue;
		dns_listener_address_write(address, text);
		dns_listener_address_write(held, other);
		failure_set(failure, FAILURE_EXISTS,
			"cannot listen on %s while %s is held; take that off the list first, then "
			"add the new address, or restart",
			text, other);
		return;
	}
}

/* A change in the making: the list as it shall be, and what must be added and dropped. */
struct change {
	struct socket_list next, add, drop;
};

static bool change_alloc(struct change *change, size_t next, size_t old)
{
	*change = (struct change){0};
	/* One more, so that an empty list is not a failed allocation. */
	change->next.at = calloc(next + 1, sizeof(*change->next.at));
	change->add.at = calloc(next + 1, sizeof(*change->add.at));
	change->drop.at = calloc(old + 1, sizeof(*change->drop.at));
	return change->next.at && change->add.at && change->drop.at;
}

static void change_undo(struct change *change)
{
	for (size_t i = 0; i < change->add.count; i++)
		socket_free(change->add.at[i]);
	free(change->next.at);
	free(change->add.at);
	free(change->drop.at);
}

static int change_include(struct dns_listener *listener, struct change *change,
	const struct dns_listener_address *address, bool tcp, struct failure *failure)
{
	struct dns_listener_socket *socket;

	if (list_find(&change->next, address, tcp))
		return 0;
	socket = list_find(&listener->sockets, address, tcp);
	if (!socket) {
		socket = socket_new(listener, address, tcp, failure);
		if (!socket) {
			explain_overlap(&listener->sockets, address, tcp, failure);
			return -1;
		}
		change->add.at[change->add.count++] = socket;
	}
	change->next.at[change->next.count++] = socket;
	return 0;
}

static int change_plan(struct dns_listener *listener, struct change *change,
	const struct dns_listener_address *addresses, size_t count, struct failure *failure)
{
	for (size_t i = 0; i < count; i++) {
		if (listener->use_udp &&
			change_include(listener, change, &addresses[i], false, failure))
			return -1;
		if (listener->use_tcp &&
			change_include(listener, change, &addresses[i], true, failure))
			return -1;
	}
	for (size_t i = 0; i < listener->sockets.count; i++) {
		struct dns_listener_socket *old = listener->sockets.at[i];

		if (!list_find(&change->next, &old->address, old->tcp))
			change->drop.at[change->drop.count++] = old;
	}
	return 0;
}

int dns_listener_set_addresses(struct dns_listener *listener,
	const struct dns_listener_address *addresses, size_t count, struct failure *failure)
{
	struct command command = {0};
	struct change change;

	if (!change_alloc(&change, count * 2, listener->sockets.count)) {
		change_undo(&change);
		return failure_set(
			failure, FAILURE_INTERNAL, "out of memory for %zu addresses", count);
	}
	if (change_plan(listener, &change, addresses, count, failure)) {
		change_undo(&change);
		return -1;
	}
	command.add = change.add;
	command.drop = change.drop;
	send_command(listener, &command);
	if (command.failed) {
		change_undo(&change);
		return failure_set(failure, FAILURE_INTERNAL,
			"cannot wait for %zu more sockets: out of memory", change.add.count);
	}
	for (size_t i = 0; i < change.drop.count; i++)
		socket_free(change.drop.at[i]);
	free(change.add.at);
	free(change.drop.at);
	free(listener->sockets.at);
	listener->sockets = change.next;
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

static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0)
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

/* Everything but the thread; what it made, parts_free frees, also after half of it. */
static bool parts_new(struct dns_listener *listener, const struct dns_listener_limits *limits)
{
	struct dns_listener_limits effective = *limits;

	effective.tcp_clients = listener->tcp_clients_max;
	listener->core.base = base_new();
	if (!listener->core.base)
		return false;
	listener->tcp = dns_listener_tcp_new(&listener->core, &effective);
	listener->udp = dns_listener_udp_new(&listener->core);
	listener->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return listener->tcp && listener->udp && listener->wake_fd >= 0 &&
		event_assign(&listener->wake, listener->core.base, listener->wake_fd,
			EV_READ | EV_PERSIST, woken, listener) == 0 &&
		event_add(&listener->wake, NULL) == 0;
}

static void parts_free(struct dns_listener *listener)
{
	for (size_t i = 0; i < listener->sockets.count; i++) {
		socket_unwatch(listener->sockets.at[i]);
		socket_free(listener->sockets.at[i]);
	}
	free(listener->sockets.at);
	dns_listener_tcp_free(listener->tcp);
	dns_listener_udp_free(listener->udp);
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
	if (error == 0)
		pthread_setname_np(listener->thread, "dns-listener");
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
	listener->use_tcp = config->tcp;
	listener->use_udp = config->udp;
	listener->tcp_clients_max = clients_max(config->limits.tcp_clients);
	listener->wake_fd = -1;
	sem_init(&listener->done, 0, 0);
	if (!parts_new(listener, &config->limits)) {
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

void dns_listener_stop(struct dns_listener *listener)
{
	struct command command = {.stop = true};

	if (!listener)
		return;
	send_command(listener, &command);
	pthread_join(listener->thread, NULL);
	parts_free(listener);
}
