/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fast reader of request lines against the JSON reader: what it takes is the same request, and
 * a line becomes as many requests as it holds.
 */
#include "control/log.h"
#include "tests/control/request_compare.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct command command = {.store = NULL};
	struct session *session = command_session_new(&command);
	const char *line = (const char *)data;

	log_set_level(LOG_ERROR);
	if (request_compare(line, size) == COMPARED_DIFFERENT ||
		!request_compare_line(session, line, size))
		abort();
	command_session_free(session);
	return 0;
}
