/* SPDX-License-Identifier: BSD-3-Clause */
/* The section answers: the policy, but for a cookie secret that nobody gave. */
#ifndef ARPAD_CONTROL_CONFIG_ANSWERS_H
#define ARPAD_CONTROL_CONFIG_ANSWERS_H

#include "control/config/config_value.h"

/* Fills config->policy. -1: line and failure say why. */
int config_answers_check(const struct config_check *check);

#endif
