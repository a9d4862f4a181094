/* SPDX-License-Identifier: BSD-3-Clause */
/* What is new is opened before anything is closed, so that a failure changes nothing. */
#include "control/listener/dns_listener_change.h"

#include "control/listener/dns_listener_socket.h"
#include "control/listener/dns_listener_tcp.h"
#include "control/listener/dns_listener_udp.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void socket_free(struct dns_listener_socket *socket)
{
	close(socket->fd);
	free(socket);
}

void dns_listener_sockets_free(struct dns_listener_sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++)
		socket_free(sockets->at[i]);
	free(sockets->at);
	*sockets = (struct dns_listener_sockets){0};
}

static struct dns_listener_socket *socket_new(const struct dns_listener_parts *parts,
	const struct dns_listener_address *address, bool tcp, struct failure *failure)
{
	struct dns_listener_socket *socket = calloc(1, sizeof(*socket));

	if (!socket) {
		failure_set(failure, FAILURE_INTERNAL, "out of memory for a socket");
		return NULL;
	}
	socket->address = *address;
	socket->tcp = tcp;
	socket->part = tcp ? (void *)parts->tcp : (void *)parts->udp;
	socket->fd = dns_listener_socket_open(address, tcp, parts->absent_addresses, failure);
	if (socket->fd < 0) {
		free(socket);
		return NULL;
	}
	event_assign(&socket->readable, parts->base, socket->fd, EV_READ | EV_PERSIST,
		tcp ? dns_listener_tcp_readable : dns_listener_udp_readable, socket);
	event_assign(&socket->retry, parts->base, -1, 0, dns_listener_tcp_retry, socket);
	return socket;
}

static bool same_address(const struct dns_listener_address *a, const struct dns_listener_address *b)
{
	return a->port == b->port && a->address.family == b->address.family &&
		memcmp(a->address.bytes, b->address.bytes, a->address.family == 4 ? 4 : 16) == 0;
}

/* Looks from `*from` on, round the list: next to the last found is where the next one mostly is. */
static struct dns_listener_socket *find(const struct dns_listener_sockets *list, size_t *from,
	const struct dns_listener_address *address, bool tcp)
{
	for (size_t n = 0; n < list->count; n++) {
		size_t i = (*from + n) % list->count;

		if (list->at[i]->tcp == tcp && same_address(&list->at[i]->address, address)) {
			*from = i + 1;
			return list->at[i];
		}
	}
	return NULL;
}

/* Whether the kernel refuses to bind both at once. */
static bool overlaps(const struct dns_listener_address *a, const struct dns_listener_address *b)
{
	return a->port == b->port && a->address.family == b->address.family &&
		(dns_listener_address_is_any(a) || dns_listener_address_is_any(b));
}

/* Says it better when what is in the way of a new address is another one of ours. */
static void explain_overlap(const struct dns_listener_sockets *ours,
	const struct dns_listener_address *address, bool tcp, struct failure *failure)
{
	char text[DNS_LISTENER_ADDRESS_BYTES], other[DNS_LISTENER_ADDRESS_BYTES];

	if (failure->code != FAILURE_EXISTS)
		return;
	for (size_t i = 0; i < ours->count; i++) {
		if (ours->at[i]->tcp != tcp || !overlaps(&ours->at[i]->address, address))
			continue;
		dns_listener_address_write(address, text);
		dns_listener_address_write(&ours->at[i]->address, other);
		failure_set(failure, FAILURE_EXISTS,
			"cannot listen on %s: this server holds %s, which includes it or is part "
			"of it; take that off the list first, then add the new address",
			text, other);
		return;
	}
}

static int include(struct dns_listener_change *change, const struct dns_listener_parts *parts,
	const struct dns_listener_sockets *now, const struct dns_listener_address *address,
	bool tcp, struct failure *failure)
{
	struct dns_listener_socket *socket = find(now, &change->from, address, tcp);
	size_t start = 0;

	if (socket ? socket->kept : find(&change->add, &start, address, tcp) != NULL)
		return 0;
	if (!socket) {
		socket = socket_new(parts, address, tcp, failure);
		if (!socket) {
			explain_overlap(now, address, tcp, failure);
			explain_overlap(&change->add, address, tcp, failure);
			return -1;
		}
		change->add.at[change->add.count++] = socket;
	}
	socket->kept = true;
	change->next.at[change->next.count++] = socket;
	return 0;
}

static bool allocate(struct dns_listener_change *change, size_t next, size_t drop)
{
	*change = (struct dns_listener_change){0};
	/* One more, so that an empty list is not a failed allocation. */
	change->next.at = calloc(next + 1, sizeof(*change->next.at));
	change->add.at = calloc(next + 1, sizeof(*change->add.at));
	change->drop.at = calloc(drop + 1, sizeof(*change->drop.at));
	return change->next.at && change->add.at && change->drop.at;
}

static int include_all(struct dns_listener_change *change, const struct dns_listener_parts *parts,
	const struct dns_listener_sockets *now, const struct dns_listener_address *addresses,
	size_t count, struct failure *failure)
{
	for (size_t i = 0; i < count; i++) {
		if (parts->udp && include(change, parts, now, &addresses[i], false, failure))
			return -1;
		if (parts->tcp && include(change, parts, now, &addresses[i], true, failure))
			return -1;
	}
	return 0;
}

int dns_listener_change_plan(struct dns_listener_change *change,
	const struct dns_listener_parts *parts, const struct dns_listener_sockets *now,
	const struct dns_listener_address *addresses, size_t count, struct failure *failure)
{
	if (!allocate(change, count * 2, now->count)) {
		dns_listener_change_undo(change);
		return failure_set(
			failure, FAILURE_INTERNAL, "out of memory for %zu addresses", count);
	}
	int result = include_all(change, parts, now, addresses, count, failure);
	for (size_t i = 0; i < now->count; i++)
		if (!now->at[i]->kept)
			change->drop.at[change->drop.count++] = now->at[i];
	for (size_t i = 0; i < change->next.count; i++)
		change->next.at[i]->kept = false;
	if (result)
		dns_listener_change_undo(change);
	return result;
}

void dns_listener_change_commit(
	struct dns_listener_change *change, struct dns_listener_sockets *now)
{
	dns_listener_sockets_free(&change->drop);
	free(change->add.at);
	free(now->at);
	*now = change->next;
}

void dns_listener_change_undo(struct dns_listener_change *change)
{
	dns_listener_sockets_free(&change->add);
	free(change->next.at);
	free(change->drop.at);
}
