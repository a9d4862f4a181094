/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A naive model of the table: which owners have which record or stand in a page, how many owners
 * are below each name (counted straight, not by children as the table does), and what must still be
 * handed back.
 */
#ifndef ARPAD_TESTS_SUPPORT_MODEL_H
#define ARPAD_TESTS_SUPPORT_MODEL_H

#include "dataplane/records/table_writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The PTR record of a host in a page. */
struct model_ptr {
	uint32_t ttl;
	uint8_t bytes;
	uint8_t name[HOSTS_NAME_MAX_BYTES];
};

struct model_name {
	struct owner name;	     /* its labels are the model's own copy */
	const struct record *record; /* the RRsets published here, or NULL */
	struct model_ptr *ptr;	     /* or what it has in a page; the model's own copy */
	size_t below;		     /* owners strictly below */
	size_t linked;		     /* of these, those for which it needs a record of its own */
	bool known;
};

struct model {
	struct model_name *slot;
	size_t mask, names; /* names ever seen */
	size_t owners, empty_nonterminals;
	const void **due; /* records and pages that must be handed back, by address */
	size_t due_mask, due_count;
	void (*release_record)(void *), (*release_hosts)(void *); /* tell them from arrays */
	size_t due_empty; /* empty non-terminals that must be handed back */
};

void model_open(struct model *model, size_t most_names);
void model_close(struct model *model);

void model_put(struct model *model, const struct record *record);
bool model_remove(struct model *model, const struct owner *owner);

/*
 * A host has this in a page now; it has no record. To take it away, model_remove; model_put moves
 * it. What becomes of whole pages is told apart: one that is replaced or goes must be handed back.
 */
void model_put_host(struct model *model, const struct owner *owner, const struct rrset *ptr);
void model_page_goes(struct model *model, const struct hosts *page);

/* The entry of a name, or NULL when it was never seen. */
const struct model_name *model_find(const struct model *model, const struct owner *name);

/* Whether the table knows `name` just as the model does. */
bool model_agrees(const struct model *model, const struct table *table, const struct owner *name);

/* Takes all that the table unlinked, checks that each was due, once, and frees it. */
bool model_take_unlinked(struct model *model, struct table *table);

#endif
