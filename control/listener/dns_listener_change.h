/* SPDX-License-Identifier: BSD-3-Clause */
/* From one list of addresses to another: which sockets stay, which are opened, which go. */
#ifndef ARPAD_CONTROL_DNS_LISTENER_CHANGE_H
#define ARPAD_CONTROL_DNS_LISTENER_CHANGE_H

#include "control/listener/dns_listener_core.h"

#include <stdbool.h>
#include <stddef.h>

struct dns_listener_sockets {
	struct dns_listener_socket **at;
	size_t count;
};

/* What serves the sockets of each kind; NULL: that kind is not used. */
struct dns_listener_parts {
	struct event_base *base;
	struct dns_listener_tcp *tcp;
	struct dns_listener_udp *udp;
	bool absent_addresses;
};

/* `next` is the whole list as it shall be; `add` is open, bound and not yet watched. */
struct dns_listener_change {
	struct dns_listener_sockets next, add, drop;
	size_t from; /* where in the list of before to look first */
};

/*
 * Plans the change from `now` to the addresses and opens what is new; an address that stands twice
 * counts once. -1: nothing is left open. End it with _commit or _undo. Control thread.
 */
int dns_listener_change_plan(struct dns_listener_change *change,
	const struct dns_listener_parts *parts, const struct dns_listener_sockets *now,
	const struct dns_listener_address *addresses, size_t count, struct failure *failure);

/* Closes what is dropped, none of it watched any more, and makes `next` the list. */
void dns_listener_change_commit(
	struct dns_listener_change *change, struct dns_listener_sockets *now);

/* Closes what was opened, none of it watched. */
void dns_listener_change_undo(struct dns_listener_change *change);

/* Closes and frees every socket of the list, and the list. */
void dns_listener_sockets_free(struct dns_listener_sockets *sockets);

#endif
