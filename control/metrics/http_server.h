/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP for who reads pages that are made at once: one request a connection, which then closes.
 * Whatever clients do, connections, their memory and their time are bounded. All functions are of
 * the thread that runs the loop, but for the counters.
 */
#ifndef ARPAD_CONTROL_METRICS_HTTP_SERVER_H
#define ARPAD_CONTROL_METRICS_HTTP_SERVER_H

#include "control/command/text.h"

#include <event2/event.h>
#include <stdatomic.h>
#include <stdint.h>

enum {
	/* One more closes the oldest: a client that asks at once is never kept out. */
	HTTP_CONNECTIONS_MAX = 32,
	/* From the connection's begin to its end, however the client divides it. */
	HTTP_CONNECTION_S = 10,
};

struct http_answer {
	unsigned status;
	const char *type; /* Content-Type */
	struct text body;
};

/* Any thread may read (counter_read). */
struct http_counters {
	_Atomic(uint64_t) answered;
	_Atomic(uint64_t) refused; /* no request of ours, or for a page that is not there */
	_Atomic(uint64_t) late;	   /* HTTP_CONNECTION_S were over */
	_Atomic(uint64_t) crowded; /* closed, since there were too many */
	_Atomic(uint64_t) no_memory;
};

/* Fills the answer for a path; status 0: there is no such page. */
typedef void http_page(void *context, const char *path, struct http_answer *answer);

struct http_server;

/*
 * Serves `listener`, a listening descriptor, which it takes; NULL: no memory, and it is the
 * caller's still.
 */
struct http_server *http_server_new(
	struct event_base *base, int listener, http_page *page, void *context);

/* Borrowed. */
const struct http_counters *http_server_counters(const struct http_server *server);

/* Closes everything. Takes NULL. */
void http_server_free(struct http_server *server);

#endif
