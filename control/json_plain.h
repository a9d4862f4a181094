/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds where a JSON string needs care, eight octets at a time. Pure. */
#ifndef ARPAD_CONTROL_JSON_PLAIN_H
#define ARPAD_CONTROL_JSON_PLAIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The highest bit of each octet of `word` that is zero; above the first, also of some others. */
static inline uint64_t json_zero_octets(uint64_t word)
{
	return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}

/*
 * Copies octets from the first on as far as they stand for themselves in a JSON string: ASCII, no
 * control character, quote or backslash. Returns how many; `to` has room for all `count`.
 */
static inline size_t json_copy_plain(const char *from, size_t count, char *to)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	size_t at = 0;

	for (; count - at >= 8; at += 8) {
		uint64_t word, special;

		memcpy(&word, from + at, 8);
		memcpy(to + at, &word, 8);
		special = json_zero_octets(word ^ ones * '\\') |
			json_zero_octets(word ^ ones * '"') |
			(((word - ones * ' ') | word) & ones << 7);
		if (special != 0)
			break;
	}
	for (; at < count; at++) {
		unsigned char octet = (unsigned char)from[at];

		if (octet < ' ' || octet >= 0x80 || octet == '"' || octet == '\\')
			break;
		to[at] = (char)octet;
	}
	return at;
}

#endif
