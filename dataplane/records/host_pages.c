/* SPDX-License-Identifier: BSD-3-Clause */
/* One edit at a time: when a host of the next network comes, the page before it is made. */
#include "dataplane/records/host_pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_CAPACITY = 4096 }; /* an import's list is given back, a busy minute's is not */

/* The names are copied here: those that come are borrowed for less long than the edit needs. */
struct host_edit {
	struct hosts_edit edit;
	struct prefix address; /* of any host of the page */
	bool changed;
	uint8_t name[HOSTS_MAX][HOSTS_NAME_MAX_BYTES];
};

bool host_pages_take(const struct table *table, const struct owner *owner,
	const struct rrset *rrset, size_t count)
{
	return count == 1 && hosts_may_hold(owner) && hosts_fit(rrset) &&
		!table_has_record(table, owner);
}

void host_pages_expect(const struct table *table, const struct prefix *address)
{
	__builtin_prefetch(table_hosts(table, address));
}

void host_pages_fetch(const struct table *table, const struct prefix *address)
{
	const struct hosts *hosts = table_hosts(table, address);
	size_t bytes = hosts ? hosts_bytes(hosts) : 0;

	for (size_t at = 64; at < bytes; at += 64)
		__builtin_prefetch((const uint8_t *)hosts + at);
}

static int add_page(struct host_pages *pages, struct hosts *made)
{
	if (pages->count == pages->capacity) {
		size_t wanted = pages->capacity ? pages->capacity * 2 : 64;
		struct host_page *larger = reallocarray(pages->page, wanted, sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		pages->page = larger;
		pages->capacity = wanted;
	}
	pages->page[pages->count++] = (struct host_page){pages->edit->address, made};
	return 0;
}

int host_pages_finish(struct host_pages *pages, const struct table *table)
{
	struct hosts *made = NULL;

	if (!pages->open)
		return 0;
	pages->open = false;
	if (!pages->edit->changed)
		return 0;
	if (!hosts_edit_empty(&pages->edit->edit)) {
		made = hosts_edit_finish(&pages->edit->edit, table_hosts_pool(table));
		if (!made)
			return -ENOMEM;
	}
	if (add_page(pages, made) == 0)
		return 0;
	hosts_free(made);
	return -ENOMEM;
}

/* Has the page of `address` open. */
static int open_page(
	struct host_pages *pages, const struct table *table, const struct prefix *address)
{
	const struct prefix key = hosts_key(address);

	if (pages->open && prefix_equal(&pages->edit->edit.key, &key))
		return 0;
	if (host_pages_finish(pages, table) != 0)
		return -ENOMEM;
	if (!pages->edit)
		pages->edit = malloc(sizeof(*pages->edit));
	if (!pages->edit)
		return -ENOMEM;
	hosts_edit_begin(&pages->edit->edit, &key, table_hosts(table, address));
	pages->edit->address = *address;
	pages->edit->changed = false;
	pages->open = true;
	return 0;
}

int host_pages_put(struct host_pages *pages, const struct table *table,
	const struct prefix *address, uint32_t ttl, const uint8_t *name, uint8_t bytes)
{
	unsigned number = hosts_number(address);
	struct host_edit *edit;

	if (open_page(pages, table, address) != 0)
		return -ENOMEM;
	edit = pages->edit;
	memcpy(edit->name[number], name, bytes);
	hosts_edit_put(&edit->edit, number, ttl, edit->name[number], bytes);
	edit->changed = true;
	return 0;
}

int host_pages_remove(
	struct host_pages *pages, const struct table *table, const struct prefix *address)
{
	if (open_page(pages, table, address) != 0)
		return -ENOMEM;
	if (hosts_edit_remove(&pages->edit->edit, hosts_number(address)))
		pages->edit->changed = true;
	return 0;
}

void host_pages_room(
	const struct host_pages *pages, const struct table *table, struct table_room *room)
{
	struct owner previous = {.rest = NULL};
	bool any = false;

	for (size_t i = 0; i < pages->count; i++) {
		struct owner host = owner_from_prefix(&pages->page[i].address);

		if (!pages->page[i].made || table_hosts(table, &host.prefix))
			continue;
		room->owners++;
		table_room_add_ancestors(room, any ? &previous : NULL, &host);
		previous = host;
		any = true;
	}
}

void host_pages_publish_made(struct host_pages *pages, struct table *table)
{
	for (size_t i = 0; i < pages->count; i++)
		if (pages->page[i].made)
			table_put_hosts(table, pages->page[i].made);
}

void host_pages_publish_gone(const struct host_pages *pages, struct table *table)
{
	for (size_t i = 0; i < pages->count; i++)
		if (!pages->page[i].made)
			table_remove_hosts(table, &pages->page[i].address);
}

void host_pages_forget(struct host_pages *pages)
{
	if (pages->capacity > KEPT_CAPACITY) {
		free(pages->page);
		pages->page = NULL;
		pages->capacity = 0;
	}
	pages->count = 0;
	pages->open = false;
}

void host_pages_discard(struct host_pages *pages)
{
	for (size_t i = 0; i < pages->count; i++)
		hosts_free(pages->page[i].made);
	host_pages_forget(pages);
}

void host_pages_free(struct host_pages *pages)
{
	free(pages->page);
	free(pages->edit);
	*pages = (struct host_pages){0};
}
