/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of publication is that of control/update/update_publish.c, on which readers rely. */
#include "tests/records/batch.h"

#include "dataplane/dns/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct batch_change *add(struct batch *batch, const struct owner *owner)
{
	struct batch_change *change = &batch->change[batch->count];

	for (unsigned i = 0; i < batch->count; i++)
		if (owner_equal(&batch->change[i].owner, owner))
			return NULL;
	if (batch->count == BATCH_MAX)
		abort();
	batch->count++;
	change->owner = *owner;
	change->targets = 0;
	change->record = NULL;
	return change;
}

void batch_put(struct batch *batch, const struct owner *owner, unsigned targets, uint32_t ttl,
	const uint8_t *name, size_t bytes)
{
	struct batch_change *change = add(batch, owner);

	if (!change)
		return;
	change->targets = targets;
	change->ttl = ttl;
	change->bytes = (uint8_t)bytes;
	memcpy(change->name, name, bytes);
}

void batch_remove(struct batch *batch, const struct owner *owner)
{
	add(batch, owner);
}

/* `rdata` has room for the targets. */
static struct rrset rrset_of(const struct batch_change *change, uint8_t *rdata)
{
	struct rrset set = {WIRE_TYPE_PTR, (uint16_t)change->targets, change->ttl, 0, rdata};

	for (unsigned i = 0; i < change->targets; i++) {
		wire_put16(rdata + set.rdata_bytes, change->bytes);
		memcpy(rdata + set.rdata_bytes + 2, change->name, change->bytes);
		set.rdata_bytes += 2u + change->bytes;
	}
	return set;
}

/* ---- Making ---- */

/* Pages want their hosts in order; labels don't matter to them. */
static int compare(const void *a, const void *b)
{
	const struct prefix *p = &((const struct batch_change *)a)->owner.prefix,
			    *q = &((const struct batch_change *)b)->owner.prefix;

	if (p->family != q->family)
		return p->family < q->family ? -1 : 1;
	if (p->high != q->high)
		return p->high < q->high ? -1 : 1;
	return p->low < q->low ? -1 : p->low > q->low;
}

static int make_one(struct batch *batch, struct table *table, struct batch_change *change)
{
	uint8_t rdata[3 * (2 + BATCH_NAME_MAX_BYTES)];
	const struct rrset set = rrset_of(change, rdata);
	const struct prefix *address = &change->owner.prefix;

	if (hosts_may_hold(&change->owner) && host_pages_remove(&batch->pages, table, address) != 0)
		return -ENOMEM;
	if (change->targets == 0)
		return 0;
	if (host_pages_take(table, &change->owner, &set, 1))
		return host_pages_put(&batch->pages, table, address, set.ttl, set.rdata + 2,
			(uint8_t)(set.rdata_bytes - 2));
	change->record = record_new(&change->owner, &set, 1);
	return change->record ? 0 : -ENOMEM;
}

static int reserve(const struct batch *batch, struct table *table)
{
	struct table_room room = {0};

	for (unsigned i = 0; i < batch->count; i++) {
		const struct batch_change *change = &batch->change[i];
		bool had = table_has_record(table, &change->owner);

		if (!change->record && had)
			*(change->owner.rest_bytes ? &room.named_ancestors : &room.ancestors) += 1;
		if (!change->record || had)
			continue;
		room.owners++;
		table_room_add_ancestors(&room, NULL, &change->owner);
	}
	host_pages_room(&batch->pages, table, &room);
	return table_reserve(table, &room);
}

int batch_make(struct batch *batch, struct table *table)
{
	int result = 0;

	qsort(batch->change, batch->count, sizeof(batch->change[0]), compare);
	for (unsigned i = 0; i < batch->count && result == 0; i++)
		result = make_one(batch, table, &batch->change[i]);
	if (result == 0)
		result = host_pages_finish(&batch->pages, table);
	if (result == 0)
		result = reserve(batch, table);
	if (result == 0)
		return 0;
	for (unsigned i = 0; i < batch->count; i++) {
		record_free(batch->change[i].record);
		batch->change[i].record = NULL;
	}
	host_pages_discard(&batch->pages);
	return result;
}

/* ---- Publishing ---- */

static void tell_puts(const struct batch *batch, struct model *model)
{
	uint8_t rdata[3 * (2 + BATCH_NAME_MAX_BYTES)];

	for (unsigned i = 0; i < batch->count; i++)
		if (batch->change[i].record)
			model_put(model, batch->change[i].record);
	for (unsigned i = 0; i < batch->count; i++) {
		const struct batch_change *change = &batch->change[i];
		const struct rrset set = rrset_of(change, rdata);

		if (change->targets > 0 && !change->record)
			model_put_host(model, &change->owner, &set);
	}
}

static void tell_rest(const struct batch *batch, const struct table *table, struct model *model)
{
	for (unsigned i = 0; i < batch->count; i++)
		if (batch->change[i].targets == 0)
			model_remove(model, &batch->change[i].owner);
	for (size_t i = 0; i < batch->pages.count; i++) {
		const struct hosts *old = table_hosts(table, &batch->pages.page[i].address);

		if (old)
			model_page_goes(model, old);
	}
}

void batch_publish(struct batch *batch, struct table *table, struct model *model)
{
	if (model) {
		tell_puts(batch, model);
		tell_rest(batch, table, model);
	}
	for (unsigned i = 0; i < batch->count; i++)
		if (batch->change[i].record)
			table_put(table, batch->change[i].record);
	host_pages_publish_made(&batch->pages, table);
	host_pages_publish_gone(&batch->pages, table);
	host_pages_forget(&batch->pages);
	for (unsigned i = 0; i < batch->count; i++)
		if (batch->change[i].targets == 0)
			table_remove(table, &batch->change[i].owner);
	batch->count = 0;
}

void batch_fini(struct batch *batch)
{
	host_pages_free(&batch->pages);
}

void batch_free_unlinked(struct table *table)
{
	struct unlinked thing;

	while (table_take_unlinked(table, &thing, 1) == 1)
		unlinked_free(&thing);
}
