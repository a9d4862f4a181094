/* SPDX-License-Identifier: BSD-3-Clause */
/* The section rate-limit: the rates of the policy, and how large the tables are. */
#ifndef ARPAD_CONTROL_CONFIG_RATELIMIT_H
#define ARPAD_CONTROL_CONFIG_RATELIMIT_H

#include "control/config/config_value.h"

/* Fills config->policy.rate and config->limiter_entries. -1: line and failure say why. */
int config_ratelimit_check(const struct config_check *check);

#endif
