/* SPDX-License-Identifier: BSD-3-Clause */
/* The section control of the configuration: sockets, who has which role, tenants. */
#include "control/config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BASE "listen:\n  addresses: [192.0.2.53]\ncontrol:\n"

static char path[] = "/tmp/arpad-test-config-access-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static int load(const char *text, struct config **config, struct failure *failure)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(BASE, file);
	fputs(text, file);
	fclose(file);
	return config_load(path, config, failure);
}

/* `message` is what follows the file's path. */
static void expect(const char *text, const char *message)
{
	struct config *config;
	struct failure failure;

	assert_int_equal(load(text, &config, &failure), -1);
	assert_string_equal(failure.text + strlen(path), message);
}

static void without_keys_there_are_none(void **state)
{
	struct config *config;
	struct failure failure;

	(void)state;
	assert_int_equal(load("  mode: 0600\n", &config, &failure), 0);
	assert_null(config->read_only_socket);
	assert_int_equal(config->read_only_mode, 0666);
	assert_int_equal(config->access.rule_count, 0);
	assert_int_equal(config->access.tenant_count, 0);
	config_free(config);
}

static void all_is_read(void **state)
{
	struct config *config;
	struct failure failure;
	const struct access *access;

	(void)state;
	if (load("  read-only-socket: /run/arpad/ro\n  read-only-mode: 0644\n"
		 "  access:\n"
		 "    - {group: root, role: viewer}\n"
		 "    - {user: 1001, role: tenant, tenant: acme-1}\n"
		 "    - {group: 77, role: operator}\n"
		 "    - {user: root, role: none}\n"
		 "  tenants:\n"
		 "    - {name: bell, prefixes: [198.51.100.7]}\n"
		 "    - {name: acme-1, prefixes: [192.0.2.0/25, '2001:db8::/33'], quota: 1000}\n",
		    &config, &failure) != 0)
		fail_msg("%s", failure.text);
	access = &config->access;
	assert_string_equal(config->read_only_socket, "/run/arpad/ro");
	assert_int_equal(config->read_only_mode, 0644);
	assert_int_equal(access->rule_count, 4);
	/* Users first, each kind in the order of the file. */
	assert_int_equal(access->rules[0].id, 1001);
	assert_false(access->rules[0].group);
	assert_int_equal(access->rules[0].role, ROLE_TENANT);
	assert_ptr_equal(access->rules[0].tenant, &access->tenants[1]);
	assert_int_equal(access->rules[1].role, ROLE_NONE);
	assert_int_equal(access->rules[1].id, 0);
	assert_true(access->rules[2].group);
	assert_int_equal(access->rules[2].role, ROLE_VIEWER);
	assert_int_equal(access->rules[3].id, 77);
	assert_null(access->rules[3].tenant);
	assert_int_equal(access->tenants[0].quota, 0);
	assert_int_equal(access->tenants[0].prefix_count, 1);
	assert_int_equal(access->tenants[0].prefixes[0].bits, 32);
	assert_string_equal(access->tenants[1].name, "acme-1");
	assert_int_equal(access->tenants[1].quota, 1000);
	assert_int_equal(access->tenants[1].prefix_count, 2);
	assert_int_equal(access->tenants[1].prefixes[1].bits, 33);
	config_free(config);
}

static void sockets_are_checked(void **state)
{
	(void)state;
	expect("  read-only-socket: ro\n",
		":4: control.read-only-socket: \"ro\" is not an absolute path (one that starts "
		"with /)");
	expect("  socket: /run/x\n  read-only-socket: /run/x\n",
		":5: control.read-only-socket: this is control.socket; the two must differ");
	expect("  read-only-mode: 0888\n",
		":4: control.read-only-mode: \"0888\" is not an octal mode from 0000 to 0777");
}

static void rules_are_checked(void **state)
{
	(void)state;
	expect("  access:\n    - {user: 7}\n",
		":5: control.access[0].role: a role is needed: viewer, tenant, operator, admin or "
		"none");
	expect("  access:\n    - {user: 7, role: king}\n",
		":5: control.access[0].role: \"king\" is not one of: none, viewer, tenant, "
		"operator, admin");
	expect("  access:\n    - {role: admin}\n",
		":5: control.access[0]: there must be either a user or a group");
	expect("  access:\n    - {user: 7, group: 7, role: admin}\n",
		":5: control.access[0]: there must be either a user or a group");
	expect("  access:\n    - {user: no.such, role: admin}\n",
		":5: control.access[0].user: there is no user \"no.such\" that arpad knows; of one "
		"that was made since arpad started write the number, or restart arpad");
	expect("  access:\n    - {user: 7, role: admin}\n    - {group: no.such, role: admin}\n",
		":6: control.access[1].group: there is no group \"no.such\" that arpad knows; of "
		"one that was made since arpad started write the number, or restart arpad");
	expect("  access:\n    - {user: 7, role: admin}\n    - {user: 7, role: none}\n",
		":6: control.access[1]: the same user is given twice");
	expect("  access:\n    - {user: 7, role: tenant}\n",
		":5: control.access[0].tenant: the role tenant needs one of control.tenants");
	expect("  access:\n    - {user: 7, role: tenant, tenant: acme}\n",
		":5: control.access[0].tenant: there is no \"acme\" in control.tenants");
	expect("  access:\n    - {user: 7, role: viewer, tenant: acme}\n",
		":5: control.access[0].tenant: only the role tenant has a tenant");
}

static void tenants_are_checked(void **state)
{
	(void)state;
	expect("  tenants:\n    - {prefixes: [192.0.2.0/24]}\n",
		":5: control.tenants[0].name: a tenant needs a name of 1 to 63 letters, digits, _ "
		". and -");
	expect("  tenants:\n    - {name: a b, prefixes: [192.0.2.0/24]}\n",
		":5: control.tenants[0].name: a tenant needs a name of 1 to 63 letters, digits, _ "
		". and -");
	expect("  tenants:\n    - {name: a}\n",
		":5: control.tenants[0]: the tenant needs prefixes, those that it may change");
	expect("  tenants:\n    - {name: a, prefixes: [192.0.2.1/24]}\n",
		":5: control.tenants[0].prefixes[0]: \"192.0.2.1/24\" has host bits set past its "
		"length; "
		"the prefix is 192.0.2.0/24");
	expect("  tenants:\n    - {name: a, prefixes: ['::/0'], quota: -1}\n",
		":5: control.tenants[0].quota: \"-1\" is not a whole number from 0 to "
		"9223372036854775807");
	expect("  tenants:\n    - {name: a, prefixes: ['::/0']}\n    - {name: a, prefixes: "
	       "['::/0']}\n",
		":6: control.tenants[1].name: the tenant a is given twice");
}

/* Were an empty list none, it would let everybody in. */
static void an_empty_list_is_refused(void **state)
{
	struct config *config;
	struct failure failure;

	(void)state;
	assert_int_equal(load("  access: []\n", &config, &failure), -1);
	assert_non_null(strstr(failure.text, "control.access"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_keys_there_are_none),
		cmocka_unit_test(all_is_read),
		cmocka_unit_test(sockets_are_checked),
		cmocka_unit_test(rules_are_checked),
		cmocka_unit_test(tenants_are_checked),
		cmocka_unit_test(an_empty_list_is_refused),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
