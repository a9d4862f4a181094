/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any owner name as a key: the longest address prefix that it ends in, and the labels before that.
 * A host name of the reverse trees is all prefix; `01.2.0.192.in-addr.arpa` is 192.0.2.0/24 and
 * one label; a name outside the reverse trees is labels only.
 */
#ifndef ARPAD_DATAPLANE_DNS_OWNER_H
#define ARPAD_DATAPLANE_DNS_OWNER_H

#include "dataplane/dns/arpa.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OWNER_NO_FAMILY = 0,	/* of a prefix: the name is outside the reverse trees */
	OWNER_LABELS_MAX = 127, /* RFC 1035 3.1: 255 octets, the shortest labels, the root aside */
};

struct owner {
	struct prefix prefix;
	const uint8_t *rest; /* borrowed; wire labels in any case, no root label */
	uint8_t rest_bytes;  /* 0..254 */
};

/* The bytes of a name that its prefix stands for, the root label included. */
size_t owner_suffix_bytes(const struct prefix *prefix);

/* The key of the well-formed wire name of `length` bytes. Borrows the name. */
static inline void owner_from_name(const uint8_t *name, size_t length, struct owner *owner)
{
	enum arpa_match match = arpa_parse(name, length, &owner->prefix);

	owner->rest = name;
	owner->rest_bytes = 0;
	if (match == ARPA_EXACT)
		return;
	if (match == ARPA_NONE)
		owner->prefix = (struct prefix){.family = OWNER_NO_FAMILY};
	owner->rest_bytes = (uint8_t)(length - owner_suffix_bytes(&owner->prefix));
}

/* The key of an address name. `prefix->bits` must be on a label. */
static inline struct owner owner_from_prefix(const struct prefix *prefix)
{
	return (struct owner){.prefix = *prefix};
}

/* Writes the name in lower case; returns its length, at most WIRE_NAME_MAX_BYTES. */
size_t owner_write(const struct owner *owner, uint8_t *name);

/* The length that owner_write returns. */
size_t owner_name_bytes(const struct owner *owner);

/* Labels, the root aside: in-addr.arpa has 2, a host of it 6. */
unsigned owner_depth(const struct owner *owner);

/*
 * The name one label up. False at a top: the root, in-addr.arpa and ip6.arpa, where the name tree
 * that the table keeps ends. `parent` may be `owner`.
 */
bool owner_parent(const struct owner *owner, struct owner *parent);

/*
 * The ancestor with `depth` labels, at most owner_depth(owner). Below a tree top `depth` must be at
 * least 2: what is above in-addr.arpa and ip6.arpa is no key of theirs.
 */
struct owner owner_ancestor(const struct owner *owner, unsigned depth);

/* ASCII case aside (RFC 4343). */
bool owner_equal(const struct owner *a, const struct owner *b);

/* Whether `inner` is `outer` or below it. */
bool owner_contains(const struct owner *outer, const struct owner *inner);

#endif
