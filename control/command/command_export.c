/* SPDX-License-Identifier: BSD-3-Clause */
/* zone.export: a zone as the text of a zone file, its SOA first, page by page. */
#include "control/command/command_method.h"
#include "control/presentation.h"
#include "control/zonefile/zonetext.h"

/* One page while the zone is walked. */
struct export_walk {
	struct zonetext text;
	struct page *page;
	bool any; /* an owner was written in this page */
};

enum { WALK_NO_MEMORY = -2, WALK_PAGE_FULL = 1 };

/* A page ends between owners, for the marker that the next one starts from is an owner. */
static int write_rrset(void *context, const struct owner *owner, const struct stored *stored)
{
	struct export_walk *walk = context;
	bool same_owner = walk->any && owner_equal(owner, &walk->page->after.owner);

	if (!same_owner && walk->text.bytes >= PAGE_TEXT_MAX_BYTES)
		return WALK_PAGE_FULL;
	store_keep_owner(&walk->page->after, owner);
	walk->any = true;
	/* Readers want it first, and so it was (write_soa). */
	if (stored->rrset.type == WIRE_TYPE_SOA)
		return 0;
	return zonetext_write(&walk->text, owner, &stored->rrset) == 0 ? 0 : WALK_NO_MEMORY;
}

static int write_soa(struct update *update, const struct owner *apex, struct zonetext *text,
	struct failure *failure)
{
	struct rrset_buffer soa = {.count = 0};
	int result = update_get_apex(update, apex, WIRE_TYPE_SOA, &soa, failure);

	if (result == 0) {
		const struct rrset view = rrset_buffer_view(&soa);

		if (zonetext_write(text, apex, &view) != 0) {
			command_no_memory(failure);
			result = -1;
		}
	}
	rrset_buffer_free(&soa);
	return result;
}

static int add_text(json_t *items, const struct zonetext *text, struct failure *failure)
{
	if (text->bytes > 0 &&
		json_array_append_new(items, json_stringn(text->text, text->bytes)) != 0) {
		command_no_memory(failure);
		return -1;
	}
	return 0;
}

static int export_page(struct session *session, json_t *params, struct page *page, json_t *items,
	struct failure *failure)
{
	struct update *update = session->command->update;
	struct export_walk walk = {.page = page};
	struct presentation_owner zone;
	struct store_owner after;
	int result;

	if (presentation_parse_zone(param_text(params, "zone"), &zone, failure) != 0)
		return -1;
	if (!page->started && write_soa(update, &zone.owner, &walk.text, failure) != 0)
		return -1;
	store_keep_owner(&after, &page->after.owner);
	result = update_each_of_zone(update, &zone.owner, page->started ? &after.owner : NULL,
		write_rrset, &walk, failure);
	if (result == WALK_NO_MEMORY)
		command_no_memory(failure);
	else if (result >= 0 && add_text(items, &walk.text, failure) != 0)
		result = -1;
	zonetext_free(&walk.text);
	return result < 0 ? -1 : result;
}

static const struct param export_params[] = {
	{"zone", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

const struct method command_export_methods[] = {
	{.name = "zone.export",
		.kind = METHOD_LIST,
		.roles = ALLOW_READ,
		.params = export_params,
		.page = export_page},
	{.name = NULL},
};
