/* SPDX-License-Identifier: BSD-3-Clause */
/* One connection to arpad: requests out, replies in, each wait bounded by a time. */
#ifndef ARPAD_CONTROL_CTL_CLIENT_H
#define ARPAD_CONTROL_CTL_CLIENT_H

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

struct client {
	int fd; /* non-blocking */
	int timeout_ms;
	char *input; /* octets received and not yet returned */
	size_t start, end, capacity;
	size_t scanned; /* octets from `start` that hold no newline */
};

/* Connects and reads the greeting. Any status but CTL_OK has been explained on standard error. */
enum ctl_status client_open(struct client *client, const char *path, int timeout_ms);
void client_close(struct client *client);

/* Sends one request with this id; takes `params`, which may be NULL. */
enum ctl_status client_send(
	struct client *client, json_int_t id, const char *method, json_t *params);

/* Sends a request as it is, its line end included. */
enum ctl_status client_send_line(struct client *client, const char *line, size_t bytes);

/* The next reply line as a new reference. CTL_NOT_RUNNING: arpad closed the connection. */
enum ctl_status client_receive(struct client *client, json_t **reply);

/* The same without waiting: *reply is NULL when no whole line is there yet. */
enum ctl_status client_poll(struct client *client, json_t **reply);

/* Waits until arpad closes the connection. */
enum ctl_status client_wait_end(struct client *client);

/*
 * Sends a request and waits for its one reply. CTL_OK: *result is a new reference; otherwise the
 * error was printed (as JSON on standard output too when `json`).
 */
enum ctl_status client_call(
	struct client *client, const char *method, json_t *params, bool json, json_t **result);

/* Prints a reply's error for `subject` (may be NULL) and returns its status; CTL_OK: no error. */
enum ctl_status client_check(json_t *reply, const char *subject, bool json);

#endif
