/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A new client is let in before room is made for it: whoever has been silent longest goes. So
 * those who only hold connections can't keep out those who ask.
 */
#include "control/listener/dns_listener_tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum {
	ACCEPTS_A_TURN = 64,
	CLOSES_A_TURN = 64,
	SWEEP_MS = 100, /* how late a time-out may come */
	RETRY_MS = 100, /* after accept found neither descriptor nor memory */
	/* The idle time-out of a full house: still a round trip to anywhere, and a retransmission
	 */
	IDLE_FLOOR_MS = 500,
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct timeval interval(unsigned ms)
{
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

void dns_listener_tcp_enter(struct dns_connection *connection, enum dns_connection_state state)
{
	struct dns_listener_tcp *tcp = connection->tcp;

	TAILQ_REMOVE(&tcp->state[connection->state], connection, link);
	connection->state = state;
	connection->since_ms = now_ms();
	TAILQ_INSERT_TAIL(&tcp->state[state], connection, link);
}

void dns_listener_tcp_close(
	struct dns_connection *connection, bool reset, _Atomic(uint64_t) *counter)
{
	struct dns_listener_tcp *tcp = connection->tcp;

	if (counter)
		counter_add(counter, 1);
	TAILQ_REMOVE(&tcp->state[connection->state], connection, link);
	client_counts_release(tcp->counts, &connection->network);
	dns_connection_fini(connection, reset);
	free(connection);
	tcp->clients--;
	atomic_store_explicit(
		&tcp->core->counters->tcp_clients, tcp->clients, memory_order_relaxed);
	if (tcp->clients == 0)
		event_del(&tcp->sweep);
}

/* Closes the connection that has been in its state longest; false when there is none. */
static bool make_room(struct dns_listener_tcp *tcp)
{
	struct dns_connection *oldest = NULL;

	for (unsigned s = 0; s < DNS_CONNECTION_STATES; s++) {
		struct dns_connection *first = TAILQ_FIRST(&tcp->state[s]);

		if (first && (!oldest || first->since_ms < oldest->since_ms))
			oldest = first;
	}
	if (!oldest)
		return false;
	dns_listener_tcp_close(oldest, false, &tcp->core->counters->closed_limit);
	return true;
}

/*
 * From three quarters of the limit on, the idle time-out falls in a straight line, so that
 * places become free before they run out (RFC 7766 6.2.3).
 */
static uint64_t idle_ms(const struct dns_listener_tcp *tcp)
{
	uint64_t max = tcp->limits.tcp_clients, left = max - tcp->clients, ms;

	if (left * 4 >= max)
		return tcp->limits.idle_ms;
	ms = tcp->limits.idle_ms * left * 4 / max;
	if (ms >= IDLE_FLOOR_MS)
		return ms;
	return tcp->limits.idle_ms < IDLE_FLOOR_MS ? tcp->limits.idle_ms : IDLE_FLOOR_MS;
}

/* The head of a queue, if it has been there for `allowed_ms`. */
static struct dns_connection *late(
	const struct dns_listener_tcp *tcp, enum dns_connection_state state, uint64_t allowed_ms)
{
	struct dns_connection *first = TAILQ_FIRST(&tcp->state[state]);

	return first && now_ms() - first->since_ms >= allowed_ms ? first : NULL;
}

/* Closes one connection whose time is up; false when there is none. */
static bool close_late(struct dns_listener_tcp *tcp)
{
	struct dns_listener_counters *counters = tcp->core->counters;
	struct dns_connection *slow = late(tcp, DNS_CONNECTION_RECEIVING, tcp->limits.receive_ms);
	struct dns_connection *idle;

	if (!slow)
		slow = late(tcp, DNS_CONNECTION_SENDING, tcp->limits.send_ms);
	if (slow) {
		dns_listener_tcp_close(slow, true, &counters->closed_slow);
		return true;
	}
	/* The time-out grows again with each that goes: no more are closed than need be. */
	idle = late(tcp, DNS_CONNECTION_IDLE, idle_ms(tcp));
	if (idle)
		dns_listener_tcp_close(idle, false, &counters->closed_idle);
	return idle;
}

/* Thousands may be late at once: the clients who ask have their turn in between. */
static void sweep(evutil_socket_t fd, short what, void *context)
{
	struct dns_listener_tcp *tcp = context;
	struct timeval next;
	unsigned closed = 0;

	(void)fd;
	(void)what;
	while (closed < CLOSES_A_TURN && close_late(tcp))
		closed++;
	next = interval(closed == CLOSES_A_TURN ? 0 : SWEEP_MS);
	if (tcp->clients > 0)
		event_add(&tcp->sweep, &next);
}

/* The connection is in the table and the queues from here on. */
static void admit(struct dns_listener_tcp *tcp, int fd, const struct prefix *network,
	const struct sockaddr_storage *client)
{
	struct dns_connection *connection = calloc(1, sizeof(*connection));
	struct timeval tick = interval(SWEEP_MS);

	if (!connection || !dns_connection_open(connection, tcp, fd)) {
		counter_add(&tcp->core->counters->refused_no_resources, 1);
		client_counts_release(tcp->counts, network);
		free(connection);
		dns_connection_drop(fd);
		return;
	}
	connection->network = *network;
	connection->peer = dns_listener_peer(client);
	connection->since_ms = now_ms();
	TAILQ_INSERT_TAIL(&tcp->state[DNS_CONNECTION_IDLE], connection, link);
	if (tcp->clients++ == 0)
		event_add(&tcp->sweep, &tick);
	counter_add(&tcp->core->counters->tcp_accepted, 1);
	atomic_store_explicit(
		&tcp->core->counters->tcp_clients, tcp->clients, memory_order_relaxed);
	/* When we are busy its query is here already: the client with one question, cut short over
	 * UDP, does not wait for all others once more. */
	dns_connection_read(connection);
}

static void accepted(struct dns_listener_tcp *tcp, int fd, const struct sockaddr_storage *client)
{
	struct prefix network = client_counts_network(client);

	/* Its share first, or a client over its own could drive out all the others. */
	if (!client_counts_take(tcp->counts, &network)) {
		counter_add(&tcp->core->counters->refused_per_network, 1);
		dns_connection_drop(fd);
		return;
	}
	if (tcp->clients >= tcp->limits.tcp_clients)
		make_room(tcp);
	admit(tcp, fd, &network, client);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

void dns_listener_tcp_readable(evutil_socket_t fd, short what, void *context)
{
	struct dns_listener_socket *socket = context;
	struct dns_listener_tcp *tcp = socket->part;
	struct timeval rest = interval(RETRY_MS);

	(void)what;
	for (unsigned n = 0; n < ACCEPTS_A_TURN; n++) {
		struct sockaddr_storage client;
		socklen_t length = sizeof(client);
		int new = accept4(
			fd, (struct sockaddr *)&client, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (new >= 0) {
			accepted(tcp, new, &client);
		} else if (errno == EAGAIN) {
			return;
		} else if (is_shortage(errno) && !make_room(tcp)) {
			/* The socket stays readable: without a rest the loop would spin. */
			counter_add(&tcp->core->counters->refused_no_resources, 1);
			event_del(&socket->readable);
			event_add(&socket->retry, &rest);
			return;
		}
		/* Any other error is that of one client who has gone already (accept(2)). */
	}
}

void dns_listener_tcp_retry(evutil_socket_t fd, short what, void *context)
{
	struct dns_listener_socket *socket = context;

	(void)fd;
	(void)what;
	event_add(&socket->readable, NULL);
}

struct dns_listener_tcp *dns_listener_tcp_new(
	const struct dns_listener_core *core, const struct dns_listener_limits *limits)
{
	struct dns_listener_tcp *tcp = calloc(1, sizeof(*tcp));

	if (!tcp)
		return NULL;
	tcp->core = core;
	tcp->limits = *limits;
	for (unsigned s = 0; s < DNS_CONNECTION_STATES; s++)
		TAILQ_INIT(&tcp->state[s]);
	tcp->counts = client_counts_new(limits->tcp_clients, limits->tcp_clients_per_network);
	if (!tcp->counts || event_assign(&tcp->sweep, core->base, -1, 0, sweep, tcp)) {
		client_counts_free(tcp->counts);
		free(tcp);
		return NULL;
	}
	return tcp;
}

void dns_listener_tcp_free(struct dns_listener_tcp *tcp)
{
	struct dns_connection *first;

	if (!tcp)
		return;
	for (unsigned s = 0; s < DNS_CONNECTION_STATES; s++)
		while ((first = TAILQ_FIRST(&tcp->state[s])))
			dns_listener_tcp_close(first, false, NULL);
	client_counts_free(tcp->counts);
	free(tcp);
}
