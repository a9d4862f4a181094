/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of users and groups. Once the process has given up its right to read the files that know
 * them, what they said at the start still holds. Control thread.
 */
#ifndef ARPAD_CONTROL_USERS_H
#define ARPAD_CONTROL_USERS_H

#include <stddef.h>
#include <stdint.h>

enum { USERS_NAME_BYTES = 64 };

/*
 * Remembers all users and groups that the system lists, for when it can't be asked any more: at
 * most 65,536 of each. Without memory it remembers fewer.
 */
void users_remember(void);
void users_forget(void);

/*
 * The id of a user or a group, of its name or of the number that `text` is. 0, or -1: there is none
 * that the system or the memory knows.
 */
int users_find_user(const char *text, uint32_t *id);
int users_find_group(const char *text, uint32_t *id);

/* The user's name as it was remembered, or its number, into `name`; returns `name`. */
const char *users_name(uint32_t id, char name[static USERS_NAME_BYTES]);

#endif
