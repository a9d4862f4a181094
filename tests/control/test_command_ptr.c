/* SPDX-License-Identifier: BSD-3-Clause */
/* ptr.*: every verb, what it refuses, and what each role and tenant gets. */
#include "tests/control/command_fixture.h"
#include "tests/support/cmocka.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROW(rest, seq) \
	"{'address':'192.0.2.7'," rest ",'seq':" #seq ",'status':'active','zone':'192.0.2.0/24'}"

static const struct prefix acme_prefixes[] = {
	{UINT64_C(0xc0000200) << 32, 0, ARPA_FAMILY_IPV4, 28},
	{UINT64_C(0xc0000280) << 32, 0, ARPA_FAMILY_IPV4, 25},
	{UINT64_C(0xc0000284) << 32, 0, ARPA_FAMILY_IPV4, 30}, /* in the one before */
};
static const struct tenant acme = {"acme", acme_prefixes, 3, 4};

static void act_as(enum role role, const struct tenant *tenant)
{
	session->actor = (struct actor){.role = role, .tenant = tenant, .uid = 1000, .name = "x"};
}

static int open_zone(void **state)
{
	int result = open_all(state);

	add_zone();
	return result;
}

static void an_object_is_all_that_was_said_of_it(void **state)
{
	(void)state;
	gives("ptr.set",
		"{'address':'192.0.2.7','names':['a.','B.'],'ttl':60,'description':'caf\xc3\xa9 "
		"\\'',"
		"'tags':{'z':'1','a':''},'tenant':'acme'}",
		"{'address':'192.0.2.7','seq':2,'serial':2,'changed':true}");
	gives("ptr.show", "{'address':'192.0.2.7'}",
		ROW("'names':['a.','B.'],'ttl':60,'description':'caf\xc3\xa9 "
		    "\\'','tags':{'a':'','z'"
		    ":'1'},'tenant':'acme'",
			2));
	/* What is not said stays. */
	gives("ptr.set", "{'address':'192.0.2.7','description':'','tags':{}}",
		"{'address':'192.0.2.7','seq':3,'serial':3,'changed':true}");
	gives("ptr.show", "{'address':'192.0.2.7'}",
		ROW("'names':['a.','B.'],'ttl':60,'tenant':'acme'", 3));
	gives("ptr.set", "{'address':'192.0.2.7','name':'c.'}",
		"{'address':'192.0.2.7','seq':4,'serial':4,'changed':true}");
	gives("ptr.set", "{'address':'192.0.2.7','ttl':9}",
		"{'address':'192.0.2.7','seq':5,'serial':5,'changed':true}");
	gives("ptr.show", "{'address':'192.0.2.7'}",
		ROW("'names':['c.'],'ttl':9,'tenant':'acme'", 5));
	/* Nothing new is no change. */
	gives("ptr.set", "{'address':'192.0.2.7','name':'c.','ttl':9}",
		"{'address':'192.0.2.7','seq':5,'serial':5,'changed':false}");
}

static void names_come_and_go(void **state)
{
	(void)state;
	gives("ptr.add", "{'address':'192.0.2.7','name':'a.'}",
		"{'address':'192.0.2.7','seq':2,'serial':2,'changed':true}");
	gives("ptr.add", "{'address':'192.0.2.7','names':['A.','b.']}",
		"{'address':'192.0.2.7','seq':3,'serial':3,'changed':true}");
	gives("ptr.show", "{'address':'192.0.2.7'}", ROW("'names':['a.','b.'],'ttl':3600", 3));
	gives("ptr.remove", "{'address':'192.0.2.7','name':'B.'}",
		"{'address':'192.0.2.7','seq':4,'serial':4,'changed':true}");
	refuses("ptr.remove", "{'address':'192.0.2.7','name':'b.'}", "not-found", "no name b.");
	gives("ptr.remove", "{'address':'192.0.2.7','name':'a.'}",
		"{'address':'192.0.2.7','seq':5,'serial':5,'changed':true}");
	refuses("ptr.show", "{'address':'192.0.2.7'}", "not-found", "there is no PTR at 192.0.2.7");
	refuses("ptr.remove", "{'address':'192.0.2.7','name':'a.'}", "not-found", "no PTR at");
	refuses("ptr.unset", "{'address':'192.0.2.7'}", "not-found", "no PTR at");
}

