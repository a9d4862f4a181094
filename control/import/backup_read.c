/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/import/backup_read.h"

#include "control/array.h"
#include "control/import/import_lines.h"
#include "control/import/json_reader.h"
#include "control/presentation.h"
#include "control/store/crc32c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BACKUP_FORMAT_READ = 1,
	/* 60,000 octets of names, each octet written as \\DDD. */
	LINE_MAX_BYTES = 512 * 1024,
	CRC_DIGITS = 8,
};

enum key {
	KEY_FORMAT,
	KEY_ZONE,
	KEY_OWNER,
	KEY_ADDRESS,
	KEY_END,
	KEY_VERSION,
	KEY_TIME,
	KEY_SEQ,
	KEY_POLICY,
	KEY_FROZEN,
	KEY_TTL,
	KEY_TYPE,
	KEY_NAMES,
	KEY_DATA,
	KEY_DESCRIPTION,
	KEY_TENANT,
	KEY_TAGS,
	KEY_CREATED,
	KEY_MODIFIED,
	KEY_ZONES,
	KEY_RECORDS,
	KEY_CRC,
	KEYS
};

#define KEY(name) (1u << KEY_##name)

static const char *const keys[KEYS] = {"arpad-backup", "zone", "owner", "address", "end", "version",
	"time", "seq", "serial_policy", "frozen", "ttl", "type", "names", "data", "description",
	"tenant", "tags", "created", "modified", "zones", "records", "crc32c"};

struct backup_read {
	struct staging *staging;
	struct import_lines lines;
	struct restore_zone *zone;
	size_t zones, zone_capacity;
	uint64_t records;
	uint32_t crc;
	bool started, ended;
	/* The line being read. */
	unsigned seen;
	int64_t number[KEYS];
	struct object_text text[KEYS];
	bool flag;
	struct details details;
	size_t item_count;
	uint32_t item_bytes;
	uint8_t items[RRSET_RDATA_MAX_BYTES];
};

static int refuse(struct failure *failure, const char *rule)
{
	return failure_set(failure, FAILURE_INVALID, "%s", rule);
}

static int refuse_line(struct failure *failure)
{
	return refuse(failure,
		"this is no line of a backup; take one that store.backup wrote, unaltered");
}

/* ---- Values ---- */

/* Room for one more item, its length written. NULL: there is none. */
static uint8_t *add_item(struct backup_read *read, size_t bytes)
{
	uint8_t *item = read->items + read->item_bytes;

	if (bytes > UINT16_MAX || sizeof(read->items) - read->item_bytes < 2 + bytes ||
		read->item_count == INT16_MAX)
		return NULL;
	wire_put16(item, (uint16_t)bytes);
	read->item_bytes += 2 + (uint32_t)bytes;
	read->item_count++;
	return item + 2;
}

static int hex_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct backup_read *read, struct json_reader *reader)
{
	const char *octets;
	uint8_t *item;
	size_t bytes;

	if (!json_reader_octets(reader, &octets, &bytes) || bytes % 2 != 0)
		return false;
	item = add_item(read, bytes / 2);
	for (size_t i = 0; item != NULL && i < bytes; i += 2) {
		int high = hex_of(octets[i]), low = hex_of(octets[i + 1]);

		if (high < 0 || low < 0)
			return false;
		*item++ = (uint8_t)(high << 4 | low);
	}
	return item != NULL;
}

/* A name as text with a NUL; false: it is too long. */
static bool copy_name(const struct object_text *text, char name[static PRESENTATION_NAME_BYTES])
{
	if (text->bytes >= PRESENTATION_NAME_BYTES)
		return false;
	memcpy(name, text->octets, text->bytes);
	name[text->bytes] = '\0';
	return strlen(name) == text->bytes;
}

/* Returns its length, or 0. Of the root there is no host name, but zones may point there. */
static size_t parse_name(const struct object_text *text, uint8_t wire[static WIRE_NAME_MAX_BYTES])
{
	char name[PRESENTATION_NAME_BYTES];
	struct failure ignored;
	int bytes;

	if (text->bytes == 1 && text->octets[0] == '.') {
		wire[0] = 0;
		return 1;
	}
	bytes = copy_name(text, name) ? presentation_parse_name(name, wire, &ignored) : -1;
	return bytes < 0 ? 0 : (size_t)bytes;
}

