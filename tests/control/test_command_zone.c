/* SPDX-License-Identifier: BSD-3-Clause */
/* zone.set, zone.freeze, zone.thaw. */
#include "tests/control/command_fixture.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

static void expect_settings(const char *wanted)
{
	char *reply = call("zone.show", "{'zone':'192.0.2.0/24'}");

	if (!strstr(reply, wanted))
		fail_msg("%s", reply);
	free(reply);
}

static void settings_are_kept(void **state)
{
	(void)state;
	add_zone();
	expect_settings("\"settings\":{\"serial\":\"increment\",\"frozen\":false}");
	gives("zone.set", "{'zone':'192.0.2.0/24','serial':'date','ttl':77}",
		"{'zone':'192.0.2.0/24','seq':2,'changed':true}");
	expect_settings("\"settings\":{\"serial\":\"date\",\"frozen\":false,\"ttl\":77}");
	gives("zone.set", "{'zone':'192.0.2.0/24','serial':'date'}",
		"{'zone':'192.0.2.0/24','seq':2,'changed':false}");
	free(call("ptr.set", "{'address':'192.0.2.7','name':'a.'}"));
	expect("{\"id\":1,\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.7\"}}",
		"{\"id\":1,\"result\":{\"address\":\"192.0.2.7\",\"names\":[\"a.\"],\"ttl\":77,"
		"\"seq\":3,\"status\":\"active\",\"zone\":\"192.0.2.0/24\"}}\n");
	gives("zone.set", "{'zone':'192.0.2.0/24','ttl':0}",
		"{'zone':'192.0.2.0/24','seq':4,'changed':true}");
	expect_settings("\"settings\":{\"serial\":\"date\",\"frozen\":false}");
	command_session_free(session);
	backend_reopen(&backend);
	session = command_session_new(&backend.command);
	expect_settings("\"settings\":{\"serial\":\"date\",\"frozen\":false}");
}

static void a_frozen_zone_stays_as_it_is(void **state)
{
	(void)state;
	add_zone();
	free(call("ptr.set", "{'address':'192.0.2.7','name':'a.'}"));
	gives("zone.freeze", "{'zone':'192.0.2.0/24'}",
		"{'zone':'192.0.2.0/24','seq':3,'changed':true}");
	gives("zone.freeze", "{'zone':'192.0.2.0/24'}",
		"{'zone':'192.0.2.0/24','seq':3,'changed':false}");
	expect_settings("\"frozen\":true");
	refuses("ptr.set", "{'address':'192.0.2.7','name':'b.'}", "conflict", "is frozen");
	refuses("ptr.set", "{'address':'192.0.2.8','name':'b.'}", "conflict", "is frozen");
	refuses("ptr.unset", "{'address':'192.0.2.7'}", "conflict", "is frozen");
	refuses("ptr.unset", "{'prefix':'192.0.2.0/24'}", "conflict", "is frozen");
	refuses("zone.remove", "{'zone':'192.0.2.0/24'}", "conflict", "is frozen");
	gives("zone.thaw", "{'zone':'192.0.2.0/24'}",
		"{'zone':'192.0.2.0/24','seq':4,'changed':true}");
	gives("ptr.unset", "{'address':'192.0.2.7'}",
		"{'address':'192.0.2.7','seq':5,'serial':3,'changed':true}");
}

static void bad_settings_are_refused(void **state)
{
	(void)state;
	add_zone();
	refuses("zone.set", "{'zone':'192.0.2.0/24'}", "invalid", "needs serial or ttl");
	refuses("zone.set", "{'zone':'192.0.2.0/24','serial':'daily'}", "invalid",
		"\"daily\"; it is increment, unixtime or date");
	refuses("zone.set", "{'zone':'192.0.2.0/24','ttl':-1}", "invalid", "TTL -1");
	refuses("zone.set", "{'zone':'10.0.0.0/8','ttl':5}", "not-found", "10.0.0.0/8");
	refuses("zone.freeze", "{'zone':'10.0.0.0/8'}", "not-found", "10.0.0.0/8");
	refuses("zone.thaw", "{'zone':'10.0.0.0/9'}", "not-found", "10.0.0.0/9");
	refuses("zone.thaw", "{'zone':'x.example'}", "invalid", "x.example");
	session->actor.role = ROLE_TENANT;
	refuses("zone.set", "{'zone':'192.0.2.0/24','ttl':5}", "denied", "the role operator");
	refuses("zone.show", "{'zone':'192.0.2.0/24'}", "denied", "the role viewer");
}

static void lists_have_details_and_go_on_where_one_ended(void **state)
{
	char *reply;

	(void)state;
	free(call("zone.add", "{'zone':'10.0.0.0/8'}"));
	free(call("zone.add", "{'zone':'192.0.2.0/24'}"));
	free(call("zone.add", "{'zone':'2001:db8::/32'}"));
	free(call("ptr.set", "{'address':'192.0.2.7','name':'a.'}"));
	free(call("zone.freeze", "{'zone':'192.0.2.0/24'}"));
	gives("zone.list", "{'limit':1}", "[{'zone':'10.0.0.0/8','serial':1,'records':2}]");
	gives("zone.list", "{'limit':3,'after':'192.0.2.0/24'}",
		"[{'zone':'2001:db8::/32','serial':1,'records':2}]");
	gives("zone.list", "{'after':'2001:db8::/32'}", "[]");
	reply = call("zone.list", "{'limit':1,'after':'10.0.0.0/8','details':true}");
	assert_non_null(strstr(reply,
		"\"serial\":2,\"records\":3,\"frozen\":true,\"seq\":4,"
		"\"modified\":\"20"));
	free(reply);
	refuses("zone.list", "{'limit':0}", "invalid", "limit must be 1 or more");
	refuses("zone.list", "{'after':'x.example'}", "invalid", "x.example");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(settings_are_kept),
		TEST(a_frozen_zone_stays_as_it_is),
		TEST(bad_settings_are_refused),
		TEST(lists_have_details_and_go_on_where_one_ended),
	};

	return cmocka_run_group_tests_name("command_zone", tests, NULL, NULL);
}
