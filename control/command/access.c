/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/access.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel tells how much room the groups need when it is too little. */
static int read_groups(int fd, struct peer *peer)
{
	socklen_t bytes = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &bytes) == 0)
		return 0; /* none */
	if (errno != ERANGE)
		return -errno;
	peer->groups = malloc(bytes);
	if (!peer->groups)
		return -ENOMEM;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &bytes) != 0)
		return -errno;
	peer->group_count = (unsigned)(bytes / sizeof(gid_t));
	return 0;
}

int access_peer_read(int fd, bool read_only, struct peer *peer)
{
	struct ucred credentials;
	socklen_t bytes = sizeof(credentials);
	int result;

	*peer = (struct peer){.read_only = read_only};
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0)
		return -errno;
	peer->uid = credentials.uid;
	peer->gid = credentials.gid;
	peer->pid = credentials.pid;
	result = read_groups(fd, peer);
	if (result != 0)
		access_peer_free(peer);
	return result;
}

void access_peer_free(struct peer *peer)
{
	free(peer->groups);
	peer->groups = NULL;
	peer->group_count = 0;
}

/* Users of other namespaces that have no number here all look like nobody's (user_namespaces(7)).
 */
bool access_is_own(const struct peer *peer)
{
	enum { OVERFLOW_UID = 65534 };

	return peer->uid == 0 || (peer->uid == geteuid() && peer->uid != OVERFLOW_UID);
}

static bool is_in_group(const struct peer *peer, gid_t group)
{
	if (peer->gid == group)
		return true;
	for (unsigned i = 0; i < peer->group_count; i++)
		if (peer->groups[i] == group)
			return true;
	return false;
}

static const struct access_rule *find_rule(const struct access *access, const struct peer *peer)
{
	for (unsigned i = 0; i < access->rule_count; i++) {
		const struct access_rule *rule = &access->rules[i];

		if (rule->group ? is_in_group(peer, rule->id) : peer->uid == rule->id)
			return rule;
	}
	return NULL;
}

void access_judge(const struct access *access, const struct peer *peer, struct actor *actor)
{
	const struct access_rule *rule;

	actor->tenant = NULL;
	actor->role = ROLE_ADMIN;
	if (peer->read_only) {
		actor->role = ROLE_VIEWER;
		return;
	}
	if (!access || access->rule_count == 0 || access_is_own(peer))
		return;
	rule = find_rule(access, peer);
	actor->role = rule ? rule->role : ROLE_NONE;
	if (rule)
		actor->tenant = rule->tenant;
}

const struct tenant *access_tenant(const struct access *access, const char *name)
{
	for (unsigned i = 0; i < access->tenant_count; i++)
		if (strcmp(access->tenants[i].name, name) == 0)
			return &access->tenants[i];
	return NULL;
}
