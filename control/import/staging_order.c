/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A radix sort from the last octet on, which leaves out octets that are the same in all heads: of
 * an address in a zone few differ, and comparing keys would wait for memory at every step.
 */
#include "control/import/staging_order.h"

#include <stdbool.h>
#include <string.h>

enum { OCTETS = 8, VALUES = 256 };

static unsigned octet_of(uint64_t head, unsigned octet)
{
	return head >> 8 * octet & 0xff;
}

/* Moves all by one octet, given how often each value is. */
static void move_by_octet(const struct staging_place *from, struct staging_place *to, size_t count,
	unsigned octet, const size_t *values)
{
	size_t start[VALUES], next = 0;

	for (unsigned value = 0; value < VALUES; value++) {
		start[value] = next;
		next += values[value];
	}
	for (size_t i = 0; i < count; i++)
		to[start[octet_of(from[i].head, octet)]++] = from[i];
}

void staging_order_heads(struct staging_place *place, struct staging_place *scratch, size_t count)
{
	size_t values[OCTETS][VALUES] = {0};
	struct staging_place *from = place, *to = scratch;

	for (size_t i = 0; i < count; i++)
		for (unsigned octet = 0; octet < OCTETS; octet++)
			values[octet][octet_of(place[i].head, octet)]++;
	for (unsigned octet = 0; octet < OCTETS && count > 0; octet++) {
		struct staging_place *other = from;

		if (values[octet][octet_of(from[0].head, octet)] == count)
			continue;
		move_by_octet(from, to, count, octet, values[octet]);
		from = to;
		to = other;
	}
	if (from != place)
		memcpy(place, from, count * sizeof(*place));
}
