/* SPDX-License-Identifier: BSD-3-Clause */
/* An import that a session has open, as command_import.c and command_diff.c know it. */
#ifndef ARPAD_CONTROL_COMMAND_IMPORT_H
#define ARPAD_CONTROL_COMMAND_IMPORT_H

#include "control/command/command_method.h"
#include "control/import/import_text.h"
#include "control/presentation.h"
#include "control/update/update_compare.h"
#include "control/update/update_import.h"
#include "control/zonefile/zonefile.h"

struct import {
	struct import *next;
	struct session *session;
	unsigned number;
	struct import_plan plan; /* borrows `apex` */
	struct store_owner apex;
	struct zonefile *zonefile; /* one of these reads the text */
	struct import_text *text;
	struct backup_read *backup; /* of a restore, instead of either */
	uint64_t odd_names;	    /* that could be no host's, and where the first one is */
	uint64_t first_odd_line;
	char first_odd[PRESENTATION_NAME_BYTES];
	bool finished;		/* no more text is taken */
	struct failure failure; /* FAILURE_NONE while all is well */
	struct compare compare; /* while `comparing`: between two pages of its diff */
	bool comparing;
};

/* A new one without a plan, on the session's list. NULL: the failure. */
struct import *import_open(struct session *session, struct failure *failure);

/* Takes it off the list and frees it; or has that done when the batch is over. */
void import_drop(struct import *import);
void import_commits(struct session *session, struct import *import);

/* The session's import, or restore, that `params` names, or NULL and the failure. */
struct import *import_find(struct session *session, json_t *params, struct failure *failure);
struct import *import_find_restore(
	struct session *session, json_t *params, struct failure *failure);

/* Whether more text may come. */
int import_check_open(const struct import *import, struct failure *failure);

/* Reads what is left of the text. 0, or -1: what was wrong with it, now or before. */
int import_finish(struct import *import, struct failure *failure);

#endif
