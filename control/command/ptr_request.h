/* SPDX-License-Identifier: BSD-3-Clause */
/* ptr.set, add, remove and unset: from parameters to the change that update.h makes. */
#ifndef ARPAD_CONTROL_PTR_REQUEST_H
#define ARPAD_CONTROL_PTR_REQUEST_H

#include "control/command/name_syntax.h"
#include "control/command/text.h"
#include "control/update/update.h"

#include <jansson.h>
#include <stdbool.h>

enum ptr_verb { PTR_VERB_SET, PTR_VERB_ADD, PTR_VERB_REMOVE, PTR_VERB_UNSET };

/* An unset of more is refused: all of it is one change in one turn of the control thread. */
enum { PTR_UNSET_MAX = 1000000 };

struct ptr_request {
	enum ptr_verb verb;
	bool is_prefix; /* unset: of all at and below the target */
	struct prefix target;
	int64_t expect; /* unset of a prefix: how many; -1: any */
	enum name_syntax syntax;
	struct ptr_change change; /* borrows names and details */
	struct wire_name names[UPDATE_PTR_NAMES_MAX];
	struct details details; /* borrows the parameters */
};

/* Reads parameters that were checked for name and kind, and lend what the request borrows. */
int ptr_request_parse(enum ptr_verb verb, json_t *params, enum name_syntax syntax,
	struct ptr_request *request, struct failure *failure);

/* What became of it. */
struct ptr_outcome {
	struct update_result result;
	size_t removed; /* unset of a prefix */
};

/* Makes the change, inside a batch. */
int ptr_request_run(struct update *update, const struct ptr_request *request,
	struct ptr_outcome *outcome, struct failure *failure);

/* Adds "address" or "prefix" with its value to an object, without a comma. */
void ptr_request_write_target(struct text *text, const struct ptr_request *request);

/*
 * Adds a sentence for each name that breaks the policy's rules, where it warns, to a list of
 * strings without brackets.
 */
void ptr_request_add_warnings(struct text *list, const struct ptr_request *request);

/* Adds ,"warnings":[...] where the list has any. */
void ptr_request_write_warnings(struct text *text, const struct text *list);

#endif
