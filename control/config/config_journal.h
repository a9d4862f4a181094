/* SPDX-License-Identifier: BSD-3-Clause */
/* The section journal: how much of what happened is kept. */
#ifndef ARPAD_CONTROL_CONFIG_JOURNAL_H
#define ARPAD_CONTROL_CONFIG_JOURNAL_H

#include "control/config/config_value.h"

/* Fills config->journal. -1: line and failure say why. */
int config_journal_check(const struct config_check *check);

#endif
