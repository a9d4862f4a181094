/* SPDX-License-Identifier: BSD-3-Clause */
/* ptr.set, ptr.show, ptr.list, ptr.unset: the names of one address, and of many. */
#include "control/command_method.h"
#include "control/presentation.h"

#include <stdint.h>
#include <string.h>

static json_t *address_text(const struct prefix *address)
{
	char text[PRESENTATION_PREFIX_BYTES];

	return json_string(presentation_write_prefix(address, text));
}

static json_t *acknowledgement(const struct prefix *address, uint64_t sequence)
{
	json_t *result = json_object();

	json_object_set_new(result, "address", address_text(address));
	json_object_set_new(result, "seq", json_integer((json_int_t)sequence));
	return result;
}

static int read_name(const char *text, struct wire_name *name, struct failure *failure)
{
	int bytes = presentation_parse_name(text, name->wire, failure);

	if (bytes < 0)
		return -1;
	name->bytes = (uint16_t)bytes;
	return 0;
}

/* `name` or `names`, one of them. Returns how many, or -1. */
static int read_names(json_t *params, struct wire_name *names, struct failure *failure)
{
	const char *single = param_text(params, "name");
	json_t *list = json_object_get(params, "names");
	size_t count = json_array_size(list);

	if (!single == !list)
		return failure_set(failure, FAILURE_INVALID,
			"ptr.set needs either name, a string, or names, an array of strings");
	if (single)
		return read_name(single, &names[0], failure) == 0 ? 1 : -1;
	if (count < 1 || count > UPDATE_PTR_NAMES_MAX)
		return failure_set(failure, FAILURE_INVALID,
			"ptr.set: %zu names; an address has 1 to %d", count, UPDATE_PTR_NAMES_MAX);
	for (size_t i = 0; i < count; i++)
		if (read_name(json_string_value(json_array_get(list, i)), &names[i], failure) != 0)
			return -1;
	return (int)count;
}

static json_t *set(struct session *session, json_t *params, struct failure *failure)
{
	struct wire_name names[UPDATE_PTR_NAMES_MAX];
	struct prefix address;
	struct ptr_change change = {.how = PTR_SET,
		.names = names,
		.ttl = param_number(params, "ttl", -1),
		.if_sequence = -1};
	struct update_result result;
	int count;

	if (presentation_parse_address(param_text(params, "address"), &address, failure) != 0 ||
		(json_object_get(params, "ttl") &&
			presentation_check_ttl(change.ttl, failure) != 0))
		return NULL;
	count = read_names(params, names, failure);
	change.count = (size_t)count;
	if (count < 0 ||
		update_change_ptr(session->command->update, &address, &change, &result, failure) !=
			0)
		return NULL;
	return acknowledgement(&address, result.sequence);
}

static json_t *unset(struct session *session, json_t *params, struct failure *failure)
{
	struct update_result result;
	struct prefix address;

	if (presentation_parse_address(param_text(params, "address"), &address, failure) != 0 ||
		update_unset_ptr(session->command->update, &address, -1, &result, failure) != 0)
		return NULL;
	return acknowledgement(&address, result.sequence);
}

static json_t *owner_text(const struct owner *owner)
{
	char text[PRESENTATION_NAME_BYTES];

	return json_string(presentation_write_owner(owner, text));
}

/* One row as ptr.show and ptr.list give it. NULL: no memory. */
static json_t *row(const struct owner *owner, const struct rrset *rrset, size_t *text_bytes)
{
	json_t *names = command_names(rrset, text_bytes), *result = json_object();

	if (!names || !result) {
		json_decref(names);
		json_decref(result);
		return NULL;
	}
	json_object_set_new(result, "address", owner_text(owner));
	json_object_set_new(result, "names", names);
	json_object_set_new(result, "ttl", json_integer(rrset->ttl));
	return result;
}

static json_t *show(struct session *session, json_t *params, struct failure *failure)
{
	struct ptr_object object = {.names = {.count = 0}};
	struct prefix address;
	struct owner owner;
	struct rrset rrset;
	json_t *result = NULL;
	size_t text_bytes = 0;

	if (presentation_parse_address(param_text(params, "address"), &address, failure) != 0)
		return NULL;
	owner = owner_from_prefix(&address);
	if (update_get_ptr(session->command->update, &address, &object, failure) == 0) {
		rrset = rrset_buffer_view(&object.names);
		result = row(&owner, &rrset, &text_bytes);
		if (!result)
			command_no_memory(failure);
	}
	rrset_buffer_free(&object.names);
	return result;
}

