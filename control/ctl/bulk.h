/* SPDX-License-Identifier: BSD-3-Clause */
/* Many ptr.set on one connection, with a window of requests in flight. */
#ifndef ARPAD_CONTROL_CTL_BULK_H
#define ARPAD_CONTROL_CTL_BULK_H

#include "control/ctl/verbs.h"

/*
 * Reads "ADDRESS NAME [TTL]" lines from standard input and prints each address, flushed, when its
 * change was acknowledged. A line that is refused is named on standard error and the rest goes on;
 * then the status is CTL_FAILED. Takes `params`, which hold a TTL for all lines or nothing.
 */
enum ctl_status bulk_set(const struct ctl *ctl, json_t *params);

#endif
