/* SPDX-License-Identifier: BSD-3-Clause */
/* Owners. What is said of the prefix is arithmetic; only names that are no addresses walk labels.
 */
#include "dataplane/dns/owner.h"

#include "dataplane/dns/name.h"
#include "dataplane/dns/wire.h"

#include <string.h>

enum { TREE_TOP_LABELS = 2 }; /* in-addr.arpa, ip6.arpa */

size_t owner_suffix_bytes(const struct prefix *prefix)
{
	return prefix->family == OWNER_NO_FAMILY ? 1 : arpa_name_length(prefix);
}

size_t owner_write(const struct owner *owner, uint8_t *name)
{
	uint8_t tail[ARPA_NAME_MAX_BYTES] = {0};
	size_t bytes = 1;

	for (unsigned i = 0; i < owner->rest_bytes; i++)
		name[i] = name_lower(owner->rest[i]);
	if (owner->prefix.family != OWNER_NO_FAMILY)
		bytes = arpa_write(&owner->prefix, tail);
	memcpy(name + owner->rest_bytes, tail, bytes);
	return owner->rest_bytes + bytes;
}

size_t owner_name_bytes(const struct owner *owner)
{
	return owner->rest_bytes + owner_suffix_bytes(&owner->prefix);
}

static unsigned label_bits(const struct prefix *prefix)
{
	return prefix->family == ARPA_FAMILY_IPV4 ? 8 : 4;
}

static unsigned prefix_depth(const struct prefix *prefix)
{
	if (prefix->family == OWNER_NO_FAMILY)
		return 0;
	return TREE_TOP_LABELS + prefix->bits / label_bits(prefix);
}

unsigned owner_depth(const struct owner *owner)
{
	unsigned labels = 0;

	for (unsigned at = 0; at < owner->rest_bytes; at += 1u + owner->rest[at])
		labels++;
	return prefix_depth(&owner->prefix) + labels;
}

bool owner_parent(const struct owner *owner, struct owner *parent)
{
	unsigned label;

	if (owner->rest_bytes == 0) {
		if (owner->prefix.bits == 0)
			return false;
		*parent = (struct owner){.prefix = prefix_parent(&owner->prefix)};
		return true;
	}
	label = 1u + owner->rest[0];
	*parent = *owner;
	parent->rest += label;
	parent->rest_bytes = (uint8_t)(parent->rest_bytes - label);
	return parent->rest_bytes > 0 || parent->prefix.family != OWNER_NO_FAMILY;
}

struct owner owner_ancestor(const struct owner *owner, unsigned depth)
{
	unsigned below_top = prefix_depth(&owner->prefix);
	struct owner ancestor = *owner;

	if (depth <= below_top && owner->prefix.family != OWNER_NO_FAMILY) {
		unsigned bits = (depth - TREE_TOP_LABELS) * label_bits(&owner->prefix);

		ancestor.prefix = prefix_truncate(&owner->prefix, (uint8_t)bits);
		ancestor.rest_bytes = 0;
		return ancestor;
	}
	for (unsigned drop = owner_depth(owner) - depth; drop > 0; drop--)
		owner_parent(&ancestor, &ancestor);
	return ancestor;
}

bool owner_equal(const struct owner *a, const struct owner *b)
{
	if (!prefix_equal(&a->prefix, &b->prefix) || a->rest_bytes != b->rest_bytes)
		return false;
	for (unsigned i = 0; i < a->rest_bytes; i++)
		if (name_lower(a->rest[i]) != name_lower(b->rest[i]))
			return false;
	return true;
}

bool owner_contains(const struct owner *outer, const struct owner *inner)
{
	unsigned outer_depth = owner_depth(outer);
	struct owner ancestor;

	if (owner_depth(inner) < outer_depth)
		return false;
	/* Above both tree tops there is only the root, which has no family. */
	if (outer->prefix.family != inner->prefix.family)
		return outer_depth == 0;
	if (outer_depth == 0)
		return true;
	ancestor = owner_ancestor(inner, outer_depth);
	return owner_equal(outer, &ancestor);
}
