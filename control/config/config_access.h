/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys access, tenants, read-only-socket and read-only-mode of the section control. */
#ifndef ARPAD_CONTROL_CONFIG_ACCESS_H
#define ARPAD_CONTROL_CONFIG_ACCESS_H

#include "control/config/config_value.h"

enum {
	CONFIG_ACCESS_MAX = 1024,
	CONFIG_TENANTS_MAX = 4096,
	CONFIG_TENANT_PREFIXES_MAX = 1024,
};

/* 0, or -1 with line and sentence in `check`. */
int config_access_check(const struct config_check *check);

/* Frees what the check made; takes a zeroed struct. */
void config_access_free(struct access *access);

#endif
