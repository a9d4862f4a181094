/* SPDX-License-Identifier: BSD-3-Clause */
/* A line is cut into fields in place, then each goes where its column says. */
#include "control/import/import_csv.h"

#include "control/import/staging.h"

#include <string.h>
#include <strings.h>

enum column {
	COLUMN_ADDRESS,
	COLUMN_NAME,
	COLUMN_TTL,
	COLUMN_DESCRIPTION,
	COLUMN_TENANT,
	COLUMN_TAGS,
	COLUMN_IGNORED,
	COLUMNS_UNNAMED = COLUMN_IGNORED, /* how many there may be without a header */
};

static const char *const names[] = {"address", "name", "ttl", "description", "tenant", "tags"};
static const char *const ignored[] = {"created", "modified", "seq", "status", "zone"};

struct fields {
	unsigned count;
	struct object_text field[IMPORT_CSV_COLUMNS_MAX];
};

static int refuse(struct failure *failure, const char *rule)
{
	return failure_set(failure, FAILURE_INVALID, "%s", rule);
}

/* ---- Fields ---- */

/* The field in quotes whose content starts at `at`; "" is one quote. Returns its end, or NULL. */
static char *read_quoted(
	char *at, const char *end, struct object_text *field, struct failure *failure)
{
	char *to = at;

	field->octets = at;
	for (;;) {
		if (at == end) {
			refuse(failure,
				"a quote is not closed before the line ends; no field here has a "
				"line end in it");
			return NULL;
		}
		if (*at == '"' && (++at == end || *at != '"'))
			break;
		*to++ = *at++;
	}
	field->bytes = (uint16_t)(to - field->octets);
	if (at < end && *at != ',') {
		refuse(failure, "something stands between a closing quote and the next comma");
		return NULL;
	}
	return at;
}

static char *read_bare(char *at, char *end, struct object_text *field, struct failure *failure)
{
	char *comma = memchr(at, ',', (size_t)(end - at));
	char *stop = comma != NULL ? comma : end;

	field->octets = at;
	field->bytes = (uint16_t)(stop - at);
	if (memchr(at, '"', field->bytes) == NULL)
		return stop;
	refuse(failure,
		"a quote inside a field that does not start with one; write the field in "
		"quotes and each quote in it twice");
	return NULL;
}

static int read_fields(char *line, size_t bytes, struct fields *fields, struct failure *failure)
{
	char *at = line, *end = line + bytes;

	for (fields->count = 0;;) {
		struct object_text *field = &fields->field[fields->count++];

		at = at < end && *at == '"' ? read_quoted(at + 1, end, field, failure)
					    : read_bare(at, end, field, failure);
		if (at == NULL)
			return -1;
		if (at == end)
			return 0;
		at++;
		if (fields->count == IMPORT_CSV_COLUMNS_MAX)
			return refuse(failure, "more than 16 fields in a line");
	}
}

/* ---- Columns ---- */

static bool is_called(const struct object_text *field, const char *name)
{
	return field->bytes == strlen(name) && strncasecmp(field->octets, name, field->bytes) == 0;
}

/* A line of data has an address where a header has the word. */
static bool is_header(const struct fields *fields)
{
	for (unsigned i = 0; i < fields->count; i++)
		if (is_called(&fields->field[i], names[COLUMN_ADDRESS]))
			return true;
	return false;
}

static int column_called(const struct object_text *field, struct failure *failure)
{
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_called(field, names[i]))
			return (int)i;
	for (unsigned i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (is_called(field, ignored[i]))
			return COLUMN_IGNORED;
	return failure_set(failure, FAILURE_INVALID,
		"there is no column \"%.*s\"; columns are address, name, ttl, description, tenant "
		"and tags",
		(int)(field->bytes < 80 ? field->bytes : 80), field->octets);
}

