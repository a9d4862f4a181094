/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Making pages of hosts: an edit takes what a live page has, notes changes, and builds a new page.
 * Nothing here is visible to workers; table_put_hosts publishes. Control thread.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_HOSTS_WRITER_H
#define ARPAD_DATAPLANE_RECORDS_HOSTS_WRITER_H

#include "dataplane/records/hosts.h"
#include "dataplane/records/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the shared parts of pages are kept, each once. */
struct hosts_pool;
struct hosts_pool *hosts_pool_new(void);       /* NULL: no memory */
void hosts_pool_free(struct hosts_pool *pool); /* takes NULL; no page may be left */

/* Frees a page that no worker can hold, and what only it still shared. */
void hosts_free(struct hosts *hosts);

/* The bytes of its allocation. */
size_t hosts_bytes(const struct hosts *hosts);

/* How many entries it has. */
unsigned hosts_count(const struct hosts *hosts);

/* Whether an owner that may stand in a page and has just this RRset fits one. */
static inline bool hosts_fit(const struct rrset *rrset)
{
	return rrset->type == WIRE_TYPE_PTR && rrset->count == 1 &&
		rrset->rdata_bytes <= 2 + HOSTS_NAME_MAX_BYTES;
}

/* One change that an edit has noted. */
struct hosts_change {
	const uint8_t *name; /* borrowed */
	uint32_t ttl;
	uint8_t bytes;
};

/* A page being made. */
struct hosts_edit {
	struct prefix key;
	const struct hosts *live;
	uint64_t present[4]; /* of the page to be */
	uint64_t changed[4]; /* which of them are in `change` */
	struct hosts_change change[HOSTS_MAX];
};

/* Begins with what `live` has (NULL: nothing). It must live, unchanged, until the end. */
void hosts_edit_begin(struct hosts_edit *edit, const struct prefix *key, const struct hosts *live);

/* Gives a host the wire name of 1..HOSTS_NAME_MAX_BYTES, borrowed until hosts_edit_finish. */
void hosts_edit_put(
	struct hosts_edit *edit, unsigned number, uint32_t ttl, const uint8_t *name, uint8_t bytes);

/* Takes a host's away. Returns whether it had one. */
bool hosts_edit_remove(struct hosts_edit *edit, unsigned number);

/* Whether no host is left: then there is no page to make. */
bool hosts_edit_empty(const struct hosts_edit *edit);

/* Makes the page, which has at least one host; the caller owns it. NULL: no memory. */
struct hosts *hosts_edit_finish(const struct hosts_edit *edit, struct hosts_pool *pool);

#endif
