/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reverse names. The suffix is recognised at the end by two words; the labels before it are then
 * read so that the last, the most significant part of the address, comes first.
 */
#include "dataplane/dns/arpa.h"

#include "dataplane/dns/arpa_host.h"
#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include <string.h>

enum { LABELS_MAX = 128 }; /* a 255-byte name has at most 127 labels before the root */

static bool ends_in(const uint8_t *end, size_t length, const struct arpa_suffix *suffix)
{
	return length >= suffix->bytes && arpa_ends_in(end, suffix, suffix->bytes);
}

/* Value of a canonical decimal label, or -1. Canonical: no sign, no leading zero, at most 255. */
static int octet_label(const uint8_t *label)
{
	unsigned hundreds = 0, tens = 0, ones, value;

	switch (label[0]) {
	case 3:
		hundreds = label[1] - '0';
		tens = label[2] - '0';
		ones = label[3] - '0';
		if (hundreds - 1 > 1 || tens > 9) /* 1 or 2 */
			return -1;
		break;
	case 2:
		tens = label[1] - '0';
		ones = label[2] - '0';
		if (tens - 1 > 8) /* 1 to 9 */
			return -1;
		break;
	case 1:
		ones = label[1] - '0';
		break;
	default:
		return -1;
	}
	value = hundreds * 100 + tens * 10 + ones;
	return ones > 9 || value > 255 ? -1 : (int)value;
}

/* Value of a label that is one hexadecimal digit, or -1. */
static int nibble_label(const uint8_t *label)
{
	unsigned digit;

	if (label[0] != 1)
		return -1;
	digit = label[1] - '0';
	if (digit <= 9)
		return (int)digit;
	digit = name_lower(label[1]) - 'a';
	return digit < 6 ? (int)digit + 10 : -1;
}

/* Puts `value` into the `width` bits of the address that start at bit `at` from the left. */
static void put_bits(struct prefix *p, unsigned at, unsigned width, unsigned value)
{
	if (at < 64)
		p->high |= (uint64_t)value << (64 - width - at);
	else
		p->low |= (uint64_t)value << (128 - width - at);
}

/*
 * Reads labels from the last of `count` on as an address of `family`, as far as they are one. They
 * are not all: read_octets and read_nibbles said no, so some label, or the length, ends it.
 */
static void read_labels(
	const uint8_t *name, const uint8_t *start, unsigned count, uint8_t family, struct prefix *p)
{
	bool ipv4 = family == ARPA_FAMILY_IPV4;
	unsigned width = ipv4 ? 8 : 4, bits = 0;

	*p = (struct prefix){.family = family};
	for (; bits < prefix_host_bits(family); bits += width) {
		const uint8_t *label = name + start[--count];
		int value = ipv4 ? octet_label(label) : nibble_label(label);

		if (value < 0)
			break;
		put_bits(p, bits, width, (unsigned)value);
	}
	p->bits = (uint8_t)bits;
}

/* The name as most are: one to four octets and nothing else. */
static bool read_octets(const uint8_t *name, size_t bytes, struct prefix *p)
{
	uint64_t address = 0; /* the first label is the least significant octet */
	unsigned bits = 0;
	size_t at = 0;

	while (at < bytes) {
		int value = octet_label(name + at);

		if (value < 0 || bits == 32)
			return false;
		address |= (uint64_t)value << bits;
		bits += 8;
		at += 1 + (size_t)name[at];
	}
	/* No label reaches into the suffix: its length octet of 7 would have been a digit. */
	*p = (struct prefix){.family = ARPA_FAMILY_IPV4, .bits = (uint8_t)bits};
	p->high = bits ? address << (64 - bits) : 0;
	return true;
}

/*
 * The name as most are: each label one hexadecimal digit. Every even octet is a label's length of
 * 1, hence every odd one its digit, and no label has to be found by walking those before it.
 */