static bool read_name(struct backup_read *read, struct json_reader *reader)
{
	uint8_t wire[WIRE_NAME_MAX_BYTES], *item;
	struct object_text text;
	size_t bytes;

	if (!json_reader_string(reader, &text))
		return false;
	bytes = parse_name(&text, wire);
	item = bytes == 0 ? NULL : add_item(read, bytes);
	if (item != NULL)
		memcpy(item, wire, bytes);
	return item != NULL;
}

static bool read_items(struct backup_read *read, struct json_reader *reader, bool names)
{
	unsigned count = 0;
	int more;

	if (!json_reader_take(reader, '['))
		return false;
	while ((more = json_reader_element(reader, &count)) == 1)
		if (names ? !read_name(read, reader) : !read_hex(read, reader))
			return false;
	return more == 0;
}

static bool read_tags(struct backup_read *read, struct json_reader *reader)
{
	struct details *details = &read->details;
	unsigned count = 0;
	struct object_text key;
	int more;

	if (!json_reader_take(reader, '{'))
		return false;
	while ((more = json_reader_member(reader, &count, &key)) == 1) {
		struct object_tag *tag = &details->tags[details->tag_count];

		if (details->tag_count == OBJECT_TAGS_MAX ||
			!json_reader_string(reader, &tag->value))
			return false;
		tag->key = key;
		details->tag_count++;
	}
	return more == 0;
}

static bool read_value(struct backup_read *read, struct json_reader *reader, enum key key)
{
	switch (key) {
	case KEY_ZONE:
	case KEY_OWNER:
	case KEY_ADDRESS:
	case KEY_VERSION:
	case KEY_CRC:
		return json_reader_string(reader, &read->text[key]);
	case KEY_DESCRIPTION:
		return json_reader_string(reader, &read->details.description);
	case KEY_TENANT:
		return json_reader_string(reader, &read->details.tenant);
	case KEY_TAGS:
		return read_tags(read, reader);
	case KEY_NAMES:
	case KEY_DATA:
		return read_items(read, reader, key == KEY_NAMES);
	case KEY_END:
	case KEY_FROZEN:
		return json_reader_flag(reader, &read->flag);
	default:
		return json_reader_number(reader, &read->number[key]) && read->number[key] >= 0;
	}
}

static int find_key(const struct object_text *text)
{
	for (int i = 0; i < KEYS; i++)
		if (json_reader_is(text, keys[i], strlen(keys[i])))
			return i;
	return -1;
}

/* Reads the line's object into `read`. */
static int read_object(struct backup_read *read, char *line, size_t bytes, struct failure *failure)
{
	struct json_reader reader = {line, line + bytes};
	struct object_text text;
	unsigned count = 0;
	int more = -1, key;

	read->seen = 0;
	read->item_count = 0;
	read->item_bytes = 0;
	read->details.description.bytes = read->details.tenant.bytes = 0;
	read->details.tag_count = 0;
	if (json_reader_take(&reader, '{'))
		while ((more = json_reader_member(&reader, &count, &text)) == 1) {
			key = find_key(&text);
			if (key < 0 || read->seen & 1u << key ||
				!read_value(read, &reader, (enum key)key))
				return refuse_line(failure);
			read->seen |= 1u << key;
		}
	return more == 0 && json_reader_ends(&reader) ? 0 : refuse_line(failure);
}

/* Whether the line has all of `needed` and nothing but that and `allowed`. */
static bool has(const struct backup_read *read, unsigned needed, unsigned allowed)
{
	return (read->seen & needed) == needed && (read->seen & ~(needed | allowed)) == 0;
}

/* ---- Lines ---- */

static int read_head(struct backup_read *read, struct failure *failure)
{
	if (!has(read, KEY(FORMAT), KEY(VERSION) | KEY(TIME) | KEY(SEQ)))
		return refuse(
			failure, "a backup starts with {\"arpad-backup\":1,...}; this is none");
	if (read->number[KEY_FORMAT] != BACKUP_FORMAT_READ)
		return failure_set(failure, FAILURE_INVALID,
			"the backup is of format %lld, and this arpad reads format %d; restore it "
			"with the version that wrote it",
			(long long)read->number[KEY_FORMAT], BACKUP_FORMAT_READ);
	read->started = true;
	return 0;
}

