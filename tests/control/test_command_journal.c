/* SPDX-License-Identifier: BSD-3-Clause */
/* history, events and wait, as requests. */
#include "tests/control/command_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct prefix acme_prefix = {
	UINT64_C(0xc000020000000000), 0, ARPA_FAMILY_IPV4, 25}; /* 192.0.2.0/25 */
static const struct tenant acme = {"acme", &acme_prefix, 1, 0};

static void act_as(const char *name, enum role role, const struct tenant *tenant)
{
	session->actor = (struct actor){.role = role, .tenant = tenant, .uid = 1};
	snprintf(session->actor.name, sizeof(session->actor.name), "%s", name);
}

/* The moments of entries, which differ from run to run. Returns `text`. */
static char *without_moments(char *text)
{
	static const char moment[] = ",\"time\":\"2026-01-31T23:59:59Z\"";
	char *at;

	while ((at = strstr(text, ",\"time\":")) != NULL)
		memmove(at, at + sizeof(moment) - 1, strlen(at + sizeof(moment) - 1) + 1);
	return text;
}

/* Calls the method, whose replies are `wanted` with ' for ". */
static void replies(const char *method, const char *params, const char *wanted)
{
	char *got = without_moments(call(method, params));
	char *quoted = strdup(wanted);

	for (char *c = quoted; *c; c++)
		if (*c == '\'')
			*c = '"';
	assert_string_equal(got, quoted);
	free(quoted);
	free(got);
}

static void change(const char *method, const char *params)
{
	char *got = call(method, params);

	if (!strstr(got, "\"result\""))
		fail_msg("%s", got);
	free(got);
}

#define SOA(seq, index, before, after) \
	"{'seq':" seq ",'index':" index \
	",'user':'arpad','kind':'rrset','owner':'192.0.2.0/24','type':'SOA'" \
	",'serial':" after ",'previous':" before \
	",'before':{'ttl':3600,'data':['ns1.example.net. hostmaster.example.net. " before \
	" 3600 900 1209600 300']},'after':{'ttl':3600,'data':['ns1.example.net. " \
	"hostmaster.example.net. " after " 3600 900 1209600 300']}}"

static int open_with_zone(void **state)
{
	if (open_all(state) != 0)
		return -1;
	act_as("alice", ROLE_ADMIN, NULL);
	add_zone();
	return 0;
}

static void test_history_tells_an_address_from_now_back(void **state)
{
	(void)state;
	change("ptr.set",
		"{'address':'192.0.2.1','name':'a.example.','ttl':60,"
		"'description':'web','tags':{'env':'prod'}}");
	act_as("bob", ROLE_OPERATOR, NULL);
	change("ptr.unset", "{'address':'192.0.2.1'}");
	replies("history", "{'address':'192.0.2.1'}",
		"{'id':1,'result':[{'seq':3,'index':0,'user':'bob','kind':'rrset',"
		"'address':'192.0.2.1','type':'PTR','serial':3,'previous':2,"
		"'before':{'ttl':60,'names':['a.example.'],'description':'web',"
		"'tags':{'env':'prod'}},'after':null},"
		"{'seq':2,'index':0,'user':'alice','kind':'rrset','address':'192.0.2.1',"
		"'type':'PTR','serial':2,'previous':0,'before':null,"
		"'after':{'ttl':60,'names':['a.example.'],'description':'web',"
		"'tags':{'env':'prod'}}}]}\n");
	replies("history", "{'address':'192.0.2.1','limit':1}",
		"{'id':1,'result':[{'seq':3,'index':0,'user':'bob','kind':'rrset',"
		"'address':'192.0.2.1','type':'PTR','serial':3,'previous':2,"
		"'before':{'ttl':60,'names':['a.example.'],'description':'web',"
		"'tags':{'env':'prod'}},'after':null}]}\n");
	replies("history", "{'address':'192.0.2.2'}", "{'id':1,'result':[]}\n");
	act_as("carol", ROLE_VIEWER, NULL);
	replies("history", "{'owner':'192.0.2.0/24','type':'ns'}",
		"{'id':1,'result':[{'seq':1,'index':2,'user':'alice','kind':'rrset',"
		"'owner':'192.0.2.0/24','type':'NS','serial':1,'previous':0,'before':null,"
		"'after':{'ttl':3600,'data':['ns1.example.net.']}}]}\n");
}

static void test_history_refuses_what_it_can_not_tell(void **state)
{
	(void)state;
	refuses("history", "{}", "invalid", "either address or owner");
	refuses("history", "{'address':'192.0.2.1','owner':'192.0.2.0/24'}", "invalid", "either");
	refuses("history", "{'address':'192.0.2.0/24'}", "invalid", "192.0.2.0/24");
	refuses("history", "{'address':'10.0.0.1'}", "not-found", "no zone here");
	refuses("history", "{'address':'192.0.2.1','limit':0}", "invalid", "1 to 1000");
	refuses("history", "{'address':'192.0.2.1','limit':1001}", "invalid", "1 to 1000");
	refuses("history", "{'address':'192.0.2.1','type':'X'}", "invalid", "no type of record");
	refuses("history", "{'address':'192.0.2.1','type':'TYPE65536'}", "invalid", "no type");
	refuses("history", "{'address':'192.0.2.1','type':'TYPE1x'}", "invalid", "no type");
	replies("history", "{'address':'192.0.2.1','type':'TYPE16'}", "{'id':1,'result':[]}\n");
}

