/* SPDX-License-Identifier: BSD-3-Clause */
/* Who asks: what it may do, and for whom it does it. */
#ifndef ARPAD_CONTROL_ACTOR_H
#define ARPAD_CONTROL_ACTOR_H

#include "dataplane/dns/arpa.h"

#include <stdint.h>
#include <sys/types.h>

/* What each may do: docs/control-protocol.md. */
enum role { ROLE_NONE, ROLE_VIEWER, ROLE_TENANT, ROLE_OPERATOR, ROLE_ADMIN };

/* One who has addresses. Of the configuration, which keeps the strings. */
struct tenant {
	const char *name;
	const struct prefix *prefixes;
	unsigned prefix_count;
	uint64_t quota; /* objects at most; 0: no limit */
};

enum { ACTOR_NAME_BYTES = 64, ACTOR_TENANT_MAX_BYTES = 63 };

struct actor {
	enum role role;
	const struct tenant *tenant; /* of ROLE_TENANT; else NULL */
	uid_t uid;
	pid_t pid;
	char name[ACTOR_NAME_BYTES]; /* the user's, or its number */
};

/* As configuration, greeting and log write it. */
const char *actor_role_name(enum role role);

#endif