static int parse_owner(
	const struct object_text *text, struct store_owner *owner, struct failure *failure)
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];
	struct owner found;
	size_t bytes = parse_name(text, wire);

	if (bytes == 0)
		return refuse(failure, "an owner that is no name");
	owner_from_name(wire, bytes, &found);
	store_keep_owner(owner, &found);
	return 0;
}

static int read_zone(struct backup_read *read, struct failure *failure)
{
	struct restore_zone *zone;

	if (!has(read, KEY(ZONE) | KEY(POLICY) | KEY(FROZEN) | KEY(TTL), 0) ||
		read->number[KEY_POLICY] >= ZONE_SERIALS || read->number[KEY_TTL] > WIRE_TTL_MAX)
		return refuse_line(failure);
	zone = array_grow(read->zone, read->zones, &read->zone_capacity, sizeof(*zone));
	if (zone == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the zones");
	read->zone = zone;
	zone = &read->zone[read->zones];
	zone->settings = (struct zone_settings){
		.serial_policy = (uint8_t)read->number[KEY_POLICY],
		.frozen = read->flag,
		.ttl = (uint32_t)read->number[KEY_TTL],
	};
	if (parse_owner(&read->text[KEY_ZONE], &zone->apex, failure) != 0)
		return -1;
	read->zones++;
	return 0;
}

/* Where the RRset is and its type. */
static int read_place(struct backup_read *read, struct store_owner *owner, uint16_t *type,
	struct failure *failure)
{
	const unsigned rest = KEY(TTL) | KEY(CREATED) | KEY(MODIFIED);
	const unsigned details = KEY(DESCRIPTION) | KEY(TENANT) | KEY(TAGS);
	char text[PRESENTATION_NAME_BYTES];
	struct prefix host;

	if (has(read, KEY(ADDRESS) | KEY(NAMES) | rest, details)) {
		*type = WIRE_TYPE_PTR;
		if (!copy_name(&read->text[KEY_ADDRESS], text))
			return refuse_line(failure);
		if (presentation_parse_address(text, &host, failure) != 0)
			return -1;
		store_keep_owner(owner, &(struct owner){.prefix = host});
		return 0;
	}
	if (!has(read, KEY(OWNER) | KEY(TYPE) | KEY(DATA) | rest, details) ||
		read->number[KEY_TYPE] > UINT16_MAX || read->number[KEY_TYPE] == 0)
		return refuse_line(failure);
	*type = (uint16_t)read->number[KEY_TYPE];
	return parse_owner(&read->text[KEY_OWNER], owner, failure);
}

static int check_record(const struct backup_read *read, const struct owner *owner, uint16_t type,
	struct failure *failure)
{
	const struct owner *apex;

	if (read->zones == 0)
		return refuse(failure, "a record before the first zone");
	apex = &read->zone[read->zones - 1].apex.owner;
	if (!owner_contains(apex, owner))
		return refuse(failure, "a record outside of its zone");
	if (type == WIRE_TYPE_SOA && !owner_equal(apex, owner))
		return refuse(failure, "a SOA record that is not at its zone's apex");
	if (read->number[KEY_TTL] > WIRE_TTL_MAX || read->number[KEY_CREATED] > UINT32_MAX ||
		read->number[KEY_MODIFIED] > UINT32_MAX || read->item_count == 0 ||
		store_items_bytes(type, (uint16_t)read->item_count, read->items,
			read->item_bytes) != read->item_bytes)
		return refuse(failure, "a record that is not well-formed");
	return 0;
}

static int read_record(struct backup_read *read, struct failure *failure)
{
	uint8_t details[OBJECT_DETAILS_MAX_BYTES];
	struct store_owner owner;
	struct staging_item item = {.owner = &owner.owner,
		.said = STAGED_DETAILS | STAGED_TTL | STAGED_TIMES,
		.details = details};
	uint16_t type = 0;

	if (read_place(read, &owner, &type, failure) != 0 ||
		check_record(read, &owner.owner, type, failure) != 0 ||
		details_settle(&read->details, failure) != 0)
		return -1;
	item.zone = (uint32_t)(read->zones - 1);
	item.rrset = (struct rrset){
		.type = type,
		.count = (uint16_t)read->item_count,
		.ttl = (uint32_t)read->number[KEY_TTL],
		.rdata_bytes = read->item_bytes,
		.rdata = read->items,
	};
	item.details_bytes = (uint16_t)details_write(&read->details, details);
	item.created = (uint32_t)read->number[KEY_CREATED];
	item.modified = (uint32_t)read->number[KEY_MODIFIED];
	if (staging_put(read->staging, &item, failure) != 0)
		return -1;
	read->records++;
	return 0;
}

/* `crc` is that of all before the line. */
static int read_end(struct backup_read *read, uint32_t crc, struct failure *failure)
{
	char hex[CRC_DIGITS + 1];

	snprintf(hex, sizeof(hex), "%08x", crc);
	if (!has(read, KEY(END) | KEY(ZONES) | KEY(RECORDS) | KEY(CRC), 0) || !read->flag)
		return refuse_line(failure);
	if ((uint64_t)read->number[KEY_ZONES] != read->zones ||
		(uint64_t)read->number[KEY_RECORDS] != read->records ||
		!json_reader_is(&read->text[KEY_CRC], hex, CRC_DIGITS))
		return refuse(failure,
			"the backup was altered: its check sum is another; take another copy of "
			"it");
	read->ended = true;
	return 0;
}

static int read_line(void *context, char *line, size_t bytes, struct failure *failure)
{
	struct backup_read *read = context;
	uint32_t before = read->crc;

	if (read->ended)
		return refuse(failure, "something stands behind the end of the backup");
	read->crc = crc32c(crc32c(before, line, bytes), "\n", 1);
	if (read_object(read, line, bytes, failure) != 0)
		return -1;
	if (!read->started)
		return read_head(read, failure);
	if (read->seen & KEY(END))
		return read_end(read, before, failure);
	return read->seen & KEY(ZONE) ? read_zone(read, failure) : read_record(read, failure);
}

/* ---- All of it ---- */

struct backup_read *backup_read_new(struct staging *staging)
{
	struct backup_read *read = calloc(1, sizeof(*read));

	if (read == NULL)
		return NULL;
	read->staging = staging;
	if (import_lines_init(&read->lines, LINE_MAX_BYTES, read_line, read) != 0) {
		free(read);
		return NULL;
	}
	return read;
}

void backup_read_free(struct backup_read *read)
{
	if (read == NULL)
		return;
	import_lines_fini(&read->lines);
	free(read->zone);
	free(read);
}

int backup_read_feed(
	struct backup_read *read, const char *octets, size_t bytes, struct failure *failure)
{
	return import_lines_feed(&read->lines, octets, bytes, failure);
}

static int compare_apexes(const void *a, const void *b)
{
	const struct restore_zone *one = *(const struct restore_zone *const *)a;
	const struct restore_zone *other = *(const struct restore_zone *const *)b;
	uint8_t key[STORE_OWNER_KEY_MAX_BYTES], other_key[STORE_OWNER_KEY_MAX_BYTES];
	size_t bytes = store_write_owner_key(&one->apex.owner, key);
	size_t other_bytes = store_write_owner_key(&other->apex.owner, other_key);

	return memcmp(key, other_key, bytes < other_bytes ? bytes : other_bytes);
}

/* Whether no zone is there twice. */
static int check_zones(const struct backup_read *read, struct failure *failure)
{
	const struct restore_zone **sorted = calloc(read->zones + 1, sizeof(const void *));
	bool twice = false;

	if (sorted == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the zones");
	for (size_t i = 0; i < read->zones; i++)
		sorted[i] = &read->zone[i];
	qsort(sorted, read->zones, sizeof(*sorted), compare_apexes);
	for (size_t i = 1; i < read->zones; i++)
		twice |= compare_apexes(&sorted[i - 1], &sorted[i]) == 0;
	free(sorted);
	return twice ? refuse(failure, "the backup has a zone twice") : 0;
}

int backup_read_finish(struct backup_read *read, struct failure *failure)
{
	if (import_lines_finish(&read->lines, failure) != 0)
		return -1;
	if (!read->ended)
		return refuse(failure,
			"the backup is cut short: its last line is not there; take another copy "
			"of it");
	/* They moved with their array. */
	for (size_t i = 0; i < read->zones; i++)
		read->zone[i].apex.owner.rest = read->zone[i].apex.rest;
	return check_zones(read, failure);
}

const struct restore_zone *backup_read_zones(const struct backup_read *read, size_t *count)
{
	*count = read->zones;
	return read->zone;
}

uint64_t backup_read_records(const struct backup_read *read)
{
	return read->records;
}

uint64_t backup_read_line(const struct backup_read *read)
{
	return read->lines.line;
}
