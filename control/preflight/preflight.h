/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether this host is fit to run arpad with a configuration. Reads, and changes nothing. */
#ifndef ARPAD_CONTROL_PREFLIGHT_H
#define ARPAD_CONTROL_PREFLIGHT_H

#include "control/preflight/facts.h"
#include "control/preflight/verdict.h"

/*
 * Adds a row for everything that was looked at; a configuration that is wrong is a row too, and
 * then the only one. False: out of memory, and rows are missing.
 */
bool preflight_run(const char *config_path, struct verdicts *verdicts);

/* All rows from the facts, whose configuration is there. Pure. */
void preflight_judge(const struct facts *facts, struct verdicts *verdicts);

#endif
