/* SPDX-License-Identifier: BSD-3-Clause */
/* A commit that waits is its name -> first and last change (8 each), deadline (4), who (the rest).
 */
#include "control/journal/confirm.h"

#include "control/update/update_batch.h"

#include <string.h>

enum { FIXED_BYTES = 8 + 8 + 4 };

/* Who undoes. */
static const struct actor arpad = {.role = ROLE_ADMIN, .name = "arpad"};

static int refuse_damage(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store is damaged: a commit that waits for its confirmation is unreadable; "
		"restore it from a backup");
}

size_t confirm_write(const struct confirm *confirm, uint8_t value[static CONFIRM_VALUE_MAX_BYTES])
{
	size_t bytes = strnlen(confirm->actor, ACTOR_NAME_BYTES);

	wire_put64(value, confirm->first);
	wire_put64(value + 8, confirm->last);
	wire_put32(value + 16, confirm->deadline);
	memcpy(value + FIXED_BYTES, confirm->actor, bytes);
	return FIXED_BYTES + bytes;
}

int confirm_parse(struct store_bytes txn, struct store_bytes value, struct confirm *confirm)
{
	size_t bytes = value.count - FIXED_BYTES;

	if (txn.count == 0 || txn.count > CONFIRM_TXN_MAX_BYTES || value.count < FIXED_BYTES ||
		bytes >= ACTOR_NAME_BYTES || memchr(txn.octets, 0, txn.count) != NULL ||
		memchr(value.octets + FIXED_BYTES, 0, bytes) != NULL)
		return -1;
	*confirm = (struct confirm){
		.first = wire_get64(value.octets),
		.last = wire_get64(value.octets + 8),
		.deadline = wire_get32(value.octets + 16),
	};
	memcpy(confirm->txn, txn.octets, txn.count);
	memcpy(confirm->actor, value.octets + FIXED_BYTES, bytes);
	return confirm->first > 0 && confirm->first <= confirm->last ? 0 : -1;
}

int confirm_list(
	struct store *store, struct confirm *confirms, unsigned *count, struct failure *failure)
{
	struct store_bytes key, value;
	struct store_cursor *cursor;
	int found;

	*count = 0;
	if (store_cursor_open(store, STORE_UNCONFIRMED, &cursor, failure) != 0)
		return -1;
	found = store_cursor_seek(cursor, (struct store_bytes){NULL, 0}, &key, &value, failure);
	while (found == 1 && *count < CONFIRM_MAX) {
		if (confirm_parse(key, value, &confirms[*count]) != 0) {
			found = refuse_damage(failure);
			break;
		}
		(*count)++;
		found = store_cursor_next(cursor, &key, &value, failure);
	}
	store_cursor_close(cursor);
	return found < 0 ? -1 : 0;
}

static struct store_bytes key_of(const char *txn)
{
	return (struct store_bytes){(const uint8_t *)txn, strlen(txn)};
}

int confirm_add(struct update *update, const struct update_group *group, const char *txn,
	uint32_t deadline, struct failure *failure)
{
	struct confirm waiting[CONFIRM_MAX],
		confirm = {
			.first = update->sequence, .last = update->sequence, .deadline = deadline};
	uint8_t value[CONFIRM_VALUE_MAX_BYTES];
	const struct object_text actor = batch_actor(update);
	unsigned count;

	if (update->notes == group->notes)
		return 0;
	if (update->journal.state.bulk && update->journal.state.sequence == update->sequence)
		return failure_set(failure, FAILURE_TOO_LARGE,
			"a commit that waits for its confirmation changes at most %d records; "
			"commit this one without",
			JOURNAL_RRSETS_MAX);
	if (confirm_list(update->store, waiting, &count, failure) != 0)
		return -1;
	if (count == CONFIRM_MAX)
		return failure_set(failure, FAILURE_BUSY,
			"%d commits wait for their confirmation, which is the limit; confirm one",
			CONFIRM_MAX);
	memcpy(confirm.actor, actor.octets,
		actor.bytes < ACTOR_NAME_BYTES ? actor.bytes : ACTOR_NAME_BYTES - 1);
	return store_kv_put(update->store, STORE_UNCONFIRMED, key_of(txn),
		       (struct store_bytes){value, confirm_write(&confirm, value)}, failure) == 0
		? 1
		: -1;
}

int confirm_keep(struct update *update, const char *txn, struct failure *failure)
{
	int found = store_kv_delete(update->store, STORE_UNCONFIRMED, key_of(txn), failure);

	if (found < 0)
		return -1;
	if (found == 0)
		return failure_set(failure, FAILURE_NOT_FOUND,
			"no commit %.64s waits for a confirmation; it was confirmed, or undone "
			"when its time was over",
			txn);
	update_note_write(update);
	return 0;
}

/* Whether one is due; the one whose deadline is the earliest. 1, 0 or -1. */
static int find_due(struct store *store, uint32_t now, struct confirm *due, struct failure *failure)
{
	struct confirm waiting[CONFIRM_MAX];
	unsigned count, best = 0;

	if (confirm_list(store, waiting, &count, failure) != 0)
		return -1;
	for (unsigned i = 1; i < count; i++)
		if (waiting[i].deadline < waiting[best].deadline)
			best = i;
	if (count == 0 || waiting[best].deadline > now)
		return 0;
	*due = waiting[best];
	return 1;
}

static int undo(struct update *update, struct confirm_end *end, struct failure *failure)
{
	struct update_result result;

	if (confirm_keep(update, end->confirm.txn, failure) != 0 ||
		update_revert(update, end->confirm.first, end->confirm.last, &result,
			&end->reverted, &end->skipped, failure) != 0)
		return -1;
	end->sequence = result.sequence;
	return 0;
}

int confirm_undo_due(
	struct update *update, uint32_t now, struct confirm_end *end, struct failure *failure)
{
	const struct actor *before = update->actor;
	int found = find_due(update->store, now, &end->confirm, failure), result;

	if (found != 1)
		return found;
	if (update_begin(update, failure) != 0)
		return -1;
	update_set_actor(update, &arpad);
	result = undo(update, end, failure);
	update_set_actor(update, before);
	if (result != 0) {
		update_abort(update);
		return -1;
	}
	return update_commit(update, failure) == 0 ? 1 : -1;
}
