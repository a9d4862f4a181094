/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One client of the control socket: its bytes in, cut into requests, and its replies out. Replies
 * leave in the order of the requests; a list holds back the requests after it.
 */
#ifndef ARPAD_CONTROL_CONNECTION_H
#define ARPAD_CONTROL_CONNECTION_H

#include "control/command.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

/* Above this no further request of the client is taken until it has read half of it. */
enum { CONNECTION_OUTPUT_MAX_BYTES = 1 << 20 };

struct connection {
	struct bufferevent *stream;
	struct session *session;
	struct request *lined_up; /* the rest of the line that was read last */
	struct request *list;	  /* the list being sent, or NULL */
	bool waiting;		  /* the list has nothing to send until something changes */
	size_t scanned;		  /* octets of the input that hold no newline */
	bool ended;		  /* no more input will come */
	bool paused;		  /* enough input is waiting; the socket is not read */
	bool closing;		  /* to be freed when the output is sent */
	bool ready;		  /* in the owner's queue */
	void *owner;
	/* Tells the owner that there may be something to take; or that it is over. */
	void (*wake)(void *owner, struct connection *connection);
	void (*gone)(void *owner, struct connection *connection);
	TAILQ_ENTRY(connection) all, queue;
};

/* Takes the descriptor and sends the greeting. NULL: no memory; then the descriptor is closed. */
struct connection *connection_new(struct event_base *base, int fd, struct command *command);
void connection_free(struct connection *connection);

/*
 * The next request that may be run now, or NULL. `*bytes` grows by the octets it took from the
 * input. A line over the limit is its last request.
 */
struct request *connection_take(struct connection *connection, size_t *bytes);

/* Queues the request's reply for sending, and owns it from here. */
void connection_reply(struct connection *connection, struct request *request);

/* Sends the next page of the list, if there is room for it and it does not wait. */
void connection_continue(struct connection *connection);

/* Something has changed: a list that waits is asked again. */
void connection_nudge(struct connection *connection);

/* Whether the owner shall come back without waiting for an event. */
bool connection_has_work(const struct connection *connection);

/* Whether all is said and sent after the client's last octet. */
bool connection_is_over(const struct connection *connection);

/* Tries to send what is queued, without waiting. */
void connection_flush(struct connection *connection);

#endif
