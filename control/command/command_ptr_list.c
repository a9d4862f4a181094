/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ptr.list: PTR objects in the order of their addresses, page by page. A page ends when it is long
 * or has cost enough, also when no row passed the filters, so that no list holds up others. The
 * next one goes on behind the last address that was looked at, whatever has changed there.
 */
#include "control/command/command_method.h"
#include "control/command/json_text.h"
#include "control/command/name_pattern.h"
#include "control/command/ptr_row.h"
#include "control/presentation.h"

#include <string.h>

enum {
	/* What a row costs that is only looked at, and how much of that one page may; about. */
	VISIT_COST = 64,
	PAGE_COST_MAX = 20000 * VISIT_COST,
};

struct filter {
	bool has_pattern, has_tag, has_value, has_tenant;
	struct name_pattern pattern;
	struct object_text tag, value, tenant;
	uint64_t changed_since;
};

/* One page while the store is walked. */
struct list_walk {
	struct update *update;
	const struct tenant *reader; /* NULL: one who sees all */
	struct text *items;
	struct page *page;
	struct filter filter;
	const struct prefix *within; /* NULL: everywhere */
	size_t limit;		     /* rows still wanted, over all pages */
	size_t start;		     /* of the page in `items` */
	size_t rows, cost;
	bool any; /* visited */
};

enum { WALK_DAMAGED = -2, WALK_PAGE_FULL = 1, WALK_ENOUGH = 2 };

static bool text_is(const struct object_text *text, const struct object_text *wanted)
{
	return text->bytes == wanted->bytes &&
		memcmp(text->octets, wanted->octets, wanted->bytes) == 0;
}

static bool any_name_matches(struct list_walk *walk, const struct rrset *names)
{
	const uint8_t *name;
	uint32_t offset = 0;
	uint16_t bytes;

	while ((name = rrset_next(names, &offset, &bytes)) != NULL) {
		walk->cost += (size_t)bytes * (2 + walk->filter.pattern.bytes / 8);
		if (name_pattern_matches(&walk->filter.pattern, name))
			return true;
	}
	return false;
}

static bool any_tag_matches(const struct filter *filter, const struct details *details)
{
	for (unsigned i = 0; i < details->tag_count; i++)
		if (text_is(&details->tags[i].key, &filter->tag))
			return !filter->has_value ||
				text_is(&details->tags[i].value, &filter->value);
	return false;
}

static bool passes(
	struct list_walk *walk, const struct stored *stored, const struct details *details)
{
	const struct filter *filter = &walk->filter;
	const struct tenant *reader = walk->reader;

	if (stored->stamp.sequence <= filter->changed_since && filter->changed_since)
		return false;
	if (filter->has_tenant && !text_is(&details->tenant, &filter->tenant))
		return false;
	/* A tenant sees its own objects and those that are nobody's. */
	if (reader && details->tenant.bytes &&
		(details->tenant.bytes != strlen(reader->name) ||
			memcmp(details->tenant.octets, reader->name, details->tenant.bytes) != 0))
		return false;
	if (filter->has_tag && !any_tag_matches(filter, details))
		return false;
	return !filter->has_pattern || any_name_matches(walk, &stored->rrset);
}

static void write_row(struct list_walk *walk, const struct owner *owner,
	const struct stored *stored, const struct details *details)
{
	const struct ptr_row row = {&stored->rrset, &stored->stamp, details};
	const struct owner zone = zone_apex(update_zone_of(walk->update, owner));

	if (walk->rows++)
		json_text_literal(walk->items, ",");
	ptr_row_write(walk->items, &owner->prefix, &row, &zone);
	walk->page->sent++;
}

static bool is_full(const struct list_walk *walk)
{
	return walk->rows >= PAGE_ROWS_MAX || walk->cost >= PAGE_COST_MAX ||
		walk->items->bytes - walk->start >= PAGE_TEXT_MAX_BYTES;
}

