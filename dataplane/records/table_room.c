/* SPDX-License-Identifier: BSD-3-Clause */
/* How much a batch may need: counted from owners in order, so that shared ancestors count once. */
#include "dataplane/records/table_writer.h"

/* How many leading bits two prefixes of one family share. */
static unsigned shared_bits(const struct prefix *a, const struct prefix *b)
{
	unsigned shared = a->bits < b->bits ? a->bits : b->bits, same;

	if (a->high != b->high)
		same = __builtin_clzll(a->high ^ b->high);
	else if (a->low != b->low)
		same = 64 + __builtin_clzll(a->low ^ b->low);
	else
		same = 128;
	return same < shared ? same : shared;
}

void table_room_add_ancestors(
	struct table_room *room, const struct owner *previous, const struct owner *owner)
{
	unsigned width = owner->prefix.family == ARPA_FAMILY_IPV4 ? 8 : 4;
	unsigned nodes = owner->prefix.family == OWNER_NO_FAMILY ? 0 : owner->prefix.bits / width;
	unsigned known = 0;

	/* The nodes of its prefix, from the top down to, with labels before it, the prefix itself.
	 */
	if (owner->rest_bytes > 0 && owner->prefix.family != OWNER_NO_FAMILY)
		nodes++;
	if (previous != NULL && previous->prefix.family == owner->prefix.family)
		known = shared_bits(&previous->prefix, &owner->prefix) / width + 1;
	room->ancestors += nodes > known ? nodes - known : 0;
	for (unsigned at = 0; at < owner->rest_bytes; at += 1u + owner->rest[at])
		room->named_ancestors += at > 0;
}
