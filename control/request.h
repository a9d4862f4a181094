/* SPDX-License-Identifier: BSD-3-Clause */
/* One request line on its way to its reply lines: parsed, run by command_run, answered, freed. */
#ifndef ARPAD_CONTROL_REQUEST_H
#define ARPAD_CONTROL_REQUEST_H

#include "control/command_method.h"

/* The members are for request.c and command.c. */
struct request {
	struct session *session;
	const struct method *method; /* NULL: not to be run, `failure` says why */
	json_t *id;		     /* a scalar; NULL is written as null */
	json_t *params;		     /* an object */
	json_t *result;		     /* NULL: `failure` holds */
	struct failure failure;
	struct page page;
};

/*
 * Reads one line, without its newline. A line that is no good request still becomes one: its reply
 * is the error. NULL: no memory.
 */
struct request *request_parse(struct session *session, const char *line, size_t bytes);

/* A request whose only reply is this failure, with id null. NULL: no memory. */
struct request *request_refused(struct session *session, const struct failure *failure);

/*
 * Whether the reply is a list that comes in pages. Its pages are read after the batch, so a later
 * request of the same client must wait for the last of them.
 */
bool request_streams(const struct request *request);

/*
 * After command_run: the next reply line with its newline, for free(), or NULL when there is no
 * memory. `*more` says that another one follows.
 */
char *request_reply(struct request *request, size_t *bytes, bool *more);

void request_free(struct request *request); /* takes NULL */

#endif
