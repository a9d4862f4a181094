/* SPDX-License-Identifier: BSD-3-Clause */
/* The model: open addressing without removal, so that it stays obvious. */
#include "tests/support/model.h"

#include "dataplane/dns/wire.h"

#include <stdlib.h>
#include <string.h>

static size_t mix(uint64_t word)
{
	word = (word ^ word >> 31) * 0x7fb5d329728ea185;
	word = (word ^ word >> 27) * 0x81dadef4bc2dd44d;
	return (size_t)(word ^ word >> 33);
}

static size_t room_for(size_t most)
{
	size_t slots = 16;

	while (slots < most * 2)
		slots *= 2;
	return slots;
}

static void (*release_of(struct table *table, const void *memory))(void *)
{
	struct unlinked thing;

	if (table_take_unlinked(table, &thing, 1) != 1 || thing.memory != memory)
		abort();
	unlinked_free(&thing);
	return thing.release;
}

static struct hosts *any_page(const struct table *table, const struct prefix *host)
{
	struct prefix key = hosts_key(host);
	struct hosts_edit edit;
	struct hosts *page;

	hosts_edit_begin(&edit, &key, NULL);
	hosts_edit_put(&edit, 0, 0, (const uint8_t *)"", 1);
	page = hosts_edit_finish(&edit, table_hosts_pool(table));
	if (!page)
		abort();
	return page;
}

/* How the table frees records and pages, which tells them from its arrays: a small one is asked. */
static void learn_release(struct model *model)
{
	static const uint8_t seed[TABLE_SEED_BYTES];
	static const struct owner top = {.prefix = {.family = ARPA_FAMILY_IPV4}};
	static const struct prefix host = {.family = ARPA_FAMILY_IPV4, .bits = 32};
	static const struct table_room room = {.owners = 2, .ancestors = 4};
	static const struct rrset set = {
		.type = 12, .count = 1, .rdata_bytes = 3, .rdata = (const uint8_t *)"\0\1"};
	struct table *table = table_new(1, seed);
	struct record *record = record_new(&top, &set, 1);
	struct hosts *page;

	if (!table || !record || table_reserve(table, &room) != 0)
		abort();
	table_put(table, record);
	table_remove(table, &top);
	model->release_record = release_of(table, record);
	page = any_page(table, &host);
	table_put_hosts(table, page);
	table_put_hosts(table, any_page(table, &host));
	model->release_hosts = release_of(table, page);
	table_free(table);
}

void model_open(struct model *model, size_t most_names)
{
	size_t slots = room_for(most_names);

	*model = (struct model){.mask = slots - 1, .due_mask = slots - 1};
	learn_release(model);
	model->slot = calloc(slots, sizeof(model->slot[0]));
	model->due = calloc(slots, sizeof(model->due[0]));
	if (!model->slot || !model->due)
		abort();
}

void model_close(struct model *model)
{
	for (size_t i = 0; i <= model->mask; i++) {
		free((void *)model->slot[i].name.rest);
		free(model->slot[i].ptr);
	}
	free(model->slot);
	free(model->due);
}

static size_t hash(const struct owner *name)
{
	const struct prefix *p = &name->prefix;
	size_t sum = mix(p->high ^ mix(p->low ^ mix(p->bits * 8u + p->family)));

	for (unsigned i = 0; i < name->rest_bytes; i++)
		sum = mix(sum ^ (name->rest[i] | 0x20)); /* cases collide: they are equal */
	return sum;
}

static struct model_name *slot_of(const struct model *model, const struct owner *name)
{
	size_t i = hash(name);

	for (i &= model->mask; model->slot[i].known; i = (i + 1) & model->mask)
		if (owner_equal(&model->slot[i].name, name))
			break;
	return &model->slot[i];
}

static struct model_name *entry(struct model *model, const struct owner *name)
{
	struct model_name *n = slot_of(model, name);
	uint8_t *rest = NULL;

	if (n->known)
		return n;
	if (name->rest_bytes > 0) {
		rest = malloc(name->rest_bytes);
		if (!rest)
			abort();
		memcpy(rest, name->rest, name->rest_bytes);
	}
	*n = (struct model_name){.name = *name, .known = true};
	n->name.rest = rest;
	if (++model->names * 2 > model->mask + 1)
		abort(); /* model_open was told too few */
	return n;
}

const struct model_name *model_find(const struct model *model, const struct owner *name)
{
	const struct model_name *n = slot_of(model, name);

	return n->known ? n : NULL;
}

static void due_add(struct model *model, const void *record)
{
	size_t i = mix((uintptr_t)record) & model->due_mask;

	while (model->due[i])
		i = (i + 1) & model->due_mask;
	model->due[i] = record;
	model->due_count++;
}

/* Closes the gap that a removal leaves, so that searches end at empty slots. */
static bool due_remove(struct model *model, const void *record)
{
	size_t i = mix((uintptr_t)record) & model->due_mask;

	while (model->due[i] && model->due[i] != record)
		i = (i + 1) & model->due_mask;
	if (!model->due[i])
		return false;
	model->due[i] = NULL;
	model->due_count--;
	for (i = (i + 1) & model->due_mask; model->due[i]; i = (i + 1) & model->due_mask) {
		const void *again = model->due[i];

		model->due[i] = NULL;
		model->due_count--;
		due_add(model, again);
	}
	return true;
}

