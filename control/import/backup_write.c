/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/import/backup_write.h"

#include "control/command/json_text.h"
#include "control/command/json_write.h"
#include "control/presentation.h"
#include "control/rrset_buffer.h"

#include <stdio.h>

static void add_key(struct text *text, const char *key)
{
	text_add_string(text, ",\"");
	text_add_string(text, key);
	text_add_string(text, "\":");
}

static void add_string(struct text *text, const char *string)
{
	json_write_string(text, string, strlen(string));
}

static void add_number(struct text *text, const char *key, uint64_t number)
{
	add_key(text, key);
	text_add_number(text, (long long)number);
}

static void add_owner(struct text *text, const struct owner *owner)
{
	char name[PRESENTATION_NAME_BYTES];
	uint8_t wire[WIRE_NAME_MAX_BYTES];

	owner_write(owner, wire);
	add_string(text, presentation_write_name(wire, name));
}

void backup_write_head(struct text *text, uint64_t time, uint64_t sequence)
{
	text_add_string(text, "{\"arpad-backup\":1,\"version\":\"" ARPAD_VERSION "\"");
	add_number(text, "time", time);
	add_number(text, "seq", sequence);
	text_add_string(text, "}\n");
}

void backup_write_zone(
	struct text *text, const struct owner *apex, const struct zone_settings *settings)
{
	text_add_string(text, "{\"zone\":");
	add_owner(text, apex);
	add_number(text, "serial_policy", settings->serial_policy);
	add_key(text, "frozen");
	text_add_string(text, settings->frozen ? "true" : "false");
	add_number(text, "ttl", settings->ttl);
	text_add_string(text, "}\n");
}

static void add_names(struct text *text, const struct rrset *rrset)
{
	char name[PRESENTATION_NAME_BYTES];
	const uint8_t *item;
	uint32_t offset = 0;
	uint16_t bytes;
	char before = '[';

	add_key(text, "names");
	while ((item = rrset_next(rrset, &offset, &bytes)) != NULL) {
		text_add(text, &before, 1);
		add_string(text, presentation_write_name(item, name));
		before = ',';
	}
	text_add_string(text, "]");
}

static void add_hex(struct text *text, const uint8_t *octets, size_t bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *to = text_reserve(text, 2 * bytes);

	if (to == NULL)
		return;
	for (size_t i = 0; i < bytes; i++) {
		*to++ = digits[octets[i] >> 4];
		*to++ = digits[octets[i] & 15];
	}
	text->bytes += 2 * bytes;
}

static void add_data(struct text *text, const struct rrset *rrset)
{
	const uint8_t *item;
	uint32_t offset = 0;
	uint16_t bytes;
	const char *before = "[\"";

	add_number(text, "type", rrset->type);
	add_key(text, "data");
	while ((item = rrset_next(rrset, &offset, &bytes)) != NULL) {
		text_add_string(text, before);
		add_hex(text, item, bytes);
		before = "\",\"";
	}
	text_add_string(text, "\"]");
}

static void add_details(struct text *text, const struct stored *stored)
{
	struct details details;

	if (stored->details_bytes > 0 &&
		details_parse(stored->details, stored->details_bytes, &details) == 0)
		json_text_details(text, &details);
}

void backup_write_record(struct text *text, const struct owner *owner, const struct stored *stored)
{
	bool is_object = stored->rrset.type == WIRE_TYPE_PTR && owner->rest_bytes == 0 &&
		owner->prefix.family != OWNER_NO_FAMILY && prefix_is_host(&owner->prefix);
	char address[PRESENTATION_PREFIX_BYTES];

	if (is_object) {
		text_add_string(text, "{\"address\":");
		add_string(text, presentation_write_prefix(&owner->prefix, address));
		add_names(text, &stored->rrset);
	} else {
		text_add_string(text, "{\"owner\":");
		add_owner(text, owner);
		add_data(text, &stored->rrset);
	}
	add_number(text, "ttl", stored->rrset.ttl);
	add_details(text, stored);
	add_number(text, "created", stored->stamp.created);
	add_number(text, "modified", stored->stamp.modified);
	text_add_string(text, "}\n");
}

void backup_write_end(struct text *text, uint64_t zones, uint64_t records, uint32_t crc)
{
	char hex[16];

	text_add_string(text, "{\"end\":true");
	add_number(text, "zones", zones);
	add_number(text, "records", records);
	add_key(text, "crc32c");
	snprintf(hex, sizeof(hex), "%08x", crc);
	add_string(text, hex);
	text_add_string(text, "}\n");
}
