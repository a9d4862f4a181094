/* SPDX-License-Identifier: BSD-3-Clause */
/* Names become ids here, once: what a request costs does not hang on a directory of users. */
#include "control/config/config_access.h"

#include "control/command/users.h"
#include "control/presentation.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

/* The key of a list's item, or of a part of it. */
static const char *key_of(
	char key[static CONFIG_KEY_BYTES], const char *list, unsigned index, const char *part)
{
	snprintf(key, CONFIG_KEY_BYTES, "control.%s[%u]%s%s", list, index, *part ? "." : "", part);
	return key;
}

static bool is_tenant_name(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t length = strlen(text);

	return length >= 1 && length <= ACTOR_TENANT_MAX_BYTES && strspn(text, allowed) == length;
}

static int check_prefixes(const struct config_check *check, const struct config_raw_tenant *raw,
	unsigned index, struct tenant *tenant)
{
	struct prefix *prefixes;
	char key[CONFIG_KEY_BYTES], part[CONFIG_KEY_BYTES / 2];
	int result = 0;

	if (!raw->prefixes_count)
		return config_value_refuse(check, key_of(key, "tenants", index, ""),
			"the tenant needs prefixes, those that it may change");
	prefixes = calloc(raw->prefixes_count, sizeof(*prefixes));
	tenant->prefixes = prefixes;
	if (!prefixes)
		return config_value_no_memory(check);
	for (unsigned i = 0; i < raw->prefixes_count; i++) {
		const char *text = raw->prefixes[i];
		struct failure why;

		snprintf(part, sizeof(part), "prefixes[%u]", i);
		if ((strchr(text, '/') ? presentation_parse_prefix(text, &prefixes[i], &why)
				       : presentation_parse_address(text, &prefixes[i], &why)) != 0)
			result = config_value_refuse(
				check, key_of(key, "tenants", index, part), "%s", why.text);
		tenant->prefix_count++;
	}
	return result;
}

static int check_tenant(const struct config_check *check, unsigned index, struct tenant *tenant)
{
	const struct config_raw_tenant *raw = &check->raw->control->tenants[index];
	char key[CONFIG_KEY_BYTES];
	long quota = 0;
	int result;

	tenant->name = raw->name ? raw->name : "";
	if (!raw->name || !is_tenant_name(raw->name))
		return config_value_refuse(check, key_of(key, "tenants", index, "name"),
			"a tenant needs a name of 1 to %d letters, digits, _ . and -",
			ACTOR_TENANT_MAX_BYTES);
	if (access_tenant(&check->config->access, raw->name))
		return config_value_refuse(check, key_of(key, "tenants", index, "name"),
			"the tenant %s is given twice", raw->name);
	result = config_value_number(
		check, key_of(key, "tenants", index, "quota"), raw->quota, 0, LONG_MAX, &quota);
	tenant->quota = (uint64_t)quota;
	return result | check_prefixes(check, raw, index, tenant);
}

static int check_tenants(const struct config_check *check)
{
	unsigned count = check->raw->control->tenants_count;
	struct access *access = &check->config->access;
	struct tenant *tenants;
	int result = 0;

	if (!count)
		return 0;
	tenants = calloc(count, sizeof(*tenants));
	access->tenants = tenants;
	if (!tenants)
		return config_value_no_memory(check);
	for (unsigned i = 0; i < count; i++) {
		result |= check_tenant(check, i, &tenants[i]);
		access->tenant_count++; /* so that its prefixes are freed, whatever came of it */
	}
	return result;
}

/* Who the rule is for: its user or its group, by name or number. */
static int check_who(const struct config_check *check, unsigned index, struct access_rule *rule)
{
	const struct config_raw_access *raw = &check->raw->control->access[index];
	const char *name = raw->user ? raw->user : raw->group;
	char key[CONFIG_KEY_BYTES];

	if (!raw->user == !raw->group)
		return config_value_refuse(check, key_of(key, "access", index, ""),
			"there must be either a user or a group");
	rule->group = raw->group != NULL;
	if ((rule->group ? users_find_group : users_find_user)(name, &rule->id) == 0)
		return 0;
	return config_value_refuse(check,
		key_of(key, "access", index, rule->group ? "group" : "user"),
		"there is no %s \"%s\" that arpad knows; of one that was made since arpad started "
		"write the number, or restart arpad",
		rule->group ? "group" : "user", name);
}

