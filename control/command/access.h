/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who is at the other end of a control socket, as the kernel says, and what the configuration lets
 * it do. docs/decisions/0019-roles.md has the reasons.
 */
#ifndef ARPAD_CONTROL_ACCESS_H
#define ARPAD_CONTROL_ACCESS_H

#include "control/actor.h"

#include <stdbool.h>

/* One line of control.access. */
struct access_rule {
	bool group;  /* the id is of a group, else of a user */
	uint32_t id; /* uid or gid */
	enum role role;
	const struct tenant *tenant; /* of ROLE_TENANT; else NULL */
};

/* Part of a configuration, which owns all of it. */
struct access {
	const struct access_rule *rules; /* those of users before those of groups */
	unsigned rule_count;		 /* 0: whoever may open the socket is admin */
	const struct tenant *tenants;
	unsigned tenant_count;
};

/* What the kernel kept of the process that connected (unix(7), SO_PEERCRED and SO_PEERGROUPS). */
struct peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	gid_t *groups; /* the others of the process */
	unsigned group_count;
	bool read_only; /* it came by the read-only socket */
};

/* Fills `peer`, which access_peer_free empties. 0, or -errno. */
int access_peer_read(int fd, bool read_only, struct peer *peer);
void access_peer_free(struct peer *peer);

/* Whether the peer is root or runs as the user that arpad serves as, unless that is nobody. */
bool access_is_own(const struct peer *peer);

/*
 * Sets role and tenant of `actor`: viewer on the read-only socket; admin for access_is_own and
 * where there are no rules; else by the first rule that fits, or ROLE_NONE. The tenant is borrowed.
 */
void access_judge(const struct access *access, const struct peer *peer, struct actor *actor);

/* The tenant of this name, or NULL. */
const struct tenant *access_tenant(const struct access *access, const char *name);

#endif
