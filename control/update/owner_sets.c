/* SPDX-License-Identifier: BSD-3-Clause */
/* One owner's RRsets on their way from the store to the table. */
#include "control/update/owner_sets.h"

#include <errno.h>
#include <stdlib.h>

enum { SETS_MAX = 64 }; /* far above the types that zone data may have */

int owner_sets_add(struct owner_sets *sets, const struct rrset *rrset)
{
	if (sets->count == sets->capacity) {
		size_t capacity = sets->capacity == 0 ? 4 : sets->capacity * 2;
		struct rrset_buffer *buffer;

		if (capacity > SETS_MAX)
			return -ENOMEM;
		buffer = realloc(sets->buffer, capacity * sizeof(*buffer));
		if (buffer == NULL)
			return -ENOMEM;
		for (size_t i = sets->capacity; i < capacity; i++)
			buffer[i] = (struct rrset_buffer){0};
		sets->buffer = buffer;
		sets->capacity = capacity;
	}
	if (rrset_buffer_copy(&sets->buffer[sets->count], rrset) != 0)
		return -ENOMEM;
	sets->count++;
	return 0;
}

struct record *owner_sets_record(const struct owner_sets *sets, const struct owner *owner)
{
	struct rrset views[SETS_MAX];

	for (size_t i = 0; i < sets->count; i++)
		views[i] = rrset_buffer_view(&sets->buffer[i]);
	return record_new(owner, views, (unsigned)sets->count);
}

void owner_sets_free(struct owner_sets *sets)
{
	for (size_t i = 0; i < sets->capacity; i++)
		rrset_buffer_free(&sets->buffer[i]);
	free(sets->buffer);
	*sets = (struct owner_sets){0};
}
