/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/actor.h"

#include <stddef.h>

const char *actor_role_name(enum role role)
{
	static const char *const names[] = {[ROLE_NONE] = "none",
		[ROLE_VIEWER] = "viewer",
		[ROLE_TENANT] = "tenant",
		[ROLE_OPERATOR] = "operator",
		[ROLE_ADMIN] = "admin"};

	return names[role];
}
