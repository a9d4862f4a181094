/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pages of hosts that a batch makes: built before the commit, while failing is allowed, and
 * published after it. Hosts come in address order, so each page is built once. Control thread.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_HOST_PAGES_H
#define ARPAD_DATAPLANE_RECORDS_HOST_PAGES_H

#include "dataplane/records/table_writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One page that changes. */
struct host_page {
	struct prefix address; /* of any of its hosts */
	struct hosts *made;    /* NULL: no host is left, the page goes */
};

/* A zeroed struct is empty. Its memory is kept from one batch to the next. */
struct host_pages {
	struct host_page *page;
	size_t count, capacity;
	struct host_edit *edit; /* the page that is being made */
	bool open;
};

/*
 * Whether `owner`, which has the `count` RRsets `rrset`, is to stand in a page: one PTR record, a
 * name that is not too long, and no record of its own that a worker may have found.
 */
bool host_pages_take(const struct table *table, const struct owner *owner,
	const struct rrset *rrset, size_t count);

/*
 * Has the page of a host fetched that will change soon: first, some changes ahead, its header,
 * then, nearer, all of it. A page of its own for each change is what a batch waits for most.
 */
void host_pages_expect(const struct table *table, const struct prefix *address);
void host_pages_fetch(const struct table *table, const struct prefix *address);

/* Gives a host a PTR record with the wire name of 1..HOSTS_NAME_MAX_BYTES, copied. 0 or -ENOMEM. */
int host_pages_put(struct host_pages *pages, const struct table *table,
	const struct prefix *address, uint32_t ttl, const uint8_t *name, uint8_t bytes);

/* Takes it away, if the page has it. 0 or -ENOMEM. */
int host_pages_remove(
	struct host_pages *pages, const struct table *table, const struct prefix *address);

/* Makes the last page. 0 or -ENOMEM. */
int host_pages_finish(struct host_pages *pages, const struct table *table);

/* Adds what publishing them needs. */
void host_pages_room(
	const struct host_pages *pages, const struct table *table, struct table_room *room);

/* Publishes the pages that were made, and those that go. They are the table's then. */
void host_pages_publish_made(struct host_pages *pages, struct table *table);
void host_pages_publish_gone(const struct host_pages *pages, struct table *table);

/* Forgets the batch, once it is published; or frees what was made for one that will not be. */
void host_pages_forget(struct host_pages *pages);
void host_pages_discard(struct host_pages *pages);

/* Frees its memory; it must be empty. */
void host_pages_free(struct host_pages *pages);

#endif
