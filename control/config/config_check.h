/* SPDX-License-Identifier: BSD-3-Clause */
/* The rules for values that a schema can't hold: numbers, ranges, addresses, names, cores. */
#ifndef ARPAD_CONTROL_CONFIG_CHECK_H
#define ARPAD_CONTROL_CONFIG_CHECK_H

#include "control/config/config.h"
#include "control/config/config_problems.h"
#include "control/config/config_tree.h"

/*
 * Fills `config` from config->raw, defaults included, and adds all that is wrong to `problems`;
 * then the config can only be freed. -1: no memory.
 */
int config_check(
	struct config *config, const struct config_tree *tree, struct config_problems *problems);

#endif
