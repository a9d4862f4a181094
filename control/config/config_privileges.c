/* SPDX-License-Identifier: BSD-3-Clause */
/* Names only: a reload runs where the files that know users may not be opened any more. */
#include "control/config/config_privileges.h"

#include <string.h>

/* As useradd takes them, and short enough for utmp: nothing that a shell command could trip over.
 */
static bool is_user_name(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t length = strlen(text);

	return length >= 1 && length < CONFIG_USER_BYTES && text[0] != '-' &&
		strspn(text, allowed) == length;
}

int config_privileges_check(const struct config_check *check)
{
	static const char *const words[] = {"no", "yes", NULL};
	static const struct config_raw_privileges empty;
	const struct config_raw_privileges *raw =
		check->raw->privileges ? check->raw->privileges : &empty;
	unsigned sandbox = 1;
	int result = config_value_word(check, "privileges.sandbox", raw->sandbox, words, &sandbox);

	if (raw->user && !is_user_name(raw->user))
		result = config_value_refuse(check, "privileges.user",
			"\"%s\" is not the name of a user (at most %d letters, digits, _ . and -)",
			raw->user, CONFIG_USER_BYTES - 1);
	check->config->privileges =
		(struct config_privileges){.user = raw->user, .sandbox = sandbox};
	return result;
}
