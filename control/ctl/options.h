/* SPDX-License-Identifier: BSD-3-Clause */
/* The options that are no verb's: how to connect and to print, and what to run. */
#ifndef ARPAD_CONTROL_CTL_OPTIONS_H
#define ARPAD_CONTROL_CTL_OPTIONS_H

#include "control/ctl/verbs.h"

struct options {
	struct ctl ctl;
	const char *file; /* of commands; NULL: none */
	bool stop;	  /* at the first command that fails */
	bool echo;
	bool help, version, complete;
};

extern const char options_default_socket[];

/* The lines of the help about them. */
extern const char options_help[];

/* Their long names with dashes, NULL at the end: for completion. */
extern const char *const options_names[];

/*
 * Reads the word at the front, and the next where it is its value. Returns how many words that
 * were; 0: it is no option of these; -1: it is wrong, and that was said. With `common` only those
 * that may stand behind a verb too.
 */
int options_take(struct options *options, char **words, bool common);

/* Whether an option of these takes the next word as its value. */
bool options_has_value(const char *word);

#endif
