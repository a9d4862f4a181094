/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader's half. No lock, no retry, no write: at most one pass over one array a key. */
#include "dataplane/records/table.h"

#include "dataplane/records/table_layout.h"

#include "dataplane/hot.h"

enum {
	BULK_MAX = 64,
	/*
	 * Owners between the three fetches of one search: bucket, page or record, entry. So at most
	 * three times this are in flight, most of them in a cache; more than the 16 to 22 line-fill
	 * buffers would stall.
	 */
	PREFETCH_AHEAD = 10,
};

/* In ip6.arpa a page also speaks for the names between its network and its hosts. */
enum { NIBBLE_BITS = 124 };

static const struct record empty_nonterminal;

static uint64_t slot_load(const struct bucket *bucket, unsigned i)
{
	/* Pairs with slot_store's release. */
	return atomic_load_explicit(&bucket->slot[i], memory_order_acquire);
}

static const struct buckets *live_buckets(const struct table *table, uint64_t hash)
{
	/* Pairs with the release in shard_switch. */
	return atomic_load_explicit(&table_shard(table, hash)->live, memory_order_acquire);
}

static bool search_ends(const struct bucket *bucket)
{
	return atomic_load_explicit(&bucket->passed, memory_order_acquire) == 0;
}

static const struct record *find_record(
	const struct buckets *buckets, uint64_t hash, const struct owner *owner)
{
	uint64_t tag = slot_tag(hash);

	/* The bound is only for a table whose every bucket was passed; searches end far earlier. */
	for (uint64_t n = 0; n <= buckets->mask; n++) {
		const struct bucket *b = &buckets->bucket[(hash + n) & buckets->mask];

		for (unsigned left = bucket_tagged(b, tag); left != 0; left &= left - 1) {
			uint64_t slot = slot_load(b, (unsigned)__builtin_ctz(left));

			if (slot_is_record(slot, tag, owner))
				return slot_entry(slot);
		}
		if (search_ends(b))
			break;
	}
	return NULL;
}

/* Whether the entry, whose tag is right, is the page of an address of ip6.arpa: hosts_key's. */
static inline bool is_ipv6_page(const struct hosts *hosts, const struct prefix *address)
{
	return ((hosts->high ^ address->high) | (hosts->low ^ (address->low & ~UINT64_C(0xff))) |
		       (unsigned)(hosts->family ^ (ARPA_FAMILY_IPV6 | HOSTS_FAMILY)) |
		       (unsigned)(hosts->bits ^ 120)) == 0;
}

static inline const struct hosts *find_page(
	const struct buckets *buckets, uint64_t hash, const struct prefix *address)
{
	uint64_t tag = slot_tag(hash);

	for (uint64_t n = 0; n <= buckets->mask; n++) {
		const struct bucket *b = &buckets->bucket[(hash + n) & buckets->mask];

		for (unsigned left = bucket_tagged(b, tag); left != 0; left &= left - 1) {
			uint64_t slot = slot_load(b, (unsigned)__builtin_ctz(left));

			if (slot_is_tagged(slot, tag) && is_ipv6_page(slot_entry(slot), address))
				return slot_entry(slot);
		}
		if (search_ends(b))
			break;
	}
	return NULL;
}

/* ---- What an owner has ---- */

static const struct hosts *ipv4_page(const struct table *table, const struct owner *owner)
{
	/* Pairs with index_store's release. */
	return atomic_load_explicit(table_ipv4_page(table, &owner->prefix), memory_order_acquire);
}

static const struct hosts *ipv6_page(const struct table *table, const struct owner *owner)
{
	const struct prefix key = hosts_key(&owner->prefix);
	uint64_t hash = hash_prefix(&table->key, &key);

	return find_page(live_buckets(table, hash), hash, &owner->prefix);
}

static struct found found_entry(const struct hosts *hosts, unsigned number)
{
	return (struct found){.hosts = hosts, .entry = hosts_entry(hosts, number)};
}

static bool is_nibble(const struct owner *owner)
{
	return owner->prefix.bits == NIBBLE_BITS && owner->prefix.family == ARPA_FAMILY_IPV6 &&
		owner->rest_bytes == 0;
}

/*
 * The name above 16 hosts that a page may have, where it has no record: it exists as long as one of
 * them. A host may have moved from the page to a record, and so the name got one, after that was
 * looked for; hence the second look.
 */
static struct found find_nibble(const struct table *table, const struct owner *owner, uint64_t hash)
{
	const struct hosts *hosts = ipv6_page(table, owner);

	if (hosts && hosts_have_nibble(hosts, hosts_number(&owner->prefix)))
		return (struct found){.record = &empty_nonterminal};
	return (struct found){.record = find_record(live_buckets(table, hash), hash, owner)};
}

/* Where no page has it: a record of its own, or what a page says of the name between. */
static struct found find_rest(const struct table *table, const struct owner *owner, uint64_t hash)
{
	struct found found = {.record = find_record(live_buckets(table, hash), hash, owner)};

	if (!found.record && is_nibble(owner))
		return find_nibble(table, owner, hash);
	return found;
}

struct found table_find(const struct table *table, const struct owner *owner)
{
	if (hosts_may_hold(owner)) {
		const struct hosts *hosts = owner->prefix.family == ARPA_FAMILY_IPV4
			? ipv4_page(table, owner)
			: ipv6_page(table, owner);
		unsigned number = hosts_number(&owner->prefix);

		if (hosts && hosts_have(hosts, number))
			return found_entry(hosts, number);
	}
	return find_rest(table, owner, hash_owner(&table->key, owner));
}