static int visit(void *context, const struct owner *owner, const struct stored *stored)
{
	struct list_walk *walk = context;
	bool same_owner = walk->any && owner_equal(owner, &walk->page->after.owner);
	struct details details;

	/* A page ends between owners, for the marker that the next one starts from is an owner. */
	if (!same_owner && is_full(walk))
		return WALK_PAGE_FULL;
	walk->cost += VISIT_COST;
	walk->any = true;
	store_keep_owner(&walk->page->after, owner);
	if (stored->rrset.type != WIRE_TYPE_PTR || owner->rest_bytes ||
		!prefix_is_host(&owner->prefix) ||
		(walk->within && !prefix_contains(walk->within, &owner->prefix)))
		return 0;
	if (details_parse(stored->details, stored->details_bytes, &details) != 0)
		return WALK_DAMAGED;
	if (passes(walk, stored, &details)) {
		if (walk->page->sent == walk->limit)
			return WALK_ENOUGH;
		write_row(walk, owner, stored, &details);
	}
	return 0;
}

static struct owner last_of(const struct prefix *prefix)
{
	struct prefix last = *prefix;

	if (last.bits < 64)
		last.high |= UINT64_MAX >> last.bits;
	if (last.bits < 128)
		last.low |= last.bits <= 64 ? UINT64_MAX : UINT64_MAX >> (last.bits - 64);
	if (last.family == ARPA_FAMILY_IPV4) {
		last.high &= UINT64_MAX << 32;
		last.low = 0;
	}
	last.bits = prefix_host_bits(last.family);
	return owner_from_prefix(&last);
}

/* The nearest name at or above any prefix: names are cut at octets and nibbles only. */
static struct owner covering_owner(const struct prefix *prefix)
{
	unsigned width = prefix->family == ARPA_FAMILY_IPV4 ? 8 : 4;
	struct prefix name = prefix_truncate(prefix, (uint8_t)(prefix->bits / width * width));

	return owner_from_prefix(&name);
}

/* Walks a prefix, or with NULL everything, from behind the marker on. */
static int walk_prefix(
	struct list_walk *walk, const struct prefix *prefix, bool marked, struct failure *failure)
{
	struct store_owner after;
	struct owner within;

	if (prefix)
		within = covering_owner(prefix);
	store_keep_owner(&after, &walk->page->after.owner);
	walk->within = prefix;
	return update_each_rrset(walk->update, prefix ? &within : NULL,
		marked ? &after.owner : NULL, visit, walk, failure);
}

/* Of what the reader has of `asked` (NULL: all), the first part that ends behind the marker. */
static bool next_part(
	const struct list_walk *walk, const struct prefix *asked, bool marked, struct prefix *part)
{
	bool found = false;

	for (unsigned i = 0; i < walk->reader->prefix_count; i++) {
		const struct prefix *has = &walk->reader->prefixes[i], *shared = has;
		struct owner last, first, best;

		if (asked && prefix_contains(has, asked))
			shared = asked;
		else if (asked && !prefix_contains(asked, has))
			continue;
		last = last_of(shared);
		if (marked && update_compare_owners(&last, &walk->page->after.owner) <= 0)
			continue;
		first = owner_from_prefix(shared);
		best = owner_from_prefix(part);
		if (!found || update_compare_owners(&first, &best) < 0)
			*part = *shared;
		found = true;
	}
	return found;
}

static int walk_parts(
	struct list_walk *walk, const struct prefix *asked, bool marked, struct failure *failure)
{
	struct prefix part = {.family = ARPA_FAMILY_IPV4};
	int result = 0;

	while (result == 0 && next_part(walk, asked, marked, &part)) {
		const struct owner last = last_of(&part);

		result = walk_prefix(walk, &part, marked, failure);
		if (result == 0)
			store_keep_owner(&walk->page->after, &last);
		marked = true;
	}
	return result;
}

