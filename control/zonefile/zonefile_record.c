/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entries read: owner, TTL, class and type here, the data by zonefile_rdata. An entry is checked
 * whole before the visitor hears of it.
 */
#include "control/zonefile/zonefile_record.h"

#include "control/presentation.h"
#include "control/soa.h"
#include "control/zonefile/zonefile_field.h"
#include "control/zonefile/zonefile_generate.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <string.h>
#include <strings.h>

/* An entry without its owner. */
struct fields {
	uint32_t ttl;
	bool has_ttl;
	struct zonefile_data data;
};

void zonefile_record_init(struct zonefile_record *record, const struct owner *apex,
	zonefile_visit *visit, void *context)
{
	*record = (struct zonefile_record){.visit = visit, .context = context};
	record->apex_name.bytes = owner_write(apex, record->apex_name.wire);
	owner_from_name(record->apex_name.wire, record->apex_name.bytes, &record->apex);
	record->place.origin.name = record->apex_name;
	zonefile_origin_settle(&record->place.origin);
}

static struct owner last_owner(const struct zonefile_record *record)
{
	const struct zonefile_name *name = &record->place.owner;
	struct owner owner;

	owner_from_name(name->wire, name->bytes, &owner);
	return owner;
}

/* The zone as people know it: a prefix where it is one. Returns `text`. */
static const char *write_apex(
	const struct zonefile_record *record, char text[static PRESENTATION_NAME_BYTES])
{
	if (record->apex.prefix.family == OWNER_NO_FAMILY || record->apex.rest_bytes > 0)
		return presentation_write_name(record->apex_name.wire, text);
	return presentation_write_prefix(&record->apex.prefix, text);
}

static int read_owner(struct zonefile_record *record, const char *field, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES], apex[PRESENTATION_NAME_BYTES];
	struct zonefile_place *place = &record->place;
	struct owner owner;
	int bytes = zonefile_read_name(field, &place->origin.name, place->owner.wire, failure);

	place->has_owner = false;
	if (bytes < 0)
		return -1;
	place->owner.bytes = (size_t)bytes;
	owner = last_owner(record);
	if (!owner_contains(&record->apex, &owner))
		return failure_set(failure, FAILURE_INVALID,
			"the owner %.255s is outside the zone %.160s",
			presentation_write_name(place->owner.wire, text), write_apex(record, apex));
	place->has_owner = true;
	return 0;
}

/* ---- Directives ---- */

int zonefile_record_set_origin(
	struct zonefile_record *record, const char *field, struct failure *failure)
{
	struct zonefile_origin *origin = &record->place.origin;
	struct zonefile_name name;
	int bytes = zonefile_read_name(field, &origin->name, name.wire, failure);

	if (bytes < 0)
		return -1;
	name.bytes = (size_t)bytes;
	origin->name = name;
	zonefile_origin_settle(origin);
	return 0;
}

static int generate(struct zonefile_record *record, char *cursor, struct failure *failure);

static int read_directive(struct zonefile_record *record, char *entry, struct failure *failure)
{
	char *cursor = entry;
	const char *name = zonefile_next_field(&cursor);
	const char *value;

	if (strcasecmp(name, "$GENERATE") == 0)
		return generate(record, cursor, failure);
	if (strcasecmp(name, "$INCLUDE") == 0)
		return failure_set(failure, FAILURE_INVALID,
			"$INCLUDE: the server opens no files; arpactl reads included files, and "
			"over the socket import.include sends them");
	if (strcasecmp(name, "$ORIGIN") != 0 && strcasecmp(name, "$TTL") != 0)
		return failure_set(failure, FAILURE_INVALID,
			"unknown directive \"%.40s\"; $ORIGIN, $TTL, $INCLUDE and $GENERATE are "
			"known",
			name);
	value = zonefile_next_field(&cursor);
	if (value == NULL || zonefile_next_field(&cursor) != NULL)
		return failure_set(failure, FAILURE_INVALID, "%s takes one value", name);
	if (strcasecmp(name, "$ORIGIN") == 0)
		return zonefile_record_set_origin(record, value, failure);
	if (zonefile_parse_time(value, "$TTL", &record->default_ttl, failure) != 0)
		return -1;
	record->has_default_ttl = true;
	return 0;
}

/* ---- TTL, class, type ---- */

static bool is_class(const char *field)
{
	static const char *const classes[] = {"IN", "CH", "HS", "CS", "ANY", "NONE"};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcasecmp(field, classes[i]) == 0)
			return true;
	return strncasecmp(field, "CLASS", 5) == 0 && isdigit((unsigned char)field[5]);
}

/* RFC 6895 3.1: of the types that are no data, those below 128 are these. */
static int check_type(const char *field, uint16_t *type, struct failure *failure)
{
	if (zonefile_parse_type(field, type, failure) != 0)
		return -1;
	if (*type != WIRE_TYPE_OPT && (*type < WIRE_TYPE_META_FIRST || *type > WIRE_TYPE_ANY) &&
		*type != UINT16_MAX)
		return 0;
	return failure_set(failure, FAILURE_INVALID,
		"type %.40s is for messages only; no zone can hold it", field);
}

