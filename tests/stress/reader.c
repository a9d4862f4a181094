/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A reader: searches one by one, in bulk, through pipeline_run and through respond, holds what it
 * found for a while, and checks each against what the writer told before and after the search.
 */
#include "dataplane/dns/wire.h"
#include "dataplane/pipeline.h"
#include "dataplane/respond.h"
#include "tests/stress/stress.h"

#include <sched.h>
#include <string.h>

enum {
	BULK_MAX = 100, /* more than table_find_bulk does at once */
	/* Searches between two quiescent states, of the kinds that need many to meet a change. */
	AGAIN = 256,
	BLIND = 64,
	MESSAGES = 64,
	BUFFER_BYTES = 1500,
	HEADERS = 14 + 20 + 8,
};

/* One search of one key. */
struct probe {
	uint32_t key;
	struct owner owner;
	uint64_t before, after; /* the key's state, at the two looks round the search */
	bool child_before;	/* a permanent child of an inner key was present */
};

static uint64_t state_of(struct stress *s, uint32_t key)
{
	return atomic_load_explicit(&s->state[key], memory_order_acquire);
}

static bool stable(uint64_t before, uint64_t after)
{
	return before == after && !(before & STATE_BUSY);
}

static void look_before(struct reader *r, struct probe *p, uint32_t key)
{
	p->key = key;
	p->owner = model_owner(key);
	p->before = state_of(r->stress, key);
	p->child_before = model_inner(key) && model_permanent(model_child(key)) &&
		(state_of(r->stress, model_child(key)) & STATE_PRESENT);
}

static uint32_t random_key(struct reader *r)
{
	return model_random_key(
		&r->random, atomic_load_explicit(&r->stress->active, memory_order_relaxed));
}

/* The rules of the game, for a search that returned `version` (or nothing, `found` false). */
static void judge(struct reader *r, const struct probe *p, bool found, uint32_t version)
{
	uint32_t oldest = state_version(p->before);

	r->searches++;
	if (found) {
		r->hits++;
		if (version < r->seen[p->key])
			stress_caught("stale: older than before", p->key, version, r->seen[p->key]);
		r->seen[p->key] = version;
		if (!(p->before & STATE_BUSY) && !(p->before & STATE_PRESENT) && version <= oldest)
			stress_caught("stale: found after removal", p->key, version, oldest);
		if (!(p->before & STATE_BUSY) && version < oldest)
			stress_caught("stale: older than done", p->key, version, oldest);
		if (version > state_version(p->after))
			stress_caught("torn: a version never put", p->key, version, p->after);
	}
	if (!found && state_stayed(p->before, p->after))
		stress_caught("lost: a key that was there", p->key, p->after, p->before);
	if (!stable(p->before, p->after))
		return;
	r->exact++;
	if (found != !!(p->before & STATE_PRESENT))
		stress_caught(found ? "stale: not removed" : "lost", p->key, version, p->before);
}

/* Whether what was found belongs to `name`: the key of the record, or of the page. */
static bool is_of(const struct found *found, const struct owner *name)
{
	struct prefix key, its;
	struct owner owner;

	if (found->entry) {
		key = hosts_page_key(found->hosts);
		its = hosts_key(&name->prefix);
		return hosts_may_hold(name) && prefix_equal(&key, &its);
	}
	owner = record_owner(found->record);
	return owner_equal(&owner, name);
}

static void judge_found(struct reader *r, const struct probe *p, const struct found *found)
{
	struct record_space space;
	const struct record *record = found_record(found, &p->owner, &space);
	const struct rendered *set = NULL;
	uint32_t version = 0;

	if (record) {
		if (!is_of(found, &p->owner) || record->sets > 1)
			stress_caught("torn: owner or sets", p->key, record->sets, p->before);
		set = record_rrset(record, WIRE_TYPE_PTR);
		if (!set && record->sets != 0)
			stress_caught("torn: no PTR", p->key, record->sets, p->before);
	}
	if (set && !model_read(p->key, set->wire, set->wire_bytes, &version))
		stress_caught("torn: bytes of no version", p->key, set->wire_bytes, p->before);
	if (!record && p->child_before)
		stress_caught("lost: the name above a permanent key", p->key, 0, p->before);
	if (record && record->sets == 0 && !model_inner(p->key))
		stress_caught("torn: a host without RRsets", p->key, 0, p->before);
	judge(r, p, set != NULL, version);
}

