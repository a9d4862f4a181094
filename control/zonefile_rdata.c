/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RDATA read by ldns from text that was put together here, field by field. ldns alone takes
 * numbers that overflow, octets after the end of generic RDATA, control characters in names.
 */
#include "control/zonefile_rdata.h"

#include "control/presentation.h"
#include "control/store_codec.h"
#include "control/zonefile_field.h"

#include <stdio.h>
#include <string.h>

/* ldns's input: two names at their longest as text, five numbers, or an SOA in hexadecimal. */
enum { TEXT_BYTES = 4096, GENERIC_MAX_BYTES = SOA_MAX_BYTES };

/* Text for ldns, put together from checked fields. */
struct text {
	size_t used;
	char characters[TEXT_BYTES];
};

static int add_text(struct text *text, const char *field, struct failure *failure)
{
	size_t bytes = strlen(field);

	if (bytes + 2 > sizeof(text->characters) - text->used)
		return failure_set(failure, FAILURE_TOO_LARGE, "the record's data is too long");
	text->characters[text->used++] = ' ';
	memcpy(text->characters + text->used, field, bytes + 1);
	text->used += bytes;
	return 0;
}

static int add_name(
	struct text *text, const struct zonefile_data *data, char **cursor, struct failure *failure)
{
	const char *field = zonefile_next_field(cursor);

	if (field == NULL)
		return failure_set(
			failure, FAILURE_INVALID, "the %.10s record lacks a name", data->type_name);
	if (strcmp(field, "@") != 0 && presentation_check_name(field, failure) != 0)
		return -1;
	return add_text(text, field, failure);
}

static int add_soa_numbers(struct text *text, char **cursor, struct failure *failure)
{
	static const char *const names[] = {"the serial", "the refresh time", "the retry time",
		"the expire time", "the minimum"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *field = zonefile_next_field(cursor);
		char digits[16];
		uint32_t number;
		int result;

		if (field == NULL)
			return failure_set(failure, FAILURE_INVALID,
				"the SOA record ends before %s", names[i]);
		result = i == 0
			? zonefile_parse_number(field, UINT32_MAX, names[i], &number, failure)
			: zonefile_parse_time(field, names[i], &number, failure);
		if (result != 0)
			return -1;
		snprintf(digits, sizeof(digits), "%u", number);
		if (add_text(text, digits, failure) != 0)
			return -1;
	}
	return 0;
}

/* "\# length hexadecimal..." (RFC 3597 5); `cursor` is behind the "\#". */
static int add_generic(
	struct text *text, char **cursor, uint32_t *declared, struct failure *failure)
{
	const char *field = zonefile_next_field(cursor);
	char length[16];
	size_t digits = 0;

	if (zonefile_parse_number(field == NULL ? "" : field, GENERIC_MAX_BYTES,
		    "the length after \\#", declared, failure) != 0)
		return -1;
	snprintf(length, sizeof(length), "\\# %u", *declared);
	if (add_text(text, length, failure) != 0)
		return -1;
	while ((field = zonefile_next_field(cursor)) != NULL) {
		if (field[strspn(field, "0123456789abcdefABCDEF")] != '\0')
			return failure_set(
				failure, FAILURE_INVALID, "\"%.40s\" is not hexadecimal", field);
		digits += strlen(field);
		if (add_text(text, field, failure) != 0)
			return -1;
	}
	if (digits != 2 * (size_t)*declared)
		return failure_set(failure, FAILURE_INVALID,
			"\\# %u needs %u hexadecimal digits, not %zu", *declared, 2 * *declared,
			digits);
	return 0;
}

/* Checks the data's fields and writes them for ldns. `*declared`: of generic data, else 0. */
static int write_text(const struct zonefile_data *data, struct text *text, uint32_t *declared,
	struct failure *failure)
{
	char *cursor = data->text;

	*declared = 0;
	text->used = (size_t)snprintf(
		text->characters, sizeof(text->characters), ". 0 IN TYPE%u", data->type);
	if (strncmp(cursor, "\\#", 2) == 0 && (cursor[2] == ' ' || cursor[2] == '\0')) {
		cursor += 2;
		return add_generic(text, &cursor, declared, failure);
	}
	if (add_name(text, data, &cursor, failure) != 0)
		return -1;
	if (data->type == WIRE_TYPE_SOA &&
		(add_name(text, data, &cursor, failure) != 0 ||
			add_soa_numbers(text, &cursor, failure) != 0))
		return -1;
	if (zonefile_next_field(&cursor) != NULL)
		return failure_set(failure, FAILURE_INVALID,
			"there is text after the end of the %.10s record", data->type_name);
	return 0;
}

/* The RDATA of `rr`, uncompressed; 0: longer than any that is sound. */
static size_t copy_rdata(const ldns_rr *rr, uint8_t rdata[static SOA_MAX_BYTES])
{
	size_t used = 0;

	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *field = ldns_rr_rdf(rr, i);

		if (ldns_rdf_size(field) > SOA_MAX_BYTES - used)
			return 0;
		memcpy(rdata + used, ldns_rdf_data(field), ldns_rdf_size(field));
		used += ldns_rdf_size(field);
	}
	return used;
}

int zonefile_rdata_read(const struct zonefile_data *data, const ldns_rdf *origin,
	uint8_t rdata[static SOA_MAX_BYTES], struct failure *failure)
{
	struct text text;
	uint32_t declared;
	ldns_rr *rr = NULL;
	ldns_status status;
	size_t bytes;

	if (write_text(data, &text, &declared, failure) != 0)
		return -1;
	status = ldns_rr_new_frm_str(&rr, text.characters, 0, origin, NULL);
	if (status == LDNS_STATUS_MEM_ERR)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the record");
	if (status != LDNS_STATUS_OK)
		return failure_set(failure, FAILURE_INVALID,
			"the data of the %.10s record is wrong: %s (labels hold 1 to 63 octets, "
			"names up "
			"to 255, \\DDD is 000 to 255)",
			data->type_name, ldns_get_errorstr_by_id(status));
	bytes = copy_rdata(rr, rdata);
	ldns_rr_free(rr);
	if (!store_rdata_is_sound(data->type, rdata, bytes) || (declared != 0 && declared != bytes))
		return failure_set(failure, FAILURE_INVALID,
			"the data of the %.10s record is not well-formed (with the origin behind "
			"it, a name "
			"may take 255 octets)",
			data->type_name);
	return (int)bytes;
}
