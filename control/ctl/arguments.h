/* SPDX-License-Identifier: BSD-3-Clause */
/* Words behind a verb, read as its row in the tables says. */
#ifndef ARPAD_CONTROL_CTL_ARGUMENTS_H
#define ARPAD_CONTROL_CTL_ARGUMENTS_H

#include "control/ctl/options.h"

#include <stdio.h>

/*
 * Reads `words`, which NULL ends, and moves the operands to their front; options may stand anywhere
 * before "--". What is wrong has been said, and the status is CTL_USAGE. Release the arguments in
 * any case.
 */
enum ctl_status arguments_read(const struct verb *verb, char **words, struct options *options,
	struct arguments *arguments);
void arguments_release(struct arguments *arguments);

/* "ptr set ADDRESS [NAME...] [--ttl N]" */
void arguments_print_usage(const struct verb *verb, FILE *out);

/* What stands before the option's name: "--", or "-" where that is one letter. */
const char *arguments_dashes(const struct option_row *row);

/* "ptr set", or "status". */
const char *arguments_verb_name(const struct verb *verb);

#endif