/* One page while the store is walked. */
struct list_walk {
	json_t *items;
	struct page *page;
	size_t limit; /* rows still wanted, over all pages */
	size_t visited, text_bytes;
	bool any;
	const struct prefix *within; /* NULL: everywhere */
};

/* The nearest name at or above any prefix: names are cut at octets and nibbles only. */
static struct owner covering_owner(const struct prefix *prefix)
{
	unsigned width = prefix->family == ARPA_FAMILY_IPV4 ? 8 : 4;
	struct prefix name = prefix_truncate(prefix, (uint8_t)(prefix->bits / width * width));

	return owner_from_prefix(&name);
}

enum { WALK_NO_MEMORY = -2, WALK_PAGE_FULL = 1, WALK_ENOUGH = 2 };

static int list_visit(void *context, const struct owner *owner, const struct stored *stored)
{
	struct list_walk *walk = context;
	bool same_owner = walk->any && owner_equal(owner, &walk->page->after.owner);
	json_t *item;

	/* A page ends between owners, for the marker that the next one starts from is an owner. */
	if (!same_owner &&
		(walk->visited >= PAGE_ROWS_MAX || walk->text_bytes >= PAGE_TEXT_MAX_BYTES))
		return WALK_PAGE_FULL;
	if (stored->rrset.type == WIRE_TYPE_PTR &&
		(!walk->within || prefix_contains(walk->within, &owner->prefix))) {
		if (walk->page->sent == walk->limit)
			return WALK_ENOUGH;
		item = row(owner, &stored->rrset, &walk->text_bytes);
		if (!item || json_array_append_new(walk->items, item) != 0)
			return WALK_NO_MEMORY;
		walk->page->sent++;
	}
	walk->visited++;
	walk->any = true;
	store_keep_owner(&walk->page->after, owner);
	return 0;
}

static int list_first_marker(
	json_t *params, struct page *page, bool *marked, struct failure *failure)
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

static int list(struct session *session, json_t *params, struct page *page, json_t *items,
	struct failure *failure)
{
	json_int_t limit = param_number(params, "limit", INT64_MAX);
	struct list_walk walk = {.items = items, .page = page, .limit = (size_t)limit};
	const char *text = param_text(params, "prefix");
	struct store_owner after;
	struct prefix prefix;
	struct owner within;
	bool marked;
	int result;

	if (limit < 1)
		return failure_set(failure, FAILURE_INVALID, "ptr.list: limit must be 1 or more");
	if ((text && presentation_parse_prefix(text, &prefix, failure) != 0) ||
		list_first_marker(params, page, &marked, failure) != 0)
		return -1;
	if (text)
		within = covering_owner(&prefix);
	walk.within = text ? &prefix : NULL;
	store_keep_owner(&after, &page->after.owner);
	result = update_each_rrset(session->command->update, text ? &within : NULL,
		marked ? &after.owner : NULL, list_visit, &walk, failure);
	if (result == WALK_NO_MEMORY)
		command_no_memory(failure);
	return result < 0 ? -1 : result == WALK_PAGE_FULL;
}

static const struct param set_params[] = {
	{"address", PARAM_TEXT, true},
	{"name", PARAM_TEXT, false},
	{"names", PARAM_TEXTS, false},
	{"ttl", PARAM_NUMBER, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param address_params[] = {
	{"address", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

static const struct param list_params[] = {
	{"prefix", PARAM_TEXT, false},
	{"limit", PARAM_NUMBER, false},
	{"after", PARAM_TEXT, false},
	{NULL, PARAM_TEXT, false},
};

const struct method command_ptr_methods[] = {
	{.name = "ptr.set",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE_OWN,
		.params = set_params,
		.run = set},
	{.name = "ptr.show",
		.kind = METHOD_READ,
		.roles = ALLOW_READ_OWN,
		.params = address_params,
		.run = show},
	{.name = "ptr.list",
		.kind = METHOD_LIST,
		.roles = ALLOW_READ_OWN,
		.params = list_params,
		.page = list},
	{.name = "ptr.unset",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE_OWN,
		.params = address_params,
		.run = unset},
	{.name = NULL},
};
