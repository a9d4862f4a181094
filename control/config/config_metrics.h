/* SPDX-License-Identifier: BSD-3-Clause */
/* The section metrics: where counters are told. */
#ifndef ARPAD_CONTROL_CONFIG_METRICS_H
#define ARPAD_CONTROL_CONFIG_METRICS_H

#include "control/config/config_value.h"

#include <stdbool.h>

/* Fills config->metrics. -1: line and failure say why. */
int config_metrics_check(const struct config_check *check);

/* Whether only this host can reach it. */
bool config_metrics_is_local(const struct config_metrics *metrics);

#endif
