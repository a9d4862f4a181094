/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RDATA put together field by field; names, SOA and generic data here, the other types'
 * in zonefile_typed. Not by ldns_rr_new_frm_str: that takes numbers that overflow and octets after
 * the end of generic data, and its 64 KiB buffers cost twenty times the parsing.
 */
#include "control/zonefile/zonefile_rdata.h"

#include "control/presentation.h"
#include "control/soa.h"
#include "control/zonefile/rdata_fields.h"
#include "control/zonefile/zonefile_field.h"
#include "control/zonefile/zonefile_typed.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <string.h>

int zonefile_read_name(const char *field, const struct zonefile_name *origin,
	uint8_t wire[static WIRE_NAME_MAX_BYTES], struct failure *failure)
{
	size_t labels;
	int bytes;

	if (strcmp(field, ".") == 0) {
		wire[0] = 0;
		return 1;
	}
	bytes = strcmp(field, "@") == 0 ? 1 : presentation_parse_name(field, wire, failure);
	if (bytes < 0 || (bytes > 1 && ldns_dname_str_absolute(field)))
		return bytes;
	labels = (size_t)bytes - 1;
	if (labels + origin->bytes > WIRE_NAME_MAX_BYTES)
		return failure_set(failure, FAILURE_INVALID,
			"the name \"%.100s\" with the origin behind it is longer than 255 octets",
			field);
	memcpy(wire + labels, origin->wire, origin->bytes);
	return (int)(labels + origin->bytes);
}

/* The next field as a name. */
static int next_name(const struct zonefile_data *data, char **cursor,
	const struct zonefile_name *origin, uint8_t wire[static WIRE_NAME_MAX_BYTES],
	struct failure *failure)
{
	const char *field = zonefile_next_field(cursor);

	if (field == NULL)
		return failure_set(
			failure, FAILURE_INVALID, "the %.10s record lacks a name", data->type_name);
	return zonefile_read_name(field, origin, wire, failure);
}

static int next_number(
	char **cursor, const char *what, bool is_time, uint32_t *number, struct failure *failure)
{
	const char *field = zonefile_next_field(cursor);

	if (field == NULL)
		return failure_set(failure, FAILURE_INVALID, "the SOA record ends before %s", what);
	return is_time ? zonefile_parse_time(field, what, number, failure)
		       : zonefile_parse_number(field, UINT32_MAX, what, number, failure);
}

/* The five numbers of an SOA at `out`. Returns their length. */
static int read_soa_numbers(char **cursor, uint8_t *out, struct failure *failure)
{
	struct soa_numbers soa;

	if (next_number(cursor, "the serial", false, &soa.serial, failure) != 0 ||
		next_number(cursor, "the refresh time", true, &soa.refresh, failure) != 0 ||
		next_number(cursor, "the retry time", true, &soa.retry, failure) != 0 ||
		next_number(cursor, "the expire time", true, &soa.expire, failure) != 0 ||
		next_number(cursor, "the minimum", true, &soa.minimum, failure) != 0)
		return -1;
	return (int)soa_write_numbers(out, &soa);
}

static int read_soa(const struct zonefile_data *data, char **cursor,
	const struct zonefile_name *origin, uint8_t rdata[static SOA_MAX_BYTES],
	struct failure *failure)
{
	int mname = next_name(data, cursor, origin, rdata, failure), rname, numbers;

	if (mname < 0)
		return -1;
	rname = next_name(data, cursor, origin, rdata + mname, failure);
	if (rname < 0)
		return -1;
	numbers = read_soa_numbers(cursor, rdata + mname + rname, failure);
	return numbers < 0 ? -1 : mname + rname + numbers;
}

/* "length hexadecimal...", what is behind the "\#" of generic data (RFC 3597 5). */
static int read_generic(
	char *cursor, uint8_t rdata[static ZONEFILE_RDATA_MAX_BYTES], struct failure *failure)
{
	const char *field = zonefile_next_field(&cursor);
	uint32_t length, digits = 0;

	if (zonefile_parse_number(field == NULL ? "" : field, ZONEFILE_RDATA_MAX_BYTES,
		    "the length after \\#", &length, failure) != 0)
		return -1;
	while ((field = zonefile_next_field(&cursor)) != NULL) {
		for (; *field != '\0'; field++, digits++) {
			int digit;

			if (!isxdigit((unsigned char)*field))
				return failure_set(failure, FAILURE_INVALID,
					"\"%.40s\" is not hexadecimal", field);
			digit = ldns_hexdigit_to_int(*field);
			if (digits < 2 * length && digits % 2 == 0)
				rdata[digits / 2] = (uint8_t)(digit << 4);
			else if (digits < 2 * length)
				rdata[digits / 2] |= (uint8_t)digit;
		}
	}
	if (digits != 2 * length)
		return failure_set(failure, FAILURE_INVALID,
			"\\# %u needs %u hexadecimal digits, not %u", length, 2 * length, digits);
	return (int)length;
}

static int read_known(const struct zonefile_data *data, char **cursor,
	const struct zonefile_name *origin, uint8_t rdata[static ZONEFILE_RDATA_MAX_BYTES],
	struct failure *failure)
{
	switch (data->type) {
	case WIRE_TYPE_SOA:
		return read_soa(data, cursor, origin, rdata, failure);
	case WIRE_TYPE_PTR:
	case WIRE_TYPE_NS:
		return next_name(data, cursor, origin, rdata, failure);
	default:
		return zonefile_typed_read(data, cursor, origin, rdata, failure);
	}
}

int zonefile_rdata_read(const struct zonefile_data *data, const struct zonefile_name *origin,
	uint8_t rdata[static ZONEFILE_RDATA_MAX_BYTES], struct failure *failure)
{
	char *cursor = data->text;
	int bytes;

	if (strncmp(cursor, "\\#", 2) == 0 && (cursor[2] == ' ' || cursor[2] == '\0'))
		bytes = read_generic(cursor + 2, rdata, failure);
	else
		bytes = read_known(data, &cursor, origin, rdata, failure);
	if (bytes < 0)
		return -1;
	if (cursor != data->text && zonefile_next_field(&cursor) != NULL)
		return failure_set(failure, FAILURE_INVALID,
			"there is text after the end of the %.10s record", data->type_name);
	if (!rdata_is_sound(data->type, rdata, (size_t)bytes))
		return failure_set(failure, FAILURE_INVALID,
			"the data of the %.10s record is not well-formed", data->type_name);
	return bytes;
}