/* Holding is allowed until the next quiescent state: have the writer run meanwhile. */
static void dawdle(struct reader *r)
{
	if (model_random(&r->random) % 8 == 0)
		sched_yield();
}

/* ---- The kinds of search ---- */

static bool exists(const struct table *table, const struct owner *name)
{
	struct found found = table_find(table, name);

	return found_exists(&found);
}

/*
 * Whether every ancestor of `name` exists, if what was `found` is there all the while. Until the
 * next quiescent state no address is used again, so the same at the end was never gone.
 */
static void check_ancestors(
	struct reader *r, const struct owner *name, const struct found *found, uint32_t key)
{
	const struct table *table = r->stress->table;
	struct owner at = *name;
	struct found again;
	bool whole = true;

	while (owner_parent(&at, &at))
		whole &= exists(table, &at);
	again = table_find(table, name);
	if (!whole && again.record == found->record && again.entry == found->entry)
		stress_caught("lost: an ancestor", key, owner_depth(name), 0);
	r->ancestors++;
}

static void search_single(struct reader *r)
{
	struct found found;
	struct probe p;

	look_before(r, &p, random_key(r));
	found = table_find(r->stress->table, &p.owner);
	p.after = state_of(r->stress, p.key);
	dawdle(r);
	judge_found(r, &p, &found);
}

/*
 * Without a look at the state, and so without its ordering: what the table itself promises is all
 * that a whole record and a whole tree can come from. Any depth: empty non-terminals too.
 */
static void search_blind_once(struct reader *r)
{
	uint32_t key = random_key(r), version;
	struct owner owner = model_owner(key);
	unsigned up = (unsigned)(model_random(&r->random) % 4);
	struct owner name = owner_ancestor(&owner, owner_depth(&owner) - up);
	const struct found found = table_find(r->stress->table, &name);
	struct record_space space;
	const struct record *record;
	const struct rendered *set;

	r->searches++;
	if (!found_exists(&found))
		return;
	r->hits++;
	record = found_record(&found, &name, &space);
	set = record_rrset(record, WIRE_TYPE_PTR);
	if ((record->sets > 0 && !is_of(&found, &name)) ||
		(up == 0 && set && !model_read(key, set->wire, set->wire_bytes, &version)))
		stress_caught("torn: found blindly", key, record->sets, 0);
	check_ancestors(r, &name, &found, key);
}

static void search_blind(struct reader *r)
{
	for (unsigned i = 0; i < BLIND; i++)
		search_blind_once(r);
}

/* One key that is replaced all the time must not flicker: no state in between is ever seen. */
static void search_again(struct reader *r)
{
	uint32_t key = (uint32_t)(model_random(&r->random) % MODEL_FAMILY);
	struct owner owner = model_owner(key);

	if (!model_permanent(key) || !(state_of(r->stress, key) & STATE_PRESENT))
		return;
	for (unsigned i = 0; i < AGAIN; i++)
		if (!exists(r->stress->table, &owner))
			stress_caught("lost: a key that is never removed", key, i, 0);
	r->searches += AGAIN;
	r->hits += AGAIN;
}

static void search_bulk(struct reader *r)
{
	unsigned n = 1 + (unsigned)(model_random(&r->random) % BULK_MAX);
	const struct owner *owner[BULK_MAX];
	struct found found[BULK_MAX];
	struct probe probe[BULK_MAX];

	for (unsigned i = 0; i < n; i++) {
		look_before(r, &probe[i], random_key(r));
		owner[i] = i % 16 == 15 ? NULL : &probe[i].owner;
	}
	table_find_bulk(r->stress->table, owner, found, n);
	for (unsigned i = 0; i < n; i++)
		probe[i].after = state_of(r->stress, probe[i].key);
	for (unsigned i = 0; i < n; i++) {
		dawdle(r);
		if (owner[i])
			judge_found(r, &probe[i], &found[i]);
		else if (found_exists(&found[i]))
			stress_caught("torn: found nothing's record", probe[i].key, 0, 0);
	}
}

/*
 * The ancestor with `bits` bits of the `keys` keys from `first` on, which are all that is below it
 * or at it, exists exactly as long as one of them.
 */
