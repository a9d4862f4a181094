/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One client of the control socket: its bytes in, cut into requests, and its replies out. Replies
 * leave in the order of the requests; a list holds back the requests after it.
 */
#ifndef ARPAD_CONTROL_CONNECTION_H
#define ARPAD_CONTROL_CONNECTION_H

#include "control/command/command.h"
#include "control/command/text.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

enum {
	/* Above this no further request of the client is taken until it has read half of it. */
	CONNECTION_OUTPUT_MAX_BYTES = 1 << 20,
	/* Requests of one client in a batch, so that all get their turn. More in flight gain
	   nothing. */
	CONNECTION_REQUESTS_MAX = 1024,
};

struct connection {
	int fd;
	struct event *readable, *writable;
	struct session *session;
	char *input; /* `start` to `end` of `room` octets are to be read */
	size_t start, end, room;
	size_t scanned;	    /* octets from `start` on that hold no newline */
	struct text output; /* from `sent` on */
	size_t sent;
	struct request *lined_up; /* the rest of the line that was read last */
	struct request *list;	  /* the list being sent, or NULL */
	bool waiting;		  /* the list has nothing to send until something changes */
	bool ended;		  /* no more input will come */
	bool paused;		  /* enough input is waiting; the socket is not read */
	bool closing;		  /* to be freed when the output is sent */
	bool broken;		  /* nobody is at the other end */
	bool ready;		  /* in a queue of the owner's */
	void *owner;
	/* Tells the owner that there may be something to take, or that it is over. */
	void (*wake)(void *owner, struct connection *connection);
	TAILQ_ENTRY(connection) all, queue;
};

/*
 * Takes descriptor and peer, and queues the greeting. NULL: no memory; then both are closed and
 * freed.
 */
struct connection *connection_new(
	struct event_base *base, int fd, const struct peer *peer, struct command *command);
void connection_free(struct connection *connection);

/*
 * The next request that may be run now, or NULL. `*bytes` grows by the octets it took from the
 * input. A line over the limit is its last request.
 */
struct request *connection_take(struct connection *connection, size_t *bytes);

/* Queues the request's reply for sending, and owns it from here. */
void connection_reply(struct connection *connection, struct request *request);

/* Queues the next page of the list, if there is room for it and it does not wait. */
void connection_continue(struct connection *connection);

/* Sends what the socket takes of what is queued; the rest goes when it takes more. */
void connection_send(struct connection *connection);

/* Something has changed: a list that waits is asked again. */
void connection_nudge(struct connection *connection);

/* Whether the owner shall come back without waiting for an event. */
bool connection_has_work(const struct connection *connection);

/* Whether all is said and sent after the client's last octet, or nobody is left to read it. */
bool connection_is_over(const struct connection *connection);

#endif
