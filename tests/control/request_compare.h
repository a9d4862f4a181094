/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines read by control/command/request_fast.c and by the JSON reader. */
#ifndef ARPAD_TESTS_CONTROL_REQUEST_COMPARE_H
#define ARPAD_TESTS_CONTROL_REQUEST_COMPARE_H

#include "control/command/command.h"

#include <stddef.h>

enum compared {
	COMPARED_LEFT,	   /* the fast reader did not take it */
	COMPARED_PART,	   /* it took what the line begins with, rightly */
	COMPARED_WHOLE,	   /* it took all of it, rightly */
	COMPARED_DIFFERENT /* it took what the JSON reader refuses or reads otherwise */
};

/* One request at the start of `line`. */
enum compared request_compare(const char *line, size_t bytes);

/* A whole line, which may be an array: whether request_parse makes the requests that it holds. */
bool request_compare_line(struct session *session, const char *line, size_t bytes);

#endif
