/* SPDX-License-Identifier: BSD-3-Clause */
/* What systemd's unit gives arpad, or what this process has where there is no unit. */
#ifndef ARPAD_CONTROL_PREFLIGHT_FACTS_UNIT_H
#define ARPAD_CONTROL_PREFLIGHT_FACTS_UNIT_H

#include "control/preflight/facts.h"

/* Of a root that starts arpad without a unit: everything. */
void facts_starter_begin(struct facts_starter *starter);

/*
 * Reads one file of a unit, of which the section [Service] counts; further files (drop-ins) change
 * what was read before, as systemd.syntax(7) says. Of what it does not know nothing is said.
 */
void facts_unit_parse(const char *text, struct facts_starter *starter);

/* Looks for arpad.service and its drop-ins where systemd does. */
void facts_read_starter(const char *root, struct facts_starter *starter);

#endif
