/* SPDX-License-Identifier: BSD-3-Clause */
/* Empty non-terminals come from a reserve, so that linking a name can't fail. */
#include "dataplane/records/table_tree.h"

#include "dataplane/records/table_entries.h"

#include <errno.h>

enum { SPARES_KEPT = 4096 }; /* more than that are given back once they are not asked for */

void tree_count(struct table *table, const struct record *record, int sign)
{
	size_t *kind = record->sets ? &table->counts.owners : &table->counts.empty_nonterminals;

	*kind += (size_t)sign;
	table->counts.bytes += (size_t)sign * (sizeof(*record) + record->body_bytes);
}

void tree_unlinked(struct table *table, struct record *record)
{
	tree_count(table, record, -1);
	record->unlinked = table->unlinked_records;
	table->unlinked_records = record;
}

struct record *tree_spare(struct table *table, const struct owner *owner)
{
	struct spares *spares = owner->rest_bytes == 0 ? &table->plain : &table->named;
	struct record *record = spares->first;

	assert(record); /* table_reserve's promise */
	spares->first = record->unlinked;
	spares->count--;
	record->prefix = owner->prefix;
	record->rest_bytes = owner->rest_bytes;
	for (unsigned i = 0; i < owner->rest_bytes; i++)
		record->body[i] = name_lower(owner->rest[i]);
	record->below = 0;
	return record;
}

void tree_link(struct table *table, const struct owner *first)
{
	struct owner missing[OWNER_LABELS_MAX];
	struct owner at = *first;
	unsigned count = 0;

	do {
		struct record *record = entries_find(table, &at);

		if (record) {
			record->below++;
			break;
		}
		missing[count++] = at;
	} while (owner_parent(&at, &at));
	while (count > 0) {
		struct record *made = tree_spare(table, &missing[--count]);

		made->below = 1;
		entries_insert(table, made);
		tree_count(table, made, 1);
	}
}

void tree_unlink(struct table *table, const struct owner *first)
{
	struct owner at = *first;

	do {
		struct record *record = entries_find(table, &at);

		if (--record->below > 0 || record->sets > 0)
			return;
		entries_remove(table, &at);
		tree_unlinked(table, record);
	} while (owner_parent(&at, &at));
}

static void spares_trim(struct spares *spares, size_t kept)
{
	while (spares->count > kept) {
		struct record *record = spares->first;

		spares->first = record->unlinked;
		spares->count--;
		record_free(record);
	}
}

/* `like` tells how much room for labels each needs. */
static int spares_reserve(struct spares *spares, size_t count, const struct owner *like)
{
	spares_trim(spares, count > SPARES_KEPT ? count : SPARES_KEPT);
	for (; spares->count < count; spares->count++) {
		struct record *record = record_new(like, NULL, 0);

		if (!record)
			return -ENOMEM;
		record->unlinked = spares->first;
		spares->first = record;
	}
	return 0;
}

int tree_reserve(struct table *table, size_t plain, size_t named)
{
	static const uint8_t longest[UINT8_MAX - 1];
	static const struct owner prefix_only = {0};
	const struct owner labels = {.rest = longest, .rest_bytes = sizeof(longest)};

	if (spares_reserve(&table->plain, plain, &prefix_only) != 0)
		return -ENOMEM;
	return spares_reserve(&table->named, named, &labels);
}

void tree_fini(struct table *table)
{
	spares_trim(&table->plain, 0);
	spares_trim(&table->named, 0);
}