static bool read_nibbles(const uint8_t *name, size_t bytes, struct prefix *p)
{
	static const uint8_t value[256] = {['0'] = 0x10,
		0x11,
		0x12,
		0x13,
		0x14,
		0x15,
		0x16,
		0x17,
		0x18,
		0x19,
		['A'] = 0x1a,
		0x1b,
		0x1c,
		0x1d,
		0x1e,
		0x1f,
		['a'] = 0x1a,
		0x1b,
		0x1c,
		0x1d,
		0x1e,
		0x1f};
	unsigned count = (unsigned)(bytes / 2);
	uint64_t half[2] = {0, 0}; /* the digits from the first, least significant, label on */
	uint8_t good = 0x10, odd = 0;

	if (bytes % 2 != 0 || count > 32)
		return false;
	for (unsigned i = 0; i < count; i++) {
		uint8_t digit = value[name[2 * i + 1]];

		odd |= name[2 * i] ^ 1;
		good &= digit;
		half[i / 16] |= (uint64_t)(digit & 0x0f) << 4 * (i % 16);
	}
	if (odd != 0 || good == 0)
		return false;
	*p = (struct prefix){.family = ARPA_FAMILY_IPV6, .bits = (uint8_t)(4 * count)};
	/* Left-align what is right-aligned now: 4 * count bits. */
	if (count > 16) {
		unsigned up = 128 - 4 * count;

		p->high = up ? half[1] << up | half[0] >> (64 - up) : half[1];
		p->low = half[0] << up;
	} else {
		p->high = count ? half[0] << (64 - 4 * count) : 0;
	}
	return true;
}

/* Walks to the suffix, `bytes` away, which must start a label: its bytes inside one are no suffix.
 */
static enum arpa_match read_below(
	const uint8_t *name, size_t bytes, uint8_t family, struct prefix *prefix)
{
	uint8_t start[LABELS_MAX];
	unsigned count = 0;
	size_t at = 0;

	while (at < bytes) {
		start[count++] = (uint8_t)at;
		at += 1 + (size_t)name[at];
	}
	if (at != bytes)
		return ARPA_NONE;
	read_labels(name, start, count, family, prefix);
	return ARPA_BELOW;
}

enum arpa_match arpa_parse(const uint8_t *name, size_t length, struct prefix *prefix)
{
	if (arpa_host_parse(name, length, prefix))
		return ARPA_EXACT;
	return arpa_parse_labels(name, length, prefix);
}

enum arpa_match arpa_parse_labels(const uint8_t *name, size_t length, struct prefix *prefix)
{
	const uint8_t *end = name + length;

	if (ends_in(end, length, &arpa_suffix_ipv4)) {
		if (read_octets(name, length - arpa_suffix_ipv4.bytes, prefix))
			return ARPA_EXACT;
		return read_below(name, length - arpa_suffix_ipv4.bytes, ARPA_FAMILY_IPV4, prefix);
	}
	if (!ends_in(end, length, &arpa_suffix_ipv6))
		return ARPA_NONE;
	if (read_nibbles(name, length - arpa_suffix_ipv6.bytes, prefix))
		return ARPA_EXACT;
	return read_below(name, length - arpa_suffix_ipv6.bytes, ARPA_FAMILY_IPV6, prefix);
}

static size_t octet_write(unsigned value, uint8_t *label)
{
	size_t digits = value >= 100 ? 3 : value >= 10 ? 2 : 1;

	label[0] = (uint8_t)digits;
	for (size_t i = digits; i > 0; i--, value /= 10)
		label[i] = (uint8_t)('0' + value % 10);
	return 1 + digits;
}

size_t arpa_write(const struct prefix *p, uint8_t name[static ARPA_NAME_MAX_BYTES])
{
	bool ipv4 = p->family == ARPA_FAMILY_IPV4;
	const struct arpa_suffix *suffix = ipv4 ? &arpa_suffix_ipv4 : &arpa_suffix_ipv6;
	unsigned width = ipv4 ? 8 : 4;
	size_t at = 0;

	for (unsigned end = p->bits; end >= width; end -= width) {
		uint64_t half = end <= 64 ? p->high : p->low;
		unsigned value = (unsigned)(half >> ((128 - end) % 64)) & ((1u << width) - 1);

		if (ipv4) {
			at += octet_write(value, name + at);
		} else {
			name[at++] = 1;
			name[at++] = (uint8_t) "0123456789abcdef"[value];
		}
	}
	memcpy(name + at, suffix->first, sizeof(suffix->first));
	at += suffix->bytes;
	memcpy(name + at - sizeof(suffix->last), suffix->last, sizeof(suffix->last));
	return at;
}

size_t arpa_name_length(const struct prefix *p)
{
	uint8_t name[ARPA_NAME_MAX_BYTES];

	return arpa_write(p, name);
}
