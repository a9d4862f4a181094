/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/json_text.h"

#include "control/command/json_write.h"
#include "dataplane/dns/wire.h"

static const char hex[] = "0123456789abcdef";

/* Letters, digits, '-', '_' and all else that neither DNS text nor JSON gives a meaning. */
static bool is_plain(uint8_t octet)
{
	return octet > ' ' && octet <= '~' && octet != '.' && octet != '\\' && octet != '"' &&
		octet != '(' && octet != ')' && octet != ';' && octet != '@' && octet != '$';
}

/* An octet of a label as presentation_write_name has it, as JSON. */
static size_t write_label_octet(char *out, uint8_t octet)
{
	if (is_plain(octet)) {
		out[0] = (char)octet;
		return 1;
	}
	out[0] = out[1] = '\\';
	if (octet <= ' ' || octet > '~') {
		out[2] = (char)('0' + octet / 100);
		out[3] = (char)('0' + octet / 10 % 10);
		out[4] = (char)('0' + octet % 10);
		return 5;
	}
	if (octet == '"' || octet == '\\') {
		out[2] = '\\';
		out[3] = (char)octet;
		return 4;
	}
	out[2] = (char)octet;
	return 3;
}

void json_text_name(struct text *text, const uint8_t *wire)
{
	enum { OCTET_MAX_BYTES = 5 };
	char *start = text_reserve(text, WIRE_NAME_MAX_BYTES * OCTET_MAX_BYTES + 3), *out = start;

	if (!start)
		return;
	*out++ = '"';
	if (wire[0] == 0)
		*out++ = '.';
	for (; wire[0] != 0; wire += 1 + wire[0]) {
		for (unsigned i = 1; i <= wire[0]; i++)
			out += write_label_octet(out, wire[i]);
		*out++ = '.';
	}
	*out++ = '"';
	text->bytes += (size_t)(out - start);
}

static char *write_small(char *out, unsigned number)
{
	if (number >= 100)
		*out++ = (char)('0' + number / 100);
	if (number >= 10)
		*out++ = (char)('0' + number / 10 % 10);
	*out++ = (char)('0' + number % 10);
	return out;
}

static char *write_ipv4(char *out, uint32_t address)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		out = write_small(out, address >> shift & 255);
		if (shift)
			*out++ = '.';
	}
	return out;
}

static char *write_group(char *out, unsigned group)
{
	bool any = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned digit = group >> shift & 15;

		any |= digit != 0 || shift == 0;
		if (any)
			*out++ = hex[digit];
	}
	return out;
}

/* The first of the longest runs of at least two zero groups (RFC 5952 4.2); returns its length. */
static unsigned longest_zeros(const uint16_t *group, unsigned *start)
{
	unsigned best = 0;

	for (unsigned i = 0; i < 8;) {
		unsigned run = 0;

		while (i + run < 8 && group[i + run] == 0)
			run++;
		if (run > best) {
			best = run;
			*start = i;
		}
		i += run + 1;
	}
	return best > 1 ? best : 0;
}

static char *write_ipv6(char *out, const struct prefix *prefix)
{
	uint16_t group[8];
	unsigned start = 8, run;

	for (unsigned i = 0; i < 8; i++)
		group[i] = (uint16_t)((i < 4 ? prefix->high : prefix->low) >> (48 - 16 * (i % 4)));
	run = longest_zeros(group, &start);
	/* As inet_ntop: addresses of ::/96 and ::ffff:0:0/96 end in an IPv4 address. */
	if (start == 0 && (run == 6 || (run == 5 && group[5] == 0xffff))) {
		memcpy(out, "::ffff:", run == 6 ? 2 : 7);
		return write_ipv4(out + (run == 6 ? 2 : 7), (uint32_t)prefix->low);
	}
	for (unsigned i = 0; i < 8; i++) {
		if (run && i == start) {
			*out++ = ':';
			i += run - 1;
			if (i == 7)
				*out++ = ':';
			continue;
		}
		if (i > 0)
			*out++ = ':';
		out = write_group(out, group[i]);
	}
	return out;
}

void json_text_prefix(struct text *text, const struct prefix *prefix)
{
	enum { PREFIX_MAX_BYTES = 2 + 8 * 5 + 4 };
	char *start = text_reserve(text, PREFIX_MAX_BYTES), *out = start;

	if (!start)
		return;
	*out++ = '"';
	out = prefix->family == ARPA_FAMILY_IPV4 ? write_ipv4(out, (uint32_t)(prefix->high >> 32))
						 : write_ipv6(out, prefix);
	if (!prefix_is_host(prefix)) {
		*out++ = '/';
		out = write_small(out, prefix->bits);
	}
	*out++ = '"';
	text->bytes += (size_t)(out - start);
}

void json_text_owner(struct text *text, const struct owner *owner)
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];

	if (owner->rest_bytes == 0 && owner->prefix.family != OWNER_NO_FAMILY) {
		json_text_prefix(text, &owner->prefix);
		return;
	}
	owner_write(owner, wire);
	json_text_name(text, wire);
}

static char *write_two(char *out, unsigned number, char behind)
{
	out[0] = (char)('0' + number / 10);
	out[1] = (char)('0' + number % 10);
	out[2] = behind;
	return out + 3;
}

void json_text_time(struct text *text, uint32_t seconds)
{
	enum { TIME_BYTES = 22, DAY_S = 86400 };
	/* Years from March of the year 0 on, so that a leap day ends one; eras of 400 years. */
	unsigned days = seconds / DAY_S + 719468, era = days / 146097, day = days % 146097;
	unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned of_year = day - (365 * year + year / 4 - year / 100);
	unsigned shifted = (5 * of_year + 2) / 153; /* months from March on */
	unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
	char *out = text_reserve(text, TIME_BYTES);

	if (!out)
		return;
	year += era * 400 + (month <= 2);
	*out++ = '"';
	out = write_two(out, year / 100, '0') - 1;
	out = write_two(out, year % 100, '-');
	out = write_two(out, month, '-');
	out = write_two(out, of_year - (153 * shifted + 2) / 5 + 1, 'T');
	out = write_two(out, seconds % DAY_S / 3600, ':');
	out = write_two(out, seconds % 3600 / 60, ':');
	out = write_two(out, seconds % 60, 'Z');
	*out = '"';
	text->bytes += TIME_BYTES;
}

static void write_tags(struct text *text, const struct details *details)
{
	for (unsigned i = 0; i < details->tag_count; i++) {
		const struct object_tag *tag = &details->tags[i];

		text_add(text, i ? "," : "{", 1);
		json_write_string(text, tag->key.octets, tag->key.bytes);
		json_text_literal(text, ":");
		json_write_string(text, tag->value.octets, tag->value.bytes);
	}
	json_text_literal(text, "}");
}

void json_text_details(struct text *text, const struct details *details)
{
	if (details->description.bytes) {
		json_text_literal(text, ",\"description\":");
		json_write_string(text, details->description.octets, details->description.bytes);
	}
	if (details->tag_count) {
		json_text_literal(text, ",\"tags\":");
		write_tags(text, details);
	}
	if (details->tenant.bytes) {
		json_text_literal(text, ",\"tenant\":");
		json_write_string(text, details->tenant.octets, details->tenant.bytes);
	}
}
