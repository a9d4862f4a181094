/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How many connections each client network holds. Exact, in a table of fixed size: it has room for
 * as many networks as there can be connections. One thread.
 */
#ifndef ARPAD_CONTROL_CLIENT_COUNTS_H
#define ARPAD_CONTROL_CLIENT_COUNTS_H

#include "dataplane/dns/arpa.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct client_counts;

/*
 * Room for `connections` in all and one that is about to take another's place, `per_network` in
 * each network. NULL: no memory or no random key.
 */
struct client_counts *client_counts_new(size_t connections, unsigned per_network);
void client_counts_free(struct client_counts *counts); /* takes NULL */

/* The network that a client counts for: an IPv4 /32 or an IPv6 /64 (what one host can have). */
struct prefix client_counts_network(const struct sockaddr_storage *client);

/* Counts one more connection; false, and nothing counted, when the network has its share. */
bool client_counts_take(struct client_counts *counts, const struct prefix *network);

/* Gives back what client_counts_take counted. */
void client_counts_release(struct client_counts *counts, const struct prefix *network);

#endif
