/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reverse-name codec: labels of in-addr.arpa (RFC 1035 3.5) and ip6.arpa (RFC 3596 2.5), read
 * backwards, are an address and a bit count. The only file that knows that labels run backwards.
 */
#ifndef ARPAD_DATAPLANE_DNS_ARPA_H
#define ARPAD_DATAPLANE_DNS_ARPA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARPA_FAMILY_IPV4 = 4, ARPA_FAMILY_IPV6 = 6 };

enum { ARPA_NAME_MAX_BYTES = 74 }; /* 32 nibble labels, "\3ip6\4arpa\0" */

/*
 * An address prefix in host byte order, left-aligned: an IPv4 address is the top half of `high`.
 * So prefixes of one family sort as their addresses do, and a prefix is a shift and a compare.
 * Every bit past `bits` is zero.
 */
struct prefix {
	uint64_t high;
	uint64_t low;
	uint8_t family; /* ARPA_FAMILY_* */
	uint8_t bits;	/* 0..32 or 0..128 */
};

/* How much of a name is an address. */
enum arpa_match {
	ARPA_NONE,  /* not below in-addr.arpa or ip6.arpa */
	ARPA_BELOW, /* ends in a prefix, but the labels before it are no address: an "other name" */
	ARPA_EXACT, /* every label counts: the name *is* the prefix */
};

/*
 * Reads the well-formed wire name `name` of `length` bytes (name_length's). ASCII case is ignored.
 * Labels are canonical only: no leading zero, 0..255, one hexadecimal digit. For ARPA_EXACT and
 * ARPA_BELOW `*prefix` is the longest prefix that the name ends in; otherwise it is untouched.
 */
enum arpa_match arpa_parse(const uint8_t *name, size_t length, struct prefix *prefix);

/* The same label by label, which arpa_parse does with what is not seen to be a host name at once.
 */
enum arpa_match arpa_parse_labels(const uint8_t *name, size_t length, struct prefix *prefix);

/*
 * Writes the owner name of a prefix in lower case and returns its length. `bits` must be a
 * multiple of 8 (IPv4) or 4 (IPv6): RFC 1035 and RFC 3596 name no others.
 */
size_t arpa_write(const struct prefix *prefix, uint8_t name[static ARPA_NAME_MAX_BYTES]);

/* The length arpa_write would return, which also is where the prefix starts from a name's end. */
size_t arpa_name_length(const struct prefix *prefix);

/* Whether `bits` falls on a label of the family's tree, so that a name can end there. */
static inline bool arpa_on_label(uint8_t family, uint8_t bits)
{
	return family == ARPA_FAMILY_IPV4 ? bits % 8 == 0 : bits % 4 == 0;
}

static inline uint8_t prefix_host_bits(uint8_t family)
{
	return family == ARPA_FAMILY_IPV4 ? 32 : 128;
}

static inline bool prefix_is_host(const struct prefix *p)
{
	return p->bits == prefix_host_bits(p->family);
}

static inline bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	/* Without branches: one that tells is enough. */
	return ((a->high ^ b->high) | (a->low ^ b->low) | (uint64_t)(a->bits ^ b->bits) |
		       (uint64_t)(a->family ^ b->family)) == 0;
}

/* The first `bits` bits of a prefix; `bits` must not exceed the family's. */
static inline struct prefix prefix_truncate(const struct prefix *p, uint8_t bits)
{
	struct prefix cut = *p;

	cut.high = bits == 0 ? 0 : bits >= 64 ? p->high : p->high & ~(UINT64_MAX >> bits);
	cut.low = bits <= 64 ? 0 : bits >= 128 ? p->low : p->low & ~(UINT64_MAX >> (bits - 64));
	cut.bits = bits;
	return cut;
}

/* Whether `inner` lies at or below `outer`. */
static inline bool prefix_contains(const struct prefix *outer, const struct prefix *inner)
{
	struct prefix cut;

	if (outer->family != inner->family || outer->bits > inner->bits)
		return false;
	cut = prefix_truncate(inner, outer->bits);
	return cut.high == outer->high && cut.low == outer->low;
}

/* The name one label up; `p->bits` must not be 0 and must be on a label. */
static inline struct prefix prefix_parent(const struct prefix *p)
{
	return prefix_truncate(p, p->bits - (p->family == ARPA_FAMILY_IPV4 ? 8 : 4));
}

#endif
