/* SPDX-License-Identifier: BSD-3-Clause */
/* The section health: what is told to those who send us queries. */
#ifndef ARPAD_CONTROL_CONFIG_HEALTH_H
#define ARPAD_CONTROL_CONFIG_HEALTH_H

#include "control/config/config_value.h"

/* Fills config->drain_delay_ms. -1: line and failure say why. */
int config_health_check(const struct config_check *check);

#endif
