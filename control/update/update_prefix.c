/* SPDX-License-Identifier: BSD-3-Clause */
/* All PTR objects of a prefix at once. What is walked may not be written, so it goes by pages. */
#include "control/presentation.h"
#include "control/update/update_tenants.h"

#include <stdlib.h>

enum { PAGE_HOSTS = 1024, PAGE_FULL = 1 };

struct page {
	const struct update *update;
	const struct prefix *within;
	bool counts_only; /* all in one go */
	size_t count;
	struct prefix host[PAGE_HOSTS];
};

static int take_host(void *context, const struct owner *owner, const struct stored *stored)
{
	struct page *page = context;

	if (stored->rrset.type != WIRE_TYPE_PTR || owner->rest_bytes != 0 ||
		!prefix_is_host(&owner->prefix) || !prefix_contains(page->within, &owner->prefix) ||
		!tenants_own(page->update, &owner->prefix, stored))
		return 0;
	if (!page->counts_only && page->count == PAGE_HOSTS)
		return PAGE_FULL;
	if (!page->counts_only)
		page->host[page->count] = owner->prefix;
	page->count++;
	return 0;
}

/* The nearest name at or above any prefix: names are cut at octets and nibbles only. */
static struct owner covering_owner(const struct prefix *prefix)
{
	unsigned width = prefix->family == ARPA_FAMILY_IPV4 ? 8 : 4;
	const struct prefix name = prefix_truncate(prefix, (uint8_t)(prefix->bits / width * width));

	return owner_from_prefix(&name);
}

/* Fills the page behind `after`, a host, or NULL. PAGE_FULL, 0: those were all, or -1. */
static int fill(struct update *update, struct page *page, const struct prefix *after,
	struct failure *failure)
{
	const struct owner within = covering_owner(page->within);
	struct owner behind;

	if (after != NULL)
		behind = owner_from_prefix(after);
	page->count = 0;
	return store_each_served(
		update->store, &within, after != NULL ? &behind : NULL, take_host, page, failure);
}

static int delete_host(struct update *update, const struct prefix *host, struct failure *failure)
{
	const struct owner owner = owner_from_prefix(host);
	struct zone_ref zone;

	batch_zone_of(update, &owner, &zone); /* it is served, so there is one */
	return batch_delete(update, &zone, &owner, WIRE_TYPE_PTR, NULL, failure);
}

static int refuse_many(const struct prefix *prefix, size_t limit, struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];

	return failure_set(failure, FAILURE_TOO_LARGE,
		"%s has more than %zu PTR objects; nothing was changed",
		presentation_write_prefix(prefix, text), limit);
}

static int delete_all(struct update *update, struct page *page, size_t limit, size_t *count,
	struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];
	struct prefix last;
	int more = PAGE_FULL;

	while (more == PAGE_FULL) {
		more = fill(update, page, *count > 0 ? &last : NULL, failure);
		if (more < 0)
			return -1;
		if (page->count > limit - *count)
			return refuse_many(page->within, limit, failure);
		for (size_t i = 0; i < page->count; i++)
			if (delete_host(update, &page->host[i], failure) != 0)
				return -1;
		*count += page->count;
		if (page->count > 0)
			last = page->host[page->count - 1];
	}
	if (*count > 0)
		return 0;
	return failure_set(failure, FAILURE_NOT_FOUND, "there is no PTR in %s",
		presentation_write_prefix(page->within, text));
}

static struct page *new_page(
	struct update *update, const struct prefix *prefix, struct failure *failure)
{
	struct page *page = malloc(sizeof(*page));

	if (page == NULL) {
		failure_set(failure, FAILURE_STORE_FULL, "no memory to look for the objects");
		return NULL;
	}
	page->update = update;
	page->within = prefix;
	page->counts_only = false;
	return page;
}

int update_unset_prefix(struct update *update, const struct prefix *prefix, size_t limit,
	size_t *count, struct update_result *result, struct failure *failure)
{
	struct page *page = new_page(update, prefix, failure);
	struct update_group part;
	int deleted;

	*count = 0;
	if (page == NULL)
		return -1;
	deleted = batch_open_part(update, &part, failure);
	if (deleted == 0) {
		deleted = delete_all(update, page, limit, count, failure);
		result->serial = 0;
		deleted = batch_close_part(update, &part, deleted, result, failure);
	}
	free(page);
	return deleted;
}

int update_count_prefix(
	struct update *update, const struct prefix *prefix, size_t *count, struct failure *failure)
{
	struct page *page = new_page(update, prefix, failure);
	int result;

	if (page == NULL)
		return -1;
	page->counts_only = true;
	result = fill(update, page, NULL, failure);
	*count = page->count;
	free(page);
	return result;
}
