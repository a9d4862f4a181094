/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data is written field by field, names and strings here, the rest by ldns. What ldns writes is
 * read back before it is taken; data that comes back otherwise, or is of a type that is not known,
 * is written as octets (RFC 3597 5).
 */
#include "control/zonefile/zonetext.h"

#include "control/presentation.h"
#include "control/rrset_buffer.h"
#include "control/zonefile/rdata_fields.h"
#include "control/zonefile/zonefile_rdata.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1024 };

static int reserve(struct zonetext *text, size_t bytes)
{
	size_t capacity = text->capacity == 0 ? FIRST_CAPACITY : text->capacity;
	char *grown;

	while (capacity - text->bytes < bytes)
		capacity *= 2;
	if (capacity == text->capacity)
		return 0;
	grown = realloc(text->text, capacity);
	if (grown == NULL)
		return -ENOMEM;
	text->text = grown;
	text->capacity = capacity;
	return 0;
}

static int add(struct zonetext *text, const char *part, size_t bytes)
{
	int result = reserve(text, bytes);

	if (result == 0 && bytes > 0)
		memcpy(text->text + text->bytes, part, bytes);
	if (result == 0)
		text->bytes += bytes;
	return result;
}

static int add_string(struct zonetext *text, const char *part)
{
	return add(text, part, strlen(part));
}

__attribute__((format(printf, 2, 3))) static int add_format(
	struct zonetext *text, const char *format, ...)
{
	char part[64]; /* numbers and mnemonics */
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(part, sizeof(part), format, arguments);
	va_end(arguments);
	return add_string(text, part);
}

static int add_hexadecimal(struct zonetext *text, const uint8_t *octets, size_t bytes)
{
	int result = reserve(text, 2 * bytes);

	for (size_t i = 0; i < bytes && result == 0; i++)
		result = add_format(text, "%02x", octets[i]);
	return result;
}

/* What every reader takes without an escape; Knot has no others. */
static bool is_plain(uint8_t octet)
{
	return octet < 0x80 && (isalnum(octet) || (octet != 0 && strchr("-_/*", octet) != NULL));
}

static int add_name(struct zonetext *text, const uint8_t *wire)
{
	int result = reserve(text, PRESENTATION_NAME_BYTES);
	char *out;

	if (result != 0)
		return result;
	out = text->text + text->bytes;
	if (wire[0] == 0)
		*out++ = '.';
	for (; wire[0] != 0; wire += 1 + wire[0]) {
		for (uint8_t i = 1; i <= wire[0]; i++) {
			if (is_plain(wire[i]))
				*out++ = (char)wire[i];
			else
				out += sprintf(out, "\\%03u", wire[i]);
		}
		*out++ = '.';
	}
	text->bytes = (size_t)(out - text->text);
	return 0;
}

/* In quotes always: a blank, a semicolon or nothing at all is then harmless. */
static int add_quoted(struct zonetext *text, const uint8_t *octets, size_t bytes)
{
	int result = add(text, "\"", 1);

	for (size_t i = 0; i < bytes && result == 0; i++) {
		char c = (char)octets[i];

		if (octets[i] < ' ' || octets[i] > '~')
			result = add_format(text, "\\%03u", octets[i]);
		else if (c == '"' || c == '\\')
			result = add_format(text, "\\%c", c);
		else
			result = add(text, &c, 1);
	}
	return result == 0 ? add(text, "\"", 1) : result;
}

/* -EINVAL: ldns has no text for it. */
static int add_by_ldns(
	struct zonetext *text, ldns_rdf_type kind, const uint8_t *field, size_t bytes)
{
	ldns_rdf *rdf = ldns_rdf_new_frm_data(kind, bytes, field);
	char *written = rdf == NULL ? NULL : ldns_rdf2str(rdf);
	int result;

	ldns_rdf_deep_free(rdf);
	if (rdf == NULL)
		return -ENOMEM;
	result = written == NULL ? -EINVAL : add_string(text, written);
	free(written);
	return result;
}

