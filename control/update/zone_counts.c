/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts by depth. Most zones have nothing to count, and no entry. */
#include "control/update/zone_counts.h"

#include "control/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTHS = OWNER_LABELS_MAX + 1 };

struct zone_count {
	uint32_t zone;
	uint32_t wildcards;
	uint32_t *cuts; /* DEPTHS of them: zone cuts and DNAMEs */
};

static bool is_wildcard(const struct record *record)
{
	return record->rest_bytes >= 2 && record->body[0] == 1 && record->body[1] == '*';
}

/*
 * Whether any label is "*": a wildcard that only has names below it synthesizes nothing, and what
 * it covers is NODATA (RFC 4592 2.2.2).
 */
static bool has_star(const struct record *record)
{
	for (unsigned at = 0; at < record->rest_bytes; at += 1u + record->body[at])
		if (record->body[at] == 1 && record->body[at + 1] == '*')
			return true;
	return false;
}

/* A wildcard owns no cut: NS there has no meaning (RFC 4592 4.2). */
static unsigned cuts_of(const struct record *record)
{
	unsigned cuts = record->kinds & RECORD_DNAME ? 1 : 0;

	if ((record->kinds & RECORD_CUT) && !is_wildcard(record))
		cuts++;
	return cuts;
}

bool zone_counts_concern(const struct record *record)
{
	return record && record->sets > 0 && (has_star(record) || cuts_of(record) > 0);
}

void zone_counts_note(const struct record *record, struct zone_special *special)
{
	struct owner owner;

	if (!zone_counts_concern(record))
		return;
	owner = record_owner(record);
	if (cuts_of(record) > 0)
		zone_depths_add(&special->cuts, owner_depth(&owner));
	special->wildcards |= has_star(record);
}

bool zone_counts_lose(const struct record *record, const struct record *next)
{
	unsigned kept = next ? next->kinds : 0;

	if (!zone_counts_concern(record))
		return false;
	if (is_wildcard(record) && !next)
		return true;
	return cuts_of(record) > 0 && (record->kinds & ~kept & (RECORD_CUT | RECORD_DNAME)) != 0;
}

/* Where the zone is, or belongs. */
static size_t find(const struct zone_counts *counts, uint32_t zone)
{
	size_t low = 0, high = counts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (counts->zone[middle].zone < zone)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has(const struct zone_counts *counts, size_t at, uint32_t zone)
{
	return at < counts->count && counts->zone[at].zone == zone;
}

static int make(struct zone_counts *counts, size_t at, uint32_t zone)
{
	struct zone_count *larger =
		array_grow(counts->zone, counts->count, &counts->capacity, sizeof(*larger));
	uint32_t *cuts;

	if (!larger)
		return -ENOMEM;
	counts->zone = larger;
	cuts = calloc(DEPTHS, sizeof(*cuts));
	if (!cuts)
		return -ENOMEM;
	memmove(counts->zone + at + 1, counts->zone + at,
		(counts->count - at) * sizeof(*counts->zone));
	counts->zone[at] = (struct zone_count){.zone = zone, .cuts = cuts};
	counts->count++;
	return 0;
}

int zone_counts_change(
	struct zone_counts *counts, uint32_t zone, const struct record *record, int sign)
{
	size_t at = find(counts, zone);
	struct owner owner;

	if (!zone_counts_concern(record))
		return 0;
	if (!has(counts, at, zone) && make(counts, at, zone) != 0)
		return -ENOMEM;
	owner = record_owner(record);
	counts->zone[at].cuts[owner_depth(&owner)] += (uint32_t)sign * cuts_of(record);
	if (has_star(record))
		counts->zone[at].wildcards += (uint32_t)sign;
	return 0;
}

struct zone_special zone_counts_special(const struct zone_counts *counts, uint32_t zone)
{
	struct zone_special special = {0};
	size_t at = find(counts, zone);

	if (!has(counts, at, zone))
		return special;
	for (unsigned depth = 0; depth < DEPTHS; depth++)
		if (counts->zone[at].cuts[depth] > 0)
			zone_depths_add(&special.cuts, depth);
	special.wildcards = counts->zone[at].wildcards > 0;
	return special;
}

void zone_counts_forget(struct zone_counts *counts, uint32_t zone)
{
	size_t at = find(counts, zone);

	if (!has(counts, at, zone))
		return;
	free(counts->zone[at].cuts);
	counts->count--;
	memmove(counts->zone + at, counts->zone + at + 1,
		(counts->count - at) * sizeof(*counts->zone));
}

void zone_counts_free(struct zone_counts *counts)
{
	for (size_t i = 0; i < counts->count; i++)
		free(counts->zone[i].cuts);
	free(counts->zone);
	*counts = (struct zone_counts){0};
}
