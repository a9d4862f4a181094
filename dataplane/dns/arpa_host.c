/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of arpa_host.h, all made by the compiler; and names that are no host's of ip6.arpa. */
#include "dataplane/dns/arpa_host.h"

#define C 0x20 /* what tells an ASCII letter's cases apart */
const struct arpa_suffix arpa_suffix_ipv4 = {
	.bytes = ARPA_SUFFIX_IPV4_BYTES,
	.first = {7, 'i', 'n', '-', 'a', 'd', 'd', 'r'},
	.first_case = {0, C, C, 0, C, C, C, C},
	.last = {'d', 'r', 4, 'a', 'r', 'p', 'a', 0},
	.last_case = {C, C, 0, C, C, C, C, 0},
};
const struct arpa_suffix arpa_suffix_ipv6 = {
	.bytes = ARPA_SUFFIX_IPV6_BYTES,
	.first = {3, 'i', 'p', '6', 4, 'a', 'r', 'p'},
	.first_case = {0, C, C, 0, 0, C, C, C},
	.last = {'p', '6', 4, 'a', 'r', 'p', 'a', 0},
	.last_case = {C, 0, 0, C, C, C, C, 0},
};
#undef C

#ifdef __SSE4_1__

/* A label of `n` digits whose length octet stands at `at`; of none, there is no label. */
#define FROM(at, n) \
	(n) > 2 ? (at) + 1 : 0x80, (n) > 1 ? (at) + (n)-1 : 0x80, (n) > 0 ? (at) + (n) : 0x80, \
		(n) > 0 ? (at) : 0x80
#define LOW(n)	 (n) > 2, (n) == 2, 0, (n) > 0 ? (uint8_t)((n) - '0') : 0
#define RANGE(n) (n) > 2 ? 8 : 0, (n) > 2 ? 9 : (n) > 1 ? 8 : 0, (n) > 0 ? 9 : 0, 0

/*
 * The last label is d digits long, those before it c, b and a: so that the lacking ones, which come
 * first, leave the least significant octets of the address 0. Offsets of the labels and the suffix.
 */
#define NEXT(at, n)	((at) + ((n) > 0 ? (n) + 1 : 0))
#define AT2(a)		NEXT(0, a)
#define AT3(a, b)	NEXT(AT2(a), b)
#define AT4(a, b, c)	NEXT(AT3(a, b), c)
#define END(a, b, c, d) NEXT(AT4(a, b, c), d)

/* Digits of base 4: 0 is no label. */
#define NUMBER(a, b, c, d) ((a)*64 + (b)*16 + (c)*4 + (d))
/* In the suffix 7, 4 and the root label's 0 are as low as a length. */
#define STARTS(a, b, c, d) \
	((1u | 1u << AT2(a) | 1u << AT3(a, b) | 1u << AT4(a, b, c) | 1u << END(a, b, c, d) | \
		 1u << (END(a, b, c, d) + 8) | 1u << (END(a, b, c, d) + 13)) & \
		0xffff)
#define HASH(a, b, c, d) \
	ARPA_HOST_HASH(STARTS(a, b, c, d), END(a, b, c, d) + ARPA_SUFFIX_IPV4_BYTES)

#define SHAPE(a, b, c, d) \
	[NUMBER(a, b, c, d)] = { \
		.from = {FROM(0, a), FROM(AT2(a), b), FROM(AT3(a, b), c), FROM(AT4(a, b, c), d)}, \
		.low = {LOW(a), LOW(b), LOW(c), LOW(d)}, \
		.range = {RANGE(a), RANGE(b), RANGE(c), RANGE(d)}, \
		.length = END(a, b, c, d) + ARPA_SUFFIX_IPV4_BYTES, \
		.bits = 8 * (((a) > 0) + ((b) > 0) + ((c) > 0) + ((d) > 0)), \
	},
#define INDEX(a, b, c, d) [HASH(a, b, c, d)] = NUMBER(a, b, c, d),

/* X for every shape: one to three digits a label, the first three labels or fewer of them lacking.
 */
#define EACH3(X, a, b, c) X(a, b, c, 1) X(a, b, c, 2) X(a, b, c, 3)
#define EACH2(X, a, b)	  EACH3(X, a, b, 1) EACH3(X, a, b, 2) EACH3(X, a, b, 3)
#define EACH1(X, a)	  EACH2(X, a, 1) EACH2(X, a, 2) EACH2(X, a, 3)
#define EACH(X)		  EACH1(X, 1) EACH1(X, 2) EACH1(X, 3) EACH1(X, 0) EACH2(X, 0, 0) EACH3(X, 0, 0, 0)

const struct arpa_host_shape arpa_host_shape[ARPA_HOST_SHAPES] = {EACH(SHAPE)};

/* What no shape has is 0, and shape 0 has no length: it is no name's. */
const uint8_t arpa_host_index[ARPA_HOST_INDEX] = {EACH(INDEX)};

bool arpa_host_nibbles(const uint8_t *name, size_t length, struct prefix *prefix)
{
	size_t bytes = length - ARPA_SUFFIX_IPV6_BYTES;
	uint8_t labels[ARPA_HOST_NIBBLES];

	/* The labels that it lacks, the least significant, are read as zeros. */
	for (unsigned i = 0; i < ARPA_HOST_NIBBLES; i += 16)
		_mm_storeu_si128((__m128i *)(labels + i), _mm_set1_epi16(1 | '0' << 8));
	memcpy(labels + ARPA_HOST_NIBBLES - bytes, name, bytes);
	if (!arpa_host_ipv6(labels, prefix))
		return false;
	prefix->bits = (uint8_t)(2 * bytes);
	return true;
}

#endif
