/* SPDX-License-Identifier: BSD-3-Clause */
/* What a staged RRset makes of a stored one. */
#include "control/update/update_compare.h"

#include <string.h>

static bool is_exact(const struct import_plan *plan)
{
	return plan->kind == IMPORT_REPLACE || plan->kind == IMPORT_RESTORE;
}

/* Puts what is staged and what is kept together, where both have a part. */
static int merge_details(struct compare *compare, const struct staged *staged,
	const struct stored *old, struct stored *made, struct failure *failure)
{
	struct details details, said;

	if (details_parse(old->details, old->details_bytes, &details) != 0 ||
		details_parse(staged->details, staged->details_bytes, &said) != 0)
		return compare_refuse_damage(failure);
	if (staged->said & STAGED_DESCRIPTION)
		details.description = said.description;
	if (staged->said & STAGED_TENANT)
		details.tenant = said.tenant;
	if (staged->said & STAGED_TAGS) {
		details.tag_count = said.tag_count;
		memcpy(details.tags, said.tags, said.tag_count * sizeof(said.tags[0]));
	}
	made->details = compare->details;
	made->details_bytes = (uint16_t)details_write(&details, compare->details);
	return 0;
}

static int make_details(struct compare *compare, const struct staged *staged,
	const struct stored *old, struct stored *made, struct failure *failure)
{
	unsigned said = staged->said & STAGED_DETAILS;

	made->details = staged->details;
	made->details_bytes = staged->details_bytes;
	if (is_exact(compare->plan) || said == STAGED_DETAILS || old == NULL ||
		old->details_bytes == 0)
		return 0;
	if (said != 0)
		return merge_details(compare, staged, old, made, failure);
	/* Copied: what the store lends does not outlive the write that these are for. */
	memcpy(compare->details, old->details, old->details_bytes);
	made->details = compare->details;
	made->details_bytes = old->details_bytes;
	return 0;
}

static bool is_same(const struct difference *difference)
{
	const struct stored *old = &difference->old, *made = &difference->made;

	return rrset_equal(&old->rrset, &made->rrset) &&
		old->details_bytes == made->details_bytes &&
		(made->details_bytes == 0 ||
			memcmp(old->details, made->details, made->details_bytes) == 0) &&
		(!difference->has_times || old->stamp.created == made->stamp.created);
}

int compare_staged(struct compare *compare, const struct staged *staged, bool has_old,
	struct difference *difference, struct failure *failure)
{
	const struct stored *old = has_old ? &difference->old : NULL;
	struct stored *made = &difference->made;

	difference->key = staged->key;
	difference->key_bytes = staged->key_bytes;
	made->rrset = staged->rrset;
	if ((staged->said & STAGED_TTL) == 0)
		made->rrset.ttl = old != NULL && !is_exact(compare->plan) ? old->rrset.ttl
									  : difference->zone->ttl;
	difference->has_times = staged->said & STAGED_TIMES;
	made->stamp = (struct stamp){.created = staged->created, .modified = staged->modified};
	if (make_details(compare, staged, old, made, failure) != 0)
		return -1;
	difference->kind = old == NULL ? DIFFERENCE_ADDED
		: is_same(difference)  ? DIFFERENCE_NONE
				       : DIFFERENCE_CHANGED;
	return 0;
}

int compare_make(struct compare *compare, struct staged *staged, size_t position, bool has_old,
	struct difference *difference, struct failure *failure)
{
	if (staging_read(compare->plan->staging, position, staged, failure) != 1)
		return -1;
	difference->position = position;
	return compare_staged(compare, staged, has_old, difference, failure);
}
