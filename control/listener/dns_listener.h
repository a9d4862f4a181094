/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DNS over kernel sockets: TCP (RFC 7766) and the UDP that the kernel keeps for itself, answered
 * by respond() in a thread of its own, so that no client can delay an update. Memory is bounded by
 * the limits, whatever the clients do.
 */
#ifndef ARPAD_CONTROL_DNS_LISTENER_H
#define ARPAD_CONTROL_DNS_LISTENER_H

#include "control/failure.h"
#include "control/listener/punt.h"
#include "control/listener/reader.h"
#include "dataplane/addresses.h"
#include "dataplane/counters.h"
#include "dataplane/serving.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_listener_address {
	struct ip_address address; /* all zero: every address of the family */
	uint16_t port;		   /* host order, at least 1 */
};

/* None may be 0. */
struct dns_listener_limits {
	unsigned tcp_clients; /* connections in all; lowered to what RLIMIT_NOFILE leaves */
	unsigned tcp_clients_per_network; /* of one IPv4 address or one IPv6 /64 */
	unsigned idle_ms;		  /* between messages; shrinks when clients become many */
	unsigned receive_ms;		  /* from a message's first byte to its last */
	unsigned send_ms;    /* for a client to take the replies that the kernel did not */
	size_t buffer_bytes; /* of partial messages and unsent replies, all connections together */
};

extern const struct dns_listener_limits dns_listener_limits_default;

struct dns_listener_config {
	const struct dns_listener_address *addresses; /* borrowed for the call */
	size_t address_count;
	bool udp, tcp;
	const struct punt *punt; /* copied; NULL: no worker leaves messages to this thread */
	bool absent_addresses;	 /* listen also on those that no interface has, or not yet */
	struct dns_listener_limits limits;
	void (*enter)(void *context); /* run once by the thread before it answers; may be NULL */
	void *enter_context;
	/* Rate limiting over UDP, as ratelimit_new wants it; 0 entries: none. */
	size_t limiter_entries;
	uint8_t limiter_secret[16];
	struct observe_ring *ring; /* outlives the listener; NULL: nobody sees what it does */
};

/* The listener's thread is the only writer; any thread may read (counter_read). */
struct dns_listener_counters {
	struct counters
		messages; /* by outcome and type, UDP and TCP; tx_dropped: UDP replies only */
	_Atomic(uint64_t) udp_queries, tcp_queries;
	_Atomic(uint64_t) queries[2][COUNTERS_FAMILIES]; /* by enum transport, and family */
	_Atomic(uint64_t) punted[OUTCOMES];    /* messages that workers left to it, by outcome */
	_Atomic(uint64_t) punt_replied;	       /* of those, how many got a reply */
	_Atomic(uint64_t) bytes_in, bytes_out; /* DNS messages; TCP with their length fields */
	_Atomic(uint64_t) tcp_accepted;
	_Atomic(uint64_t) tcp_clients;	       /* open now */
	_Atomic(uint64_t) closed_idle;	       /* said nothing for idle_ms */
	_Atomic(uint64_t) closed_slow;	       /* receive_ms or send_ms ran out */
	_Atomic(uint64_t) closed_limit;	       /* idle longest when a new client needed the place */
	_Atomic(uint64_t) closed_memory;       /* needed more than buffer_bytes had left */
	_Atomic(uint64_t) closed_malformed;    /* sent what is no query: RFC 7766 has no way on */
	_Atomic(uint64_t) refused_per_network; /* over tcp_clients_per_network */
	_Atomic(uint64_t) refused_no_resources; /* no descriptor or memory for a new client */
};

struct dns_listener;

/*
 * Opens the sockets and starts the thread, which answers from `serving` and reports to `reader`
 * (copied; its context and `serving` outlive the listener). Control thread, as all below. -1: one
 * sentence says which address could not be had and what to do; nothing is left behind.
 */
int dns_listener_start(const struct dns_listener_config *config, const struct serving *serving,
	const struct reader *reader, struct dns_listener **listener, struct failure *failure);

/*
 * Listens on exactly these addresses from now on. Sockets of addresses that stay are not touched,
 * and open connections live on. Waits for one turn of the thread's events. -1: nothing changed.
 */
int dns_listener_set_addresses(struct dns_listener *listener,
	const struct dns_listener_address *addresses, size_t count, struct failure *failure);

/* Borrowed until dns_listener_stop. */
const struct dns_listener_counters *dns_listener_counters(const struct dns_listener *listener);

/*
 * A query that we ask ourselves: the thread answers the DNS message of `length` octets, at most
 * PROBE_MESSAGE_MAX_BYTES, on its next turn. No counter of clients' queries sees it. False: the one
 * before has not been taken. Never blocks.
 */
bool dns_listener_probe_send(struct dns_listener *listener, const uint8_t *message, size_t length);

/* True: `*message` is the reply of `*length` octets, 0 none, borrowed until the next send. */
bool dns_listener_probe_take(
	struct dns_listener *listener, const uint8_t **message, size_t *length);

/* limits.tcp_clients as it came out: the configured number, or what RLIMIT_NOFILE leaves. */
unsigned dns_listener_tcp_clients_max(const struct dns_listener *listener);

/* Joins the thread, closes every socket and connection, frees all. Takes NULL. */
void dns_listener_stop(struct dns_listener *listener);

#endif
