/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every key of the configuration: its default, unit and range, and what a change of it needs. What
 * shows, compares or documents the configuration reads this table.
 */
#ifndef ARPAD_CONTROL_CONFIG_KEYS_H
#define ARPAD_CONTROL_CONFIG_KEYS_H

#include <stdbool.h>

enum config_key_kind {
	CONFIG_KEY_TEXT,
	CONFIG_KEY_WORD, /* one of those in `range`, with commas between */
	CONFIG_KEY_NUMBER,
	CONFIG_KEY_TEXTS, /* a list */
	CONFIG_KEY_NUMBERS,
};

/* What puts a change in force. */
enum config_key_change { CONFIG_KEY_RESTART, CONFIG_KEY_RELOAD };

struct config_key {
	const char *path; /* "ports[].kernel.rate"; NULL ends the table */
	enum config_key_kind kind;
	enum config_key_change change;
	const char *value; /* the default as the file would give it; NULL: none */
	const char *none;  /* what is so without a value, where that is a matter of its own */
	const char *unit;  /* NULL: none */
	const char *range; /* a number's "LOW to HIGH", a word's choices, else in words */
	bool secret;	   /* its value is never shown */
};

extern const struct config_key config_keys[];

/* The key of a path with any numbers ("ports[1].queues"), or NULL. */
const struct config_key *config_key_find(const char *path);

/* "restart" or "reload". */
const char *config_key_change_name(enum config_key_change change);

#endif
