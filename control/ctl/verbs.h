/* SPDX-License-Identifier: BSD-3-Clause */
/* What a verb is: its row in the tables of verbs_*.c. */
#ifndef ARPAD_CONTROL_CTL_VERBS_H
#define ARPAD_CONTROL_CTL_VERBS_H

#include "control/ctl/client.h"

/* The options before the object. */
struct ctl {
	const char *socket;
	bool json;
	int timeout_s; /* 0: the verb's own */
};

struct verb {
	const char *object; /* NULL ends a table */
	const char *name;   /* NULL: the object is the verb */
	const char *arguments;
	const char *help; /* what it does, and an example */
	/* argv[0] is the verb. */
	enum ctl_status (*run)(const struct ctl *ctl, int argc, char **argv);
};

extern const struct verb verbs_address[];
extern const struct verb verbs_ptr[];
extern const struct verb verbs_server[];
extern const struct verb verbs_zone[];

/* verbs.c: what several verbs share. */

/* Connects with the time limit of the command line, or `default_s` seconds. */
enum ctl_status verbs_connect(const struct ctl *ctl, int default_s, struct client *client);

/* Says what is wrong with the arguments; returns CTL_USAGE. */
enum ctl_status verbs_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reads a whole decimal number of at most 10 figures into `params` under `key`. */
bool verbs_set_number(json_t *params, const char *key, const char *text);

/* Connects, calls, and closes. CTL_OK: *result is a new reference. Takes `params`. */
enum ctl_status verbs_call(
	const struct ctl *ctl, const char *method, json_t *params, json_t **result);

/*
 * Calls a method that answers in pages, and gives every item to `print`, or prints one JSON array.
 * Takes `params`.
 */
enum ctl_status verbs_list(
	const struct ctl *ctl, const char *method, json_t *params, void (*print)(json_t *item));

/* Prints a result as one line of JSON. */
void verbs_print_json(json_t *result);

/* A member's text, or "" when it is missing. Borrowed. */
const char *verbs_text(json_t *object, const char *key);
long long verbs_number(json_t *object, const char *key);

#endif
