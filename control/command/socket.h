/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket: newline-delimited JSON over AF_UNIX. All requests that have arrived when the
 * loop turns are one batch. Every buffer is bounded; a client that does not read is not read from.
 */
#ifndef ARPAD_CONTROL_SOCKET_H
#define ARPAD_CONTROL_SOCKET_H

#include "control/command/command.h"
#include "control/failure.h"

#include <event2/event.h>

enum {
	/* Both bound the memory of all buffers, to about 300 MiB. One place is kept for root. */
	SOCKET_CONNECTIONS_MAX = 64,
	SOCKET_READ_ONLY_MAX = 32,
	/* Priorities of the loop: everything is read first, then it becomes one batch. */
	SOCKET_PRIORITIES = 3,
};

struct socket;

/*
 * Listens at `path` with permission bits `mode`; a file that a dead arpad left is replaced, a
 * living one is an error. `base` has SOCKET_PRIORITIES priorities. 0, or -1 and one sentence.
 */
int socket_open(struct event_base *base, const char *path, unsigned mode, struct command *command,
	struct socket **out, struct failure *failure);

/* The same, but whoever connects is a viewer. */
int socket_open_read_only(struct event_base *base, const char *path, unsigned mode,
	struct command *command, struct socket **out, struct failure *failure);

/* After a commit, and once a second: lists that wait for something new are asked. Takes NULL. */
void socket_wake_followers(struct socket *socket);

/* How many clients are connected. NULL: none. */
unsigned socket_count(const struct socket *socket);

/* Sends what can be sent at once, takes no more requests, removes the file. Takes NULL. */
void socket_stop(struct socket *socket);

/* Closes every connection: for a client, that arpad is gone. Takes NULL. */
void socket_free(struct socket *socket);

#endif
