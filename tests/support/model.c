/* SPDX-License-Identifier: BSD-3-Clause */
/* The model: open addressing without removal, so that it stays obvious. */
#include "tests/support/model.h"

#include "tests/support/fixture.h"

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

/* How the table frees records, which tells them from its arrays: a small table is asked. */
static void (*learn_release(void))(void *)
{
	static const uint8_t seed[TABLE_SEED_BYTES];
	static const struct owner root = {.prefix = {.family = ARPA_FAMILY_IPV4}};
	static const struct table_room room = {.owners = 1, .ancestors = 1};
	static const struct rrset set = {
		.type = 12, .count = 1, .rdata_bytes = 3, .rdata = (const uint8_t *)"\0\1"};
	struct table *table = table_new(1, seed);
	struct record *record = record_new(&root, &set, 1);
	struct unlinked thing;

	if (!table || !record || table_reserve(table, &room) != 0)
		abort();
	table_put(table, record);
	table_remove(table, &root);
	if (table_take_unlinked(table, &thing, 1) != 1 || thing.memory != record)
		abort();
	unlinked_free(&thing);
	table_free(table);
	return thing.release;
}

void model_open(struct model *model, size_t most_names)
{
	size_t slots = room_for(most_names);

	*model = (struct model){.mask = slots - 1, .due_mask = slots - 1};
	model->release_record = learn_release();
	model->slot = calloc(slots, sizeof(model->slot[0]));
	model->due = calloc(slots, sizeof(model->due[0]));
	if (!model->slot || !model->due)
		abort();
}

void model_close(struct model *model)
{
	for (size_t i = 0; i <= model->mask; i++)
		free((void *)model->slot[i].name.rest);
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

/* Owners below each ancestor change by one; empty non-terminals come and go with them. */
static void count_above(struct model *model, const struct owner *owner, bool more)
{
	struct owner at = *owner;

	while (owner_parent(&at, &at)) {
		struct model_name *n = entry(model, &at);

		if (more && n->below++ == 0 && !n->record)
			model->empty_nonterminals++;
		if (!more && --n->below == 0 && !n->record) {
			model->empty_nonterminals--;
			model->due_empty++;
		}
	}
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
	if (n->below > 0) {
		model->empty_nonterminals--;
		model->due_empty++;
	}
	n->record = record;
	model->owners++;
	count_above(model, &owner, true);
}

bool model_remove(struct model *model, const struct owner *owner)
{
	struct model_name *n = slot_of(model, owner);

	if (!n->known || !n->record)
		return false;
	due_add(model, n->record);
	n->record = NULL;
	model->owners--;
	if (n->below > 0)
		model->empty_nonterminals++;
	count_above(model, owner, false);
	return true;
}

bool model_agrees(const struct model *model, const struct table *table, const struct owner *name)
{
	const struct record *found = fixture_find(table, name);
	const struct model_name *n = model_find(model, name);

	if (found) {
		struct owner owner = record_owner(found);

		if (!owner_equal(&owner, name))
			return false;
	}
	if (!n || (!n->record && n->below == 0))
		return found == NULL;
	if (n->record)
		return found == n->record;
	return found && found->sets == 0 && record_first(found) == NULL;
}

static bool take_one(struct model *model, const struct unlinked *thing)
{
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