static void test_a_tenant_sees_the_past_of_its_own(void **state)
{
	char *got;

	(void)state;
	change("ptr.set", "{'address':'192.0.2.1','name':'other.','ttl':60,'tenant':'other'}");
	change("ptr.set", "{'address':'192.0.2.1','tenant':'acme'}");
	change("ptr.set", "{'address':'192.0.2.2','name':'secret.','ttl':60,'tenant':'other'}");
	act_as("portal", ROLE_TENANT, &acme);
	replies("history", "{'address':'192.0.2.1'}",
		"{'id':1,'result':[{'seq':3,'index':0,'user':'alice','kind':'rrset',"
		"'address':'192.0.2.1','type':'PTR','serial':3,'previous':2,'before':null,"
		"'after':{'ttl':60,'names':['other.'],'tenant':'acme'}}]}\n");
	got = call("history", "{'address':'192.0.2.2'}");
	assert_null(strstr(got, "secret"));
	free(got);
	refuses("history", "{'address':'192.0.2.200'}", "denied", "prefixes of the tenant acme");
	refuses("events", "{'after':0}", "denied", "viewer");
	replies("wait", "{'seq':3}", "{'id':1,'result':[{'seq':4}]}\n");
}

/* What a follower gets of one request: its lines so far. */
static struct request *follow(const char *line)
{
	struct request *request = request_parse(session, line, strlen(line));

	command_run(&backend.command, &request, 1);
	return request;
}

static char *ask(struct request *request, enum request_progress wanted)
{
	struct text text = {.octets = NULL};

	assert_int_equal(request_reply(request, &text), wanted);
	text_add(&text, "", 1);
	return without_moments(text.octets);
}

static void test_events_come_once_each_and_in_order(void **state)
{
	struct request *request;
	char *got;

	(void)state;
	request = follow("{\"id\":7,\"method\":\"events\",\"params\":{\"after\":1}}");
	got = ask(request, REQUEST_WAIT);
	assert_string_equal(got, "");
	free(got);
	change("ptr.set", "{'address':'192.0.2.1','name':'a.','ttl':60}");
	got = ask(request, REQUEST_WAIT);
	assert_string_equal(strtok(got, "\n"),
		"{\"id\":7,\"more\":true,\"result\":[{\"seq\":2,\"index\":0,\"user\":\"alice\","
		"\"kind\":\"rrset\",\"address\":\"192.0.2.1\",\"type\":\"PTR\",\"serial\":2,"
		"\"previous\":0,\"before\":null,\"after\":{\"ttl\":60,\"names\":[\"a.\"]}},"
		"{\"seq\":2,\"index\":1,\"user\":\"arpad\",\"kind\":\"rrset\","
		"\"owner\":\"192.0.2.0/24\",\"type\":\"SOA\",\"serial\":2,\"previous\":1,"
		"\"before\":{\"ttl\":3600,\"data\":[\"ns1.example.net. "
		"hostmaster.example.net. 1 3600 900 1209600 300\"]},"
		"\"after\":{\"ttl\":3600,\"data\":[\"ns1.example.net. "
		"hostmaster.example.net. 2 3600 900 1209600 300\"]}}]}");
	free(got);
	got = ask(request, REQUEST_WAIT);
	assert_string_equal(got, "");
	free(got);
	request_free(request);
	/* Whoever comes back goes on behind what it has seen last. */
	replies("events", "{'after':2,'after_index':0,'prefix':'192.0.2.0/24'}",
		"{'id':1,'more':true,'result':[" SOA("2", "1", "1", "2") "]}\n");
	replies("events", "{'after':1,'prefix':'192.0.2.0/31'}",
		"{'id':1,'more':true,'result':[{'seq':2,'index':0,'user':'alice','kind':'rrset',"
		"'address':'192.0.2.1','type':'PTR','serial':2,'previous':0,'before':null,"
		"'after':{'ttl':60,'names':['a.']}}]}\n");
	replies("events", "{}", "");
}

