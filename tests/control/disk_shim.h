/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls by which this process writes files of one directory, recorded and made to fail; and the
 * images that a power cut may leave of it: what was synced, and of what was not any sectors.
 */
#ifndef ARPAD_TESTS_CONTROL_DISK_SHIM_H
#define ARPAD_TESTS_CONTROL_DISK_SHIM_H

#include <stdbool.h>
#include <stddef.h>

/* Calls that write or sync files below `directory` are looked at from now on. NULL: none is. */
void disk_shim_watch(const char *directory);

/*
 * The call with this number, counted from the last watch and 1, fails with `error`; 0: it writes an
 * octet less than asked, if it writes. Number 0: none fails.
 */
void disk_shim_fail(size_t number, int error);
size_t disk_shim_calls(void); /* since the last watch */

/*
 * Records from now on, the directory being as it is in `base`, which all is copied to first.
 * `lies`: syncs of the log are recorded as if they had not been.
 */
void disk_shim_record(const char *base, bool lies);
void disk_shim_stop(void);
size_t disk_shim_events(void); /* recorded so far */

/* Whether the next event syncs: what may be left before it is less, and is left here too. */
bool disk_shim_is_last(size_t events);

/*
 * Makes `image` what the disk may hold after the first `events`: number 0 has of what was not
 * synced nothing, 1 all, others any part. Returns how many are worth a look.
 */
size_t disk_shim_image(const char *base, const char *image, size_t events, size_t number);

/* Copies the regular files of a directory, but locks. Files of `to` that `from` lacks go. */
void disk_shim_copy(const char *from, const char *to);

#endif
