/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * No loop here looks for the line's end: a '\n' is neither digit, blank nor part of a name, so each
 * stops at it.
 */
#include "control/zonefile/zonefile_ptr.h"

#include <string.h>

enum { LINE_MAX_BYTES = 4096 }; /* a longer one may be too long, which is not judged here */

/* What an octet of a name may be without that it needs care: no dot, escape, quote or "@". */
static const uint8_t plain[256] = {
	['-'] = 1,
	['/'] = 1,
	['_'] = 1,
	['0' ... '9'] = 1,
	['A' ... 'Z'] = 1,
	['a' ... 'z'] = 1,
};

void zonefile_origin_settle(struct zonefile_origin *origin)
{
	origin->is_prefix =
		arpa_parse(origin->name.wire, origin->name.bytes, &origin->prefix) == ARPA_EXACT;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *text)
{
	while (is_blank(*text))
		text++;
	return text;
}

/* ---- Owner ---- */

/* A label of 0 to 255 without a leading zero, RFC 1035 3.5. Returns its end, or NULL. */
static const char *read_octet(const char *text, uint32_t *octet)
{
	unsigned value = (unsigned char)*text++ - '0', digit;

	if (value > 9)
		return NULL;
	for (unsigned more = 2; more > 0; more--) {
		digit = (unsigned char)*text - '0';
		if (digit > 9)
			break;
		if (value == 0)
			return NULL;
		value = value * 10 + digit;
		text++;
	}
	*octet = value;
	return value > 255 ? NULL : text;
}

/* The labels of an IPv4 owner, the last octet first; stops before what follows them. */
static const char *read_octets(const char *text, struct prefix *part)
{
	uint32_t address = 0, octet;
	unsigned bits = 0;

	for (;;) {
		text = read_octet(text, &octet);
		if (text == NULL)
			return NULL;
		address |= octet << bits;
		bits += 8;
		if (bits == 32 || *text != '.')
			break;
		text++;
	}
	*part = (struct prefix){(uint64_t)address << 32, 0, ARPA_FAMILY_IPV4, (uint8_t)bits};
	return text;
}

static unsigned nibble(char c)
{
	unsigned digit = (unsigned char)c - '0', letter = ((unsigned char)c | 0x20) - 'a';

	return digit <= 9 ? digit : letter < 6 ? letter + 10 : 16;
}

/* The same for IPv6: one hexadecimal digit a label, RFC 3596 2.5. */
static const char *read_nibbles(const char *text, struct prefix *part)
{
	uint64_t half[2] = {0, 0}; /* the lower one first */
	unsigned count = 0;

	for (;;) {
		unsigned value = nibble(*text);

		if (value > 15)
			return NULL;
		half[count / 16] |= (uint64_t)value << 4 * (count % 16);
		text++;
		count++;
		if (count == 32 || *text != '.')
			break;
		text++;
	}
	*part = (struct prefix){half[1], half[0], ARPA_FAMILY_IPV6, (uint8_t)(4 * count)};
	return text;
}

/* Moves behind the tree's name, as files write it. NULL: it is not there. */
static const char *skip_suffix(const char *text, const char *end, uint8_t family)
{
	const char *suffix = family == ARPA_FAMILY_IPV4 ? ".in-addr.arpa." : ".ip6.arpa.";
	size_t bytes = strlen(suffix);

	if ((size_t)(end - text) < bytes || memcmp(text, suffix, bytes) != 0)
		return NULL;
	return text + bytes;
}

