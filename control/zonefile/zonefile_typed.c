/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fields by ldns's table of types. Names, numbers, strings and hexadecimal are read here, because
 * ldns takes names past 255 octets, numbers that overflow and escapes that are none; addresses,
 * times, bitmaps and the like are ldns's.
 */
#include "control/zonefile/zonefile_typed.h"

#include "control/zonefile/rdata_fields.h"
#include "control/zonefile/zonefile_check.h"
#include "control/zonefile/zonefile_field.h"
#include "control/zonefile/zonefile_string.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A record being read: text at the cursor, octets behind `used`. */
struct reading {
	const struct zonefile_data *data;
	char **cursor;
	const struct zonefile_name *origin;
	uint8_t *rdata;
	size_t used;
	struct failure *failure;
};

static int read_kind(struct reading *reading, ldns_rdf_type kind);

static int refuse(struct reading *reading, const char *field)
{
	return failure_set(reading->failure, FAILURE_INVALID,
		"\"%.60s\" is not what the %.10s record has there", field,
		reading->data->type_name);
}

static int put(struct reading *reading, const void *octets, size_t bytes)
{
	if (bytes > ZONEFILE_RDATA_MAX_BYTES - reading->used)
		return failure_set(reading->failure, FAILURE_TOO_LARGE,
			"the data of the %.10s record is longer than %d octets",
			reading->data->type_name, ZONEFILE_RDATA_MAX_BYTES);
	memcpy(reading->rdata + reading->used, octets, bytes);
	reading->used += bytes;
	return 0;
}

static bool at_end(struct reading *reading)
{
	*reading->cursor += strspn(*reading->cursor, " ");
	return **reading->cursor == '\0';
}

/* The next field, or NULL with the failure set. */
static char *next(struct reading *reading)
{
	char *field = zonefile_next_field(reading->cursor);

	if (field == NULL)
		failure_set(reading->failure, FAILURE_INVALID,
			"the %.10s record ends before its data is complete",
			reading->data->type_name);
	return field;
}

/* All the fields that are left, one blank between two; at least one. */
static char *rest(struct reading *reading)
{
	char *text;

	if (at_end(reading))
		return next(reading);
	text = *reading->cursor;
	*reading->cursor += strlen(text);
	return text;
}

/* ---- Fields that are read here ---- */

static int read_name(struct reading *reading)
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];
	const char *field = next(reading);
	int bytes = field == NULL
		? -1
		: zonefile_read_name(field, reading->origin, wire, reading->failure);

	return bytes < 0 ? -1 : put(reading, wire, (size_t)bytes);
}

static int read_number_field(struct reading *reading, const char *field, unsigned bytes)
{
	uint8_t octets[4];
	uint32_t number, max = bytes == 4 ? UINT32_MAX : (UINT32_C(1) << 8 * bytes) - 1;

	if (zonefile_parse_number(field, max, "the number", &number, reading->failure) != 0)
		return -1;
	wire_put32(octets, number);
	return put(reading, octets + 4 - bytes, bytes);
}

static int read_number(struct reading *reading, unsigned bytes)
{
	const char *field = next(reading);

	return field == NULL ? -1 : read_number_field(reading, field, bytes);
}

static int read_type(struct reading *reading)
{
	const char *field = next(reading);
	uint8_t octets[2];
	uint16_t type;

	if (field == NULL || zonefile_parse_type(field, &type, reading->failure) != 0)
		return -1;
	wire_put16(octets, type);
	return put(reading, octets, sizeof(octets));
}

/* A string with its length before it. */
static int read_string(struct reading *reading)
{
	uint8_t octets[1 + UINT8_MAX];
	int bytes;

	if (at_end(reading))
		return next(reading) == NULL ? -1 : 0;
	bytes = zonefile_read_string(reading->cursor, octets + 1, UINT8_MAX, reading->failure);
	if (bytes < 0)
		return -1;
	octets[0] = (uint8_t)bytes;
	return put(reading, octets, 1 + (size_t)bytes);
}

/* A string that is all of the rest, without a length: the value of a CAA, the target of a URI. */
static int read_long_string(struct reading *reading)
{
	int bytes;

	if (at_end(reading))
		return next(reading) == NULL ? -1 : 0;
	bytes = zonefile_read_string(reading->cursor, reading->rdata + reading->used,
		ZONEFILE_RDATA_MAX_BYTES - reading->used, reading->failure);
	if (bytes < 0)
		return -1;
	reading->used += (size_t)bytes;
	return 0;
}

