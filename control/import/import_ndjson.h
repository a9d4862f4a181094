/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses as lines of JSON, as ptr.list gives them: address, names or name, ttl, description,
 * tags, tenant. created, modified, seq, status and zone are read over; any other key is an error.
 * What is not there is not said; an empty text, and tags without any, say that there is none.
 */
#ifndef ARPAD_CONTROL_IMPORT_NDJSON_H
#define ARPAD_CONTROL_IMPORT_NDJSON_H

#include "control/import/import_object.h"

/*
 * Reads one line, without its end, into `object`, which borrows `line`, where escapes are undone.
 * 1, or -1 with FAILURE_INVALID.
 */
int import_ndjson_read(
	char *line, size_t bytes, struct import_object *object, struct failure *failure);

#endif
