/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/import/backup_read.c: any octets as they are; and as the lines of a backup, with a head
 * and an end that fit them. What is taken is sound, and written by backup_write.c it is taken again
 * as the same.
 */
#include "control/import/backup_read.h"
#include "control/import/backup_write.h"
#include "control/store/crc32c.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
	if (!held)
		abort();
}

/* 0, or -1: the text was refused. What was read is in the staging and the returned reader. */
static int read_all(const char *text, size_t bytes, size_t piece, struct staging **staging,
	struct backup_read **read)
{
	struct failure failure;
	int result = 0;

	*staging = staging_new("/tmp", NULL);
	*read = backup_read_new(*staging);
	must(*read != NULL);
	for (size_t at = 0; at < bytes && result == 0; at += piece)
		result = backup_read_feed(
			*read, text + at, bytes - at < piece ? bytes - at : piece, &failure);
	return result == 0 ? backup_read_finish(*read, &failure) : -1;
}

static void end(struct staging *staging, struct backup_read *read)
{
	backup_read_free(read);
	staging_free(staging);
}

/* The zones and records as a backup has them, `records` being how many. */
static void write_all(struct staging *staging, const struct backup_read *read, struct text *text,
	uint64_t *records)
{
	struct staged staged = {.next = 0};
	struct failure failure;
	size_t zones, zone = 0;
	const struct restore_zone *list = backup_read_zones(read, &zones);
	int more;

	*records = 0;
	must(staging_sort(staging, &failure) == 0);
	more = staging_read(staging, 0, &staged, &failure);
	for (; zone < zones; zone++) {
		backup_write_zone(text, &list[zone].apex.owner, &list[zone].settings);
		for (; more == 1 && staged.zone == zone; ++*records) {
			struct store_owner owner;
			struct stored stored = {.rrset = staged.rrset,
				.stamp = {staged.created, staged.modified, 0},
				.details = staged.details,
				.details_bytes = staged.details_bytes};

			staged_owner(&staged, &owner);
			must(owner_contains(&list[zone].apex.owner, &owner.owner));
			backup_write_record(text, &owner.owner, &stored);
			more = staging_read(staging, staged.next, &staged, &failure);
		}
	}
	/* -1: two parts of one RRset that do not go together, which a commit would say. */
	must(more <= 0);
	staged_free(&staged);
}

static void seal(struct text *text, uint64_t zones, uint64_t records)
{
	backup_write_end(text, zones, records, crc32c(0, text->octets, text->bytes));
	must(!text->failed);
}

/* What was taken once is taken again as the same lines. */
static void check_again(struct staging *staging, struct backup_read *read)
{
	struct text once = {.octets = NULL}, twice = {.octets = NULL};
	struct backup_read *again;
	struct staging *copy;
	uint64_t records;
	size_t zones;

	backup_read_zones(read, &zones);
	backup_write_head(&once, 1, 2);
	write_all(staging, read, &once, &records);
	seal(&once, zones, records);
	must(read_all(once.octets, once.bytes, once.bytes, &copy, &again) == 0);
	backup_write_head(&twice, 1, 2);
	write_all(copy, again, &twice, &records);
	seal(&twice, zones, records);
	must(once.bytes == twice.bytes && memcmp(once.octets, twice.octets, once.bytes) == 0);
	end(copy, again);
	text_free(&once);
	text_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = {.octets = NULL};
	const char *octets = (const char *)data;
	struct staging *staging;
	struct backup_read *read;
	uint64_t zones = 0, records = 0;

	read_all(octets, size, size + 1, &staging, &read);
	end(staging, read);
	backup_write_head(&text, 1, 2);
	text_add(&text, octets, size);
	text_add_string(&text, "\n");
	for (const char *line = octets, *stop; line < octets + size; line = stop + 1) {
		stop = memchr(line, '\n', (size_t)(octets + size - line));
		stop = stop ? stop : octets + size;
		if (stop > line)
			++*(memmem(line, (size_t)(stop - line), "\"zone\"", 6) ? &zones : &records);
	}
	/* The sum is of lines that are not empty. */
	for (char *at; (at = memmem(text.octets, text.bytes, "\n\n", 2)) != NULL; text.bytes--)
		memmove(at, at + 1, text.bytes - (size_t)(at - text.octets) - 1);
	seal(&text, zones, records);
	if (read_all(text.octets, text.bytes, 7, &staging, &read) == 0)
		check_again(staging, read);
	end(staging, read);
	text_free(&text);
	return 0;
}
