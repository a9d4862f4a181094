/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl stats: all counters, or what they grew by. */
#ifndef ARPAD_CONTROL_CTL_STATS_H
#define ARPAD_CONTROL_CTL_STATS_H

#include "control/ctl/verbs.h"

enum { STATS_SINCE_MAX_S = 86400 };

/* The verb's run function; its option "since" is a file or a number of seconds. */
enum ctl_status stats_run(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments);

/* Waits, but not for longer than until an interrupt. */
void stats_sleep(unsigned seconds);

#endif
