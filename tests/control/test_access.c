/* SPDX-License-Identifier: BSD-3-Clause */
/* Who gets which role: control/command/access.c by tables and by real processes,
 * control/command/users.c. */
#include "control/command/access.h"
#include "control/command/users.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct tenant tenants[] = {{"acme", NULL, 0, 0}, {"bell", NULL, 0, 0}};

static const struct access_rule rules[] = {
	{false, 1001, ROLE_OPERATOR, NULL},
	{false, 1002, ROLE_NONE, NULL},
	{false, 1003, ROLE_TENANT, &tenants[1]},
	{true, 500, ROLE_VIEWER, NULL},
	{true, 501, ROLE_ADMIN, NULL},
	{true, 502, ROLE_TENANT, &tenants[0]},
};

static const struct access some = {
	rules, sizeof(rules) / sizeof(rules[0]), tenants, sizeof(tenants) / sizeof(tenants[0])};
static const struct access none = {NULL, 0, NULL, 0};

static struct actor judge(const struct access *access, uid_t uid, gid_t gid, gid_t other)
{
	const struct peer peer = {
		.uid = uid, .gid = gid, .groups = &other, .group_count = other ? 1 : 0};
	struct actor actor = {.role = ROLE_NONE, .tenant = &tenants[0]};

	access_judge(access, &peer, &actor);
	return actor;
}

static void the_first_rule_that_fits_decides(void **state)
{
	static const struct {
		uid_t uid;
		gid_t gid, other;
		enum role role;
		const struct tenant *tenant;
	} cases[] = {
		{1001, 9, 0, ROLE_OPERATOR, NULL},
		{1001, 501, 0, ROLE_OPERATOR, NULL}, /* users before groups */
		{1002, 501, 0, ROLE_NONE, NULL},
		{1003, 9, 0, ROLE_TENANT, &tenants[1]},
		{1004, 500, 0, ROLE_VIEWER, NULL},
		{1004, 9, 500, ROLE_VIEWER, NULL},
		{1004, 501, 500, ROLE_VIEWER, NULL}, /* in the order of the file */
		{1004, 9, 501, ROLE_ADMIN, NULL},
		{1004, 9, 502, ROLE_TENANT, &tenants[0]},
		{1004, 9, 9, ROLE_NONE, NULL},
		{0, 9, 0, ROLE_ADMIN, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct actor actor = judge(&some, cases[i].uid, cases[i].gid, cases[i].other);

		if (actor.role != cases[i].role || actor.tenant != cases[i].tenant)
			fail_msg("case %zu: %s", i, actor_role_name(actor.role));
	}
}

static void without_rules_the_socket_decides(void **state)
{
	(void)state;
	assert_int_equal(judge(&none, 1234, 1234, 0).role, ROLE_ADMIN);
	assert_int_equal(judge(NULL, 1234, 1234, 0).role, ROLE_ADMIN);
	assert_null(judge(NULL, 1234, 1234, 0).tenant);
}

static void the_read_only_socket_makes_viewers_of_all(void **state)
{
	struct peer peer = {.uid = 0, .read_only = true};
	struct actor actor = {.role = ROLE_NONE, .tenant = &tenants[0]};

	(void)state;
	access_judge(&some, &peer, &actor);
	assert_int_equal(actor.role, ROLE_VIEWER);
	assert_null(actor.tenant);
	peer.uid = 1002;
	access_judge(&none, &peer, &actor);
	assert_int_equal(actor.role, ROLE_VIEWER);
}

static void the_own_user_is_always_admin(void **state)
{
	const struct access_rule own = {false, geteuid(), ROLE_NONE, NULL};
	const struct access access = {&own, 1, NULL, 0};

	(void)state;
	assert_int_equal(judge(&access, geteuid(), 9, 0).role, ROLE_ADMIN);
	assert_int_equal(judge(&access, geteuid() + 1, 9, 0).role, ROLE_NONE);
}

static void tenants_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(access_tenant(&some, "bell"), &tenants[1]);
	assert_null(access_tenant(&some, "bel"));
	assert_null(access_tenant(&none, "bell"));
}

/* In a process of its own, whose groups are as many as a user may have here. */
static int read_own(unsigned count)
{
	gid_t groups[1000];
	struct peer peer;
	int ends[2], result;

	for (unsigned i = 0; i < count; i++)
		groups[i] = 70000 + i;
	if (setgroups(count, groups) != 0 || setresgid(4321, 4321, 4321) != 0 ||
		setresuid(1234, 1234, 1234) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return 2;
	result = access_peer_read(ends[0], true, &peer) != 0 || peer.uid != 1234 ||
		peer.gid != 4321 || peer.pid != getpid() || peer.group_count != count ||
		!peer.read_only ||
		(count > 0 && memcmp(peer.groups, groups, count * sizeof(gid_t)) != 0);
	access_peer_free(&peer);
	return result || peer.groups || access_peer_read(-1, false, &peer) == 0;
}

static void the_kernel_says_who_it_is(void **state)
{
	static const unsigned counts[] = {0, 1, 1000};

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < 3; i++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			_exit(read_own(counts[i]));
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

static void names_become_numbers(void **state)
{
	char name[USERS_NAME_BYTES];
	uint32_t id = 7;

	(void)state;
	assert_int_equal(users_find_user("root", &id), 0);
	assert_int_equal(id, 0);
	assert_int_equal(users_find_group("root", &id), 0);
	assert_int_equal(id, 0);
	assert_int_equal(users_find_user("4294967294", &id), 0);
	assert_int_equal(id, 4294967294);
	assert_int_equal(users_find_user("4294967295", &id), -1); /* means "none" */
	assert_int_equal(users_find_user("", &id), -1);
	assert_int_equal(users_find_user("no such user", &id), -1);
	assert_int_equal(users_find_group("no such group", &id), -1);
	users_forget();
	assert_string_equal(users_name(0, name), "0");
	users_remember();
	assert_string_equal(users_name(0, name), "root");
	assert_string_equal(users_name(4000000000, name), "4000000000");
	users_forget();
	/* What the configuration named once is known from then on. */
	assert_int_equal(users_find_user("root", &id), 0);
	assert_string_equal(users_name(0, name), "root");
	users_forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_rule_that_fits_decides),
		cmocka_unit_test(without_rules_the_socket_decides),
		cmocka_unit_test(the_read_only_socket_makes_viewers_of_all),
		cmocka_unit_test(the_own_user_is_always_admin),
		cmocka_unit_test(tenants_by_name),
		cmocka_unit_test(the_kernel_says_who_it_is),
		cmocka_unit_test(names_become_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
