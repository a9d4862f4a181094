/* SPDX-License-Identifier: BSD-3-Clause */
/* One connection to arpad: requests out, replies in, each wait bounded by a time. */
#ifndef ARPAD_CONTROL_CTL_CLIENT_H
#define ARPAD_CONTROL_CTL_CLIENT_H

#include "control/ctl/span.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What arpactl exits with; documented in its help. */
enum ctl_status {
	CTL_OK = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
	CTL_NOT_RUNNING = 3,
	CTL_TIMEOUT = 4,
	CTL_DENIED = 5,
	CTL_NOTHING = 6, /* not found, or nothing changed */
};

enum { CLIENT_NO_TIMEOUT = -1, CLIENT_NAME_BYTES = 64 };

struct client {
	int fd; /* non-blocking; -1: none */
	int timeout_ms;
	char *input; /* octets received and not yet returned */
	size_t start, end, capacity;
	size_t scanned; /* octets from `start` that hold no newline */
	bool busy;	/* a reply, or the rest of one, is owed */
	/* From the greeting. */
	char role[CLIENT_NAME_BYTES], version[CLIENT_NAME_BYTES];
	long long max_line, max_in_flight, pid;
};

/*
 * Set by a signal's handler: what waits ends with CTL_FAILED, without a word. Whoever installs the
 * handler clears it.
 */
extern volatile int client_interrupted;

/* Connects and reads the greeting. Any status but CTL_OK has been explained on standard error. */
enum ctl_status client_open(struct client *client, const char *path, int timeout_ms);
void client_close(struct client *client);

/* A connection on which nothing is owed and that arpad has not closed. */
bool client_is_usable(struct client *client);

/* Sends one request with this id; takes `params`, which may be NULL. */
enum ctl_status client_send(
	struct client *client, json_int_t id, const char *method, json_t *params);

/* Sends a request as it is, its line end included. */
enum ctl_status client_send_line(struct client *client, const char *line, size_t bytes);

/* Sends what the connection takes at once, and says how much that was; nothing when it is lost. */
size_t client_push(struct client *client, const char *octets, size_t bytes);

/*
 * The next reply line without its end, borrowed until the next call. CTL_NOT_RUNNING: arpad closed
 * the connection, and nothing was said about it.
 */
enum ctl_status client_line(struct client *client, struct span *line);

/* The same without waiting: line->at is NULL when no whole line is there yet. */
enum ctl_status client_poll_line(struct client *client, struct span *line);

/* The next reply as a new reference; as client_line. */
enum ctl_status client_receive(struct client *client, json_t **reply);

/* Waits until arpad closes the connection. */
enum ctl_status client_wait_end(struct client *client);

/* Says that arpad closed the connection; returns CTL_NOT_RUNNING. */
enum ctl_status client_explain_lost(void);

/*
 * Sends a request and waits for its one reply. CTL_OK: *result is a new reference; otherwise the
 * error was printed (as JSON on standard output too when `json`).
 */
enum ctl_status client_call(
	struct client *client, const char *method, json_t *params, bool json, json_t **result);

/* Prints a reply's error for `subject` (may be NULL) and returns its status; CTL_OK: no error. */
enum ctl_status client_check(json_t *reply, const char *subject, bool json);

#endif
