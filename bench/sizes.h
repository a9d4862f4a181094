/* SPDX-License-Identifier: BSD-3-Clause */
/* The populations that cases are run with. */
#ifndef ARPAD_BENCH_SIZES_H
#define ARPAD_BENCH_SIZES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum layout {
	LAYOUT_IPV4,   /* full /24s from 10.0.0.0 on: 250 hosts each */
	LAYOUT_SPARSE, /* every tenth IPv4 address from 10.0.0.0 on, at random */
	LAYOUT_IPV6,   /* /64s of 2001:db8::/32 from the first on: 1,000 hosts each */
};

struct population {
	const char *size; /* as cases name it: "10M" */
	enum layout layout;
	uint64_t records;
};

/* Each ends with records == 0. */
extern const struct population sizes_ipv4[];   /* 1M, 10M, 100M */
extern const struct population sizes_sparse[]; /* 10M */
extern const struct population sizes_ipv6[];   /* 1M, 10M */

#ifdef __cplusplus
}
#endif

#endif
