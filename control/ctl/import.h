/* SPDX-License-Identifier: BSD-3-Clause */
/* A zone file sent in pieces, with progress. */
#ifndef ARPAD_CONTROL_CTL_IMPORT_H
#define ARPAD_CONTROL_CTL_IMPORT_H

#include "control/ctl/verbs.h"

/* Replaces the contents of `zone` by those of the file at `path`, or standard input for "-". */
enum ctl_status import_run(const struct ctl *ctl, const char *zone, const char *path);

#endif
