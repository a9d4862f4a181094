/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reverse names. A name is walked forward once to find its labels, then read from its end, where
 * the most significant part of the address stands.
 */
#include "dataplane/dns/arpa.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include <string.h>

static const uint8_t in_addr_arpa[] = "\7in-addr\4arpa"; /* the literal's NUL is the root label */
static const uint8_t ip6_arpa[] = "\3ip6\4arpa";

enum { LABELS_MAX = 128 }; /* a 255-byte name has at most 127 labels before the root */

/* Value of a canonical decimal label, or -1. Canonical: no sign, no leading zero, at most 255. */
static int octet_label(const uint8_t *label)
{
	unsigned value = 0;

	if (label[0] > 3)
		return -1;
	for (unsigned i = 1; i <= label[0]; i++) {
		unsigned digit = label[i] - '0';

		if (digit > 9)
			return -1;
		value = value * 10 + digit;
	}
	if (value > 255 || (label[0] > 1 && label[1] == '0'))
		return -1;
	return (int)value;
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

/* Reads `count` labels from the last to the first as an address of `family`. */
static enum arpa_match read_labels(
	const uint8_t *name, const uint8_t *start, unsigned count, uint8_t family, struct prefix *p)
{
	bool ipv4 = family == ARPA_FAMILY_IPV4;
	unsigned width = ipv4 ? 8 : 4, bits = 0;

	*p = (struct prefix){.family = family};
	while (count > 0 && bits < prefix_host_bits(family)) {
		const uint8_t *label = name + start[count - 1];
		int value = ipv4 ? octet_label(label) : nibble_label(label);

		if (value < 0)
			break;
		put_bits(p, bits, width, (unsigned)value);
		bits += width;
		count--;
	}
	p->bits = (uint8_t)bits;
	return count == 0 ? ARPA_EXACT : ARPA_BELOW;
}

enum arpa_match arpa_parse(const uint8_t *name, size_t length, struct prefix *prefix)
{
	uint8_t start[LABELS_MAX];
	unsigned count = 0;

	for (size_t at = 0; at < length && name[at] != 0; at += 1 + (size_t)name[at]) {
		size_t left = length - at;

		/* Only at the start of a label: the same bytes inside a label are no suffix. */
		if (left == sizeof(in_addr_arpa) && name_equal(name + at, in_addr_arpa))
			return read_labels(name, start, count, ARPA_FAMILY_IPV4, prefix);
		if (left == sizeof(ip6_arpa) && name_equal(name + at, ip6_arpa))
			return read_labels(name, start, count, ARPA_FAMILY_IPV6, prefix);
		start[count++] = (uint8_t)at;
	}
	return ARPA_NONE;
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
	const uint8_t *suffix = ipv4 ? in_addr_arpa : ip6_arpa;
	size_t suffix_bytes = ipv4 ? sizeof(in_addr_arpa) : sizeof(ip6_arpa);
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
	memcpy(name + at, suffix, suffix_bytes);
	return at + suffix_bytes;
}

size_t arpa_name_length(const struct prefix *p)
{
	uint8_t name[ARPA_NAME_MAX_BYTES];

	return arpa_write(p, name);
}
