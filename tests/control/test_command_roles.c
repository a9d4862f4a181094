/* SPDX-License-Identifier: BSD-3-Clause */
/* Who may run which method, what changes with a reload, and what the log keeps of it. */
#include "tests/control/command_fixture.h"

#include "control/command/audit.h"
#include "control/command/command_method.h"
#include "control/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOMEBODY = 54321 };

static const struct prefix own_prefix = {
	.family = ARPA_FAMILY_IPV4, .bits = 25, .high = UINT64_C(0xc000020000000000)};
static const struct tenant acme = {"acme", &own_prefix, 1, 2};
static struct access_rule rule;
static const struct access access_now = {&rule, 1, &acme, 1};

/* The session is somebody's, who has this role from now on. */
static void become(enum role role)
{
	const struct peer peer = {.uid = SOMEBODY, .gid = SOMEBODY, .pid = 1};

	rule = (struct access_rule){false, SOMEBODY, role, role == ROLE_TENANT ? &acme : NULL};
	backend.command.access = &access_now;
	backend.command.access_version++;
	if (!session->has_peer)
		command_session_set_peer(session, &peer);
}

static void refused(const char *line, const char *part)
{
	expect_error(line, "denied", part);
}

#define SET \
	"{\"id\":1,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.7\",\"name\":\"a.\"}}"
#define STATUS "{\"id\":1,\"method\":\"server.status\"}"
#define STOP   "{\"id\":1,\"method\":\"server.stop\"}"
#define LIST   "{\"id\":1,\"method\":\"zone.list\"}"

static bool works(const char *line)
{
	char *got = run(line);
	bool worked = strstr(got, "\"result\"") != NULL;

	free(got);
	return worked;
}

static void each_role_has_its_methods(void **state)
{
	(void)state;
	add_zone();
	become(ROLE_NONE);
	refused(STATUS,
		"server.status needs the role viewer, and 54321 has the role none here; "
		"control.access of the configuration says who has which");
	refused(LIST, "zone.list needs the role viewer");
	refused(SET, "ptr.set needs the role tenant");
	become(ROLE_VIEWER);
	assert_true(works(STATUS));
	assert_true(works(LIST));
	refused(SET, "ptr.set needs the role tenant, and 54321 has the role viewer here");
	refused("{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}",
		"zone.add needs the role operator");
	refused(STOP, "server.stop needs the role admin");
	become(ROLE_TENANT);
	assert_true(works(STATUS));
	assert_true(works(SET));
	refused("{\"id\":1,\"method\":\"zone.remove\",\"params\":{\"zone\":\"192.0.2.0/24\"}}",
		"zone.remove needs the role operator");
	refused("{\"id\":1,\"method\":\"zone.export\",\"params\":{\"zone\":\"192.0.2.0/24\"}}",
		"zone.export needs the role viewer");
	become(ROLE_OPERATOR);
	assert_true(works(SET));
	assert_true(
		works("{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}"));
	refused(STOP, "server.stop needs the role admin");
	assert_int_equal(backend.stops, 0);
	become(ROLE_ADMIN);
	assert_true(works(STOP));
	assert_int_equal(backend.stops, 1);
}

/* What a request looks like makes no difference: the fast reader, the JSON reader, an array. */
static void no_spelling_gets_round_it(void **state)
{
	static const char *const lines[] = {
		SET,
		"{\"method\":\"ptr.set\",\"id\":1,\"params\":{\"address\":\"192.0.2.7\","
		"\"name\":\"a.\"}}",
		"[" SET "]",
		"[{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.7\",\"name\":"
		"\"\\u0061\"}"
		"}]",
	};

	(void)state;
	add_zone();
	become(ROLE_VIEWER);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		refused(lines[i], "ptr.set needs the role tenant");
	become(ROLE_OPERATOR);
	expect_error("{\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.7\"}}",
		"not-found", "");
}

