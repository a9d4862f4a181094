/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Nearly every RRset is a host's lone PTR: its key has one size and its value one item, so both are
 * checked by a few comparisons. It is told when the next key shows that the owner has no other.
 */
#include "control/store/store_feed.h"

#include "control/presentation.h"
#include "control/store/store_codec.h"
#include "control/store/store_lmdb.h"
#include "control/store/store_walk.h"

#include <stdio.h>
#include <string.h>

struct feeding {
	struct store *store;
	const struct owner *apex;
	const struct store_feed *feed;
	struct failure *failure;
	/* The owner being gathered: its key, and its RRsets so far. 0: none yet. */
	unsigned count;
	const uint8_t *key;
	size_t key_bytes;
	bool is_host;
	struct prefix host;	  /* where it is one */
	struct store_owner owner; /* where not */
	struct rrset rrset[STORE_FEED_SETS_MAX];
};

static int refuse_outside(struct feeding *feeding, const struct owner *owner)
{
	char text[PRESENTATION_NAME_BYTES], what[160];

	snprintf(what, sizeof(what), "the record at %.80s is outside its zone",
		presentation_write_owner(owner, text));
	return store_refuse_damage(feeding->store, what, feeding->failure);
}

/* Reads the owner key, which another than the last has. */
static int begin_owner(struct feeding *feeding, const uint8_t *key, size_t bytes)
{
	feeding->key = key;
	feeding->key_bytes = bytes;
	feeding->is_host = store_parse_host_key(key, bytes, &feeding->host);
	if (feeding->is_host && feeding->apex->rest_bytes == 0 &&
		prefix_contains(&feeding->apex->prefix, &feeding->host))
		return 0;
	if (store_parse_owner_key(key, bytes, &feeding->owner) != 0)
		return store_refuse_damage(feeding->store, "a key is unreadable", feeding->failure);
	if (!owner_contains(feeding->apex, &feeding->owner.owner))
		return refuse_outside(feeding, &feeding->owner.owner);
	return 0;
}

static struct owner gathered_owner(const struct feeding *feeding)
{
	return feeding->is_host ? owner_from_prefix(&feeding->host) : feeding->owner.owner;
}

static int tell(struct feeding *feeding)
{
	const struct store_feed *feed = feeding->feed;
	const struct rrset *first = &feeding->rrset[0];
	unsigned count = feeding->count;
	struct owner owner;

	if (count == 0)
		return 0;
	feeding->count = 0;
	if (feeding->is_host && count == 1 && first->type == WIRE_TYPE_PTR && first->count == 1)
		return feed->host(feed->context, &feeding->host, first->ttl, first->rdata + 2,
			first->rdata_bytes - 2);
	owner = gathered_owner(feeding);
	return feed->owner(feed->context, &owner, feeding->rrset, count);
}

/* Adds the RRset to its owner's. */
static int add_rrset(struct feeding *feeding, const struct store_entry *entry)
{
	uint16_t type = wire_get16(entry->key + entry->key_bytes - 2);
	struct stored stored;
	struct owner owner;

	if (feeding->count == STORE_FEED_SETS_MAX)
		return store_refuse_damage(
			feeding->store, "an owner has too many types", feeding->failure);
	if (type == WIRE_TYPE_PTR &&
		store_parse_lone_ptr(
			entry->value, entry->value_bytes, &feeding->rrset[feeding->count])) {
		feeding->count++;
		return 0;
	}
	if (store_parse_value(type, entry->value, entry->value_bytes, &stored) == 0) {
		feeding->rrset[feeding->count++] = stored.rrset;
		return 0;
	}
	owner = gathered_owner(feeding);
	return store_refuse_value(feeding->store, &owner, type, feeding->failure);
}

static int take(struct feeding *feeding, const struct store_entry *entry)
{
	size_t bytes = entry->key_bytes - 2;
	int result;

	if (feeding->count == 0 || bytes != feeding->key_bytes ||
		memcmp(entry->key, feeding->key, bytes) != 0) {
		result = tell(feeding);
		if (result == 0)
			result = begin_owner(feeding, entry->key, bytes);
		if (result != 0)
			return result;
	}
	return add_rrset(feeding, entry);
}

int store_feed_zone(struct store *store, uint32_t zone, const struct owner *apex,
	const struct store_feed *feed, size_t *rrsets, struct failure *failure)
{
	struct feeding feeding = {.store = store, .apex = apex, .feed = feed, .failure = failure};
	struct store_entry entry;
	struct store_walk *walk;
	int result = 0, more = 1;

	*rrsets = 0;
	if (store_walk_open(store, zone, &walk, failure) != 0)
		return -1;
	while (result == 0 && (more = store_walk_next(walk, &entry, failure)) == 1) {
		++*rrsets;
		result = take(&feeding, &entry);
	}
	if (result == 0)
		result = more < 0 ? -1 : tell(&feeding);
	store_walk_close(walk);
	return result;
}
