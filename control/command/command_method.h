/* SPDX-License-Identifier: BSD-3-Clause */
/* What a method is: its row in the tables of command_*.c, and what its functions are given. */
#ifndef ARPAD_CONTROL_COMMAND_METHOD_H
#define ARPAD_CONTROL_COMMAND_METHOD_H

#include "control/actor.h"
#include "control/command/command.h"
#include "control/command/text.h"
#include "control/store/store_codec.h"

#include <jansson.h>

enum param_kind {
	PARAM_TEXT,
	PARAM_TEXTS,
	PARAM_NUMBER,
	PARAM_FLAG,
	PARAM_TEXT_MAP, /* an object whose values are strings */
	PARAM_OBJECTS,	/* an array of objects */
};

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
	METHOD_FOLLOW, /* a list whose page may find nothing yet: PAGE_WAIT */
};

/* What a page returns beside -1. */
enum {
	PAGE_LAST, /* that was all */
	PAGE_MORE,
	/* FOLLOW: no more for now. What there is leaves; asked again after commits, and each
	   second. */
	PAGE_WAIT,
};

/* Who may run a method, by bit; admins may all. */
enum {
	ALLOW_ADMIN = 1 << ROLE_ADMIN,
	ALLOW_OPERATOR = 1 << ROLE_OPERATOR,
	ALLOW_TENANT = 1 << ROLE_TENANT,
	ALLOW_VIEWER = 1 << ROLE_VIEWER,
	/* What changes records and zones of all, and what reads of all; with a tenant's own part.
	 */
	ALLOW_CHANGE = ALLOW_OPERATOR | ALLOW_ADMIN,
	ALLOW_READ = ALLOW_VIEWER | ALLOW_CHANGE,
	ALLOW_CHANGE_OWN = ALLOW_CHANGE | ALLOW_TENANT,
	ALLOW_READ_OWN = ALLOW_READ | ALLOW_TENANT,
};

/* Where a list stands between two pages. */
struct page {
	bool started;
	struct store_owner after; /* the last one that was seen */
	size_t sent;		  /* in all pages so far */
	/* Where in the journal what follows stands, and until when it waits (CLOCK_MONOTONIC). */
	uint64_t sequence;
	uint32_t index;
	int64_t deadline_ms;
};

struct import;
struct store_check;
struct trace;

struct method {
	const char *name; /* NULL ends a table */
	enum method_kind kind;
	uint8_t roles; /* ALLOW_...; 0: admins alone */
	bool bulk;     /* a CHANGE that runs as a batch of its own: it may write in bulk */
	const struct param *params;
	/*
	 * All but LIST and FOLLOW have one of the two, with `params` checked. run: a new reference,
	 * or NULL and the failure. answer: adds the result to `result` as JSON text, whatever was
	 * there before it; 0, or -1 and the failure.
	 */
	json_t *(*run)(struct session *session, json_t *params, struct failure *failure);
	int (*answer)(struct session *session, json_t *params, struct text *result,
		struct failure *failure);
	/*
	 * LIST and FOLLOW have one of the two: PAGE_..., or -1 and the failure, after which no page
	 * is asked for. page: appends to `items`. write: adds the items to `items` as JSON text,
	 * with a comma between two of a page.
	 */
	int (*page)(struct session *session, json_t *params, struct page *page, json_t *items,
		struct failure *failure);
	int (*write)(struct session *session, json_t *params, struct page *page, struct text *items,
		struct failure *failure);
};

/* The method called `name`, or NULL. */
const struct method *command_method(const char *name);
const struct method *command_method_of(const char *name, size_t bytes);

/* The method of this number, from 0; NULL: there are fewer. */
const struct method *command_method_at(size_t index);

/* 0 when the session's actor may run the method, or -1: FAILURE_DENIED, with the role that may. */
int command_may(struct session *session, const struct method *method, struct failure *failure);

extern const struct method command_server_methods[];
extern const struct method command_ptr_methods[];
extern const struct method command_ptr_list_methods[];
extern const struct method command_txn_methods[];
extern const struct method command_zone_methods[];
extern const struct method command_import_methods[];
extern const struct method command_diff_methods[];
extern const struct method command_backup_methods[];
extern const struct method command_restore_methods[];
extern const struct method command_export_methods[];
extern const struct method command_address_methods[];
extern const struct method command_config_methods[];
extern const struct method command_journal_methods[];
extern const struct method command_store_methods[];
extern const struct method command_trace_methods[];
extern const struct method command_observe_methods[];

struct session {
	struct command *command;
	/*
	 * Who asks, as the configuration has it when the request is run. The tenant goes with the
	 * configuration: keep its name, not the pointer.
	 */
	struct actor actor;
	bool has_peer;
	struct peer peer;
	unsigned access_version;   /* of the command's when the actor was judged */
	struct import *imports;	   /* list */
	unsigned last_import;	   /* number given last */
	struct backup *backup;	   /* the one under way, or NULL */
	struct store_check *check; /* a store.verify under way */
	struct trace *trace;	   /* the one that is followed, or NULL */
	uint64_t trace_told;	   /* how many lost rows its reader has heard of */
	/* What a commit may still borrow; freed when the batch is over. */
	struct import *committed;
};

/* Between the two, what is changed and read is so for the session's actor; else for arpad. */
void command_act_as(struct session *session);
void command_act_as_self(struct session *session);

/*
 * 0 when `params` is what the method takes: no other names, every required one, all of the right
 * kinds. Else -1: FAILURE_INVALID.
 */
int command_check_params(const struct method *method, json_t *params, struct failure *failure);

/* Ends the session's backup, if one is under way. */
void command_backup_end(struct session *session);
/* Ends what store.verify has open. */
void command_store_end(struct session *session);
/* Ends the trace that the session follows, if any. */
void command_trace_end(struct session *session);
/* Ends every import of the session, and its backup. */
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
