/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of staged records that did not come sorted. */
#ifndef ARPAD_CONTROL_STAGING_ORDER_H
#define ARPAD_CONTROL_STAGING_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct staging_place {
	uint64_t head; /* the first octets of the key that may differ, big endian */
	size_t item;
};

/*
 * Sorts by head; what has the same head stays in the order it came in. `scratch` has room for as
 * many, and what is in it afterwards means nothing.
 */
void staging_order_heads(struct staging_place *place, struct staging_place *scratch, size_t count);

#endif
