/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hosts of one network, a /24 of in-addr.arpa or a /120 of ip6.arpa, that have one PTR record
 * and nothing else: nearly all that a reverse zone holds. They stand in one immutable page, an
 * entry each, so that a name costs little more than the bytes in which it differs from its
 * neighbours'. A change makes a new page (hosts_writer.h); readers see the old one or the new one.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_HOSTS_H
#define ARPAD_DATAPLANE_RECORDS_HOSTS_H

#include "dataplane/dns/owner.h"
#include "dataplane/dns/wire.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HOSTS_MAX = 256,	    /* of one page */
	HOSTS_FAMILY = 0x80,	    /* or'ed to the family of a page's key: it is no owner */
	HOSTS_RR_HEAD_BYTES = 10,   /* owner pointer to TTL */
	HOSTS_COPY_BYTES = 16,	    /* copies go in steps of this, and so read past the end */
	HOSTS_NAME_MAX_BYTES = 64,  /* root label included; a longer name gets a struct record */
	HOSTS_ENTRY_HEAD = 0x3f,    /* an entry's first octet: the bytes of its head, or'ed with */
	HOSTS_ENTRY_WHOLE = 0x40,   /* the name does not end in the page's suffix but in the root */
	HOSTS_ENTRY_OWN_TTL = 0x80, /* the TTL follows, 4 octets, big endian */
};

/* What the entries of a page have in common; many pages share one. Immutable. */
struct hosts_shared {
	uint8_t rr[HOSTS_RR_HEAD_BYTES]; /* 0xC00C, PTR, IN, the TTL */
	uint8_t suffix_bytes;		 /* 1..255, the root label included */
	uint8_t suffix[];		 /* the last labels; HOSTS_COPY_BYTES more are readable */
};

/*
 *   line 0 | key 18 | stride, ranks 4 | present 32 | shared 8 |   line 1.. | unlinked | entries ...
 *
 * Entry number k is of the host of the kth bit in `present`: | head bytes, flags | TTL | head |,
 * padded to `stride`. HOSTS_COPY_BYTES behind the last one are readable.
 */
struct hosts {
	/* As in struct prefix: the table finds records and pages by what they begin with. */
	alignas(64) uint64_t high;
	uint64_t low;
	uint8_t family;	     /* ARPA_FAMILY_*, or'ed with HOSTS_FAMILY */
	uint8_t bits;	     /* 24 or 120 */
	uint8_t stride;	     /* and, read with it as one word: */
	uint8_t rank[3];     /* entries before hosts 64, 128 and 192 */
	uint64_t present[4]; /* which hosts have an entry */
	const struct hosts_shared *shared;
	struct hosts *unlinked; /* writer: the next one that awaits its grace period */
	uint8_t entry[];
};
static_assert(offsetof(struct hosts, unlinked) == 64, "what a search reads is one line");
static_assert(offsetof(struct hosts, family) == offsetof(struct prefix, family) &&
		offsetof(struct hosts, bits) == offsetof(struct prefix, bits),
	"a page begins like a prefix");

/* Whether `owner` is the name of one address, and so may stand in a page. */
static inline bool hosts_may_hold(const struct owner *owner)
{
	return owner->rest_bytes == 0 && prefix_is_host(&owner->prefix) &&
		owner->prefix.family != OWNER_NO_FAMILY;
}

/* The key of the page that holds `address`, or, in ip6.arpa, the nibble above it. */
static inline struct prefix hosts_key(const struct prefix *address)
{
	if (address->family == ARPA_FAMILY_IPV4)
		return (struct prefix){.high = address->high & ~(UINT64_C(0xff) << 32),
			.family = ARPA_FAMILY_IPV4 | HOSTS_FAMILY,
			.bits = 24};
	return (struct prefix){.high = address->high,
		.low = address->low & ~UINT64_C(0xff),
		.family = ARPA_FAMILY_IPV6 | HOSTS_FAMILY,
		.bits = 120};
}

static inline bool hosts_same_page(const struct prefix *a, const struct prefix *b)
{
	const struct prefix x = hosts_key(a), y = hosts_key(b);

	return prefix_equal(&x, &y);
}

/* The network that a page's key is of. */
static inline struct prefix hosts_network(const struct prefix *key)
{
	struct prefix network = *key;

	network.family &= (uint8_t)~HOSTS_FAMILY;
	return network;
}

