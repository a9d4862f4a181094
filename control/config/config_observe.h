/* SPDX-License-Identifier: BSD-3-Clause */
/* The section observe: how much of the traffic others may see. */
#ifndef ARPAD_CONTROL_CONFIG_OBSERVE_H
#define ARPAD_CONTROL_CONFIG_OBSERVE_H

#include "control/config/config_value.h"

/* Fills config->observe. -1: line and failure say why. */
int config_observe_check(const struct config_check *check);

#endif
