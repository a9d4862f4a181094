/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Address names of the reverse trees, which nearly all queries ask for, read 16 bytes at a time:
 * hosts, and the networks above them, which resolvers ask for on their way (RFC 9156). What this
 * says no to, arpa.c reads label by label: it may be anything, an address name too.
 */
#ifndef ARPAD_DATAPLANE_DNS_ARPA_HOST_H
#define ARPAD_DATAPLANE_DNS_ARPA_HOST_H

#include "dataplane/dns/arpa.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	ARPA_HOST_IPV4_MIN = 16, /* 0.in-addr.arpa */
	ARPA_HOST_IPV4_MAX = 30, /* 255.255.255.255 */
	ARPA_HOST_IPV6_MIN = 12, /* 0.ip6.arpa */
	ARPA_HOST_IPV6_MAX = ARPA_NAME_MAX_BYTES,
	ARPA_HOST_NIBBLES = 64, /* bytes of 32 labels */
	ARPA_HOST_SHAPES = 256, /* four labels of no to three digits; 120 of them are in use */
	ARPA_HOST_INDEX = 512,
};

/*
 * A suffix as the two 8-byte words that cover it, first and last: a name ends in it when its words,
 * or'ed with the bits that tell upper from lower case, are these.
 */
struct arpa_suffix {
	uint8_t bytes;
	uint8_t first[8], first_case[8];
	uint8_t last[8], last_case[8];
};

extern const struct arpa_suffix arpa_suffix_ipv4, arpa_suffix_ipv6;

enum { ARPA_SUFFIX_IPV4_BYTES = 14, ARPA_SUFFIX_IPV6_BYTES = 10 }; /* theirs, known to compilers */