/* A page speaks for the names between its network, in ip6.arpa a /120, and its hosts. */
static bool is_nibble(const struct owner *at)
{
	return at->prefix.family == ARPA_FAMILY_IPV6 && at->prefix.bits == 124 &&
		at->rest_bytes == 0;
}

/*
 * Owners below each ancestor change by one; empty non-terminals come and go with them. An owner
 * that stands in a page needs none between that page's network and itself.
 */
static void count_above(struct model *model, const struct owner *owner, bool in_page, bool more)
{
	struct owner at = *owner;

	while (owner_parent(&at, &at)) {
		struct model_name *n = entry(model, &at);

		n->below += more ? 1 : (size_t)-1;
		if (in_page && is_nibble(&at))
			continue;
		if (more && n->linked++ == 0 && !n->record)
			model->empty_nonterminals++;
		if (!more && --n->linked == 0 && !n->record) {
			model->empty_nonterminals--;
			model->due_empty++;
		}
	}
}

static void leave_page(struct model *model, struct model_name *n)
{
	free(n->ptr);
	n->ptr = NULL;
	model->owners--;
	count_above(model, &n->name, true, false);
}

void model_put(struct model *model, const struct record *record)
{
	struct owner owner = record_owner(record);
	struct model_name *n = entry(model, &owner);

	if (n->record) {
		due_add(model, n->record);
		n->record = record;
		return;
	}
	if (n->linked > 0) {
		model->empty_nonterminals--;
		model->due_empty++;
	}
	n->record = record;
	model->owners++;
	count_above(model, &owner, false, true);
	if (n->ptr)
		leave_page(model, n);
}

void model_put_host(struct model *model, const struct owner *owner, const struct rrset *ptr)
{
	struct model_name *n = entry(model, owner);

	if (!n->ptr) {
		n->ptr = malloc(sizeof(*n->ptr));
		if (!n->ptr)
			abort();
		model->owners++;
		count_above(model, owner, true, true);
	}
	n->ptr->ttl = ptr->ttl;
	n->ptr->bytes = (uint8_t)(ptr->rdata_bytes - 2);
	memcpy(n->ptr->name, ptr->rdata + 2, n->ptr->bytes);
}

void model_page_goes(struct model *model, const struct hosts *page)
{
	due_add(model, page);
}

bool model_remove(struct model *model, const struct owner *owner)
{
	struct model_name *n = slot_of(model, owner);

	if (n->known && n->ptr) {
		leave_page(model, n);
		return true;
	}
	if (!n->known || !n->record)
		return false;
	due_add(model, n->record);
	n->record = NULL;
	model->owners--;
	if (n->linked > 0)
		model->empty_nonterminals++;
	count_above(model, owner, false, false);
	return true;
}

/* What a page has, as a record: the host's one PTR RRset, byte for byte. */
static bool host_agrees(
	const struct model_ptr *ptr, const struct found *found, const struct owner *name)
{
	struct record_space space;
	const struct record *record = found_record(found, name, &space);
	uint8_t wire[2 + WIRE_RR_FIXED + HOSTS_NAME_MAX_BYTES] = {0xc0, 0x0c, 0, 12, 0, 1};
	const struct rendered *set;

	if (!found->entry || found->record || !record || record->sets != 1 || record->kinds != 0)
		return false;
	wire_put32(wire + 6, ptr->ttl);
	wire_put16(wire + 10, ptr->bytes);
	memcpy(wire + 12, ptr->name, ptr->bytes);
	set = record_first(record);
	return prefix_equal(&record->prefix, &name->prefix) && set->type == 12 && set->count == 1 &&
		set->wire_bytes == 12u + ptr->bytes &&
		memcmp(set->wire, wire, set->wire_bytes) == 0 && !record_next(record, set);
}

bool model_agrees(const struct model *model, const struct table *table, const struct owner *name)
{
	const struct found found = table_find(table, name);
	const struct model_name *n = model_find(model, name);
	struct owner owner;

	if (n && n->ptr)
		return host_agrees(n->ptr, &found, name);
	if (found.entry)
		return false;
	if (!n || (!n->record && n->below == 0))
		return found.record == NULL;
	if (n->record)
		return found.record == n->record;
	if (!found.record || found.record->sets != 0 || record_first(found.record))
		return false;
	owner = record_owner(found.record);
	/* What a page says of a name has no owner. */
	return n->linked == 0 || owner_equal(&owner, name);
}

static bool take_one(struct model *model, const struct unlinked *thing)
{
	if (thing->release == model->release_hosts)
		return due_remove(model, thing->memory);
	if (thing->release != model->release_record || due_remove(model, thing->memory))
		return true;
	/* No record that was put, so an empty non-terminal. */
	return ((struct record *)thing->memory)->sets == 0 && model->due_empty-- > 0;
}

bool model_take_unlinked(struct model *model, struct table *table)
{
	struct unlinked thing[7];
	size_t n;

	while ((n = table_take_unlinked(table, thing, 7)) > 0)
		for (size_t i = 0; i < n; i++) {
			if (!take_one(model, &thing[i]))
				return false;
			unlinked_free(&thing[i]);
		}
	return model->due_count == 0 && model->due_empty == 0;
}
