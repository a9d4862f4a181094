/* SPDX-License-Identifier: BSD-3-Clause */
/* The section names: what names of PTR objects may be. */
#ifndef ARPAD_CONTROL_CONFIG_NAMES_H
#define ARPAD_CONTROL_CONFIG_NAMES_H

#include "control/config/config_value.h"

/* Fills config->name_syntax. -1: line and failure say why. */
int config_names_check(const struct config_check *check);

#endif
