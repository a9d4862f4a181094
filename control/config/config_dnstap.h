/* SPDX-License-Identifier: BSD-3-Clause */
/* The section dnstap: where sampled queries and replies go. */
#ifndef ARPAD_CONTROL_CONFIG_DNSTAP_H
#define ARPAD_CONTROL_CONFIG_DNSTAP_H

#include "control/config/config_value.h"

/* Fills config->dnstap. -1: line and failure say why. */
int config_dnstap_check(const struct config_check *check);

#endif
