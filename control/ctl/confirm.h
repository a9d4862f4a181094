/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks a person before what cannot be taken back. */
#ifndef ARPAD_CONTROL_CTL_CONFIRM_H
#define ARPAD_CONTROL_CTL_CONFIRM_H

#include "control/ctl/verbs.h"

/*
 * CTL_OK: "--yes" was given, or the person at the terminal said yes to `question`. Otherwise it was
 * said what to do, and the status is CTL_FAILED (no), or CTL_USAGE (nobody to ask).
 */
enum ctl_status confirm(struct arguments *arguments, const char *question);

#endif
