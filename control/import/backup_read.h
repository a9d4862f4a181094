/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A backup, fed in pieces of any size, becomes zones and staged RRsets. The text is untrusted: one
 * that was cut or altered is refused.
 */
#ifndef ARPAD_CONTROL_BACKUP_READ_H
#define ARPAD_CONTROL_BACKUP_READ_H

#include "control/import/staging.h"
#include "control/update/zone_settings.h"

#include <stddef.h>
#include <stdint.h>

/* A zone of a backup; its number in the staging is its place among them. */
struct restore_zone {
	struct store_owner apex;
	struct zone_settings settings;
};

struct backup_read;

/* The RRsets go into `staging`, which is of zones by number and outlives it. NULL: no memory. */
struct backup_read *backup_read_new(struct staging *staging);
void backup_read_free(struct backup_read *read); /* takes NULL */

/* -1: the failure's text starts with "line N: "; it is then of no further use. */
int backup_read_feed(
	struct backup_read *read, const char *octets, size_t bytes, struct failure *failure);

/* The end: 0 when all of the backup was there, as it was written. */
int backup_read_finish(struct backup_read *read, struct failure *failure);

/* The zones so far; borrowed until more is fed. */
const struct restore_zone *backup_read_zones(const struct backup_read *read, size_t *count);

/* RRsets so far, and the line being read. */
uint64_t backup_read_records(const struct backup_read *read);
uint64_t backup_read_line(const struct backup_read *read);

#endif
