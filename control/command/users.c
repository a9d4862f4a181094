/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/users.h"

#include "control/array.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REMEMBERED_MAX = 65536 }; /* some 5 MiB; a directory of more has its numbers */

struct known {
	uint32_t id;
	char name[USERS_NAME_BYTES];
};

struct memory {
	struct known *known;
	size_t count, capacity;
};

static struct memory users, groups;

/* Names that are too long are left out: cut, they would be another's. */
static void remember(struct memory *memory, const char *name, uint32_t id)
{
	struct known *larger;

	if (strlen(name) >= USERS_NAME_BYTES || memory->count == REMEMBERED_MAX)
		return;
	larger = array_grow(memory->known, memory->count, &memory->capacity, sizeof(*larger));
	if (!larger)
		return;
	memory->known = larger;
	larger[memory->count].id = id;
	strcpy(larger[memory->count++].name, name);
}

void users_remember(void)
{
	const struct passwd *user;
	const struct group *group;

	users_forget();
	setpwent();
	while (users.count < REMEMBERED_MAX && (user = getpwent()) != NULL)
		remember(&users, user->pw_name, user->pw_uid);
	endpwent();
	setgrent();
	while (groups.count < REMEMBERED_MAX && (group = getgrent()) != NULL)
		remember(&groups, group->gr_name, group->gr_gid);
	endgrent();
}

void users_forget(void)
{
	free(users.known);
	free(groups.known);
	users = groups = (struct memory){.known = NULL};
}

static int find_remembered(const struct memory *memory, const char *name, uint32_t *id)
{
	for (size_t i = 0; i < memory->count; i++)
		if (strcmp(memory->known[i].name, name) == 0) {
			*id = memory->known[i].id;
			return 0;
		}
	return -1;
}

/* The highest id means "none" to the kernel (chown(2)). */
static bool is_number(const char *text, uint32_t *id)
{
	unsigned long long value;
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	*id = (uint32_t)value;
	return errno == 0 && value < UINT32_MAX;
}

/* `found` is what the system says. It counts later too: not every directory lists all it has. */
static int answer(struct memory *memory, const char *name, const uint32_t *found, uint32_t *id)
{
	uint32_t known;
	bool is_known = find_remembered(memory, name, &known) == 0;

	if (!found && !is_known)
		return -1;
	*id = found ? *found : known;
	if (!is_known)
		remember(memory, name, *id);
	return 0;
}

int users_find_user(const char *text, uint32_t *id)
{
	const struct passwd *user;

	if (is_number(text, id))
		return 0;
	user = getpwnam(text);
	return answer(&users, text, user ? &user->pw_uid : NULL, id);
}

int users_find_group(const char *text, uint32_t *id)
{
	const struct group *group;

	if (is_number(text, id))
		return 0;
	group = getgrnam(text);
	return answer(&groups, text, group ? &group->gr_gid : NULL, id);
}

const char *users_name(uint32_t id, char name[static USERS_NAME_BYTES])
{
	for (size_t i = 0; i < users.count; i++)
		if (users.known[i].id == id)
			return strcpy(name, users.known[i].name);
	snprintf(name, USERS_NAME_BYTES, "%u", id);
	return name;
}