static inline uint64_t arpa_word(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* Whether the `bytes` before `end`, suffix->bytes, are the suffix, ASCII case aside. */
static inline bool arpa_ends_in(const uint8_t *end, const struct arpa_suffix *suffix, size_t bytes)
{
	return (arpa_word(end - bytes) | arpa_word(suffix->first_case)) ==
		arpa_word(suffix->first) &&
		(arpa_word(end - 8) | arpa_word(suffix->last_case)) == arpa_word(suffix->last);
}

#ifdef __SSE4_1__
#include <smmintrin.h>

/*
 * How one to four labels of an IPv4 name can lie in its first 16 bytes. `from` gathers each label
 * into four octets, hundreds, tens, ones, length (an octet that it lacks is 0x80: pshufb's zero);
 * then every octet, less '0', must be `low` to `low` + `range`: a digit 0 to 9, the first of
 * several 1 to 9, the length just that of this shape. One cache line each.
 */
struct arpa_host_shape {
	_Alignas(64) uint8_t from[16];
	uint8_t low[16];
	uint8_t range[16];
	uint8_t length; /* of the name */
	uint8_t bits;	/* of the prefix */
};

extern const struct arpa_host_shape arpa_host_shape[ARPA_HOST_SHAPES];
extern const uint8_t arpa_host_index[ARPA_HOST_INDEX]; /* by ARPA_HOST_HASH */

/*
 * Where labels start, the suffix's and the root among them, as bits, and the length make the shape:
 * the multiplier sends the 120 of them to different places. It was found by trial; that none
 * collide is seen by the compiler, which refuses to initialise an element of arpa_host_index twice.
 */
#define ARPA_HOST_HASH(starts, length) \
	((uint32_t)(((starts) | (uint32_t)(length) << 16) * UINT32_C(0x85ed8271)) >> 23)

static inline __m128i arpa_host_load(const void *bytes)
{
	return _mm_loadu_si128(bytes);
}

/* Whether every octet of `octets` is at most that of `most`. */
static inline bool arpa_host_within(__m128i octets, __m128i most)
{
	__m128i good = _mm_cmpeq_epi8(_mm_min_epu8(octets, most), octets);

	return _mm_movemask_epi8(good) == 0xffff;
}

/*
 * A name that ends in the suffix, of ARPA_HOST_IPV4_MIN to _MAX bytes: so the 16 bytes that are
 * loaded are of the name.
 */
static inline bool arpa_host_ipv4(const uint8_t *name, size_t length, struct prefix *prefix)
{
	const __m128i weights = _mm_set1_epi32(100 | 10 << 8 | 1 << 16);
	const __m128i pack = _mm_set_epi32(-1, -1, -1, 12 << 24 | 8 << 16 | 4 << 8);
	const struct arpa_host_shape *shape;
	__m128i text, octets;
	unsigned starts;

	text = arpa_host_load(name);
	/* No digit is as low as a length of 1 to 3, or 7, the suffix's. */
	starts = (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi8(_mm_min_epu8(text, _mm_set1_epi8(7)), text));
	shape = &arpa_host_shape[arpa_host_index[ARPA_HOST_HASH(starts, length)]];
	if (shape->length != length)
		return false;
	octets = _mm_shuffle_epi8(
		_mm_sub_epi8(text, _mm_set1_epi8('0')), arpa_host_load(shape->from));
	if (!arpa_host_within(
		    _mm_sub_epi8(octets, arpa_host_load(shape->low)), arpa_host_load(shape->range)))
		return false;
	octets = _mm_madd_epi16(_mm_maddubs_epi16(octets, weights), _mm_set1_epi16(1));
	if (!_mm_testz_si128(octets, _mm_set1_epi32(~255)))
		return false;
	/* The first label is the least significant octet. */
	octets = _mm_shuffle_epi8(octets, pack);
	*prefix = (struct prefix){.high = (uint64_t)(uint32_t)_mm_cvtsi128_si32(octets) << 32,
		.family = ARPA_FAMILY_IPV4,
		.bits = shape->bits};
	return true;
}

/* 16 digits of base 16; `*good` keeps its bits only where they are digits. */
static inline __m128i arpa_host_hex(__m128i digits, __m128i *good)
{
	__m128i number = _mm_sub_epi8(digits, _mm_set1_epi8('0'));
	__m128i letter =
		_mm_sub_epi8(_mm_or_si128(digits, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));

	number = _mm_cmpeq_epi8(_mm_min_epu8(number, _mm_set1_epi8(9)), number);
	letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
	*good = _mm_and_si128(*good, _mm_or_si128(number, letter));
	/* '0' is 0x30; 'A' is 0x41 and 'a' is 0x61, nine short of 10. */
	return _mm_add_epi8(
		_mm_and_si128(digits, _mm_set1_epi8(15)), _mm_and_si128(letter, _mm_set1_epi8(9)));
}

/*
 * The 32 labels of a host name: every even octet is a label's length of 1, and every odd one its
 * digit.
 */
static inline bool arpa_host_ipv6(const uint8_t *labels, struct prefix *prefix)
{
	const __m128i one = _mm_set1_epi8(1), weights = _mm_set1_epi16(1 | 16 << 8);
	__m128i text[4], digit = _mm_set1_epi8(-1), length_1 = digit, low, high;

	for (unsigned i = 0; i < 4; i++) {
		text[i] = arpa_host_load(labels + 16 * i);
		length_1 = _mm_and_si128(length_1, _mm_cmpeq_epi8(text[i], one));
		text[i] = _mm_srli_epi16(text[i], 8);
	}
	low = arpa_host_hex(_mm_packus_epi16(text[0], text[1]), &digit);
	high = arpa_host_hex(_mm_packus_epi16(text[2], text[3]), &digit);
	/* Digits were compared with 1 too, and are none: only the even octets must be. */
	if (_mm_movemask_epi8(digit) != 0xffff || _mm_movemask_epi8(length_1) != 0x5555)
		return false;
	/* Two digits an octet, the first one the lower; the address runs backwards, as words do. */
	low = _mm_packus_epi16(_mm_maddubs_epi16(low, weights), _mm_maddubs_epi16(high, weights));
	*prefix = (struct prefix){.high = (uint64_t)_mm_extract_epi64(low, 1),
		.low = (uint64_t)_mm_cvtsi128_si64(low),
		.family = ARPA_FAMILY_IPV6,
		.bits = 128};
	return true;
}

/* Fewer than 32 labels; `length`, ARPA_HOST_IPV6_MIN or more, is even, and the suffix is there. */
bool arpa_host_nibbles(const uint8_t *name, size_t length, struct prefix *prefix);

static inline bool arpa_is_ipv4(const uint8_t *name, size_t length)
{
	return length - ARPA_HOST_IPV4_MIN <= ARPA_HOST_IPV4_MAX - ARPA_HOST_IPV4_MIN &&
		arpa_ends_in(name + length, &arpa_suffix_ipv4, ARPA_SUFFIX_IPV4_BYTES);
}

static inline bool arpa_is_ipv6(const uint8_t *name, size_t length)
{
	return length - ARPA_HOST_IPV6_MIN <= ARPA_HOST_IPV6_MAX - ARPA_HOST_IPV6_MIN &&
		length % 2 == 0 &&
		arpa_ends_in(name + length, &arpa_suffix_ipv6, ARPA_SUFFIX_IPV6_BYTES);
}

/* arpa_host_parse but for what takes a call: it may say no to a network of ip6.arpa. */
static inline bool arpa_host_parse_most(const uint8_t *name, size_t length, struct prefix *prefix)
{
	if (arpa_is_ipv4(name, length))
		return arpa_host_ipv4(name, length, prefix);
	return length == ARPA_HOST_IPV6_MAX &&
		arpa_ends_in(name + length, &arpa_suffix_ipv6, ARPA_SUFFIX_IPV6_BYTES) &&
		arpa_host_ipv6(name, prefix);
}

/*
 * Whether the `length` bytes at `name` are a name of one label or more below in-addr.arpa or
 * ip6.arpa, well-formed to its root label, that is all address. Then `*prefix` is it; else it is
 * untouched. Reads nothing but those bytes.
 */
static inline bool arpa_host_parse(const uint8_t *name, size_t length, struct prefix *prefix)
{
	return arpa_host_parse_most(name, length, prefix) ||
		(length != ARPA_HOST_IPV6_MAX && arpa_is_ipv6(name, length) &&
			arpa_host_nibbles(name, length, prefix));
}

#else

static inline bool arpa_host_parse(const uint8_t *name, size_t length, struct prefix *prefix)
{
	(void)name;
	(void)length;
	(void)prefix;
	return false;
}

static inline bool arpa_host_parse_most(const uint8_t *name, size_t length, struct prefix *prefix)
{
	return arpa_host_parse(name, length, prefix);
}

#endif

#endif