/* The number of an address in its page. */
static inline unsigned hosts_number(const struct prefix *address)
{
	uint64_t bits = address->family == ARPA_FAMILY_IPV4 ? address->high >> 32 : address->low;

	return (unsigned)bits & 0xff;
}

/* The address behind `address`, which is not its page's last. */
static inline struct prefix hosts_next(const struct prefix *address)
{
	struct prefix next = *address;

	if (address->family == ARPA_FAMILY_IPV4)
		next.high += UINT64_C(1) << 32;
	else
		next.low++;
	return next;
}

static inline struct prefix hosts_page_key(const struct hosts *hosts)
{
	return (struct prefix){hosts->high, hosts->low, hosts->family, hosts->bits};
}

static inline bool hosts_have(const struct hosts *hosts, unsigned number)
{
	return hosts->present[number / 64] >> number % 64 & 1;
}

/* Whether the page has any of the 16 hosts below a nibble, `first` being the lowest of them. */
static inline bool hosts_have_nibble(const struct hosts *hosts, unsigned first)
{
	return (hosts->present[first / 64] >> first % 64 & 0xffff) != 0;
}

/* How many entries stand before that of host `number`. */
static inline unsigned hosts_rank(const struct hosts *hosts, unsigned number)
{
	uint64_t below = hosts->present[number / 64] & ((UINT64_C(1) << number % 64) - 1);
	uint32_t ranks;

	/* stride and rank[] as one word: a load and a shift, and no branch to mispredict. */
	memcpy(&ranks, &hosts->stride, sizeof(ranks));
	ranks &= ~UINT32_C(0xff);
	return (ranks >> number / 64 * 8 & 0xff) + (unsigned)__builtin_popcountll(below);
}

/* The entry of a host that the page has. */
static inline const uint8_t *hosts_entry(const struct hosts *hosts, unsigned number)
{
	return hosts->entry + hosts_rank(hosts, number) * hosts->stride;
}

/* One PTR record, in pieces; all borrowed as the page is. */
struct host_ptr {
	const uint8_t *rr;  /* HOSTS_RR_HEAD_BYTES: 0xC00C to TTL, but for the TTL where */
	const uint8_t *ttl; /* it has its own: 4 octets; else NULL */
	const uint8_t *head;
	const uint8_t *suffix; /* HOSTS_COPY_BYTES past the end of either are readable */
	uint8_t head_bytes, suffix_bytes;
};

static inline struct host_ptr hosts_read(const struct hosts *hosts, const uint8_t *entry)
{
	static const uint8_t root[1 + HOSTS_COPY_BYTES];
	const struct hosts_shared *shared = hosts->shared;
	uint8_t first = *entry++;
	struct host_ptr ptr = {.rr = shared->rr,
		.head = entry,
		.suffix = shared->suffix,
		.head_bytes = first & HOSTS_ENTRY_HEAD,
		.suffix_bytes = shared->suffix_bytes};

	if (first & HOSTS_ENTRY_OWN_TTL) {
		ptr.ttl = entry;
		ptr.head += 4;
	}
	if (first & HOSTS_ENTRY_WHOLE) {
		ptr.suffix = root;
		ptr.suffix_bytes = 1;
	}
	return ptr;
}

/* The bytes that hosts_write writes for good; it may write HOSTS_COPY_BYTES - 1 more behind them.
 */
static inline size_t host_ptr_bytes(const struct host_ptr *ptr)
{
	return 2u + WIRE_RR_FIXED + ptr->head_bytes + ptr->suffix_bytes;
}

/* In whole steps: a few plain moves where memcpy would be a call. */
static inline void hosts_copy(uint8_t *to, const uint8_t *from, unsigned bytes)
{
	for (unsigned at = 0; at < bytes; at += HOSTS_COPY_BYTES)
		memcpy(to + at, from + at, HOSTS_COPY_BYTES);
}

/* Writes the RR, its owner the pointer 0xC00C. */
static inline void hosts_write(uint8_t *to, const struct host_ptr *ptr)
{
	memcpy(to, ptr->rr, HOSTS_RR_HEAD_BYTES);
	if (ptr->ttl)
		memcpy(to + 6, ptr->ttl, 4);
	wire_put16(to + HOSTS_RR_HEAD_BYTES, (uint16_t)(ptr->head_bytes + ptr->suffix_bytes));
	to += 2 + WIRE_RR_FIXED;
	hosts_copy(to, ptr->head, ptr->head_bytes);
	hosts_copy(to + ptr->head_bytes, ptr->suffix, ptr->suffix_bytes);
}

#endif