static void a_tenant_is_held_to_its_own(void **state)
{
	(void)state;
	add_zone();
	become(ROLE_TENANT);
	assert_true(works(SET));
	refused("{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.200\",\"name\":\"a.\"}}",
		"192.0.2.200 is in no prefix of the tenant acme");
	refused("{\"method\":\"ptr.unset\",\"params\":{\"address\":\"192.0.2.200\"}}",
		"192.0.2.200 is in no prefix of the tenant acme");
	assert_true(works("{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.8\","
			  "\"name\":\"a.\"}}"));
	expect_error(
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.9\",\"name\":\"a.\"}"
		"}",
		"quota", "acme");
	/* Nobody's actor outlives its request. */
	become(ROLE_OPERATOR);
	assert_true(works("{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.200\","
			  "\"name\":\"a.\"}}"));
}

static bool says(const char *line, const char *part)
{
	char *got = run(line);
	bool said = strstr(got, part) != NULL;

	free(got);
	return said;
}

/* What others have is not there, or not for it: not in lists, not by address, not in its history.
 */
static void a_tenant_sees_its_own_alone(void **state)
{
	(void)state;
	add_zone();
	assert_true(
		works("{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}"));
	assert_true(works("{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.200\","
			  "\"name\":\"other.\"}}"));
	assert_true(works("{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.9\","
			  "\"name\":\"bells.\",\"tenant\":\"bell\"}}"));
	become(ROLE_TENANT);
	assert_true(works(SET));
	assert_true(says("{\"method\":\"ptr.list\"}", "192.0.2.7"));
	assert_false(says("{\"method\":\"ptr.list\"}", "other."));
	assert_false(says("{\"method\":\"ptr.list\"}", "bells."));
	assert_false(says(
		"{\"method\":\"ptr.list\",\"params\":{\"prefix\":\"192.0.2.200/32\"}}", "other."));
	assert_false(works("{\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.200\"}}"));
	assert_false(works("{\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.9\"}}"));
	assert_false(works("{\"method\":\"history\",\"params\":{\"address\":\"192.0.2.200\"}}"));
	assert_false(
		says("{\"method\":\"history\",\"params\":{\"address\":\"192.0.2.9\"}}", "bells."));
	refused("{\"method\":\"events\"}", "events needs the role viewer");
	assert_true(says("{\"method\":\"zone.list\"}", "192.0.2.0/24"));
	assert_false(says("{\"method\":\"zone.list\"}", "10.0.0.0/8"));
	assert_false(says(
		"{\"method\":\"ptr.count\",\"params\":{\"prefix\":\"0.0.0.0/0\"}}", "\"count\":3"));
}

/* A list that is on its way when its reader loses the role ends with the reason. */
static void a_list_ends_with_the_role(void **state)
{
	static const char line[] = "{\"id\":1,\"method\":\"ptr.list\",\"params\":{}}";
	struct request *request;
	struct text reply = {.octets = NULL};

	(void)state;
	assert_true(
		works("{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}"));
	set_many(1500);
	become(ROLE_VIEWER);
	request = request_parse(session, line, strlen(line));
	command_run(&backend.command, &request, 1);
	assert_int_equal(request_reply(request, &reply), REQUEST_MORE);
	become(ROLE_NONE);
	assert_int_equal(request_reply(request, &reply), REQUEST_DONE);
	text_add(&reply, "", 1);
	assert_non_null(strstr(reply.octets, "\"name\":\"denied\""));
	text_free(&reply);
	request_free(request);
}

/* What standard error gets while `line` is run, for free(). */
static char *log_of(const char *line)
{
	char *got = calloc(1, 4096);
	int ends[2], kept = dup(STDERR_FILENO);
	ssize_t bytes;

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	free(run(line));
	dup2(kept, STDERR_FILENO);
	bytes = read(ends[0], got, 4095);
	got[bytes > 0 ? bytes : 0] = '\0';
	close(ends[0]);
	close(ends[1]);
	close(kept);
	return got;
}

