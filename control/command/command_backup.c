/* SPDX-License-Identifier: BSD-3-Clause */
/* store.backup: all that is stored at one moment, as lines, page by page. */
#include "control/command/command_method.h"
#include "control/command/json_write.h"
#include "control/import/backup_write.h"
#include "control/store/crc32c.h"
#include "control/store/store_kv.h"

#include <stdlib.h>
#include <time.h>

/* A backup under way: its moment is kept from the first page to the last. */
struct backup {
	struct store_snapshot *snapshot;
	struct store_cursor *zones, *rrsets;
	bool in_zone, started_zones;
	uint32_t zone;
	uint64_t zone_count, records;
	uint32_t crc;
	struct text text; /* of the page */
};

void command_backup_end(struct session *session)
{
	struct backup *backup = session->backup;

	if (!backup)
		return;
	store_cursor_close(backup->zones);
	store_cursor_close(backup->rrsets);
	store_snapshot_close(backup->snapshot);
	text_free(&backup->text);
	free(backup);
	session->backup = NULL;
}

static int refuse_damage(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store is damaged: something in it is unreadable; see store.verify");
}

static int begin(struct session *session, struct failure *failure)
{
	struct store *store = session->command->store;
	struct backup *backup;

	command_backup_end(session);
	backup = session->backup = calloc(1, sizeof(*backup));
	if (!backup) {
		command_no_memory(failure);
		return -1;
	}
	if (store_snapshot_open(store, &backup->snapshot, failure) != 0 ||
		store_cursor_open_at(backup->snapshot, STORE_ZONES, &backup->zones, failure) != 0 ||
		store_cursor_open_at(backup->snapshot, STORE_RRSETS, &backup->rrsets, failure) != 0)
		return -1;
	backup_write_head(&backup->text, (uint64_t)time(NULL), store_sequence(store));
	return 0;
}

/* 1; 0: there is no zone more. The cursor of RRsets then stands before the zone's. */
static int enter_zone(struct backup *backup, struct failure *failure)
{
	struct store_bytes key, value;
	struct zone_settings settings;
	struct store_owner apex;
	int found = backup->started_zones
		? store_cursor_next(backup->zones, &key, &value, failure)
		: store_cursor_seek(
			  backup->zones, (struct store_bytes){NULL, 0}, &key, &value, failure);

	backup->started_zones = true;
	if (found != 1)
		return found;
	if (store_parse_owner_key(key.octets, key.count, &apex) != 0 ||
		zone_value_parse(value.octets, value.count, &backup->zone, &settings) != 0)
		return refuse_damage(failure);
	backup_write_zone(&backup->text, &apex.owner, &settings);
	backup->zone_count++;
	return 1;
}

/* The next RRset of the zone, whose first it is if `first`. 1; 0: the zone has no more. */
static int add_record(struct backup *backup, bool first, struct failure *failure)
{
	struct store_bytes key, value;
	struct store_owner owner;
	struct stored stored;
	uint8_t start[4];
	uint32_t zone;
	uint16_t type;
	int found;

	wire_put32(start, backup->zone);
	found = first ? store_cursor_seek(backup->rrsets,
				(struct store_bytes){start, sizeof(start)}, &key, &value, failure)
		      : store_cursor_next(backup->rrsets, &key, &value, failure);
	if (found != 1)
		return found;
	if (key.count < sizeof(start) || wire_get32(key.octets) != backup->zone)
		return 0;
	if (store_parse_key(key.octets, key.count, &zone, &owner, &type) != 0 ||
		store_parse_value(type, value.octets, value.count, &stored) != 0)
		return refuse_damage(failure);
	backup_write_record(&backup->text, &owner.owner, &stored);
	backup->records++;
	return 1;
}

/* One line more, or two where a zone begins. 1; 0: that was the last line; -1. */
static int add_line(struct backup *backup, struct failure *failure)
{
	bool first = !backup->in_zone;
	int found;

	if (first) {
		found = enter_zone(backup, failure);
		if (found != 1)
			return found;
		backup->in_zone = true;
	}
	found = add_record(backup, first, failure);
	if (found == 0)
		backup->in_zone = false;
	return found < 0 ? -1 : 1;
}

/* Gives the text of the page away as one string. */
static int send_text(struct backup *backup, struct text *items, struct failure *failure)
{
	if (!backup->text.failed)
		json_write_string(items, backup->text.octets, backup->text.bytes);
	if (backup->text.failed || items->failed) {
		command_no_memory(failure);
		return -1;
	}
	backup->text.bytes = 0;
	return 0;
}

static int backup_page(struct session *session, json_t *params, struct page *page,
	struct text *items, struct failure *failure)
{
	struct backup *backup;
	int result = 1;

	(void)params;
	if (!page->started && begin(session, failure) != 0) {
		command_backup_end(session);
		return -1;
	}
	backup = session->backup;
	while (result == 1 && !backup->text.failed && backup->text.bytes < PAGE_TEXT_MAX_BYTES)
		result = add_line(backup, failure);
	backup->crc = crc32c(backup->crc, backup->text.octets, backup->text.bytes);
	if (result == 0)
		backup_write_end(&backup->text, backup->zone_count, backup->records, backup->crc);
	if (result >= 0 && send_text(backup, items, failure) != 0)
		result = -1;
	if (result != 1)
		command_backup_end(session);
	return result == 1 ? PAGE_MORE : result;
}

static const struct param no_params[] = {
	{NULL, PARAM_TEXT, false},
};

const struct method command_backup_methods[] = {
	{.name = "store.backup",
		.kind = METHOD_LIST,
		.roles = 0,
		.params = no_params,
		.write = backup_page},
	{.name = NULL},
};
