/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of struct request: shared by request.c, which reads it, and command.c, which runs it. */
#ifndef ARPAD_CONTROL_REQUEST_H
#define ARPAD_CONTROL_REQUEST_H

#include "control/command_method.h"

struct request {
	struct session *session;
	const struct method *method; /* NULL: not to be run, `failure` says why */
	json_t *id;		     /* a scalar; NULL is written as null */
	json_t *params;		     /* an object */
	json_t *result;		     /* NULL: `failure` holds */
	struct failure failure;
	struct page page;
};

/* The method called `name`, or NULL. */
const struct method *command_method(const char *name);

#endif