static void what_was_known_must_still_be_so(void **state)
{
	(void)state;
	refuses("ptr.set", "{'address':'192.0.2.7','name':'a.','if_seq':9}", "conflict",
		"no object at 192.0.2.7");
	gives("ptr.set", "{'address':'192.0.2.7','name':'a.','if_seq':0}",
		"{'address':'192.0.2.7','seq':2,'serial':2,'changed':true}");
	refuses("ptr.set", "{'address':'192.0.2.7','name':'b.','if_seq':0}", "conflict",
		"an object at 192.0.2.7 already");
	refuses("ptr.add", "{'address':'192.0.2.7','name':'b.','if_seq':1}", "conflict",
		"was changed by change 2");
	refuses("ptr.unset", "{'address':'192.0.2.7','if_seq':1}", "conflict", "by change 2");
	refuses("ptr.unset", "{'address':'192.0.2.7','if_seq':-1}", "invalid", "if_seq is -1");
	gives("ptr.unset", "{'address':'192.0.2.7','if_seq':2}",
		"{'address':'192.0.2.7','seq':3,'serial':3,'changed':true}");
}

static void a_prefix_goes_as_it_was_counted(void **state)
{
	char line[80];

	(void)state;
	for (int i = 0; i < 10; i++) {
		snprintf(line, sizeof(line), "{'address':'192.0.2.%d','name':'h%d.'}", i, i);
		free(call("ptr.set", line));
	}
	gives("ptr.count", "{'prefix':'192.0.2.4/30'}", "{'prefix':'192.0.2.4/30','count':4}");
	gives("ptr.count", "{'prefix':'2001:db8::/32'}", "{'prefix':'2001:db8::/32','count':0}");
	refuses("ptr.unset", "{'prefix':'192.0.2.4/30','expect':3}", "conflict",
		"has 4 PTR objects, not the 3");
	gives("ptr.unset", "{'prefix':'192.0.2.4/30','expect':4}",
		"{'prefix':'192.0.2.4/30','seq':12,'changed':true,'removed':4}");
	gives("ptr.count", "{'prefix':'192.0.2.0/24'}", "{'prefix':'192.0.2.0/24','count':6}");
	refuses("ptr.unset", "{'prefix':'192.0.2.4/30'}", "not-found", "no PTR in 192.0.2.4/30");
	refuses("ptr.unset", "{}", "invalid", "either address or prefix");
	refuses("ptr.unset", "{'address':'192.0.2.1','prefix':'192.0.2.0/24'}", "invalid",
		"not both");
	refuses("ptr.unset", "{'address':'192.0.2.1','expect':1}", "invalid", "goes with prefix");
	refuses("ptr.unset", "{'prefix':'192.0.2.0/24','if_seq':1}", "invalid",
		"if_seq goes with address");
	refuses("ptr.unset", "{'prefix':'192.0.2.0/24','expect':-1}", "invalid", "expect is -1");
	refuses("ptr.count", "{'prefix':'192.0.2.1/24'}", "invalid", "host bits");
}

static void bad_objects_are_refused(void **state)
{
	char line[2048], text[400];

	(void)state;
	refuses("ptr.set", "{'address':'192.0.2.7'}", "invalid", "or what else of 192.0.2.7 shall");
	refuses("ptr.add", "{'address':'192.0.2.7'}", "invalid", "ptr.add needs either name");
	refuses("ptr.remove", "{'address':'192.0.2.7','names':[]}", "invalid", "0 names");
	refuses("ptr.set", "{'address':'192.0.2.7','ttl':5}", "not-found", "no PTR at 192.0.2.7");
	refuses("ptr.set", "{'address':'192.0.2.7','names':['a.','A.']}", "invalid", "given twice");
	refuses("ptr.set", "{'address':'192.0.2.7','name':'a.','tags':{'':'1'}}", "invalid",
		"empty key");
	refuses("ptr.set", "{'address':'192.0.2.7','name':'a.','tags':{'a':1}}", "invalid",
		"tags must be an object whose values are strings");
	refuses("ptr.set", "{'address':'192.0.2.7','name':'a.','description':'a\\nb'}", "invalid",
		"control characters");
	memset(text, 'x', sizeof(text));
	text[256] = '\0';
	snprintf(
		line, sizeof(line), "{'address':'192.0.2.7','name':'a.','description':'%s'}", text);
	refuses("ptr.set", line, "invalid", "description has 256 octets, and may have 255");
	snprintf(line, sizeof(line), "{'address':'192.0.2.7','name':'a.','tags':{'%s':''}}", text);
	refuses("ptr.set", line, "invalid", "has 256 octets, and may have 63");
	snprintf(line, sizeof(line), "{'address':'192.0.2.7','name':'a.','tags':{'a':'%s'}}", text);
	refuses("ptr.set", line, "invalid", "value of a tag has 256");
	text[64] = '\0';
	snprintf(line, sizeof(line), "{'address':'192.0.2.7','name':'a.','tenant':'%s'}", text);
	refuses("ptr.set", line, "invalid", "tenant has 64 octets");
	strcpy(line, "{'address':'192.0.2.7','name':'a.','tags':{'t0':''");
	for (int i = 1; i < 21; i++)
		sprintf(line + strlen(line), ",'t%d':''", i);
	strcat(line, "}}");
	refuses("ptr.set", line, "invalid", "21 tags; an object has at most 20");
	refuses("ptr.set", "{'address':'203.0.113.1','name':'a.'}", "not-found",
		"no zone here holds 203.0.113.1");
}

