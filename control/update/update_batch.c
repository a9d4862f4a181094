/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The notes of a batch. They only ever grow at their end, so undoing one change is cutting them
 * back to where it began.
 */
#include "control/update/update_batch.h"

#include "control/array.h"
#include "control/presentation.h"
#include "control/store/store_codec.h"

#include <stdlib.h>
#include <string.h>

static int refuse_memory(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_FULL, "no memory to note the change");
}

void batch_clear(struct update *update)
{
	enum { KEEP = 1 << 16 }; /* an import's notes are given back, a busy minute's are not */

	if (update->dirty_capacity > KEEP) {
		free(update->dirty);
		update->dirty = NULL;
		update->dirty_capacity = 0;
	}
	update->dirty_count = 0;
	batch_clear_events(update);
	update->growths = 0;
	update->must_commit = false;
	owner_pool_clear(&update->names);
}

/* Whether `owner` is the last of those noted, or the host behind it, which lengthens the run. */
static bool continues_run(struct dirty *run, const struct owner *owner)
{
	unsigned behind;

	if (run->hosts == 1 && owner_equal(&run->owner, owner))
		return true;
	if (!hosts_may_hold(owner) || !hosts_may_hold(&run->owner) ||
		!hosts_same_page(&owner->prefix, &run->owner.prefix))
		return false;
	behind = hosts_number(&owner->prefix) - hosts_number(&run->owner.prefix);
	if (behind == run->hosts)
		run->hosts++;
	return behind < run->hosts;
}

int batch_add_written(
	struct update *update, const struct owner *owner, uint16_t type, struct failure *failure)
{
	bool only_ptr = type == WIRE_TYPE_PTR;
	struct dirty *dirty, *made;

	update->notes++;
	/* An import writes an owner's RRsets, and a network's hosts, one after the other. */
	if (update->dirty_count > 0 &&
		continues_run(&update->dirty[update->dirty_count - 1], owner)) {
		update->dirty[update->dirty_count - 1].only_ptr &= only_ptr;
		return 0;
	}
	dirty = array_grow(
		update->dirty, update->dirty_count, &update->dirty_capacity, sizeof(*dirty));
	if (dirty == NULL)
		return refuse_memory(failure);
	update->dirty = dirty;
	made = &update->dirty[update->dirty_count];
	made->hosts = 1;
	made->only_ptr = only_ptr;
	if (owner_pool_copy(&update->names, owner, &made->owner) != 0)
		return refuse_memory(failure);
	update->dirty_count++;
	return 0;
}

int batch_add_dirty(struct update *update, const struct owner *owner, struct failure *failure)
{
	enum { ANY_TYPE = 0 }; /* reserved, RFC 6895 3.1 */

	return batch_add_written(update, owner, ANY_TYPE, failure);
}

/* ---- How many RRsets ---- */

int batch_grow(struct update *update, uint32_t zone, int64_t by, struct failure *failure)
{
	struct zone_growth *growth;

	if (by == 0)
		return 0;
	/* What an earlier part noted stays apart, for this one may be undone. */
	if (update->growths > update->part_growths &&
		update->growth[update->growths - 1].zone == zone) {
		update->growth[update->growths - 1].by += by;
		return 0;
	}
	growth = array_grow(
		update->growth, update->growths, &update->growth_capacity, sizeof(*growth));
	if (growth == NULL)
		return refuse_memory(failure);
	update->growth = growth;
	update->growth[update->growths++] = (struct zone_growth){zone, by};
	return 0;
}

static int compare_growths(const void *a, const void *b)
{
	const struct zone_growth *x = a, *y = b;

	return (x->zone > y->zone) - (x->zone < y->zone);
}

void batch_sum_growths(struct update *update)
{
	size_t kept = 0;

	if (update->growths == 0)
		return;
	qsort(update->growth, update->growths, sizeof(*update->growth), compare_growths);
	for (size_t i = 1; i < update->growths; i++)
		if (update->growth[i].zone == update->growth[kept].zone)
			update->growth[kept].by += update->growth[i].by;
		else
			update->growth[++kept] = update->growth[i];
	update->growths = kept + 1;
}

int64_t batch_growth(const struct update *update, uint32_t zone)
{
	const struct zone_growth wanted = {.zone = zone}, *found = NULL;

	if (update->growths > 0)
		found = bsearch(
			&wanted, update->growth, update->growths, sizeof(wanted), compare_growths);
	return found != NULL ? found->by : 0;
}

/* ---- Order ---- */

/* The order of the keys of owners that are all prefix (store_codec.h). */
static int compare_prefixes(const struct prefix *a, const struct prefix *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return (a->bits > b->bits) - (a->bits < b->bits);
}

int update_compare_owners(const struct owner *a, const struct owner *b)
{
	uint8_t a_key[STORE_OWNER_KEY_MAX_BYTES], b_key[STORE_OWNER_KEY_MAX_BYTES];
	size_t a_bytes, b_bytes;

	if (a->rest_bytes == 0 && b->rest_bytes == 0)
		return compare_prefixes(&a->prefix, &b->prefix);
	a_bytes = store_write_owner_key(a, a_key);
	b_bytes = store_write_owner_key(b, b_key);
	return memcmp(a_key, b_key, a_bytes < b_bytes ? a_bytes : b_bytes);
}