static int add_field(struct zonetext *text, ldns_rdf_type kind, const uint8_t *field, size_t bytes)
{
	switch (kind) {
	case LDNS_RDF_TYPE_DNAME:
		return add_name(text, field);
	case LDNS_RDF_TYPE_INT8:
	case LDNS_RDF_TYPE_ALG:
	case LDNS_RDF_TYPE_CERTIFICATE_USAGE:
	case LDNS_RDF_TYPE_SELECTOR:
	case LDNS_RDF_TYPE_MATCHING_TYPE:
		return add_format(text, "%u", field[0]);
	case LDNS_RDF_TYPE_INT16:
	case LDNS_RDF_TYPE_CERT_ALG:
		return add_format(text, "%u", wire_get16(field));
	case LDNS_RDF_TYPE_INT32:
	case LDNS_RDF_TYPE_PERIOD:
		return add_format(text, "%" PRIu32, wire_get32(field));
	case LDNS_RDF_TYPE_STR:
		return add_quoted(text, field + 1, bytes - 1);
	case LDNS_RDF_TYPE_LONG_STR:
		return add_quoted(text, field, bytes);
	case LDNS_RDF_TYPE_HEX:
		return add_hexadecimal(text, field, bytes);
	default:
		return add_by_ldns(text, kind, field, bytes);
	}
}

/* The fields of sound RDATA. -EINVAL or -ENOMEM: there may be half of it. */
static int add_fields(struct zonetext *text, uint16_t type, const uint8_t *rdata, size_t bytes)
{
	for (size_t index = 0; bytes > 0; index++) {
		ldns_rdf_type kind = rdata_field_kind(type, index);
		size_t taken = (size_t)rdata_field_bytes(kind, rdata, bytes);
		int result = index == 0 ? 0 : add(text, " ", 1);

		if (result == 0)
			result = add_field(text, kind, rdata, taken);
		if (result != 0)
			return result;
		rdata += taken;
		bytes -= taken;
	}
	return 0;
}

/* Whether the text from `start` on is read as `rdata`. -ENOMEM, or yes or no. */
static int reads_back(
	struct zonetext *text, size_t start, uint16_t type, const uint8_t *rdata, size_t bytes)
{
	static const struct zonefile_name root = {.bytes = 1};
	struct zonefile_data data = {.type = type, .type_name = "", .text = NULL};
	uint8_t *read = malloc(ZONEFILE_RDATA_MAX_BYTES);
	struct failure ignored;
	int result = -ENOMEM;

	if (read != NULL)
		data.text = strndup(text->text + start, text->bytes - start);
	if (data.text != NULL)
		result = zonefile_rdata_read(&data, &root, read, &ignored) == (int)bytes &&
			memcmp(read, rdata, bytes) == 0;
	free(data.text);
	free(read);
	return result;
}

static int add_generic(struct zonetext *text, const uint8_t *rdata, size_t bytes)
{
	int result = add_format(text, bytes == 0 ? "\\# %zu" : "\\# %zu ", bytes);

	return result == 0 ? add_hexadecimal(text, rdata, bytes) : result;
}

