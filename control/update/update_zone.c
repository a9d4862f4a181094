/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Zones added and removed. A record belongs to the longest zone at or above it, so a new zone takes
 * over what is stored below its apex, and removing a zone spares the zones nested in it.
 */
#include "control/presentation.h"
#include "control/soa.h"
#include "control/store/store_codec.h"
#include "control/update/update_batch.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_SERIAL = 1 };

static int check_apex(struct update *update, const struct owner *apex, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];
	struct zone_ref zone;

	presentation_write_owner(apex, text);
	if (!arpa_on_label(apex->prefix.family, apex->prefix.bits))
		return failure_set(failure, FAILURE_INVALID,
			"%s can't be a zone: a reverse zone is cut after %s, so the length must be "
			"a "
			"multiple of %d; for a part of it use a name as of RFC 2317",
			text, apex->prefix.family == ARPA_FAMILY_IPV4 ? "an octet" : "a nibble",
			apex->prefix.family == ARPA_FAMILY_IPV4 ? 8 : 4);
	if (batch_find_zone(update, apex, &zone))
		return failure_set(
			failure, FAILURE_EXISTS, "the zone %.255s is here already", text);
	return 0;
}

static int check_times(const struct zone_defaults *settings, struct failure *failure)
{
	const uint32_t times[] = {
		settings->refresh, settings->retry, settings->expire, settings->minimum};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] > WIRE_TTL_MAX)
			return failure_set(failure, FAILURE_INVALID,
				"the SOA time %u is above %d seconds", times[i], WIRE_TTL_MAX);
	return presentation_check_ttl(settings->ttl, failure);
}

static int put_soa(struct update *update, const struct zone_ref *zone,
	const struct zone_defaults *settings, struct rrset_buffer *buffer, struct failure *failure)
{
	const struct soa_numbers numbers = {FIRST_SERIAL, settings->refresh, settings->retry,
		settings->expire, settings->minimum};
	uint8_t rdata[SOA_MAX_BYTES];
	struct stored soa = {.details_bytes = 0};
	int mname = presentation_parse_name(settings->mname, rdata, failure), rname;

	if (mname < 0)
		return -1;
	rname = presentation_parse_name(settings->rname, rdata + mname, failure);
	if (rname < 0)
		return -1;
	soa_write_numbers(rdata + mname + rname, &numbers);
	rrset_buffer_reset(buffer, WIRE_TYPE_SOA, settings->ttl);
	if (rrset_buffer_add(buffer, rdata, mname + rname + SOA_NUMBERS_BYTES) != 0)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the zone");
	soa.rrset = rrset_buffer_view(buffer);
	return batch_put(update, zone, &zone->apex, &soa, NULL, failure);
}

static int put_ns(struct update *update, const struct zone_ref *zone,
	const struct zone_defaults *settings, struct rrset_buffer *buffer, struct failure *failure)
{
	uint8_t rdata[WIRE_NAME_MAX_BYTES];
	struct stored servers = {.details_bytes = 0};

	if (settings->ns_count < 1 || settings->ns_count > UPDATE_NS_MAX)
		return failure_set(failure, FAILURE_INVALID,
			"a zone takes 1 to %d name servers, not %zu", UPDATE_NS_MAX,
			settings->ns_count);
	rrset_buffer_reset(buffer, WIRE_TYPE_NS, settings->ttl);
	for (size_t i = 0; i < settings->ns_count; i++) {
		int bytes = presentation_parse_name(settings->ns[i], rdata, failure);

		if (bytes < 0)
			return -1;
		if (rrset_buffer_add(buffer, rdata, bytes) != 0)
			return failure_set(failure, FAILURE_STORE_FULL, "no memory for the zone");
	}
	servers.rrset = rrset_buffer_view(buffer);
	return batch_put(update, zone, &zone->apex, &servers, NULL, failure);
}

/* Owners that another zone is going to speak for. */
struct handover {
	struct update *update;
	struct failure *failure;
};

static int hand_over(void *context, const struct owner *owner, const struct stored *stored)
{
	struct handover *handover = context;

	(void)stored;
	return batch_add_dirty(handover->update, owner, handover->failure);
}

/*
 * The zone around `apex` gets back, or loses, what it holds below: that is published anew. Its own
 * contents, and so its serial, stay.
 */
static int note_enclosing(struct update *update, const struct owner *apex, struct failure *failure)
{
	struct handover handover = {update, failure};
	struct zone_ref enclosing;

	if (!batch_zone_above(update, apex, &enclosing))
		return 0;
	if (store_each_rrset(
		    update->store, enclosing.id, apex, NULL, hand_over, &handover, failure) != 0)
		return -1;
	return batch_add_event(update, &enclosing, ZONE_RESHAPED, failure);
}

int batch_add_zone(struct update *update, const struct owner *apex, struct zone_ref *zone,
	struct failure *failure)
{
	const struct zone_settings none = {.ttl = 0};

	zone->apex = *apex;
	if (check_apex(update, apex, failure) != 0 ||
		store_put_zone(update->store, apex, &zone->id, failure) != 0 ||
		batch_note_zone(update, JOURNAL_ZONE_ADDED, zone, NULL, &none, failure) != 0 ||
		note_enclosing(update, apex, failure) != 0 ||
		batch_add_event(update, zone, ZONE_ADDED, failure) != 0)
		return -1;
	return batch_decide_serial(update, zone, FIRST_SERIAL, failure);
}

