/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * txn.diff: what a commit would change. Each address is done in a group of its own and undone, so
 * that a page costs what its addresses cost, however large the transaction.
 */
#include "control/command/command_txn.h"
#include "control/command/json_text.h"
#include "control/command/json_write.h"
#include "control/command/ptr_row.h"
#include "control/command/txn.h"
#include "control/command/txn_run.h"

#include <string.h>

/* The object as members of JSON, or nothing where none is. */
static int write_object(struct session *session, const struct prefix *address, struct text *text,
	struct failure *failure)
{
	struct ptr_object object = {.names = {.count = 0}};
	int result = update_get_ptr(session->command->update, address, &object, failure);

	if (result == 0) {
		const struct rrset names = rrset_buffer_view(&object.names);
		const struct ptr_row row = {&names, &object.stamp, &object.details};

		ptr_row_write_settable(text, &row);
	}
	rrset_buffer_free(&object.names);
	return result == 0 || failure->code == FAILURE_NOT_FOUND ? 0 : -1;
}

struct row {
	struct text before, after;
	bool failed; /* what would become of it is an error: */
	struct failure why;
};

static int make_row(struct session *session, const struct txn *txn, const struct prefix *address,
	struct row *row, struct failure *failure)
{
	struct update *update = session->command->update;
	struct update_group group;

	row->before.bytes = row->after.bytes = 0;
	if (write_object(session, address, &row->before, failure) != 0 ||
		update_group_begin(update, &group, failure) != 0)
		return -1;
	row->failed = txn_run_address(session, txn, address, &row->why) != 0 ||
		write_object(session, address, &row->after, &row->why) != 0;
	update_group_abort(update, &group);
	return 0;
}

static void write_side(struct text *items, const struct text *object)
{
	if (object->bytes == 0) {
		json_text_literal(items, "null");
		return;
	}
	json_text_literal(items, "{");
	text_add(items, object->octets, object->bytes);
	json_text_literal(items, "}");
}

static bool is_same(const struct row *row)
{
	return !row->failed && row->before.bytes == row->after.bytes &&
		(row->before.bytes == 0 ||
			memcmp(row->before.octets, row->after.octets, row->before.bytes) == 0);
}

static void write_row(struct text *items, const struct prefix *address, const struct row *row)
{
	if (row->before.failed || row->after.failed)
		items->failed = true;
	json_text_literal(items, "{\"address\":");
	json_text_prefix(items, address);
	json_text_literal(items, ",\"before\":");
	write_side(items, &row->before);
	if (row->failed) {
		json_text_literal(items, ",\"error\":");
		json_write_string(items, row->why.text, strlen(row->why.text));
	} else {
		json_text_literal(items, ",\"after\":");
		write_side(items, &row->after);
	}
	json_text_literal(items, "}");
}

static size_t write_zones(const struct txn *txn, struct text *items)
{
	for (size_t i = 0; i < txn->zone_count; i++) {
		const struct txn_zone *zone = &txn->zones[i];

		if (i)
			json_text_literal(items, ",");
		json_text_literal(items, "{\"zone\":");
		json_text_owner(items, &zone->apex.owner);
		text_add_string(
			items, zone->added ? ",\"change\":\"added\"}" : ",\"change\":\"removed\"}");
	}
	return txn->zone_count;
}

/* The first of the sorted objects behind the marker. */
static size_t first_behind(const struct txn *txn, const uint32_t *sorted, const struct page *page)
{
	size_t low = 0, high = txn->object_count;

	if (!page->started)
		return 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (txn_compare_addresses(
			    &txn->objects[sorted[middle]].address, &page->after.owner.prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int write_objects(struct session *session, struct txn *txn, struct page *page, size_t rows,
	struct text *items, struct failure *failure)
{
	struct row row = {.failed = false};
	const uint32_t *sorted = txn_sort(txn);
	size_t start = items->bytes, looked = 0, at;
	int result = PAGE_LAST;

	if (txn->object_count == 0)
		return PAGE_LAST;
	if (!sorted)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	for (at = first_behind(txn, sorted, page); at < txn->object_count; at++) {
		const struct prefix *address = &txn->objects[sorted[at]].address;
		const struct owner owner = owner_from_prefix(address);

		if (looked++ == PAGE_ROWS_MAX || items->bytes - start >= PAGE_TEXT_MAX_BYTES) {
			result = PAGE_MORE;
			break;
		}
		if (make_row(session, txn, address, &row, failure) != 0) {
			result = -1;
			break;
		}
		store_keep_owner(&page->after, &owner);
		if (is_same(&row))
			continue;
		if (rows++)
			json_text_literal(items, ",");
		write_row(items, address, &row);
	}
	text_free(&row.before);
	text_free(&row.after);
	return result;
}

int command_txn_diff(struct session *session, json_t *params, struct page *page, struct text *items,
	struct failure *failure)
{
	struct update *update = session->command->update;
	struct txn *txn = txn_run_get(session, param_text(params, "txn"), failure);
	struct failure none;
	size_t rows = 0;
	int result;

	if (!txn || update_begin(update, failure) != 0)
		return -1;
	if (!page->started)
		rows = write_zones(txn, items);
	result = write_objects(session, txn, page, rows, items, failure);
	/* Nothing was kept, so nothing is written. */
	if (update_commit(update, &none) != 0 && result >= 0) {
		*failure = none;
		result = -1;
	}
	return result;
}
