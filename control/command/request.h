/* SPDX-License-Identifier: BSD-3-Clause */
/* One request line on its way to its reply lines: parsed, run by command_run, answered, freed. */
#ifndef ARPAD_CONTROL_REQUEST_H
#define ARPAD_CONTROL_REQUEST_H

#include "control/command/command_method.h"

/* The members are for request.c and command.c. */
struct request {
	struct session *session;
	const struct method *method; /* NULL: not to be run, `failure` says why */
	json_t *id;		     /* a scalar; NULL is written as null */
	json_t *params;		     /* an object */
	json_t *result;		     /* as JSON, */
	struct text answer;	     /* or as text; with neither, `failure` holds */
	uint64_t sequence;	     /* of the change that it made, or 0 */
	struct failure failure;
	struct page page;
	struct request *next; /* of the same line */
};

enum {
	REQUEST_ARRAY_MAX = 4096, /* requests in one line */
};

/*
 * Reads one line, without its newline: one request, or as many as its array holds, linked by
 * `next`, each to be run, answered and freed by itself. A line that is no good request still
 * becomes one: its reply is the error. NULL: no memory.
 */
struct request *request_parse(struct session *session, const char *line, size_t bytes);

/* A request whose only reply is this failure, with id null. NULL: no memory. */
struct request *request_refused(struct session *session, const struct failure *failure);

/*
 * Whether the reply is a list that comes in pages. Its pages are read after the batch, so a later
 * request of the same client must wait for the last of them.
 */
bool request_streams(const struct request *request);

/* Whether the request was refused, or failed when it was run. */
bool request_failed(const struct request *request);

/* Throws the result away: the reply is this failure. */
void request_fail(struct request *request, const struct failure *failure);

/* What request_reply added. */
enum request_progress {
	REQUEST_DONE, /* the last line */
	REQUEST_MORE, /* a line; another one follows at once */
	REQUEST_WAIT, /* a line or nothing; ask again when something has changed */
};

/*
 * After command_run: adds the next reply line with its newline to `out`. Without memory `out` has
 * failed, and holds what it held before.
 */
enum request_progress request_reply(struct request *request, struct text *out);

void request_free(struct request *request);	/* takes NULL */
void request_free_all(struct request *request); /* with all that are linked behind it */

#endif
