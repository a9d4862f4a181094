/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The writer of records and zones: its life and its batches. What the store's transaction holds and
 * what the batch has noted always agree.
 */
#include "control/update/update.h"

#include "control/update/update_batch.h"

#include <stdlib.h>
#include <time.h>

struct update *update_new(
	struct store *store, struct table *table, struct serving *serving, struct reclaim *reclaim)
{
	enum { TTL = 3600 };
	struct update *update = calloc(1, sizeof(*update));
	struct update_scratch *scratch = malloc(sizeof(*scratch));
	struct zones *none = zones_new(NULL, 0);

	if (update == NULL || scratch == NULL || none == NULL) {
		free(update);
		free(scratch);
		zones_free(none);
		return NULL;
	}
	*update = (struct update){.store = store,
		.table = table,
		.serving = serving,
		.reclaim = reclaim,
		.ttl = TTL,
		.scratch = scratch,
		.journal = {
			.limits = {JOURNAL_KEEP_DAYS * 86400u, (uint64_t)JOURNAL_SIZE_MIB << 20}}};
	serving_publish_zones(serving, none);
	return update;
}

void update_free(struct update *update)
{
	struct zones *zones;

	if (update == NULL)
		return;
	zones = update_zones(update);
	serving_publish_zones(update->serving, NULL);
	for (size_t i = 0; i < zones_count(zones); i++)
		zone_free(zones_at(zones, i));
	zones_free(zones);
	owner_sets_free(&update->sets);
	host_pages_free(&update->pages);
	zone_counts_free(&update->counts);
	batch_clear(update);
	free(update->dirty);
	free(update->event);
	free(update->bucket);
	free(update->growth);
	free(update->scratch);
	journal_close(&update->journal);
	free(update);
}

void update_set_ttl(struct update *update, uint32_t ttl)
{
	update->ttl = ttl;
}

void update_set_progress(
	struct update *update, void (*progress)(void *context, size_t steps), void *context)
{
	update->progress = progress;
	update->progress_context = context;
}

void update_set_actor(struct update *update, const struct actor *actor)
{
	update->actor = actor;
}

void update_set_journal(struct update *update, const struct journal_limits *limits)
{
	update->journal.limits = *limits;
}

/*
 * What waits for the readers is bounded: a worker that stands still first slows changes down, then
 * stops them. Pages of hosts being a few KiB, this is some 256 MiB.
 */
static int await_readers(struct update *update, struct failure *failure)
{
	enum { WAITING_MAX = 1 << 16, TRIES = 200 };
	const struct timespec millisecond = {.tv_nsec = 1000000};

	for (unsigned tries = 0; reclaim_poll(update->reclaim) > WAITING_MAX; tries++) {
		if (tries == TRIES)
			return failure_set(failure, FAILURE_BUSY,
				"a worker stands still, so memory of %zu earlier changes can't be "
				"freed; see which with: arpactl stats",
				reclaim_waiting(update->reclaim));
		nanosleep(&millisecond, NULL);
	}
	return 0;
}

int update_begin(struct update *update, struct failure *failure)
{
	if (await_readers(update, failure) != 0)
		return -1;
	update->now = (uint32_t)time(NULL);
	if (store_begin(update->store, failure) != 0)
		return -1;
	update->sequence = store_sequence(update->store);
	journal_begin(&update->journal);
	return 0;
}

void update_note_write(struct update *update)
{
	update->must_commit = true;
}

void update_abort(struct update *update)
{
	store_abort(update->store);
	journal_roll_back(&update->journal);
	batch_clear(update);
}

int update_commit(struct update *update, struct failure *failure)
{
	int result;

	/* A batch in which every change failed, or changed nothing, is not worth an fsync. */
	if (update->dirty_count == 0 && update->events == 0 && !update->must_commit) {
		update_abort(update);
		return 0;
	}
	result = update_publish(update, failure);
	if (result != 0)
		journal_roll_back(&update->journal);
	batch_clear(update);
	return result;
}

const struct zone *update_zone_of(const struct update *update, const struct owner *name)
{
	return zones_find(update_zones(update), name);
}

const struct update_measures *update_measures(const struct update *update)
{
	return &update->measures;
}

uint64_t update_journal_bytes(const struct update *update)
{
	return update->journal.committed.bytes;
}

bool update_poll(struct update *update)
{
	if (reclaim_poll(update->reclaim) > 0)
		return true;
	/* Of each batch a grace period has passed: the zones tell all that there is to look for. */
	if (update->moving) {
		zones_settle_cuts(update_zones(update));
		serving_settle(update->serving);
	}
	update->moving = false;
	return false;
}