/* RFC 8659 4.1: letters and digits, at least one. */
static int read_tag(struct reading *reading)
{
	size_t start = reading->used;

	if (read_string(reading) != 0)
		return -1;
	for (size_t i = start + 1; i < reading->used; i++)
		if (!isalnum(reading->rdata[i]))
			return refuse(reading, "a tag with other than letters and digits");
	return reading->used > start + 1 ? 0 : refuse(reading, "an empty tag");
}

static int read_hexadecimal(struct reading *reading)
{
	const char *text = rest(reading);
	size_t digits = 0;

	if (text == NULL)
		return -1;
	for (const char *c = text; *c != '\0'; c++) {
		uint8_t octet;

		if (*c == ' ')
			continue;
		if (!isxdigit((unsigned char)*c))
			return refuse(reading, text);
		octet = (uint8_t)ldns_hexdigit_to_int(*c);
		if (digits++ % 2 == 1)
			reading->rdata[reading->used - 1] |= octet;
		else if (octet = (uint8_t)(octet << 4), put(reading, &octet, 1) != 0)
			return -1;
	}
	return digits % 2 == 0 ? 0 : refuse(reading, text);
}

/* ---- Fields that ldns reads ---- */

static int read_by_ldns(struct reading *reading, ldns_rdf_type kind, const char *text)
{
	ldns_rdf *field;
	int result;

	if (text == NULL)
		return -1;
	field = ldns_rdf_new_frm_str(kind, text);
	if (field == NULL)
		return refuse(reading, text);
	result = put(reading, ldns_rdf_data(field), ldns_rdf_size(field));
	ldns_rdf_deep_free(field);
	return result;
}

static int read_checked(
	struct reading *reading, ldns_rdf_type kind, bool (*check)(const char *text))
{
	const char *text = rest(reading);

	if (text != NULL && !check(text))
		return refuse(reading, text);
	return read_by_ldns(reading, kind, text);
}

/* ldns skips what is no digit of base 64. */
static int read_base64(struct reading *reading)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	char *text = rest(reading), *end = text;
	size_t digits;

	if (text == NULL)
		return -1;
	for (const char *c = text; *c != '\0'; c++)
		if (*c != ' ')
			*end++ = *c;
	*end = '\0';
	digits = strspn(text, alphabet);
	if ((end - text) % 4 != 0 || end - text - digits > 2 ||
		strspn(text + digits, "=") != (size_t)(end - text) - digits)
		return refuse(reading, text);
	return read_by_ldns(reading, LDNS_RDF_TYPE_B64, text);
}

/* A number, or a mnemonic of the registry. */
static int read_code(struct reading *reading, ldns_rdf_type kind, unsigned bytes)
{
	const char *field = next(reading);

	if (field == NULL)
		return -1;
	if (isdigit((unsigned char)field[0]))
		return read_number_field(reading, field, bytes);
	return read_by_ldns(reading, kind, field);
}

/* RFC 4034 3.2: YYYYMMDDHHmmSS, or seconds since 1970. */
static int read_time(struct reading *reading)
{
	const char *field = next(reading);

	if (field == NULL)
		return -1;
	if (strlen(field) != 14 || strspn(field, "0123456789") != 14)
		return read_number_field(reading, field, 4);
	return read_by_ldns(reading, LDNS_RDF_TYPE_TIME, field);
}

static int read_bitmap(struct reading *reading)
{
	char *text = rest(reading), *copy, *cursor;
	const char *field;
	uint16_t type;
	int result = 0;

	if (text == NULL)
		return -1;
	copy = strdup(text);
	if (copy == NULL)
		return failure_set(reading->failure, FAILURE_STORE_FULL, "no memory for a record");
	cursor = copy;
	while (result == 0 && (field = zonefile_next_field(&cursor)) != NULL)
		result = zonefile_parse_type(field, &type, reading->failure);
	free(copy);
	return result == 0 ? read_by_ldns(reading, LDNS_RDF_TYPE_NSEC, text) : -1;
}

