/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests as nearly all clients write them, read without a tree of the whole line. Nothing here is
 * more lenient than the JSON reader: what it takes, that would take as the same request.
 */
#ifndef ARPAD_CONTROL_REQUEST_FAST_H
#define ARPAD_CONTROL_REQUEST_FAST_H

#include "control/command/command_method.h"

#include <jansson.h>
#include <stddef.h>

/* Of one request: new references, and `params` has passed command_check_params. */
struct request_parts {
	json_t *id; /* NULL: none was given */
	const struct method *method;
	json_t *params;
};

/*
 * Reads the request at `at`, before `end`, and returns where it ends. It takes id (an integer or a
 * string), method and params in this order, where strings are ASCII with no escapes but \n, \t, \r,
 * \", \\ and \/. NULL: it is anything else, an error, or there is no memory; ask the JSON reader.
 */
const char *request_fast_read(const char *at, const char *end, struct request_parts *parts);

/* Skips blanks. */
const char *request_fast_blanks(const char *at, const char *end);

#endif