static int check_role(const struct config_check *check, unsigned index, struct access_rule *rule)
{
	static const char *const roles[] = {[ROLE_NONE] = "none",
		[ROLE_VIEWER] = "viewer",
		[ROLE_TENANT] = "tenant",
		[ROLE_OPERATOR] = "operator",
		[ROLE_ADMIN] = "admin",
		[ROLE_ADMIN + 1] = NULL};
	const struct config_raw_access *raw = &check->raw->control->access[index];
	char key[CONFIG_KEY_BYTES];
	unsigned role = ROLE_NONE;

	key_of(key, "access", index, "role");
	if (!raw->role)
		return config_value_refuse(
			check, key, "a role is needed: viewer, tenant, operator, admin or none");
	if (config_value_word(check, key, raw->role, roles, &role) != 0)
		return -1;
	rule->role = (enum role)role;
	key_of(key, "access", index, "tenant");
	if ((rule->role == ROLE_TENANT) != (raw->tenant != NULL))
		return config_value_refuse(check, key, "%s",
			raw->tenant ? "only the role tenant has a tenant"
				    : "the role tenant needs one of control.tenants");
	if (!raw->tenant)
		return 0;
	rule->tenant = access_tenant(&check->config->access, raw->tenant);
	return rule->tenant ? 0
			    : config_value_refuse(check, key,
				      "there is no \"%s\" in control.tenants", raw->tenant);
}

static int check_again(
	const struct config_check *check, unsigned index, const struct access_rule *rule)
{
	char key[CONFIG_KEY_BYTES];

	for (const struct access_rule *other = check->config->access.rules; other < rule; other++)
		if (other->group == rule->group && other->id == rule->id)
			return config_value_refuse(check, key_of(key, "access", index, ""),
				"the same %s is given twice", rule->group ? "group" : "user");
	return 0;
}

static int check_rule(const struct config_check *check, unsigned index, struct access_rule *rule)
{
	if (check_who(check, index, rule) != 0 || check_role(check, index, rule) != 0)
		return -1;
	return check_again(check, index, rule);
}

static int check_rules(const struct config_check *check)
{
	unsigned count = check->raw->control->access_count;
	struct access *access = &check->config->access;
	struct access_rule *rules;
	int result = 0;

	if (!count)
		return 0;
	rules = calloc(count, sizeof(*rules));
	access->rules = rules;
	if (!rules)
		return config_value_no_memory(check);
	/* Users first: the first rule that fits is then the right one. */
	for (unsigned groups = 0; groups < 2; groups++)
		for (unsigned i = 0; i < count; i++)
			if ((check->raw->control->access[i].user == NULL) == groups) {
				if (check_rule(check, i, &rules[access->rule_count]) == 0)
					access->rule_count++;
				else
					result = -1;
			}
	return result;
}

static int check_socket(const struct config_check *check)
{
	const struct config_raw_control *raw = check->raw->control;
	struct config *config = check->config;
	long mode = 0666;
	int result = 0;

	if (raw->read_only_mode && config_value_parse(raw->read_only_mode, 8, 0, 0777, &mode) != 0)
		result = config_value_refuse(check, "control.read-only-mode",
			"\"%s\" is not an octal mode from 0000 to 0777", raw->read_only_mode);
	config->read_only_mode = (unsigned)mode;
	config->read_only_socket = raw->read_only_socket;
	if (!raw->read_only_socket)
		return result;
	if (raw->read_only_socket[0] != '/')
		return config_value_refuse(check, "control.read-only-socket",
			"\"%s\" is not an absolute path (one that starts with /)",
			raw->read_only_socket);
	if (strlen(raw->read_only_socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return config_value_refuse(check, "control.read-only-socket",
			"the path is longer than the 107 bytes that the kernel allows");
	if (strcmp(raw->read_only_socket, config->control_socket) == 0)
		return config_value_refuse(check, "control.read-only-socket",
			"this is control.socket; the two must differ");
	return result;
}

int config_access_check(const struct config_check *check)
{
	if (!check->raw->control)
		return 0;
	return check_socket(check) | check_tenants(check) | check_rules(check);
}

void config_access_free(struct access *access)
{
	for (unsigned i = 0; i < access->tenant_count; i++)
		free((void *)(uintptr_t)access->tenants[i].prefixes);
	free((void *)(uintptr_t)access->tenants);
	free((void *)(uintptr_t)access->rules);
}