static int read_header(struct import_csv *csv, const struct fields *fields, struct failure *failure)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < fields->count; i++) {
		int column = column_called(&fields->field[i], failure);

		if (column < 0)
			return -1;
		if (column != COLUMN_IGNORED && seen & 1u << column)
			return failure_set(failure, FAILURE_INVALID,
				"the header has the column %s twice", names[column]);
		seen |= 1u << column;
		csv->column[i] = (uint8_t)column;
	}
	csv->columns = fields->count;
	if ((seen & 1u << COLUMN_NAME) == 0)
		return refuse(failure, "the header has no column name");
	return 0;
}

static void assume_columns(struct import_csv *csv)
{
	for (unsigned i = 0; i < COLUMNS_UNNAMED; i++)
		csv->column[i] = (uint8_t)i;
	csv->columns = COLUMNS_UNNAMED;
}

static int read_ttl(
	struct import_object *object, const struct object_text *field, struct failure *failure)
{
	int64_t ttl = 0;

	if (field->bytes == 0)
		return 0;
	for (unsigned i = 0; i < field->bytes; i++) {
		if (field->octets[i] < '0' || field->octets[i] > '9' || i == 10)
			return failure_set(failure, FAILURE_INVALID,
				"\"%.*s\" is no TTL; write seconds, 1 to 2147483647",
				(int)(field->bytes < 80 ? field->bytes : 80), field->octets);
		ttl = ttl * 10 + (field->octets[i] - '0');
	}
	return import_object_ttl(object, ttl, failure);
}

static int read_tags(
	struct import_object *object, const struct object_text *field, struct failure *failure)
{
	const char *at = field->octets, *end = at + field->bytes;

	object->said |= STAGED_TAGS;
	while (at < end) {
		const char *stop = memchr(at, ';', (size_t)(end - at));
		const char *equals;
		struct object_text key, value;

		if (stop == NULL)
			stop = end;
		equals = memchr(at, '=', (size_t)(stop - at));
		if (equals == NULL)
			return refuse(failure, "tags are written key=value;key=value");
		key = (struct object_text){at, (uint16_t)(equals - at)};
		value = (struct object_text){equals + 1, (uint16_t)(stop - equals - 1)};
		if (import_object_tag(object, &key, &value, failure) != 0)
			return -1;
		at = stop < end ? stop + 1 : end;
	}
	return 0;
}

static int read_field(struct import_object *object, enum column column,
	const struct object_text *field, struct failure *failure)
{
	switch (column) {
	case COLUMN_ADDRESS:
		return import_object_address(object, field, failure);
	case COLUMN_NAME:
		return import_object_name(object, field, failure);
	case COLUMN_TTL:
		return read_ttl(object, field, failure);
	case COLUMN_DESCRIPTION:
		object->said |= STAGED_DESCRIPTION;
		object->details.description = *field;
		return 0;
	case COLUMN_TENANT:
		object->said |= STAGED_TENANT;
		object->details.tenant = *field;
		return 0;
	case COLUMN_TAGS:
		return read_tags(object, field, failure);
	default:
		return 0;
	}
}

int import_csv_read(struct import_csv *csv, char *line, size_t bytes, struct import_object *object,
	struct failure *failure)
{
	bool first = !csv->started;
	bool has_address = false;
	struct fields fields;

	csv->started = true;
	if (read_fields(line, bytes, &fields, failure) != 0)
		return -1;
	if (first && is_header(&fields))
		return read_header(csv, &fields, failure);
	if (first)
		assume_columns(csv);
	if (fields.count > csv->columns)
		return failure_set(failure, FAILURE_INVALID, "%u fields in a line of %u columns",
			fields.count, csv->columns);
	import_object_reset(object);
	for (unsigned i = 0; i < fields.count; i++) {
		has_address |= csv->column[i] == COLUMN_ADDRESS;
		if (read_field(object, csv->column[i], &fields.field[i], failure) != 0)
			return -1;
	}
	if (!has_address || object->name_count == 0)
		return refuse(failure, "a line needs an address and a name: address,name");
	return 1;
}