static void logs(const char *line, const char *expected)
{
	char *got = log_of(line);

	assert_string_equal(got, expected);
	free(got);
}

static void each_change_that_is_kept_is_logged_once(void **state)
{
	(void)state;
	add_zone();
	become(ROLE_OPERATOR);
	logs(SET, "INFO change seq=2 user=54321 role=operator method=ptr.set address=192.0.2.7\n");
	logs(SET, ""); /* it was so */
	logs("{\"method\":\"ptr.set\",\"params\":{\"address\":\"10.0.0.1\",\"name\":\"a.\"}}", "");
	logs(LIST, "");
	logs("{\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.7\"}}", "");
	logs("{\"method\":\"ptr.unset\",\"params\":{\"address\":\"192.0.2.7\"}}",
		"INFO change seq=3 user=54321 role=operator method=ptr.unset address=192.0.2.7\n");
	become(ROLE_TENANT);
	logs(SET,
		"INFO change seq=4 user=54321 role=tenant tenant=acme method=ptr.set "
		"address=192.0.2.7\n");
	become(ROLE_ADMIN);
	logs(STOP, "INFO act user=54321 role=admin method=server.stop\n");
	become(ROLE_VIEWER);
	logs(SET, "");
}

/* Text of a client that got as far as the log. */
static void a_client_cannot_forge_a_line_of_the_log(void **state)
{
	static const struct method method = {.name = "x.y", .kind = METHOD_CHANGE};
	json_t *params = json_pack("{s:s}", "address", "a\nINFO b=c \x1b[m\xc3\xa9");
	struct request request = {.session = session,
		.method = &method,
		.params = params,
		.result = json_true(),
		.sequence = 9};
	struct request *requests[] = {&request};
	char got[512] = "";
	int ends[2], kept = dup(STDERR_FILENO);

	(void)state;
	become(ROLE_ADMIN);
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	audit_changes(requests, 1);
	dup2(kept, STDERR_FILENO);
	assert_true(read(ends[0], got, sizeof(got) - 1) > 0);
	assert_string_equal(got,
		"INFO change seq=9 user=54321 role=admin method=x.y "
		"address=\"a\\x0aINFO b=c \\x1b[m\xc3\xa9\"\n");
	close(ends[0]);
	close(ends[1]);
	close(kept);
	json_decref(params);
}

static void methods_are_listed_with_what_they_take(void **state)
{
	char *got = run("{\"id\":1,\"method\":\"server.methods\"}");
	json_t *reply = json_loads(got, 0, NULL), *row;
	size_t index;
	bool seen = false;

	(void)state;
	json_array_foreach (json_object_get(reply, "result"), index, row) {
		const char *name = json_string_value(json_object_get(row, "method"));
		char *text;

		assert_ptr_equal(command_method(name), command_method_at(index));
		if (strcmp(name, "ptr.unset") != 0)
			continue;
		seen = true;
		text = json_dumps(row, JSON_COMPACT);
		assert_non_null(strstr(text,
			"\"kind\":\"change\",\"roles\":[\"tenant\",\"operator\",\"admin\"],"
			"\"allowed\":true,\"params\":[{\"name\":\"address\",\"type\":\"string\","));
		free(text);
	}
	assert_true(seen);
	assert_null(command_method_at(index));
	json_decref(reply);
	free(got);
	become(ROLE_VIEWER);
	got = run("{\"id\":1,\"method\":\"server.methods\"}");
	assert_non_null(strstr(got, "\"allowed\":false"));
	free(got);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_role_has_its_methods),
		TEST(no_spelling_gets_round_it),
		TEST(a_tenant_is_held_to_its_own),
		TEST(a_tenant_sees_its_own_alone),
		TEST(a_list_ends_with_the_role),
		TEST(each_change_that_is_kept_is_logged_once),
		TEST(a_client_cannot_forge_a_line_of_the_log),
		TEST(methods_are_listed_with_what_they_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