static void check_inner(struct reader *r, uint32_t first, unsigned keys, uint8_t bits)
{
	struct owner host = model_owner(first);
	struct owner name = {.prefix = prefix_truncate(&host.prefix, bits)};
	uint64_t before[MODEL_NIBBLE];
	bool found, any = false, all_stable = true;

	for (unsigned k = 0; k < keys; k++)
		before[k] = state_of(r->stress, first + k);
	found = exists(r->stress->table, &name);
	for (unsigned k = 0; k < keys; k++) {
		uint64_t after = state_of(r->stress, first + k);

		all_stable &= stable(before[k], after);
		any |= state_stayed(before[k], after);
	}
	r->ancestors++;
	if (any && !found)
		stress_caught("lost: an empty non-terminal", first, bits, 0);
	if (all_stable && !any && found)
		stress_caught("stale: an empty non-terminal", first, bits, 0);
}

/*
 * The /24 of a family's keys 0 to 4, the /64 of 5 to 7; the /96 between that and keys 5 and 6, and
 * the /124 above these, which has no record while they stand in a page; one of the crowd's.
 */
static void search_tree(struct reader *r)
{
	static const struct {
		uint8_t first, keys, bits;
	} tree[] = {{0, 5, 24}, {5, 3, 64}, {5, 2, 96}, {5, 2, 124}};
	uint64_t n = model_random(&r->random);
	uint32_t key = random_key(r);

	if (model_crowd(key)) {
		key = MODEL_CROWD + HOSTS_MAX + n % HOSTS_MAX / MODEL_NIBBLE * MODEL_NIBBLE;
		check_inner(r, key, MODEL_NIBBLE, 124);
		return;
	}
	n %= sizeof(tree) / sizeof(tree[0]);
	check_inner(
		r, key / MODEL_FAMILY * MODEL_FAMILY + tree[n].first, tree[n].keys, tree[n].bits);
}

/* ---- Whole messages ---- */

static size_t put_message(struct reader *r, const struct owner *owner, uint8_t *message)
{
	size_t at = WIRE_HEADER_BYTES;

	memset(message, 0, WIRE_HEADER_BYTES);
	wire_put16(message + WIRE_ID, (uint16_t)model_random(&r->random));
	wire_put16(message + WIRE_QDCOUNT, 1);
	at += owner_write(owner, message + at);
	wire_put16(message + at, WIRE_TYPE_PTR);
	wire_put16(message + at + 2, WIRE_CLASS_IN);
	return at + WIRE_QUESTION_FIXED;
}

/* Over IPv4, without a UDP checksum (RFC 768), from 198.18.0.2 to 198.18.0.1. */
static size_t put_frame(struct reader *r, const struct owner *owner, uint8_t *frame)
{
	static const uint8_t headers[HEADERS] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, /* */
		0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 198, 18, 0, 2, 198, 18, 0, 1,	   /* */
		4, 0, 0, 53};
	size_t bytes = put_message(r, owner, frame + HEADERS);
	uint32_t sum = 0;

	memcpy(frame, headers, HEADERS);
	wire_put16(frame + 16, (uint16_t)(HEADERS - 14 + bytes));
	wire_put16(frame + 38, (uint16_t)(8 + bytes));
	for (unsigned i = 14; i < 34; i += 2)
		sum += wire_get16(frame + i);
	sum = (sum & 0xffff) + (sum >> 16);
	wire_put16(frame + 24, (uint16_t) ~(sum + (sum >> 16)));
	return HEADERS + bytes;
}

static void judge_soa(struct reader *r, const struct probe *p, const uint8_t *soa, size_t bytes,
	const uint32_t *zone_before)
{
	unsigned zone = p->owner.prefix.family == ARPA_FAMILY_IPV6;
	uint32_t version;

	if (!model_read_soa(zone, soa, bytes, &version))
		stress_caught("torn: SOA", p->key, bytes, p->before);
	if (version < zone_before[zone] || version < r->zone_seen[zone])
		stress_caught("stale: SOA", p->key, version, r->zone_seen[zone]);
	r->zone_seen[zone] = version;
}

