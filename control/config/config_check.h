/* SPDX-License-Identifier: BSD-3-Clause */
/* The rules for values that a schema can't hold: numbers, ranges, addresses, names, cores. */
#ifndef ARPAD_CONTROL_CONFIG_CHECK_H
#define ARPAD_CONTROL_CONFIG_CHECK_H

#include "control/config/config.h"
#include "control/config/config_lines.h"

/*
 * Fills `config` from config->raw, defaults included. -1: the failure says "key: what is wrong"
 * and `*line` is where.
 */
int config_check(struct config *config, const struct config_lines *lines, unsigned *line,
	struct failure *failure);

#endif
