/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How many cuts, DNAMEs and wildcards each zone has, and at which depths: from it comes the
 * struct zone_special that tells workers where to look. Control thread.
 */
#ifndef ARPAD_CONTROL_ZONE_COUNTS_H
#define ARPAD_CONTROL_ZONE_COUNTS_H

#include "dataplane/records/zones.h"

#include <stddef.h>
#include <stdint.h>

/* A zeroed struct is empty: no zone has anything. */
struct zone_counts {
	struct zone_count *zone; /* those with anything, sorted by number */
	size_t count, capacity;
};

/*
 * Counts what `record` (NULL or an empty non-terminal: nothing) means to the zone, `sign` 1 when it
 * comes and -1 when it goes. 0 or -ENOMEM; counting out what was counted in never fails.
 */
int zone_counts_change(
	struct zone_counts *counts, uint32_t zone, const struct record *record, int sign);

/* Whether zone_counts_change would do anything. */
bool zone_counts_concern(const struct record *record);

/* Adds to `special` what `record` (as above) is in any zone. */
void zone_counts_note(const struct record *record, struct zone_special *special);

/* Whether `record` (as above) is a cut, a wildcard or has a DNAME, and `next` is or has it not. */
bool zone_counts_lose(const struct record *record, const struct record *next);

/* What the zone holds now. */
struct zone_special zone_counts_special(const struct zone_counts *counts, uint32_t zone);

/* Forgets a zone that is gone. */
void zone_counts_forget(struct zone_counts *counts, uint32_t zone);

void zone_counts_free(struct zone_counts *counts);

#endif
