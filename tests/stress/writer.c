/* SPDX-License-Identifier: BSD-3-Clause */
/* The writer: batches of put, replace and remove, zones swapped now and then, all reclaimed. */
#include "tests/stress/stress.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BATCH_MAX = 16,
	LARGE_EVERY = 64,      /* batches */
	LARGE_BATCH = 512,     /* changes: a small shard begins and ends growing in one batch */
	ANCESTORS = 32,	       /* above an ip6.arpa host name */
	ZONE_EVERY = 4,	       /* batches */
	ZONE_SET_EVERY = 8,    /* batches */
	WAITING_MAX = 1 << 16, /* things; then the writer waits for the readers */
	CROWD_PHASE = 256,     /* batches */
	DRAIN_MAX = 256,       /* keys a batch */
};

static void check(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "stress: %s failed: no memory?\n", what);
	exit(1);
}

/* ---- One change ---- */

static void tell(struct stress *s, uint32_t key, uint64_t state)
{
	atomic_store_explicit(&s->state[key], state, memory_order_release);
}

/* Of what the table unlinked, the page is freed at once and all else after its grace period. */
static void free_early(struct writer *w, const struct hosts *page)
{
	struct unlinked thing;

	while (table_take_unlinked(w->stress->table, &thing, 1) == 1) {
		if (thing.memory == page)
			unlinked_free(&thing);
		else
			check(reclaim_add(w->reclaim, thing) == 0, "reclaim_add");
	}
}

/* A new page of the network: with the host's PTR record (`ptr`), or without it (NULL). */
static void change_page(struct writer *w, const struct prefix *host, const struct rrset *ptr)
{
	struct table *table = w->stress->table;
	const struct hosts *old = table_hosts(table, host);
	struct prefix key = hosts_key(host);
	struct hosts_edit edit;
	struct hosts *made;

	hosts_edit_begin(&edit, &key, old);
	if (ptr)
		hosts_edit_put(&edit, hosts_number(host), ptr->ttl, ptr->rdata + 2,
			(uint8_t)(ptr->rdata_bytes - 2));
	else
		hosts_edit_remove(&edit, hosts_number(host));
	if (hosts_edit_empty(&edit)) {
		table_remove_hosts(table, host);
	} else {
		made = hosts_edit_finish(&edit, table_hosts_pool(table));
		check(made, "hosts_edit_finish");
		table_put_hosts(table, made);
	}
	if (w->pages_early)
		free_early(w, old);
}

static bool is_in_page(struct writer *w, const struct owner *owner)
{
	const struct hosts *page;

	if (!hosts_may_hold(owner))
		return false;
	page = table_hosts(w->stress->table, &owner->prefix);
	return page && hosts_have(page, hosts_number(&owner->prefix));
}

/* As the control side does: a lone PTR into the page, unless the host has a record of its own. */
static void publish(struct writer *w, const struct owner *owner, const struct rrset *set)
{
	bool in_page = is_in_page(w, owner);
	struct record *record;

	if (hosts_may_hold(owner) && hosts_fit(set) && !table_has_record(w->stress->table, owner)) {
		change_page(w, &owner->prefix, set);
		w->pages++;
		return;
	}
	record = record_new(owner, set, 1);
	check(record, "record_new");
	table_put(w->stress->table, record);
	if (!in_page)
		return;
	change_page(w, &owner->prefix, NULL);
	w->moves++;
}

/* How often it was removed, in its place. */
static uint64_t removes_of(uint64_t was)
{
	return was >> STATE_REMOVES_SHIFT << STATE_REMOVES_SHIFT;
}

static void put(struct writer *w, uint32_t key)
{
	uint64_t was = atomic_load_explicit(&w->stress->state[key], memory_order_relaxed);
	uint64_t now = removes_of(was) | (uint64_t)++w->version << STATE_VERSION_SHIFT;
	struct owner owner = model_owner(key);
	uint8_t rdata[MODEL_WIRE_MAX];
	struct rrset set = model_rrset(key, w->version, rdata);

	tell(w->stress, key, now | (was & STATE_PRESENT) | STATE_BUSY);
	publish(w, &owner, &set);
	tell(w->stress, key, now | STATE_PRESENT);
	w->puts++;
}

static bool unpublish(struct writer *w, const struct owner *owner)
{
	if (!is_in_page(w, owner))
		return table_remove(w->stress->table, owner);
	change_page(w, &owner->prefix, NULL);
	return true;
}

static void remove_key(struct writer *w, uint32_t key)
{
	uint64_t was = atomic_load_explicit(&w->stress->state[key], memory_order_relaxed);
	uint64_t now = was + (UINT64_C(1) << STATE_REMOVES_SHIFT);
	struct owner owner = model_owner(key);

	tell(w->stress, key, now | STATE_BUSY | STATE_LEAVING);
	if (unpublish(w, &owner) != !!(was & STATE_PRESENT))
		stress_caught("lost: the writer's half disagrees", key, 0, was);
	tell(w->stress, key, now & ~(uint64_t)STATE_PRESENT);
	w->removes++;
}

/* In sixteenths: the crowd fills, and then empties. */
static unsigned puts_of(const struct writer *w, uint32_t key)
{
	if (model_permanent(key))
		return 16;
	if (model_crowd(key))
		return w->batches / CROWD_PHASE % 2 ? 1 : 15;
	return 9;
}