/* `message` holds a reply of `bytes` to a question that ends at `end`. */
static void judge_reply(struct reader *r, const struct probe *p, enum outcome outcome,
	const uint8_t *message, size_t bytes, size_t end, const uint32_t *zone_before)
{
	uint32_t version = 0;

	r->replies++;
	if (bytes < end)
		stress_caught("torn: reply without question", p->key, outcome, bytes);
	if (outcome == OUTCOME_ANSWERED) {
		if (!model_read(p->key, message + end, bytes - end, &version))
			stress_caught("torn: answer of no version", p->key, bytes, p->before);
	} else if (outcome == OUTCOME_NXDOMAIN || outcome == OUTCOME_NODATA) {
		if (outcome == OUTCOME_NXDOMAIN && p->child_before)
			stress_caught("lost: NXDOMAIN above a permanent key", p->key, 0, p->before);
		if (outcome == OUTCOME_NODATA && !model_inner(p->key))
			stress_caught("torn: NODATA at a host", p->key, 0, p->before);
		judge_soa(r, p, message + end + 2, bytes - end - 2, zone_before);
	} else {
		stress_caught("torn: an outcome that can't be", p->key, outcome, p->before);
	}
	judge(r, p, outcome == OUTCOME_ANSWERED, version);
}

static void zones_before(struct reader *r, uint32_t version[static MODEL_ZONES])
{
	for (unsigned i = 0; i < MODEL_ZONES; i++)
		version[i] =
			atomic_load_explicit(&r->stress->zone_version[i], memory_order_acquire);
}

static void ask_pipeline(struct reader *r)
{
	static _Thread_local struct burst burst;
	static _Thread_local struct counters counters;
	static const struct link link = {.mac = {2, 0, 0, 0, 0, 1}, .mtu_bytes = LINK_MTU_BYTES};
	static _Thread_local uint8_t buffer[BURST_MAX][BUFFER_BYTES];
	const struct pipeline pipeline = {
		.serving = &r->stress->serving,
		.link = &link,
		.counters = &counters,
	};
	struct probe probe[BURST_MAX];
	uint32_t zone_before[MODEL_ZONES];

	burst.n = 1 + (unsigned)(model_random(&r->random) % BURST_MAX);
	zones_before(r, zone_before);
	for (unsigned i = 0; i < burst.n; i++) {
		look_before(r, &probe[i], random_key(r));
		burst.frame[i] = buffer[i];
		burst.length[i] = (uint32_t)put_frame(r, &probe[i].owner, buffer[i]);
		burst.capacity[i] = BUFFER_BYTES;
	}
	pipeline_run(&pipeline, &burst);
	for (unsigned i = 0; i < burst.n; i++)
		probe[i].after = state_of(r->stress, probe[i].key);
	for (unsigned i = 0; i < burst.n; i++)
		judge_reply(r, &probe[i], burst.outcome[i], buffer[i] + HEADERS,
			burst.length[i] - HEADERS, burst.query[i].question_end, zone_before);
}

static void ask_respond_once(struct reader *r)
{
	static const uint8_t address[4] = {198, 18, 0, 2};
	const struct client client = {.address = address, .address_bytes = 4};
	uint8_t message[BUFFER_BYTES];
	uint32_t zone_before[MODEL_ZONES];
	size_t asked, replied;
	enum outcome outcome;
	struct probe p;

	zones_before(r, zone_before);
	look_before(r, &p, random_key(r));
	asked = put_message(r, &p.owner, message);
	replied = respond(&r->stress->serving, &client, message, asked, sizeof(message), &outcome);
	p.after = state_of(r->stress, p.key);
	judge_reply(r, &p, outcome, message, replied, asked, zone_before);
}

/* Several between two quiescent states, so that a new zone set meets a reader without any fence. */
static void ask_respond(struct reader *r)
{
	for (unsigned i = 0; i < MESSAGES; i++)
		ask_respond_once(r);
}

void *reader_main(void *reader)
{
	static void (*const kinds[])(struct reader *) = {search_blind, search_blind, search_single,
		search_again, search_bulk, search_tree, ask_pipeline, ask_pipeline, ask_respond};
	struct reader *r = reader;
	const struct grace_source *grace = &r->stress->grace;

	grace->online(grace->grace.context, r->index);
	while (!atomic_load_explicit(&r->stress->stop, memory_order_relaxed)) {
		kinds[model_random(&r->random) % (sizeof(kinds) / sizeof(kinds[0]))](r);
		grace->quiescent(grace->grace.context, r->index);
	}
	grace->offline(grace->grace.context, r->index);
	return NULL;
}