/* Types that every current server knows by name; of the others a file tells the number. */
static bool is_common(uint16_t type)
{
	switch (type) {
	case LDNS_RR_TYPE_A:
	case LDNS_RR_TYPE_NS:
	case LDNS_RR_TYPE_CNAME:
	case LDNS_RR_TYPE_SOA:
	case LDNS_RR_TYPE_PTR:
	case LDNS_RR_TYPE_HINFO:
	case LDNS_RR_TYPE_MINFO:
	case LDNS_RR_TYPE_MX:
	case LDNS_RR_TYPE_TXT:
	case LDNS_RR_TYPE_RP:
	case LDNS_RR_TYPE_AFSDB:
	case LDNS_RR_TYPE_RT:
	case LDNS_RR_TYPE_KEY:
	case LDNS_RR_TYPE_AAAA:
	case LDNS_RR_TYPE_LOC:
	case LDNS_RR_TYPE_SRV:
	case LDNS_RR_TYPE_NAPTR:
	case LDNS_RR_TYPE_KX:
	case LDNS_RR_TYPE_CERT:
	case LDNS_RR_TYPE_DNAME:
	case LDNS_RR_TYPE_APL:
	case LDNS_RR_TYPE_DS:
	case LDNS_RR_TYPE_SSHFP:
	case LDNS_RR_TYPE_IPSECKEY:
	case LDNS_RR_TYPE_RRSIG:
	case LDNS_RR_TYPE_NSEC:
	case LDNS_RR_TYPE_DNSKEY:
	case LDNS_RR_TYPE_DHCID:
	case LDNS_RR_TYPE_NSEC3:
	case LDNS_RR_TYPE_NSEC3PARAM:
	case LDNS_RR_TYPE_TLSA:
	case LDNS_RR_TYPE_SMIMEA:
	case LDNS_RR_TYPE_CDS:
	case LDNS_RR_TYPE_CDNSKEY:
	case LDNS_RR_TYPE_OPENPGPKEY:
	case LDNS_RR_TYPE_CSYNC:
	case LDNS_RR_TYPE_ZONEMD:
	case LDNS_RR_TYPE_SVCB:
	case LDNS_RR_TYPE_HTTPS:
	case LDNS_RR_TYPE_SPF:
	case LDNS_RR_TYPE_NID:
	case LDNS_RR_TYPE_L32:
	case LDNS_RR_TYPE_L64:
	case LDNS_RR_TYPE_LP:
	case LDNS_RR_TYPE_EUI48:
	case LDNS_RR_TYPE_EUI64:
	case LDNS_RR_TYPE_URI:
	case LDNS_RR_TYPE_CAA:
		return true;
	default:
		return false;
	}
}

static int add_data(struct zonetext *text, uint16_t type, const uint8_t *rdata, size_t bytes)
{
	size_t start = text->bytes;
	int result;

	if (bytes == 0 || !is_common(type) || !rdata_is_sound(type, rdata, bytes))
		return add_generic(text, rdata, bytes);
	result = add_fields(text, type, rdata, bytes);
	if (result == 0) {
		/* Names and numbers alone need no proof; they are most of a reverse zone. */
		if (type == LDNS_RR_TYPE_PTR || type == LDNS_RR_TYPE_NS)
			return 0;
		result = reads_back(text, start, type, rdata, bytes);
		if (result == 1)
			return 0;
	}
	if (result == -ENOMEM)
		return result;
	text->bytes = start;
	return add_generic(text, rdata, bytes);
}

static int add_type(struct zonetext *text, uint16_t type)
{
	return is_common(type) ? add_format(text, "%s ", ldns_rr_descript(type)->_name)
			       : add_format(text, "TYPE%u ", type);
}

static int add_record(struct zonetext *text, const uint8_t *name, const struct rrset *rrset,
	const uint8_t *rdata, size_t bytes)
{
	int result = add_name(text, name);

	if (result == 0)
		result = add_format(text, "\t%" PRIu32 "\tIN\t", rrset->ttl);
	if (result == 0)
		result = add_type(text, rrset->type);
	if (result == 0)
		result = add_data(text, rrset->type, rdata, bytes);
	return result == 0 ? add(text, "\n", 1) : result;
}

int zonetext_write(struct zonetext *text, const struct owner *owner, const struct rrset *rrset)
{
	uint8_t name[WIRE_NAME_MAX_BYTES];
	size_t start = text->bytes;
	uint32_t offset = 0;
	const uint8_t *rdata;
	uint16_t bytes;

	owner_write(owner, name);
	while ((rdata = rrset_next(rrset, &offset, &bytes)) != NULL) {
		int result = add_record(text, name, rrset, rdata, bytes);

		if (result != 0) {
			text->bytes = start;
			return result;
		}
	}
	return 0;
}

int zonetext_end(struct zonetext *text)
{
	int result = reserve(text, 1);

	if (result == 0)
		text->text[text->bytes] = '\0';
	return result;
}

void zonetext_reset(struct zonetext *text)
{
	text->bytes = 0;
}

void zonetext_free(struct zonetext *text)
{
	free(text->text);
	*text = (struct zonetext){0};
}
