/* SPDX-License-Identifier: BSD-3-Clause */
/* Fields and numbers. ldns takes a serial of 2^32 for 0 and a TTL of 2^32 too; this does not. */
#include "control/zonefile/zonefile_field.h"

#include "dataplane/dns/wire.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

char *zonefile_next_field(char **cursor)
{
	char *field = *cursor + strspn(*cursor, " "), *end;
	bool quoted = false;

	if (*field == '\0')
		return NULL;
	for (end = field; *end != '\0' && (quoted || *end != ' '); end++) {
		if (*end == '"')
			quoted = !quoted;
		if (*end == '\\' && end[1] != '\0')
			end++;
	}
	*cursor = *end == '\0' ? end : end + 1;
	*end = '\0';
	return field;
}

/* Reads digits at `*text` up to `max` and moves behind them. false: none, or too large. */
static bool read_digits(const char **text, uint64_t max, uint64_t *number)
{
	const char *start = *text;

	*number = 0;
	for (; **text >= '0' && **text <= '9'; ++*text) {
		*number = *number * 10 + (uint64_t)(**text - '0');
		if (*number > max)
			return false;
	}
	return *text != start;
}

int zonefile_parse_number(const char *field, uint32_t max, const char *what, uint32_t *number,
	struct failure *failure)
{
	const char *text = field;
	uint64_t parsed;

	if (!read_digits(&text, max, &parsed) || *text != '\0')
		return failure_set(failure, FAILURE_INVALID,
			"%s \"%.40s\" is no number from 0 to %u", what, field, max);
	*number = (uint32_t)parsed;
	return 0;
}

static uint32_t unit_seconds(char unit)
{
	switch (unit | 0x20) {
	case 'w':
		return 7 * 86400;
	case 'd':
		return 86400;
	case 'h':
		return 3600;
	case 'm':
		return 60;
	case 's':
		return 1;
	default:
		return 0;
	}
}

int zonefile_parse_time(
	const char *field, const char *what, uint32_t *seconds, struct failure *failure)
{
	const char *text = field;
	uint64_t total = 0, part;
	bool has_units = false;

	while (read_digits(&text, WIRE_TTL_MAX, &part)) {
		uint32_t unit = 1;

		/* A number without a unit is all there is, or "1h30" could be meant as minutes. */
		if (*text != '\0')
			unit = unit_seconds(*text++);
		else if (has_units)
			break;
		total += part * unit;
		has_units = true;
		if (unit == 0 || total > WIRE_TTL_MAX)
			break;
		if (*text == '\0') {
			*seconds = (uint32_t)total;
			return 0;
		}
	}
	return failure_set(failure, FAILURE_INVALID,
		"%s \"%.40s\" is no time from 0 to %d seconds; write it like 3600 or 1h30m", what,
		field, WIRE_TTL_MAX);
}

int zonefile_parse_type(const char *field, uint16_t *type, struct failure *failure)
{
	uint32_t number;

	/* ldns reads "TYPE12x" as 12. */
	if (strncasecmp(field, "TYPE", 4) == 0 && isdigit((unsigned char)field[4]) &&
		zonefile_parse_number(field + 4, UINT16_MAX, "the type", &number, failure) != 0)
		return -1;
	*type = (uint16_t)ldns_get_rr_type_by_name(field);
	if (*type != 0)
		return 0;
	return failure_set(failure, FAILURE_INVALID,
		"\"%.40s\" is no record type that is known by name; any type can be written as "
		"TYPE and its number, with \\# before the data",
		field);
}
