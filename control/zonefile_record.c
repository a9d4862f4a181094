/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entries read: owner, TTL, class and type here, the data by zonefile_rdata. An entry is checked
 * whole before the visitor hears of it.
 */
#include "control/zonefile_record.h"

#include "control/presentation.h"
#include "control/zonefile_field.h"

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

void zonefile_record_init(struct zonefile_record *record, const struct prefix *apex,
	zonefile_visit *visit, void *context)
{
	*record = (struct zonefile_record){.apex = *apex, .visit = visit, .context = context};
	record->origin.bytes = arpa_write(apex, record->origin.wire);
}

static int read_owner(struct zonefile_record *record, const char *field, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES], apex[PRESENTATION_PREFIX_BYTES];
	uint8_t wire[WIRE_NAME_MAX_BYTES];
	int bytes = zonefile_read_name(field, &record->origin, wire, failure);

	if (bytes < 0)
		return -1;
	record->has_owner = false;
	if (arpa_parse(wire, (size_t)bytes, &record->owner) != ARPA_EXACT)
		return failure_set(failure, FAILURE_INVALID,
			"the owner %.255s is not the reverse name of an address or a prefix",
			presentation_write_name(wire, text));
	if (!prefix_contains(&record->apex, &record->owner))
		return failure_set(failure, FAILURE_INVALID,
			"the owner %.255s is outside the zone %s",
			presentation_write_name(wire, text),
			presentation_write_prefix(&record->apex, apex));
	record->has_owner = true;
	return 0;
}

/* ---- Directives ---- */

static int set_origin(struct zonefile_record *record, const char *field, struct failure *failure)
{
	struct zonefile_origin origin;
	int bytes = zonefile_read_name(field, &record->origin, origin.wire, failure);

	if (bytes < 0)
		return -1;
	origin.bytes = (size_t)bytes;
	record->origin = origin;
	return 0;
}

static int read_directive(struct zonefile_record *record, char *entry, struct failure *failure)
{
	char *cursor = entry;
	const char *name = zonefile_next_field(&cursor);
	const char *value = zonefile_next_field(&cursor);

	if (strcasecmp(name, "$GENERATE") == 0)
		return failure_set(failure, FAILURE_INVALID,
			"$GENERATE is not supported yet; write its records out, e.g. with "
			"named-compilezone");
	if (strcasecmp(name, "$INCLUDE") == 0)
		return failure_set(failure, FAILURE_INVALID,
			"$INCLUDE is not supported yet; put the other file's records here, e.g. "
			"with "
			"named-compilezone");
	if (strcasecmp(name, "$ORIGIN") != 0 && strcasecmp(name, "$TTL") != 0)
		return failure_set(failure, FAILURE_INVALID,
			"unknown directive \"%.40s\"; $ORIGIN and $TTL are known", name);
	if (value == NULL || zonefile_next_field(&cursor) != NULL)
		return failure_set(failure, FAILURE_INVALID, "%s takes one value", name);
	if (strcasecmp(name, "$ORIGIN") == 0)
		return set_origin(record, value, failure);
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

static int check_type(const char *field, uint16_t *type, struct failure *failure)
{
	uint32_t number;

	/* ldns reads "TYPE12x" as 12. */
	if (strncasecmp(field, "TYPE", 4) == 0 && isdigit((unsigned char)field[4]) &&
		zonefile_parse_number(field + 4, UINT16_MAX, "the type", &number, failure) != 0)
		return -1;
	*type = (uint16_t)ldns_get_rr_type_by_name(field);
	if (*type == WIRE_TYPE_PTR || *type == WIRE_TYPE_NS || *type == WIRE_TYPE_SOA)
		return 0;
	if (*type == 0)
		return failure_set(failure, FAILURE_INVALID, "\"%.40s\" is no record type", field);
	return failure_set(failure, FAILURE_INVALID,
		"records of type %.40s are not supported yet; SOA, NS and PTR are", field);
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

static int read_record(struct zonefile_record *record, char *cursor, struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];
	uint8_t rdata[SOA_MAX_BYTES];
	struct fields fields;
	int bytes;

	if (read_fields(cursor, &fields, failure) != 0)
		return -1;
	if (fields.data.type != WIRE_TYPE_PTR && !prefix_equal(&record->owner, &record->apex))
		return failure_set(failure, FAILURE_INVALID,
			"%.10s records belong at the zone's apex, not at %s", fields.data.type_name,
			presentation_write_prefix(&record->owner, text));
	bytes = zonefile_rdata_read(&fields.data, &record->origin, rdata, failure);
	if (bytes < 0 || settle_ttl(record, &fields, rdata, (size_t)bytes, failure) != 0)
		return -1;
	record->records++;
	return record->visit(record->context, &record->owner, fields.data.type, fields.ttl, rdata,
		(uint16_t)bytes, failure);
}

int zonefile_record_read(struct zonefile_record *record, char *entry, struct failure *failure)
{
	char *cursor = entry;

	if (entry[0] == '$')
		return read_directive(record, entry, failure);
	if (entry[0] != ' ' && read_owner(record, zonefile_next_field(&cursor), failure) != 0)
		return -1;
	if (!record->has_owner)
		return failure_set(failure, FAILURE_INVALID,
			"a line that starts with a blank is for the owner before it, and there is "
			"none");
	return read_record(record, cursor, failure);
}
