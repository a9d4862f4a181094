/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests for many addresses on one connection, with a window of them in flight. */
#ifndef ARPAD_CONTROL_CTL_BULK_H
#define ARPAD_CONTROL_CTL_BULK_H

#include "control/ctl/verbs.h"

/*
 * Reads lines (text, CSV or NDJSON, by the option "format") from standard input and prints each
 * address, flushed, when it was acknowledged; NDJSON: each result. A line that is refused is named
 * on standard error and the rest goes on; then the status is CTL_FAILED, or CTL_NOTHING where all
 * that was refused was not there. `names`: see struct request_frame. `print` shows results as text
 * in place of addresses; may be NULL.
 */
enum ctl_status bulk_run(const struct ctl *ctl, const struct verb *verb,
	struct arguments *arguments, unsigned names, void (*print)(json_t *result));

#endif