static int read_tag(const char *text, struct filter *filter, struct failure *failure)
{
	const char *equals = strchr(text, '=');
	size_t bytes = equals ? (size_t)(equals - text) : strlen(text);

	if (bytes == 0 || bytes > OBJECT_TAG_KEY_MAX_BYTES ||
		(equals && strlen(equals + 1) > OBJECT_TAG_VALUE_MAX_BYTES))
		return failure_set(failure, FAILURE_INVALID,
			"ptr.list: tag is a key, or key=value, of at most %d and %d octets",
			OBJECT_TAG_KEY_MAX_BYTES, OBJECT_TAG_VALUE_MAX_BYTES);
	filter->has_tag = true;
	filter->tag = (struct object_text){text, (uint16_t)bytes};
	if (equals) {
		filter->has_value = true;
		filter->value = (struct object_text){equals + 1, (uint16_t)strlen(equals + 1)};
	}
	return 0;
}

static int read_filter(json_t *params, struct filter *filter, struct failure *failure)
{
	const char *name = param_text(params, "name"), *tag = param_text(params, "tag");
	const char *tenant = param_text(params, "tenant");
	json_int_t since = param_number(params, "changed_since", 0);

	if (since < 0)
		return failure_set(failure, FAILURE_INVALID,
			"ptr.list: changed_since is %lld; it is the seq of a change",
			(long long)since);
	filter->changed_since = (uint64_t)since;
	if (tenant && strlen(tenant) > OBJECT_TENANT_MAX_BYTES)
		return failure_set(failure, FAILURE_INVALID,
			"ptr.list: no tenant's name is longer than %d octets",
			OBJECT_TENANT_MAX_BYTES);
	if (tenant) {
		filter->has_tenant = true;
		filter->tenant = (struct object_text){tenant, (uint16_t)strlen(tenant)};
	}
	if (tag && read_tag(tag, filter, failure) != 0)
		return -1;
	filter->has_pattern = name != NULL;
	return name ? name_pattern_parse(name, &filter->pattern, failure) : 0;
}

static int first_marker(json_t *params, struct page *page, bool *marked, struct failure *failure)
{
	const char *after = param_text(params, "after");
	struct presentation_owner given;

	*marked = page->started || after;
	if (page->started || !after)
		return 0;
	if (presentation_parse_zone(after, &given, failure) != 0)
		return -1;
	store_keep_owner(&page->after, &given.owner);
	return 0;
}

static int list(struct session *session, json_t *params, struct page *page, struct text *items,
	struct failure *failure)
{
	json_int_t limit = param_number(params, "limit", INT64_MAX);
	struct list_walk walk = {.update = session->command->update,
		.reader = session->actor.tenant,
		.items = items,
		.page = page,
		.limit = (size_t)limit,
		.start = items->bytes};
	const char *text = param_text(params, "prefix");
	const struct prefix *asked = NULL;
	struct prefix prefix;
	bool marked;
	int result;

	if (limit < 1)
		return failure_set(failure, FAILURE_INVALID, "ptr.list: limit must be 1 or more");
	if ((text && presentation_parse_prefix(text, &prefix, failure) != 0) ||
		read_filter(params, &walk.filter, failure) != 0 ||
		first_marker(params, page, &marked, failure) != 0)
		return -1;
	if (text)
		asked = &prefix;
	result = walk.reader ? walk_parts(&walk, asked, marked, failure)
			     : walk_prefix(&walk, asked, marked, failure);
	if (result == WALK_DAMAGED)
		return failure_set(failure, FAILURE_STORE_ERROR,
			"the store is damaged: details of an address are unreadable; restore it "
			"from "
			"a backup");
	return result < 0 ? -1 : result == WALK_PAGE_FULL ? PAGE_MORE : PAGE_LAST;
}

static const struct param list_params[] = {
	{"prefix", PARAM_TEXT, false},
	{"limit", PARAM_NUMBER, false},
	{"after", PARAM_TEXT, false},
	{"name", PARAM_TEXT, false},
	{"tag", PARAM_TEXT, false},
	{"tenant", PARAM_TEXT, false},
	{"changed_since", PARAM_NUMBER, false},
	{NULL, PARAM_TEXT, false},
};

const struct method command_ptr_list_methods[] = {
	{.name = "ptr.list",
		.kind = METHOD_LIST,
		.roles = ALLOW_READ_OWN,
		.params = list_params,
		.write = list},
	{.name = NULL},
};
