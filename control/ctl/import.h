/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of records sent in pieces, with progress. */
#ifndef ARPAD_CONTROL_CTL_IMPORT_H
#define ARPAD_CONTROL_CTL_IMPORT_H

#include "control/ctl/verbs.h"

#include <stdbool.h>

/* Texts as import.begin takes them; NULL: left out. */
struct import_options {
	const char *format; /* NULL: by the file's name; else "zone" if there is a zone, or "csv" */
	const char *mode, *zone, *prefix;
	bool dry_run;	  /* says what would change, and changes nothing */
	bool diff;	  /* shows it, row by row; with `dry_run` or before the commit */
	const char *path; /* "-": standard input */
};

enum ctl_status import_run(const struct ctl *ctl, const struct import_options *options);

#endif
