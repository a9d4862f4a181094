/* SPDX-License-Identifier: BSD-3-Clause */
/* One command, or a file of them. */
#ifndef ARPAD_CONTROL_CTL_RUN_H
#define ARPAD_CONTROL_CTL_RUN_H

#include "control/ctl/options.h"

#include <stdio.h>

/* The tables of verbs, NULL at the end. */
extern const struct verb *const run_tables[];

/*
 * The verb that the words name, and how many of them that takes; NULL: none. Words that name an
 * object alone give NULL and *words 1.
 */
const struct verb *run_find(char **words, int *used);

/* Carries out a command of one word or more, which NULL ends; they are moved. */
enum ctl_status run_words(const struct options *options, char **words);

/* The same for a line; an empty one is CTL_OK. */
enum ctl_status run_line(const struct options *options, const char *line);

/*
 * Carries out the commands of options->file. Goes on behind those that fail unless options->stop;
 * the status is that of the first that failed.
 */
enum ctl_status run_file(const struct options *options);

/* What "--help" and "help [OBJECT [VERB]]" print. */
enum ctl_status run_help(char **words);
void run_print_usage(FILE *out);

#endif
