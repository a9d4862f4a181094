/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of arpa_host.h, all made by the compiler. */
#include "dataplane/dns/arpa_host.h"

#define C 0x20 /* what tells an ASCII letter's cases apart */
const struct arpa_suffix arpa_suffix_ipv4 = {
	.bytes = 14,
	.first = {7, 'i', 'n', '-', 'a', 'd', 'd', 'r'},
	.first_case = {0, C, C, 0, C, C, C, C},
	.last = {'d', 'r', 4, 'a', 'r', 'p', 'a', 0},
	.last_case = {C, C, 0, C, C, C, C, 0},
};
const struct arpa_suffix arpa_suffix_ipv6 = {
	.bytes = 10,
	.first = {3, 'i', 'p', '6', 4, 'a', 'r', 'p'},
	.first_case = {0, C, C, 0, 0, C, C, C},
	.last = {'p', '6', 4, 'a', 'r', 'p', 'a', 0},
	.last_case = {C, 0, 0, C, C, C, C, 0},
};
#undef C

#ifdef __SSE4_1__

/* A label of `n` digits whose length octet stands at `at`. */
#define FROM(at, n) (n) > 2 ? (at) + 1 : 0x80, (n) > 1 ? (at) + (n)-1 : 0x80, (at) + (n), (at)
#define LOW(n)	    (n) > 2, (n) == 2, 0, (uint8_t)((n) - '0')
#define RANGE(n)    (n) > 2 ? 8 : 0, (n) > 2 ? 9 : (n) > 1 ? 8 : 0, 9, 0

/* Offsets of the second, third and fourth label, and of the suffix. */
#define AT2(a)		((a) + 1)
#define AT3(a, b)	(AT2(a) + (b) + 1)
#define AT4(a, b, c)	(AT3(a, b) + (c) + 1)
#define END(a, b, c, d) (AT4(a, b, c) + (d) + 1)

#define NUMBER(a, b, c, d) ((a)*27 + (b)*9 + (c)*3 + (d)-40)
#define STARTS(a, b, c, d) \
	((1u | 1u << AT2(a) | 1u << AT3(a, b) | 1u << AT4(a, b, c) | 1u << END(a, b, c, d)) & \
		0xffff)

#define SHAPE(a, b, c, d) \
	[NUMBER(a, b, c, d)] = { \
		.from = {FROM(0, a), FROM(AT2(a), b), FROM(AT3(a, b), c), FROM(AT4(a, b, c), d)}, \
		.low = {LOW(a), LOW(b), LOW(c), LOW(d)}, \
		.range = {RANGE(a), RANGE(b), RANGE(c), RANGE(d)}, \
		.bytes = END(a, b, c, d), \
	},
#define INDEX(a, b, c, d) [ARPA_HOST_HASH(STARTS(a, b, c, d))] = NUMBER(a, b, c, d),

/* X for every shape. */
#define EACH3(X, a, b, c) X(a, b, c, 1) X(a, b, c, 2) X(a, b, c, 3)
#define EACH2(X, a, b)	  EACH3(X, a, b, 1) EACH3(X, a, b, 2) EACH3(X, a, b, 3)
#define EACH1(X, a)	  EACH2(X, a, 1) EACH2(X, a, 2) EACH2(X, a, 3)
#define EACH(X)		  EACH1(X, 1) EACH1(X, 2) EACH1(X, 3)

const struct arpa_host_shape arpa_host_shape[ARPA_HOST_SHAPES] = {EACH(SHAPE)};

/* What no shape has is 0, which is one as good as any: all of the name is checked against it. */
const uint8_t arpa_host_index[256] = {EACH(INDEX)};

#endif