const struct record *found_record(
	const struct found *found, const struct owner *owner, struct record_space *space)
{
	struct record *record = (void *)space;
	struct rendered *set = (struct rendered *)record->body;
	struct host_ptr ptr;

	if (!found->entry)
		return found->record;
	ptr = hosts_read(found->hosts, found->entry);
	*record = (struct record){.prefix = owner->prefix, .sets = 1};
	set->type = WIRE_TYPE_PTR;
	set->count = 1;
	set->wire_bytes = (uint32_t)host_ptr_bytes(&ptr);
	record->body_bytes = (uint32_t)(sizeof(*set) + ((set->wire_bytes + 3) & ~3u));
	hosts_write(set->wire, &ptr);
	return record;
}

/* ---- Many at once ---- */

/* What one search of a bulk looks for now. */
enum aim { AIM_NOTHING, AIM_RECORD, AIM_IPV4_PAGE, AIM_IPV6_PAGE, AIM_NIBBLE };

/* Where it stands. */
struct search {
	enum aim aim;
	uint64_t hash;		       /* of the record or the IPv6 page */
	const struct buckets *buckets; /* that it is searched for in */
};

static void aim_at(struct search *search, enum aim aim, const struct table *table, uint64_t hash)
{
	search->aim = aim;
	search->hash = hash;
	search->buckets = live_buckets(table, hash);
	__builtin_prefetch(&search->buckets->bucket[hash & search->buckets->mask]);
}

static void search_start(
	struct search *search, const struct table *table, const struct owner *owner)
{
	search->aim = AIM_NOTHING;
	if (!owner)
		return;
	if (!hosts_may_hold(owner) && !is_nibble(owner)) {
		aim_at(search, AIM_RECORD, table, hash_owner(&table->key, owner));
	} else if (owner->prefix.family == ARPA_FAMILY_IPV4) {
		search->aim = AIM_IPV4_PAGE;
		__builtin_prefetch(table_ipv4_page(table, &owner->prefix));
	} else {
		const struct prefix key = hosts_key(&owner->prefix);

		aim_at(search, is_nibble(owner) ? AIM_NIBBLE : AIM_IPV6_PAGE, table,
			hash_prefix(&table->key, &key));
	}
}

/* The home bucket is here by now: have what its tag points to fetched too. */
static void fetch_tagged(const struct search *search)
{
	const struct bucket *b = &search->buckets->bucket[search->hash & search->buckets->mask];
	unsigned tagged = bucket_tagged(b, slot_tag(search->hash));
	const uint8_t *entry;

	if (tagged == 0)
		return;
	entry = slot_entry(
		atomic_load_explicit(&b->slot[__builtin_ctz(tagged)], memory_order_relaxed));
	__builtin_prefetch(entry);
	if (search->aim == AIM_RECORD)
		__builtin_prefetch(entry + 64);
}

static void search_fetch(
	const struct search *search, const struct table *table, const struct owner *owner)
{
	if (search->aim == AIM_IPV4_PAGE)
		__builtin_prefetch(ipv4_page(table, owner));
	else if (search->aim != AIM_NOTHING)
		fetch_tagged(search);
}

static const struct hosts *search_page(
	const struct search *search, const struct table *table, const struct owner *owner)
{
	if (search->aim == AIM_IPV4_PAGE)
		return ipv4_page(table, owner);
	return find_page(search->buckets, search->hash, &owner->prefix);
}

/* The page is here: have the entry fetched, or the bucket where a record of its own would be. */
static void search_entry(struct search *search, const struct table *table,
	const struct owner *owner, struct found *found)
{
	const struct hosts *hosts;
	unsigned number;

	found->record = NULL;
	found->hosts = NULL;
	found->entry = NULL;
	if (search->aim <= AIM_RECORD)
		return;
	if (search->aim == AIM_NIBBLE) {
		/* Its record comes first, but is rare: what its page says was worth fetching. */
		aim_at(search, AIM_RECORD, table, hash_owner(&table->key, owner));
		return;
	}
	hosts = search_page(search, table, owner);
	number = hosts_number(&owner->prefix);
	if (!hosts || !hosts_have(hosts, number)) {
		aim_at(search, AIM_RECORD, table, hash_owner(&table->key, owner));
		return;
	}
	/* Not found_entry's copy: to load what was stored in pieces a moment ago would wait. */
	found->hosts = hosts;
	found->entry = hosts_entry(hosts, number);
	__builtin_prefetch(found->entry);
	/* Copies go in whole steps: the last line that they read, not that the entry ends in. */
	__builtin_prefetch(found->entry +
		((hosts->stride + HOSTS_COPY_BYTES - 1u) & ~(HOSTS_COPY_BYTES - 1u)));
	search->aim = AIM_NOTHING;
}

static void find_some(const struct table *table, const struct owner *const *owners,
	struct found *found, unsigned n)
{
	struct search search[BULK_MAX];

	for (unsigned i = 0; i < n + 3 * PREFETCH_AHEAD; i++) {
		unsigned fetch = i - PREFETCH_AHEAD, page = i - 2 * PREFETCH_AHEAD,
			 last = i - 3 * PREFETCH_AHEAD;

		/* Before its turn a difference wraps round, and is large. */
		if (i < n)
			search_start(&search[i], table, owners[i]);
		if (fetch < n)
			search_fetch(&search[fetch], table, owners[fetch]);
		if (page < n)
			search_entry(&search[page], table, owners[page], &found[page]);
		if (last < n && search[last].aim == AIM_RECORD)
			found[last] = find_rest(table, owners[last], search[last].hash);
	}
}

void table_find_bulk(const struct table *table, const struct owner *const *owners,
	struct found *found, unsigned n)
{
	while (n > 0) {
		unsigned some = n < BULK_MAX ? n : BULK_MAX;

		find_some(table, owners, found, some);
		owners += some;
		found += some;
		n -= some;
	}
}
