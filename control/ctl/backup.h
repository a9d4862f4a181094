/* SPDX-License-Identifier: BSD-3-Clause */
/* A backup to and from a file of the client's. */
#ifndef ARPAD_CONTROL_CTL_BACKUP_H
#define ARPAD_CONTROL_CTL_BACKUP_H

#include "control/ctl/verbs.h"

/*
 * Writes a backup beside `path`, brings it to disk and gives it its name: what was there before
 * stays until then.
 * "-": to standard output.
 */
enum ctl_status backup_write(const struct ctl *ctl, const char *path);

/* Sends the backup at `path`, or of standard input for "-", and has it restored as one change, or
 * only checked. */
enum ctl_status backup_restore(const struct ctl *ctl, const char *path, bool dry_run);

#endif
