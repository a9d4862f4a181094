/* SPDX-License-Identifier: BSD-3-Clause */
/* The section privileges. Whether the user exists is asked at start only
 * (control/sandbox/privileges.h). */
#ifndef ARPAD_CONTROL_CONFIG_PRIVILEGES_H
#define ARPAD_CONTROL_CONFIG_PRIVILEGES_H

#include "control/config/config_value.h"

/* Fills config->privileges. -1: line and failure say why. */
int config_privileges_check(const struct config_check *check);

#endif