/* [TTL] [class] type, or [class] [TTL] type. */
static int read_fields(char *cursor, struct fields *fields, struct failure *failure)
{
	bool has_class = false;
	char *field;

	*fields = (struct fields){0};
	while ((field = zonefile_next_field(&cursor)) != NULL) {
		if (!fields->has_ttl && isdigit((unsigned char)field[0])) {
			if (zonefile_parse_time(field, "TTL", &fields->ttl, failure) != 0)
				return -1;
			fields->has_ttl = true;
			continue;
		}
		if (has_class || !is_class(field))
			break;
		if (strcasecmp(field, "IN") != 0 && strcasecmp(field, "CLASS1") != 0)
			return failure_set(failure, FAILURE_INVALID,
				"class %.40s is not served; the only class is IN", field);
		has_class = true;
	}
	if (field == NULL)
		return failure_set(failure, FAILURE_INVALID, "a record without a type");
	fields->data.type_name = field;
	fields->data.text = cursor;
	return check_type(field, &fields->data.type, failure);
}

/* ---- Records ---- */

/*
 * The TTL of a record that has none: $TTL (RFC 2308 4), else the last one written out (RFC 1035
 * 5.1), else the SOA's minimum, as older files mean it.
 */
static int settle_ttl(struct zonefile_record *record, struct fields *fields, const uint8_t *rdata,
	size_t bytes, struct failure *failure)
{
	uint32_t minimum = fields->data.type == WIRE_TYPE_SOA ? soa_minimum(rdata, bytes) : 0;

	if (fields->data.type == WIRE_TYPE_SOA && !fields->has_ttl && !record->has_default_ttl &&
		!record->has_last_ttl && minimum <= WIRE_TTL_MAX) {
		fields->ttl = minimum;
		fields->has_ttl = true;
	}
	if (fields->has_ttl) {
		record->last_ttl = fields->ttl;
		record->has_last_ttl = true;
		return 0;
	}
	if (!record->has_default_ttl && !record->has_last_ttl)
		return failure_set(failure, FAILURE_INVALID,
			"the record has no TTL, and none is set before it; add a $TTL line");
	fields->ttl = record->has_default_ttl ? record->default_ttl : record->last_ttl;
	return 0;
}

/* A record of the last owner. */
static int read_data(struct zonefile_record *record, struct fields *fields, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];
	struct owner owner = last_owner(record);
	int bytes;

	if (fields->data.type == WIRE_TYPE_SOA && !owner_equal(&owner, &record->apex))
		return failure_set(failure, FAILURE_INVALID,
			"SOA records belong at the zone's apex, not at %.255s",
			presentation_write_name(record->place.owner.wire, text));
	bytes = zonefile_rdata_read(
		&fields->data, &record->place.origin.name, record->rdata, failure);
	if (bytes < 0 || settle_ttl(record, fields, record->rdata, (size_t)bytes, failure) != 0)
		return -1;
	record->records++;
	return record->visit(record->context, &owner, fields->data.type, fields->ttl, record->rdata,
		(uint16_t)bytes, failure);
}

/* What zonefile_ptr_read read, if it can stand. 1; 0: it can't, and nothing has changed; or -1. */
static int take_ptr(struct zonefile_record *record, struct failure *failure)
{
	struct zonefile_place *place = &record->place;
	struct zonefile_ptr *ptr = &record->ptr;
	struct owner owner;

	if (!prefix_contains(&record->apex.prefix, &ptr->host))
		return 0;
	if (ptr->has_ttl) {
		record->last_ttl = ptr->ttl;
		record->has_last_ttl = true;
	} else if (record->has_default_ttl || record->has_last_ttl) {
		ptr->ttl = record->has_default_ttl ? record->default_ttl : record->last_ttl;
	} else {
		return 0;
	}
	place->host = ptr->host;
	place->has_owner = true;
	place->owner_is_host = true;
	record->records++;
	owner = owner_from_prefix(&ptr->host);
	return record->visit(record->context, &owner, WIRE_TYPE_PTR, ptr->ttl, ptr->target,
		       (uint16_t)ptr->target_bytes, failure) == 0
		? 1
		: -1;
}

static bool read_ptr(struct zonefile_record *record, const char *line, const char *end)
{
	return record->apex.rest_bytes == 0 &&
		zonefile_ptr_read(
			line, end, record->apex.prefix.family, &record->place.origin, &record->ptr);
}

int zonefile_record_read_ptr(
	struct zonefile_record *record, const char *line, const char *end, struct failure *failure)
{
	return read_ptr(record, line, end) ? take_ptr(record, failure) : 0;
}

/* ---- $GENERATE ---- */