static void test_events_tell_zones_and_many_at_once(void **state)
{
	char *got;

	(void)state;
	change("zone.set", "{'zone':'192.0.2.0/24','ttl':77}");
	replies("events", "{'after':1}",
		"{'id':1,'more':true,'result':[{'seq':2,'index':0,'user':'alice',"
		"'kind':'settings','zone':'192.0.2.0/24'}]}\n");
	change("zone.remove", "{'zone':'192.0.2.0/24'}");
	got = call("events", "{'after':2}");
	assert_non_null(strstr(got, "\"kind\":\"zone-removed\",\"zone\":\"192.0.2.0/24\""));
	free(got);
	got = call("events", "{'after':0,'prefix':'192.0.2.0/24'}");
	assert_non_null(strstr(got, "\"kind\":\"zone-added\",\"zone\":\"192.0.2.0/24\""));
	free(got);
}

static void test_events_refuse_what_is_no_place(void **state)
{
	const struct journal_limits none = {0, 0};

	(void)state;
	refuses("events", "{'after':-1}", "invalid", "0 to 1");
	refuses("events", "{'after':2}", "invalid", "the number of the last change");
	refuses("events", "{'after':1,'after_index':-1}", "invalid", "after_index");
	refuses("events", "{'after':1,'prefix':'x'}", "invalid", "x");
	update_set_journal(backend.update, &none);
	change("ptr.set", "{'address':'192.0.2.1','name':'a.','ttl':60}");
	change("ptr.set", "{'address':'192.0.2.1','name':'b.','ttl':60}");
	refuses("events", "{'after':0}", "too-old", "read the records anew");
}

/* A follower that was overtaken is told, and its place is free. */
static void test_who_is_too_slow_is_told(void **state)
{
	const struct journal_limits none = {0, 0};
	struct request *request =
		follow("{\"id\":7,\"method\":\"events\",\"params\":{\"after\":1}}");
	char *got = ask(request, REQUEST_WAIT), name[64];

	(void)state;
	free(got);
	update_set_journal(backend.update, &none);
	for (unsigned i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "{'address':'192.0.2.1','name':'n%u.','ttl':60}", i);
		change("ptr.set", name);
	}
	got = ask(request, REQUEST_DONE);
	assert_non_null(strstr(got, "\"too-old\""));
	free(got);
	request_free(request);
}

static void test_events_come_in_pages(void **state)
{
	struct request *request;
	unsigned rows = 0, lines = 0;
	json_int_t last = 0, index = 0;

	(void)state;
	change("zone.add", "{'zone':'10.0.0.0/8'}");
	set_many(2500);
	request = follow("{\"id\":7,\"method\":\"events\",\"params\":{\"after\":0}}");
	for (enum request_progress progress = REQUEST_MORE; progress == REQUEST_MORE; lines++) {
		struct text text = {.octets = NULL};
		json_t *reply, *row;
		size_t at;

		progress = request_reply(request, &text);
		reply = json_loadb(text.octets, text.bytes, 0, NULL);
		assert_non_null(reply);
		assert_true(json_array_size(json_object_get(reply, "result")) <= 1000);
		json_array_foreach (json_object_get(reply, "result"), at, row) {
			json_int_t seq = json_integer_value(json_object_get(row, "seq"));
			json_int_t now = json_integer_value(json_object_get(row, "index"));

			assert_true(seq == last ? now == index + 1 : seq == last + 1 && now == 0);
			last = seq;
			index = now;
			rows++;
		}
		json_decref(reply);
		text_free(&text);
	}
	request_free(request);
	assert_true(lines > 2);
	/* Two zones of 3 entries, the addresses, a SOA for each of their batches. */
	assert_int_equal(rows, 3 + 3 + 2500 + (2500 + 255) / 256);
}

static void test_wait_ends_with_the_change_or_with_its_time(void **state)
{
	struct request *request;
	char *got;

	(void)state;
	replies("wait", "{'seq':1}", "{'id':1,'result':[{'seq':1}]}\n");
	request = follow("{\"id\":7,\"method\":\"wait\",\"params\":{\"seq\":2}}");
	got = ask(request, REQUEST_WAIT);
	assert_string_equal(got, "");
	free(got);
	change("ptr.set", "{'address':'192.0.2.1','name':'a.','ttl':60}");
	got = ask(request, REQUEST_DONE);
	assert_string_equal(got, "{\"id\":7,\"result\":[{\"seq\":2}]}\n");
	free(got);
	request_free(request);
	refuses("wait", "{'seq':3,'timeout_s':0}", "timeout", "did not come");
	refuses("wait", "{'seq':-1}", "invalid", "timeout_s 0 to 86400");
	refuses("wait", "{'seq':3,'timeout_s':86401}", "invalid", "86400");
	refuses("wait", "{}", "invalid", "seq");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_with_zone, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_history_tells_an_address_from_now_back),
		CASE(test_history_refuses_what_it_can_not_tell),
		CASE(test_a_tenant_sees_the_past_of_its_own),
		CASE(test_events_come_once_each_and_in_order),
		CASE(test_events_tell_zones_and_many_at_once),
		CASE(test_events_refuse_what_is_no_place),
		CASE(test_who_is_too_slow_is_told),
		CASE(test_events_come_in_pages),
		CASE(test_wait_ends_with_the_change_or_with_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