/* RFC 4025 3: the gateway is what its type says; ldns would take a relative name as it is. */
static int read_ipseckey(struct reading *reading)
{
	size_t start = reading->used;
	const char *gateway;
	int result;

	if (read_number(reading, 1) != 0 || read_number(reading, 1) != 0 ||
		read_number(reading, 1) != 0)
		return -1;
	switch (reading->rdata[start + 1]) {
	case 0:
		gateway = next(reading);
		result = gateway == NULL ? -1 : 0;
		if (result == 0 && strcmp(gateway, ".") != 0)
			result = refuse(reading, gateway);
		break;
	case 1:
		result = read_kind(reading, LDNS_RDF_TYPE_A);
		break;
	case 2:
		result = read_kind(reading, LDNS_RDF_TYPE_AAAA);
		break;
	case 3:
		result = read_name(reading);
		break;
	default:
		result = refuse(reading, "a gateway of an unknown type");
	}
	return result != 0 || at_end(reading) ? result : read_base64(reading);
}

/* RFC 8005 6: algorithm, tag and key are one field to ldns; names of servers follow. */
static int read_hip(struct reading *reading)
{
	char *algorithm = next(reading);
	char *tag = algorithm == NULL ? NULL : next(reading);
	char *key = tag == NULL ? NULL : next(reading);

	if (key == NULL)
		return -1;
	/* The fields lie behind each other, a NUL where the blank was. */
	tag[-1] = ' ';
	key[-1] = ' ';
	return read_by_ldns(reading, LDNS_RDF_TYPE_HIP, algorithm);
}

static int read_kind(struct reading *reading, ldns_rdf_type kind)
{
	switch (kind) {
	case LDNS_RDF_TYPE_DNAME:
		return read_name(reading);
	case LDNS_RDF_TYPE_INT8:
		return read_number(reading, 1);
	case LDNS_RDF_TYPE_INT16:
		return read_number(reading, 2);
	case LDNS_RDF_TYPE_INT32:
		return read_number(reading, 4);
	case LDNS_RDF_TYPE_ALG:
	case LDNS_RDF_TYPE_CERTIFICATE_USAGE:
	case LDNS_RDF_TYPE_SELECTOR:
	case LDNS_RDF_TYPE_MATCHING_TYPE:
		return read_code(reading, kind, 1);
	case LDNS_RDF_TYPE_CERT_ALG:
		return read_code(reading, kind, 2);
	case LDNS_RDF_TYPE_TYPE:
		return read_type(reading);
	case LDNS_RDF_TYPE_TIME:
		return read_time(reading);
	case LDNS_RDF_TYPE_STR:
		return read_string(reading);
	case LDNS_RDF_TYPE_LONG_STR:
		return read_long_string(reading);
	case LDNS_RDF_TYPE_TAG:
		return read_tag(reading);
	case LDNS_RDF_TYPE_HEX:
		return read_hexadecimal(reading);
	case LDNS_RDF_TYPE_B64:
		return read_base64(reading);
	case LDNS_RDF_TYPE_NSEC:
		return read_bitmap(reading);
	case LDNS_RDF_TYPE_IPSECKEY:
		return read_ipseckey(reading);
	case LDNS_RDF_TYPE_HIP:
		return read_hip(reading);
	case LDNS_RDF_TYPE_LOC:
		return read_checked(reading, kind, zonefile_check_location);
	case LDNS_RDF_TYPE_SVCPARAMS:
		return read_checked(reading, kind, zonefile_check_parameters);
	default:
		return read_by_ldns(reading, kind, next(reading));
	}
}

int zonefile_typed_read(const struct zonefile_data *data, char **cursor,
	const struct zonefile_name *origin, uint8_t rdata[static ZONEFILE_RDATA_MAX_BYTES],
	struct failure *failure)
{
	struct reading reading = {data, cursor, origin, rdata, 0, failure};
	size_t min;

	if (!rdata_is_known(data->type))
		return failure_set(failure, FAILURE_INVALID,
			"the data of %.20s records is taken as \\# and hexadecimal only (RFC 3597)",
			data->type_name);
	min = rdata_fields_min(data->type);
	for (size_t index = 0; index < min || !at_end(&reading); index++) {
		ldns_rdf_type kind = rdata_field_kind(data->type, index);

		if (kind == LDNS_RDF_TYPE_NONE)
			break;
		if (read_kind(&reading, kind) != 0)
			return -1;
	}
	return (int)reading.used;
}
