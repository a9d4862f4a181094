/* SPDX-License-Identifier: BSD-3-Clause */
/* What a method is: its row in the tables of command_*.c, and what its functions are given. */
#ifndef ARPAD_CONTROL_COMMAND_METHOD_H
#define ARPAD_CONTROL_COMMAND_METHOD_H

#include "control/command.h"
#include "control/store_codec.h"

#include <jansson.h>

enum param_kind { PARAM_TEXT, PARAM_TEXTS, PARAM_NUMBER, PARAM_FLAG };

struct param {
	const char *name; /* NULL ends the list */
	enum param_kind kind;
	bool required;
};

enum method_kind {
	METHOD_READ,
	METHOD_ACT,    /* does at once what no commit undoes */
	METHOD_CHANGE, /* takes part in the commit */
	METHOD_LIST,   /* pages, after the commit */
};

/* Where a list stands between two pages. */
struct page {
	bool started;
	struct store_owner after; /* the last one that was seen */
	size_t sent;		  /* in all pages so far */
};

struct import;

struct method {
	const char *name; /* NULL ends a table */
	enum method_kind kind;
	bool logged; /* rare and weighty: its result goes to the log */
	const struct param *params;
	/* All but LIST: a new reference, or NULL and the failure. `params` are checked. */
	json_t *(*run)(struct session *session, json_t *params, struct failure *failure);
	/* LIST: appends to `items`. 1: more follows, 0: that was all, -1: the failure. */
	int (*page)(struct session *session, json_t *params, struct page *page, json_t *items,
		struct failure *failure);
};

/* The method called `name`, or NULL. */
const struct method *command_method(const char *name);

extern const struct method command_server_methods[];
extern const struct method command_ptr_methods[];
extern const struct method command_zone_methods[];
extern const struct method command_import_methods[];
extern const struct method command_export_methods[];
extern const struct method command_address_methods[];

struct session {
	struct command *command;
	struct import *imports; /* list */
	unsigned last_import;	/* number given last */
	/* What a commit may still borrow; freed when the batch is over. */
	struct import *committed;
};

/* Ends every import of the session. */
void command_import_end(struct session *session);
/* Ends those whose commit was part of the batch that is over. */
void command_import_settle(struct session *session);

/* Parameters by name, after the check: NULL or `otherwise` when they are not there. */
const char *param_text(json_t *params, const char *name);
json_int_t param_number(json_t *params, const char *name, json_int_t otherwise);

/* Pages are cut at so many rows or octets of text, so that none delays the loop for long. */
enum { PAGE_ROWS_MAX = 1000, PAGE_TEXT_MAX_BYTES = 256 * 1024 };

/* The names in an RRset of NS or PTR, each with its final dot. NULL: no memory or bad data. */
json_t *command_names(const struct rrset *rrset, size_t *text_bytes);

/* Sets `failure` to "out of memory" and returns NULL. */
json_t *command_no_memory(struct failure *failure);

#endif