int update_add_zone(struct update *update, const struct owner *apex,
	const struct zone_defaults *settings, uint64_t *sequence, struct failure *failure)
{
	struct rrset_buffer buffer = {0};
	struct update_result changed = {0};
	struct update_group part;
	struct zone_ref zone;
	int result;

	if (batch_open_part(update, &part, failure) != 0)
		return -1;
	result = check_times(settings, failure);
	if (result == 0)
		result = batch_add_zone(update, apex, &zone, failure);
	if (result == 0)
		result = put_soa(update, &zone, settings, &buffer, failure);
	if (result == 0)
		result = put_ns(update, &zone, settings, &buffer, failure);
	rrset_buffer_free(&buffer);
	result = batch_close_part(update, &part, result, &changed, failure);
	*sequence = changed.sequence;
	return result;
}

/* A page of keys to delete: what is walked may not be changed at the same time. */
enum { PAGE_KEYS = 256, PAGE_FULL = 1 };

struct page {
	size_t count;
	struct {
		struct store_owner owner;
		uint16_t type;
	} key[PAGE_KEYS];
};

static int take_key(void *context, const struct owner *owner, const struct stored *stored)
{
	struct page *page = context;

	if (page->count == PAGE_KEYS)
		return PAGE_FULL;
	store_keep_owner(&page->key[page->count].owner, owner);
	page->key[page->count++].type = stored->rrset.type;
	return 0;
}

static int delete_page(struct update *update, const struct zone_ref *zone, const struct page *page,
	struct failure *failure)
{
	for (size_t i = 0; i < page->count; i++)
		if (batch_delete(update, zone, &page->key[i].owner.owner, page->key[i].type, NULL,
			    failure) != 0)
			return -1;
	return 0;
}

/* Deletes every RRset of the zone, page by page from its start. */
static int delete_contents(struct update *update, const struct zone_ref *zone, size_t *removed,
	struct failure *failure)
{
	struct page *page = malloc(sizeof(*page));
	int result;

	*removed = 0;
	if (page == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory to remove the zone");
	do {
		page->count = 0;
		result = store_each_rrset(
			update->store, zone->id, NULL, NULL, take_key, page, failure);
		if (result >= 0 && delete_page(update, zone, page, failure) != 0)
			result = -1;
		*removed += page->count;
	} while (result == PAGE_FULL);
	free(page);
	return result;
}

static int find_zone(struct update *update, const struct owner *apex, struct zone_ref *zone,
	struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	if (batch_find_zone(update, apex, zone))
		return 0;
	return failure_set(failure, FAILURE_NOT_FOUND, "there is no zone %.255s here",
		presentation_write_owner(apex, text));
}

static int remove_zone(
	struct update *update, const struct owner *apex, size_t *removed, struct failure *failure)
{
	struct zone_settings settings;
	struct zone_ref zone;

	if (find_zone(update, apex, &zone, failure) != 0 ||
		update_get_zone_settings(update, apex, &settings, failure) != 0 ||
		delete_contents(update, &zone, removed, failure) != 0 ||
		batch_note_zone(update, JOURNAL_ZONE_REMOVED, &zone, &settings, NULL, failure) !=
			0 ||
		store_delete_zone(update->store, apex, failure) != 0 ||
		note_enclosing(update, apex, failure) != 0)
		return -1;
	return batch_add_event(update, &zone, ZONE_REMOVED, failure);
}

int update_remove_zone(struct update *update, const struct owner *apex, uint64_t *sequence,
	size_t *removed, struct failure *failure)
{
	struct update_result changed = {0};
	struct update_group part;
	int result;

	if (batch_open_part(update, &part, failure) != 0)
		return -1;
	result = remove_zone(update, apex, removed, failure);
	result = batch_close_part(update, &part, result, &changed, failure);
	*sequence = changed.sequence;
	return result;
}

/* ---- Settings ---- */

int update_get_zone_settings(struct update *update, const struct owner *apex,
	struct zone_settings *settings, struct failure *failure)
{
	struct zone_ref zone;
	uint32_t number;
	int found;

	if (find_zone(update, apex, &zone, failure) != 0)
		return -1;
	found = store_get_zone(update->store, apex, &number, settings, failure);
	return found == 1 ? 0 : -1;
}

static int check_settings(const struct zone_settings *settings, struct failure *failure)
{
	if (settings->serial_policy >= ZONE_SERIALS)
		return failure_set(failure, FAILURE_INVALID, "there is no serial policy %u",
			settings->serial_policy);
	return settings->ttl == 0 ? 0 : presentation_check_ttl(settings->ttl, failure);
}

static int set_settings(struct update *update, const struct owner *apex,
	const struct zone_settings *settings, struct zone_ref *zone, struct failure *failure)
{
	struct zone_settings old;

	if (check_settings(settings, failure) != 0 || find_zone(update, apex, zone, failure) != 0 ||
		update_get_zone_settings(update, apex, &old, failure) != 0)
		return -1;
	if (old.serial_policy == settings->serial_policy && old.frozen == settings->frozen &&
		old.ttl == settings->ttl)
		return 0;
	if (batch_note_zone(update, JOURNAL_SETTINGS, zone, &old, settings, failure) != 0 ||
		store_set_zone(update->store, apex, zone->id, settings, failure) != 0)
		return -1;
	return batch_note_settings(update, zone, settings, failure);
}

int update_set_zone_settings(struct update *update, const struct owner *apex,
	const struct zone_settings *settings, struct update_result *result, struct failure *failure)
{
	struct update_group part;
	struct zone_ref zone;
	int changed;

	if (batch_open_part(update, &part, failure) != 0)
		return -1;
	changed = set_settings(update, apex, settings, &zone, failure);
	if (changed == 0)
		result->serial = batch_serial(update, &zone);
	return batch_close_part(update, &part, changed, result, failure);
}