static void change(struct writer *w)
{
	uint32_t active = atomic_load_explicit(&w->stress->active, memory_order_relaxed);
	uint32_t key = model_random_key(&w->random, active);

	if (model_random(&w->random) % 16 < puts_of(w, key))
		put(w, key);
	else
		remove_key(w, key);
}

/* ---- Zones ---- */

static struct zones *zones_now(struct writer *w)
{
	/* The writer may write what it published: zones_replace. */
	return (struct zones *)atomic_load_explicit(
		&w->stress->serving.zones, memory_order_relaxed);
}

/* Readers that still hold it read nonsense, with and without a sanitizer. */
static void release_zone(void *memory)
{
	struct zone *zone = memory;

	memset(zone, 0xdb, sizeof(*zone) + zone->soa_bytes);
	zone_free(zone);
}

static void release_zones(void *memory)
{
	zones_free(memory);
}

static void replace_zone(struct writer *w)
{
	unsigned index = (unsigned)(model_random(&w->random) % MODEL_ZONES);
	struct zone *zone = model_zone(index, ++w->version);
	struct zone *old;

	check(zone, "model_zone");
	old = zones_replace(zones_now(w), zone);
	check(old, "zones_replace");
	atomic_store_explicit(&w->stress->zone_version[index], w->version, memory_order_release);
	check(reclaim_add(w->reclaim, (struct unlinked){old, release_zone}) == 0, "reclaim_add");
}

static void replace_zone_set(struct writer *w)
{
	struct zones *old = zones_now(w), *zones;
	struct zone *list[MODEL_ZONES];

	for (unsigned i = 0; i < MODEL_ZONES; i++)
		list[i] = zones_at(old, i);
	zones = zones_new(list, MODEL_ZONES);
	check(zones, "zones_new");
	serving_publish_zones(&w->stress->serving, zones);
	check(reclaim_add(w->reclaim, (struct unlinked){old, release_zones}) == 0, "reclaim_add");
}

void writer_zones_init(struct writer *w)
{
	struct zone *list[MODEL_ZONES];
	struct zones *zones;

	for (unsigned i = 0; i < MODEL_ZONES; i++) {
		list[i] = model_zone(i, ++w->version);
		check(list[i], "model_zone");
		atomic_store(&w->stress->zone_version[i], w->version);
	}
	zones = zones_new(list, MODEL_ZONES);
	check(zones, "zones_new");
	serving_publish_zones(&w->stress->serving, zones);
}

void writer_zones_fini(struct writer *w)
{
	struct zones *zones = zones_now(w);

	for (unsigned i = 0; i < MODEL_ZONES; i++)
		zone_free(zones_at(zones, i));
	zones_free(zones);
}

/* ---- Batches ---- */

static void finish_batch(struct writer *w)
{
	size_t waiting;

	check(reclaim_batch(w->reclaim, w->stress->table) == 0, "reclaim_batch");
	waiting = reclaim_poll(w->reclaim);
	if (waiting > w->freed_late)
		w->freed_late = waiting;
	while (waiting > WAITING_MAX) {
		sched_yield();
		waiting = reclaim_poll(w->reclaim);
	}
}

/* Removes keys that are out of play again: there is less and less, and the arrays shrink. */
static void drain(struct writer *w)
{
	uint32_t active = atomic_load_explicit(&w->stress->active, memory_order_relaxed);
	unsigned removed = 0;

	if (w->in_play < active)
		w->in_play = active;
	for (; w->in_play > active && removed < DRAIN_MAX; removed++)
		if (!model_permanent(--w->in_play))
			remove_key(w, w->in_play);
}

static void reserve(struct writer *w, unsigned changes)
{
	/* A page is an owner more, and may be new. */
	const struct table_room room = {.owners = (size_t)changes * 2,
		.ancestors = (size_t)changes * ANCESTORS + DRAIN_MAX,
		.named_ancestors = changes + DRAIN_MAX};
	size_t bytes = table_counts(w->stress->table).bytes;

	check(table_reserve(w->stress->table, &room) == 0, "table_reserve");
	w->grows += table_counts(w->stress->table).bytes > bytes;
	w->shrinks += table_counts(w->stress->table).bytes < bytes;
}

void writer_batch(struct writer *w)
{
	unsigned max = w->batches % LARGE_EVERY == 0 ? LARGE_BATCH : BATCH_MAX;
	unsigned n = 1 + (unsigned)(model_random(&w->random) % max);

	reserve(w, n);
	while (n-- > 0)
		change(w);
	drain(w);
	w->batches++;
	if (w->batches % ZONE_EVERY == 0)
		replace_zone(w);
	if (w->batches % ZONE_SET_EVERY == 0)
		replace_zone_set(w);
	finish_batch(w);
}

void writer_empty(struct writer *w)
{
	static const struct table_room room = {.ancestors = 1, .named_ancestors = 1};
	struct table_counts counts;

	for (uint32_t key = 0; key < MODEL_KEYS; key++) {
		check(table_reserve(w->stress->table, &room) == 0, "table_reserve");
		remove_key(w, key);
		if (key % BATCH_MAX == 0)
			finish_batch(w);
	}
	finish_batch(w);
	counts = table_counts(w->stress->table);
	if (counts.owners != 0 || counts.empty_nonterminals != 0)
		stress_caught("stale: an empty table has names", MODEL_KEYS, counts.owners,
			counts.empty_nonterminals);
}
