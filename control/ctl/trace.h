/* SPDX-License-Identifier: BSD-3-Clause */
/* Queries as they are answered: printed, one a line, and written to a capture file. */
#ifndef ARPAD_CONTROL_CTL_TRACE_H
#define ARPAD_CONTROL_CTL_TRACE_H

#include "control/ctl/verbs.h"

struct trace_output {
	bool lines;	  /* prints a line for each query */
	const char *path; /* of the capture file; "-": standard output; NULL: none */
	bool force;	  /* replaces a file that is there */
};

/* Follows trace.follow with `params`, which it takes, until it ends or is interrupted. */
enum ctl_status trace_follow(
	const struct ctl *ctl, json_t *params, const struct trace_output *output);

#endif
