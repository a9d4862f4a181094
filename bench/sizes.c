/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/sizes.h"

const struct population sizes_ipv4[] = {
	{"1M", LAYOUT_IPV4, 1000000},
	{"10M", LAYOUT_IPV4, 10000000},
	{"100M", LAYOUT_IPV4, 100000000},
	{.records = 0},
};

const struct population sizes_sparse[] = {
	{"10M", LAYOUT_SPARSE, 10000000},
	{.records = 0},
};

const struct population sizes_ipv6[] = {
	{"1M", LAYOUT_IPV6, 1000000},
	{"10M", LAYOUT_IPV6, 10000000},
	{.records = 0},
};
