/* SPDX-License-Identifier: BSD-3-Clause */
/* What a verb is: its row in the tables of verbs_*.c. Usage, parsing and completion come from it.
 */
#ifndef ARPAD_CONTROL_CTL_VERBS_H
#define ARPAD_CONTROL_CTL_VERBS_H

#include "control/ctl/client.h"
#include "control/ctl/list.h"
#include "control/ctl/output.h"

/* How commands are carried out. */
struct ctl {
	const char *socket;
	bool json;     /* results for a program: JSON or NDJSON */
	int timeout_s; /* 0: the verb's own */
	enum output_format format;
	enum output_color color;
	bool quiet;	     /* neither progress nor what is done */
	bool input_taken;    /* standard input holds the commands */
	struct client *kept; /* the connection that commands share; never NULL */
};

enum verb_limits { VERB_OPERANDS_MAX = 3, VERB_NUMBER_FIGURES_MAX = 18 };

enum operand_kind { OPERAND_NONE, OPERAND_ONE, OPERAND_OPTIONAL, OPERAND_MORE };

struct operand {
	const char *name;	/* in capitals, for usage; ZONE, TXN, FILE, METHOD complete */
	const char *key;	/* of the request; NULL: the verb's own */
	enum operand_kind kind; /* MORE: any number, and a list in the request */
};

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_TEXTS, OPTION_NUMBER, OPTION_TAGS };

struct option_row {
	const char *name;  /* without the dashes, of which one letter has one; NULL ends the list */
	const char *value; /* in capitals; NULL: a flag */
	enum option_kind kind;
	const char *key; /* of the request; NULL: the verb's own, under its name */
};

/* What was typed behind the verb. */
struct arguments {
	json_t *params; /* of the request; taken out by whoever sends it */
	json_t *own;	/* options that are none of the request, by name */
	char **word;	/* the operands; borrowed */
	int count;
};

enum verb_flags {
	VERB_STAGES = 1,  /* may be part of a transaction */
	VERB_NOTHING = 2, /* exit 6 where the result says that nothing changed */
};

struct verb {
	const char *object; /* NULL ends a table */
	const char *name;   /* NULL: the object is the verb */
	struct operand operand[VERB_OPERANDS_MAX];
	const struct option_row *options; /* may be NULL */
	const char *help;		  /* what it does, and an example */
	const char *method;		  /* of the protocol */
	unsigned flags;
	/* One of the four: how the result is shown. */
	void (*print)(json_t *result);
	const char *done; /* of a change: what happened to its subject */
	const struct list_form *form;
	enum ctl_status (*run)(
		const struct ctl *ctl, const struct verb *verb, struct arguments *arguments);
};

extern const struct verb verbs_address[];
extern const struct verb verbs_config[];
extern const struct verb verbs_import[];
extern const struct verb verbs_journal[];
extern const struct verb verbs_preflight[];
extern const struct verb verbs_observe[];
extern const struct verb verbs_ptr[];
extern const struct verb verbs_runtime[];
extern const struct verb verbs_server[];
extern const struct verb verbs_store[];
extern const struct verb verbs_trace[];
extern const struct verb verbs_txn[];
extern const struct verb verbs_zone[];

/* verbs.c: what several verbs share. */

/* Connects with the time limit of the command line, or `default_s` seconds. */
enum ctl_status verbs_connect(const struct ctl *ctl, int default_s, struct client *client);

/* The kept connection, open and with this time limit; NULL: status tells, and it was explained. */
struct client *verbs_kept(const struct ctl *ctl, int default_s, enum ctl_status *status);

/* Says what is wrong with the arguments; returns CTL_USAGE. */
enum ctl_status verbs_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reads a whole decimal number into `params` under `key`. */
bool verbs_set_number(json_t *params, const char *key, const char *text);

/* Calls on the kept connection. CTL_OK: *result is a new reference. Takes `params`. */
enum ctl_status verbs_call(
	const struct ctl *ctl, const char *method, json_t *params, json_t **result);

/* The same, with the verb's own time limit in seconds. */
enum ctl_status verbs_call_within(
	const struct ctl *ctl, int default_s, const char *method, json_t *params, json_t **result);

/* Calls a method that answers in pages, and prints them. Takes `params`. */
enum ctl_status verbs_list(
	const struct ctl *ctl, const char *method, json_t *params, const struct list_form *form);

/* Takes the request's parameters out of the arguments: a new reference. */
json_t *verbs_take(struct arguments *arguments);

/*
 * Shows the result of a change: "SUBJECT DONE (change N)", or what else became of it, and its
 * warnings on standard error. Takes `result`. CTL_NOTHING: it says that nothing changed, and the
 * verb has VERB_NOTHING.
 */
enum ctl_status verbs_show_change(const struct ctl *ctl, const struct verb *verb, json_t *result);

/* Prints a result for a program. */
void verbs_print_json(json_t *result);

/* "KEY: VALUE" lines for members that are text, numbers, flags or lists of these, in their order.
 */
void verbs_print_members(json_t *result);

/* A member's text, or "" when it is missing. Borrowed. */
const char *verbs_text(json_t *object, const char *key);
long long verbs_number(json_t *object, const char *key);
bool verbs_flag(json_t *object, const char *key);

#endif