/* The owner, if it is a host's; moves to the blank behind it. */
static const char *read_host(const char *text, const char *end, uint8_t family,
	const struct zonefile_origin *origin, struct prefix *host)
{
	struct prefix part;

	text = family == ARPA_FAMILY_IPV4 ? read_octets(text, &part) : read_nibbles(text, &part);
	if (text == NULL)
		return NULL;
	*host = part;
	if (is_blank(*text)) {
		if (!origin->is_prefix || origin->prefix.family != family ||
			origin->prefix.bits + part.bits != prefix_host_bits(family))
			return NULL;
		host->high |= origin->prefix.high;
		host->low |= origin->prefix.low;
		host->bits = prefix_host_bits(family);
		return text;
	}
	text = part.bits == prefix_host_bits(family) ? skip_suffix(text, end, family) : NULL;
	return text != NULL && is_blank(*text) ? text : NULL;
}

/* ---- TTL, class, type ---- */

/* Decimal digits up to WIRE_TTL_MAX and a blank. NULL: something else. */
static const char *read_ttl(const char *text, uint32_t *ttl)
{
	uint64_t value = 0;

	for (unsigned digit; (digit = (unsigned char)*text - '0') <= 9; text++) {
		value = value * 10 + digit;
		if (value > WIRE_TTL_MAX)
			return NULL;
	}
	*ttl = (uint32_t)value;
	return is_blank(*text) ? text : NULL;
}

/* A word of lower-case letters in any case, and a blank. */
static bool is_word(const char *text, const char *word)
{
	for (; *word != '\0'; text++, word++)
		if ((*text | 0x20) != *word)
			return false;
	return is_blank(*text);
}

/* [TTL] [IN] PTR or [IN] [TTL] PTR; moves to the blank behind it. */
static const char *read_fields(const char *text, struct zonefile_ptr *ptr)
{
	bool has_class = false;

	ptr->has_ttl = false;
	for (;;) {
		text = skip_blanks(text);
		if (is_word(text, "ptr"))
			return text + 3;
		if (!ptr->has_ttl && *text >= '0' && *text <= '9') {
			text = read_ttl(text, &ptr->ttl);
			if (text == NULL)
				return NULL;
			ptr->has_ttl = true;
		} else if (!has_class && is_word(text, "in")) {
			has_class = true;
			text += 2;
		} else {
			return NULL;
		}
	}
}

/* ---- Target ---- */

/* Labels of plain octets up to what is none; the last one need not end in a dot. */
static const char *read_labels(const char *text, size_t *bytes, bool *absolute, uint8_t *wire)
{
	uint8_t *length = wire;

	do {
		uint8_t *to = length + 1;
		const uint8_t *last = length + WIRE_LABEL_MAX_BYTES;

		while (plain[(unsigned char)*text] && to <= last)
			*to++ = (uint8_t)*text++;
		*length = (uint8_t)(to - length - 1);
		if (*length == 0 || to - wire >= WIRE_NAME_MAX_BYTES || plain[(unsigned char)*text])
			return NULL;
		length = to;
		*absolute = *text == '.';
		text += *absolute;
	} while (plain[(unsigned char)*text]);
	*bytes = (size_t)(length - wire);
	return text;
}

/* The name and blanks behind it up to the line's end. */
static bool read_target(const char *text, const char *end, const struct zonefile_name *origin,
	struct zonefile_ptr *ptr)
{
	static const struct zonefile_name root = {.bytes = 1};
	bool absolute;
	size_t labels;

	text = read_labels(text, &labels, &absolute, ptr->target);
	if (text == NULL || skip_blanks(text) != end)
		return false;
	if (absolute)
		origin = &root;
	if (labels + origin->bytes > WIRE_NAME_MAX_BYTES)
		return false;
	memcpy(ptr->target + labels, origin->wire, origin->bytes);
	ptr->target_bytes = labels + origin->bytes;
	return true;
}

bool zonefile_ptr_read(const char *line, const char *end, uint8_t family,
	const struct zonefile_origin *origin, struct zonefile_ptr *ptr)
{
	const char *text = NULL;

	if (end - line <= LINE_MAX_BYTES)
		text = read_host(line, end, family, origin, &ptr->host);
	if (text != NULL)
		text = read_fields(text, ptr);
	return text != NULL && read_target(skip_blanks(text), end, &origin->name, ptr);
}
