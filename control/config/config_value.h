/* SPDX-License-Identifier: BSD-3-Clause */
/* One value of the configuration's text: read, or refused with the key and line it stands at. */
#ifndef ARPAD_CONTROL_CONFIG_VALUE_H
#define ARPAD_CONTROL_CONFIG_VALUE_H

#include "control/config/config.h"
#include "control/config/config_problems.h"
#include "control/config/config_schema.h"
#include "control/config/config_tree.h"

#include <stdbool.h>

enum { CONFIG_KEY_BYTES = 64 };

/* A configuration being checked: from `raw` to `config`, and what is wrong with it. */
struct config_check {
	struct config *config;
	const struct config_raw *raw;
	const struct config_tree *tree;
	struct config_problems *problems;
	bool *no_memory;
};

/*
 * Notes a problem, "key: the text"; returns -1. Whoever checks several values goes on, so that all
 * that is wrong is told at once; the value that was refused has its default.
 */
int config_value_refuse(const struct config_check *check, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Notes that there is no memory; returns -1. */
int config_value_no_memory(const struct config_check *check);

/* Whether the kernel, and an argument of DPDK's, may hold this as the name of an interface. */
bool config_value_is_interface(const char *name);

/* Reads a whole decimal number (base 8: an octal one) of low..high; no sign, no other character. */
int config_value_parse(const char *text, int base, long low, long high, long *value);

/* Reads a decimal number, or refuses. `text` may be NULL: then `*value`, the default, stays. */
int config_value_number(const struct config_check *check, const char *key, const char *text,
	long low, long high, long *value);

/* Finds `text` in a list of words ended by NULL; NULL text leaves the default. */
int config_value_word(const struct config_check *check, const char *key, const char *text,
	const char *const *words, unsigned *value);

#endif
