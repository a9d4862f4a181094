/* SPDX-License-Identifier: BSD-3-Clause */
/* The sections ports, listen and tcp. */
#ifndef ARPAD_CONTROL_CONFIG_LISTEN_H
#define ARPAD_CONTROL_CONFIG_LISTEN_H

#include "control/config/config_value.h"

/* -1: line and failure say why. */
int config_listen_check(const struct config_check *check);

#endif