static void names_of_no_host_are_as_the_policy_says(void **state)
{
	static const char set[] = "{'address':'192.0.2.7','names':['a_b.example','c.d']}";

	(void)state;
	gives("ptr.set", set, "{'address':'192.0.2.7','seq':2,'serial':2,'changed':true}");
	backend.command.name_syntax = NAME_SYNTAX_WARN;
	gives("ptr.set", set,
		"{'address':'192.0.2.7','seq':2,'serial':2,'changed':false,'warnings':['the name "
		"a_b.example. holds an underscore, which no host name may']}");
	backend.command.name_syntax = NAME_SYNTAX_ENFORCE;
	refuses("ptr.set", set, "invalid", "\"a_b.example\" holds an underscore");
	refuses("ptr.add", "{'address':'192.0.2.7','name':'-.'}", "invalid", "hyphen");
	/* What is there may go. */
	gives("ptr.remove", "{'address':'192.0.2.7','name':'a_b.example'}",
		"{'address':'192.0.2.7','seq':3,'serial':3,'changed':true}");
}

static void times_are_those_of_the_changes(void **state)
{
	char *reply, before[32], after[32];
	time_t now = time(NULL);
	struct tm utc;
	json_t *row, *result;
	const char *created;

	(void)state;
	strftime(before, sizeof(before), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	free(call("ptr.set", "{'address':'192.0.2.7','name':'a.'}"));
	now = time(NULL);
	strftime(after, sizeof(after), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	reply = call("ptr.show", "{'address':'192.0.2.7'}");
	row = json_loads(reply, 0, NULL);
	result = json_object_get(row, "result");
	created = json_string_value(json_object_get(result, "created"));
	assert_true(strcmp(before, created) <= 0 && strcmp(created, after) <= 0);
	assert_string_equal(created, json_string_value(json_object_get(result, "modified")));
	json_decref(row);
	free(reply);
}

/* The addresses of a list, with a blank behind each. */
static void lists(const char *params, const char *addresses)
{
	char *text = call("ptr.list", params), *rest = text, *line, got[1000] = "";

	while ((line = strsep(&rest, "\n")) != NULL && *line) {
		json_t *reply = json_loads(line, 0, NULL), *item;
		size_t index;

		json_array_foreach (json_object_get(reply, "result"), index, item) {
			strcat(got, json_string_value(json_object_get(item, "address")));
			strcat(got, " ");
		}
		if (!json_object_get(reply, "result"))
			fail_msg("%s", line);
		json_decref(reply);
	}
	assert_string_equal(got, addresses);
	free(text);
}

static void lists_are_filtered(void **state)
{
	(void)state;
	free(call("ptr.set",
		"{'address':'192.0.2.1','names':['web1.example.net','x.'],"
		"'tags':{'role':'web','env':'prod'}}"));
	free(call("ptr.set",
		"{'address':'192.0.2.2','name':'WEB2.example.net','tags':{'role':'web'},"
		"'tenant':'acme'}"));
	free(call("ptr.set",
		"{'address':'192.0.2.3','name':'db.example.net','tags':{'role':'db'},"
		"'tenant':'other'}"));
	lists("{}", "192.0.2.1 192.0.2.2 192.0.2.3 ");
	lists("{'name':'web?.example.net'}", "192.0.2.1 192.0.2.2 ");
	lists("{'name':'X'}", "192.0.2.1 ");
	lists("{'tag':'role'}", "192.0.2.1 192.0.2.2 192.0.2.3 ");
	lists("{'tag':'role=web'}", "192.0.2.1 192.0.2.2 ");
	lists("{'tag':'role='}", "");
	lists("{'tag':'env=prod'}", "192.0.2.1 ");
	lists("{'tag':'nothing'}", "");
	lists("{'tenant':'acme'}", "192.0.2.2 ");
	lists("{'tenant':''}", "192.0.2.1 ");
	lists("{'changed_since':3}", "192.0.2.3 ");
	lists("{'changed_since':4}", "");
	lists("{'tag':'role=web','name':'*2*','prefix':'192.0.2.0/30'}", "192.0.2.2 ");
	lists("{'prefix':'192.0.2.2/31','limit':1}", "192.0.2.2 ");
	refuses("ptr.list", "{'name':''}", "invalid", "at least one character");
	refuses("ptr.list", "{'tag':'=x'}", "invalid", "tag is a key, or key=value");
	refuses("ptr.list", "{'changed_since':-1}", "invalid", "changed_since is -1");
	refuses("ptr.list", "{'limit':0}", "invalid", "limit must be 1 or more");
	refuses("ptr.list", "{'after':'x'}", "invalid", "x");
}

/* Pages of which no row passes come too, so that nobody waits behind a filter. */
static void a_filter_that_nothing_passes_ends_pages_too(void **state)
{
	enum { ROWS = 45000 };
	unsigned pages = 0;
	char *text, *rest, *line;

	(void)state;
	free(call("zone.add", "{'zone':'10.0.0.0/8'}"));
	set_many(ROWS);
	text = call("ptr.list", "{'name':'nobody.*'}");
	for (rest = text; (line = strsep(&rest, "\n")) != NULL && *line; pages++)
		assert_non_null(strstr(line, "\"result\":[]"));
	assert_in_range(pages, 3, 20);
	free(text);
}

static void tenants_see_and_change_their_own(void **state)
{
	(void)state;
	free(call("ptr.set", "{'address':'192.0.2.1','name':'nobodys.'}"));
	free(call("ptr.set", "{'address':'192.0.2.2','name':'a.','tenant':'other'}"));
	free(call("ptr.set", "{'address':'192.0.2.20','name':'outside.'}"));
	act_as(ROLE_TENANT, &acme);
	free(call("ptr.set", "{'address':'192.0.2.3','name':'mine.'}"));
	free(call("ptr.set", "{'address':'192.0.2.133','name':'mine.'}"));
	free(call("ptr.set", "{'address':'192.0.2.200','name':'mine.'}"));
	lists("{}", "192.0.2.1 192.0.2.3 192.0.2.133 192.0.2.200 ");
	lists("{'prefix':'192.0.2.132/30'}", "192.0.2.133 ");
	lists("{'prefix':'192.0.2.16/28'}", "");
	lists("{'after':'192.0.2.3','limit':1}", "192.0.2.133 ");
	lists("{'after':'192.0.2.133'}", "192.0.2.200 ");
	refuses("ptr.show", "{'address':'192.0.2.2'}", "denied", "another tenant's");
	refuses("ptr.show", "{'address':'192.0.2.20'}", "denied", "in no prefix of the tenant");
	refuses("ptr.set", "{'address':'192.0.2.20','name':'a.'}", "denied", "in no prefix");
	refuses("ptr.unset", "{'address':'192.0.2.2'}", "denied", "another tenant's");
	refuses("ptr.set", "{'address':'192.0.2.3','tenant':'other'}", "denied", "another tenant");
	gives("ptr.count", "{'prefix':'192.0.2.0/24'}", "{'prefix':'192.0.2.0/24','count':3}");
	free(call("ptr.set", "{'address':'192.0.2.4','name':'mine.'}"));
	refuses("ptr.set", "{'address':'192.0.2.5','name':'mine.'}", "quota", "may have 4 objects");
	gives("ptr.unset", "{'prefix':'192.0.2.0/24','expect':4}",
		"{'prefix':'192.0.2.0/24','seq':9,'changed':true,'removed':4}");
	refuses("zone.add", "{'zone':'10.0.0.0/8'}", "denied", "needs the role operator");
	act_as(ROLE_VIEWER, NULL);
	lists("{}", "192.0.2.1 192.0.2.2 192.0.2.20 ");
	refuses("ptr.set", "{'address':'192.0.2.1','name':'a.'}", "denied",
		"needs the role tenant");
}

static void zones_of_a_tenant_are_those_that_meet_its_prefixes(void **state)
{
	(void)state;
	free(call("zone.add", "{'zone':'10.0.0.0/8'}"));
	free(call("zone.add", "{'zone':'192.0.0.0/16'}"));
	act_as(ROLE_TENANT, &acme);
	gives("zone.list", "{}",
		"[{'zone':'192.0.0.0/16','serial':1,'records':2},{'zone':'192.0.2.0/"
		"24','serial':1,'records':2}]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_zone, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_object_is_all_that_was_said_of_it),
		TEST(names_come_and_go),
		TEST(what_was_known_must_still_be_so),
		TEST(a_prefix_goes_as_it_was_counted),
		TEST(bad_objects_are_refused),
		TEST(names_of_no_host_are_as_the_policy_says),
		TEST(times_are_those_of_the_changes),
		TEST(lists_are_filtered),
		TEST(a_filter_that_nothing_passes_ends_pages_too),
		TEST(tenants_see_and_change_their_own),
		TEST(zones_of_a_tenant_are_those_that_meet_its_prefixes),
	};

	return cmocka_run_group_tests_name("command_ptr", tests, NULL, NULL);
}
