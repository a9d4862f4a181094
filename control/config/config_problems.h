/* SPDX-License-Identifier: BSD-3-Clause */
/* All that is wrong with a configuration, each with its line: what a person mends in one go. */
#ifndef ARPAD_CONTROL_CONFIG_PROBLEMS_H
#define ARPAD_CONTROL_CONFIG_PROBLEMS_H

#include "control/failure.h"

#include <stdbool.h>
#include <stdio.h>

/* A file with more is no configuration of ours; the rest is counted. */
enum { CONFIG_PROBLEMS_MAX = 32 };

struct config_problem {
	unsigned line;	 /* from 1; 0: the whole file is to blame */
	unsigned length; /* of the key, which `why.text` begins with */
	bool shape; /* the value is not known, so what else is said of its section may follow */
	struct failure why;
};

/* Starts as zeroes. */
struct config_problems {
	struct config_problem list[CONFIG_PROBLEMS_MAX];
	unsigned count;
	unsigned more; /* that found no room */
};

/* Adds "KEY: text", or the text alone for an empty key. Returns -1. */
int config_problems_add(struct config_problems *problems, const char *key, unsigned line,
	bool shape, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Whether something was wrong in the section that `key` begins with ("ports" of "ports[0].x"). */
bool config_problems_in(const struct config_problems *problems, const char *key, bool shape);

/* Whether there was a problem of shape with a section's own name. */
bool config_problems_at_top(const struct config_problems *problems);

/* Whether the shape of what stands at `key`, or below it, was wrong; "": of the whole file. */
bool config_problems_below(const struct config_problems *problems, const char *key);

/* The order of lines, those without one last. */
void config_problems_sort(struct config_problems *problems);

/* "PATH:LINE: text", or "line LINE: text" for a NULL path, cut at `bytes`. */
void config_problem_write(
	const struct config_problem *problem, const char *path, char *text, size_t bytes);

/* The first as a failure, and how many more there are. Returns -1. `problems` are not none. */
int config_problems_fail(
	struct config_problems *problems, const char *path, struct failure *failure);

#endif
