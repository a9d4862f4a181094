/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds where a JSON string needs care, eight octets at a time. Pure. */
#ifndef ARPAD_CONTROL_JSON_PLAIN_H
#define ARPAD_CONTROL_JSON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The highest bit of each octet of `word` that is zero; above the first, also of some others. */
static inline uint64_t json_zero_octets(uint64_t word)
{
	return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}

/* The highest bit of each octet that is special in a string; above the first, also of some others.
 */
static inline uint64_t json_special_octets(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	return json_zero_octets(word ^ ones * '\\') | json_zero_octets(word ^ ones * '"') |
		(((word - ones * ' ') | word) & ones << 7);
}

static inline bool json_is_plain(unsigned char octet)
{
	return octet >= ' ' && octet < 0x80 && octet != '"' && octet != '\\';
}

/* How many octets from the first on stand for themselves in a JSON string, as below. */
static inline size_t json_plain_length(const char *from, size_t count)
{
	size_t at = 0;

	for (; count - at >= 8; at += 8) {
		uint64_t word;

		memcpy(&word, from + at, 8);
		word = json_special_octets(word);
		if (word != 0)
			return at + (unsigned)__builtin_ctzll(word) / 8; /* the first is exact */
	}
	while (at < count && json_is_plain((unsigned char)from[at]))
		at++;
	return at;
}

/*
 * Copies octets from the first on as far as they stand for themselves in a JSON string: ASCII, no
 * control character, quote or backslash. Returns how many; `to` has room for all `count`.
 */
static inline size_t json_copy_plain(const char *from, size_t count, char *to)
{
	size_t at = 0;

	for (; count - at >= 8; at += 8) {
		uint64_t word;

		memcpy(&word, from + at, 8);
		memcpy(to + at, &word, 8);
		if (json_special_octets(word) != 0)
			break;
	}
	for (; at < count && json_is_plain((unsigned char)from[at]); at++)
		to[at] = from[at];
	return at;
}

#endif
