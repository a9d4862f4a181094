/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All TCP connections: accepting, limits, time-outs. Those of one state stand in one queue, oldest
 * first, so the next to time out and the one idle longest are at the heads. The listener's thread,
 * once it runs.
 */
#ifndef ARPAD_CONTROL_DNS_LISTENER_TCP_H
#define ARPAD_CONTROL_DNS_LISTENER_TCP_H

#include "control/listener/client_counts.h"
#include "control/listener/dns_connection.h"
#include "dataplane/dns/wire.h"

enum {
	/* Bytes read in one go: a hundred pipelined queries, so that a client which pipelines
	 * for ever delays the others by microseconds. */
	DNS_TCP_READ_BYTES = 4096,
	DNS_TCP_LENGTH_BYTES = 2, /* RFC 7766 8 */
	/* Replies gathered for one send; the last may begin just below it. */
	DNS_TCP_GATHER_BYTES = 65536,
};

struct dns_listener_tcp {
	const struct dns_listener_core *core;
	struct dns_listener_limits limits;
	struct client_counts *counts;
	struct event sweep;
	unsigned clients;
	size_t buffered_bytes; /* what the connections' buffers hold */
	TAILQ_HEAD(dns_connections, dns_connection) state[DNS_CONNECTION_STATES];
	/* Scratch of one event. */
	uint8_t input[DNS_TCP_LENGTH_BYTES + WIRE_MESSAGE_MAX_BYTES + DNS_TCP_READ_BYTES];
	uint8_t output[DNS_TCP_GATHER_BYTES + DNS_TCP_LENGTH_BYTES + WIRE_MESSAGE_MAX_BYTES];
};

/* Borrows `core`; copies `limits`. NULL: no memory. Control thread, before the thread runs. */
struct dns_listener_tcp *dns_listener_tcp_new(
	const struct dns_listener_core *core, const struct dns_listener_limits *limits);

/* Closes every connection. Takes NULL. */
void dns_listener_tcp_free(struct dns_listener_tcp *tcp);

/* The events of a listening socket; `socket` is its struct dns_listener_socket. */
void dns_listener_tcp_readable(evutil_socket_t fd, short what, void *socket);
void dns_listener_tcp_retry(evutil_socket_t fd, short what, void *socket);

/* Moves a connection to the end of the queue of `state`, since now. */
void dns_listener_tcp_enter(struct dns_connection *connection, enum dns_connection_state state);

/* Closes a connection and frees it; adds to `counter` unless that is NULL. */
void dns_listener_tcp_close(
	struct dns_connection *connection, bool reset, _Atomic(uint64_t) *counter);

#endif