/* Takes the quotes off that let the pattern of the data hold blanks. */
static void unquote(char *pattern)
{
	const char *from = pattern + 1;

	if (pattern[0] != '"')
		return;
	while (*from != '\0' && *from != '"') {
		if (from[0] == '\\' && from[1] == '"')
			from++;
		else if (from[0] == '\\' && from[1] != '\0')
			*pattern++ = *from++;
		*pattern++ = *from++;
	}
	*pattern = '\0';
}

static int generate_record(struct zonefile_record *record, const char *const patterns[2],
	uint32_t number, const struct fields *fields, struct failure *failure)
{
	struct fields expanded = *fields;
	char owner[PRESENTATION_NAME_BYTES];

	if (zonefile_generate_expand(patterns[0], number, owner, sizeof(owner), failure) != 0 ||
		read_owner(record, owner, failure) != 0)
		return -1;
	expanded.data.text = record->generated;
	if (zonefile_generate_expand(patterns[1], number, record->generated,
		    sizeof(record->generated), failure) != 0)
		return -1;
	return read_data(record, &expanded, failure);
}

/*
 * A host's PTR record as the line that it could be. 1; 0: it is another record, or one that needs
 * care; or -1.
 */
static int generate_ptr(struct zonefile_record *record, const char *const patterns[2],
	uint32_t number, const struct fields *fields, struct failure *failure)
{
	static const char type[] = " PTR ";
	char *line = record->generated, *data;

	/* A blank of a line may be a tab, one within a quote may not. */
	if (fields->data.type != WIRE_TYPE_PTR || strchr(patterns[1], '\t') != NULL ||
		zonefile_generate_expand(
			patterns[0], number, line, PRESENTATION_NAME_BYTES, failure) != 0)
		return 0;
	data = stpcpy(line + strlen(line), type);
	if (zonefile_generate_expand(patterns[1], number, data,
		    sizeof(record->generated) - (size_t)(data - line), failure) != 0)
		return 0;
	data += strlen(data);
	*data = '\n';
	if (!read_ptr(record, line, data))
		return 0;
	record->ptr.has_ttl = fields->has_ttl;
	record->ptr.ttl = fields->ttl;
	return take_ptr(record, failure);
}

/* The records of one directive. */
static int generate_records(struct zonefile_record *record, const struct zonefile_range *range,
	const char *const patterns[2], const struct fields *fields, struct failure *failure)
{
	record->generated_records += (range->stop - range->start) / range->step + 1;
	if (record->generated_records > ZONEFILE_GENERATE_MAX)
		return failure_set(failure, FAILURE_TOO_LARGE,
			"the $GENERATE directives up to this one, sent as one piece of text, make "
			"more than %d records; send the text in smaller pieces",
			ZONEFILE_GENERATE_MAX);
	for (uint64_t number = range->start; number <= range->stop; number += range->step) {
		int result = generate_ptr(record, patterns, (uint32_t)number, fields, failure);

		if (result == 0)
			result = generate_record(
				record, patterns, (uint32_t)number, fields, failure);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* range owner [TTL] [class] type data. The last owner is after it what it was before. */
static int generate(struct zonefile_record *record, char *cursor, struct failure *failure)
{
	const struct zonefile_place place = record->place;
	const char *range_field = zonefile_next_field(&cursor);
	const char *owner = zonefile_next_field(&cursor);
	struct zonefile_range range;
	struct fields fields;
	char *data;

	if (owner == NULL)
		return failure_set(failure, FAILURE_INVALID,
			"$GENERATE takes a range, an owner, a type and data");
	if (zonefile_generate_range(range_field, &range, failure) != 0 ||
		read_fields(cursor, &fields, failure) != 0)
		return -1;
	data = zonefile_next_field(&fields.data.text);
	if (data == NULL || zonefile_next_field(&fields.data.text) != NULL)
		return failure_set(failure, FAILURE_INVALID,
			"$GENERATE takes one field of data; put data with blanks in quotes");
	unquote(data);
	if (generate_records(
		    record, &range, (const char *const[]){owner, data}, &fields, failure) != 0)
		return -1;
	record->place = place;
	return 0;
}

static int read_record(struct zonefile_record *record, char *cursor, struct failure *failure)
{
	struct fields fields;

	if (read_fields(cursor, &fields, failure) != 0)
		return -1;
	return read_data(record, &fields, failure);
}

int zonefile_record_read(struct zonefile_record *record, char *entry, struct failure *failure)
{
	struct zonefile_place *place = &record->place;
	char *cursor = entry;

	if (place->owner_is_host) {
		place->owner.bytes = arpa_write(&place->host, place->owner.wire);
		place->owner_is_host = false;
	}
	if (entry[0] == '$')
		return read_directive(record, entry, failure);
	if (entry[0] != ' ' && read_owner(record, zonefile_next_field(&cursor), failure) != 0)
		return -1;
	if (!place->has_owner)
		return failure_set(failure, FAILURE_INVALID,
			"a line that starts with a blank is for the owner before it, and there is "
			"none");
	return read_record(record, cursor, failure);
}
