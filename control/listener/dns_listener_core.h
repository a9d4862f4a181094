/* SPDX-License-Identifier: BSD-3-Clause */
/* What the listener's parts share: its loop, what it answers from, and one open socket. */
#ifndef ARPAD_CONTROL_DNS_LISTENER_CORE_H
#define ARPAD_CONTROL_DNS_LISTENER_CORE_H

#include "control/listener/dns_listener.h"
#include "dataplane/respond.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>

struct dns_listener_core {
	struct event_base *base; /* no locks: the listener's thread only, once it runs */
	const struct serving *serving;
	struct reader reader;
	struct dns_listener_counters *counters;
	struct ratelimit *limiter; /* of UDP replies; NULL: none */
	struct observe_ring *ring; /* NULL: nobody sees what is answered */
};

/* A socket that we listen on. The control thread owns it, the listener's thread its events. */
struct dns_listener_socket {
	struct dns_listener_address address;
	bool tcp;
	bool kept; /* by the change that is being planned; the control thread's */
	int fd;
	struct event readable;
	struct event retry; /* armed while `readable` is not, after accept found no descriptor */
	void *part;	    /* the struct dns_listener_tcp or _udp that serves it */
};

/* Where a socket's peer is, for the cookie it is given. */
static inline struct ip_address dns_listener_peer(const struct sockaddr_storage *peer)
{
	struct ip_address address = {.family = peer->ss_family == AF_INET ? 4 : 6};

	if (address.family == 4)
		memcpy(address.bytes, &((const struct sockaddr_in *)peer)->sin_addr, 4);
	else
		memcpy(address.bytes, &((const struct sockaddr_in6 *)peer)->sin6_addr, 16);
	return address;
}

/* The time that rates are told by. */
static inline uint64_t dns_listener_now_us(const struct dns_listener_core *core)
{
	struct timespec now = {0};

	if (core->limiter)
		clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * RATELIMIT_SECOND + (uint64_t)now.tv_nsec / 1000;
}

/*
 * Answers one message in place, says how, and counts it; 0: no reply. Between the reader's `online`
 * and `offline`.
 */
static inline size_t dns_listener_answer(const struct dns_listener_core *core,
	const struct client *client, uint8_t *message, size_t length, size_t capacity,
	enum outcome *outcome)
{
	const struct respond_limit limit = {
		core->limiter, &core->counters->messages, dns_listener_now_us(core)};
	size_t reply =
		respond_limited(core->serving, &limit, client, message, length, capacity, outcome);

	counter_add(&core->counters->messages.outcome[*outcome], 1);
	counter_add(&core->counters->queries[client->transport][client->address_bytes != 4], 1);
	return reply;
}

#endif
