/* SPDX-License-Identifier: BSD-3-Clause */
/* config.show, config.diff, config.reload and config.check, as requests and replies. */
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

#define SECRET "000102030405060708090a0b0c0d0e0f"
#define RUNNING \
	"listen: {addresses: [192.0.2.53]}\n" \
	"tcp:\n  clients: 2000\n" \
	"control: {tenants: [{name: a, prefixes: [192.0.2.0/25]}, " \
	"{name: b, prefixes: [192.0.2.128/25], quota: 9}]}\n" \
	"answers: {cookie-secrets: [" SECRET "]}\n"

static void what_holds_and_where_it_is_from(void **state)
{
	(void)state;
	backend.running = RUNNING;
	gives("config.show", "{'key':'listen.port'}",
		"[{'key':'listen.port','value':53,'default':53,'range':'1 to 65535',"
		"'change':'reload'}]");
	gives("config.show", "{'key':'tcp.clients'}",
		"[{'key':'tcp.clients','value':2000,'line':3,'default':1024,'unit':'connections',"
		"'range':'1 to 1000000','change':'restart'}]");
	gives("config.show", "{'key':'control.tenants[1].quota'}",
		"[{'key':'control.tenants[1].quota','value':9,'line':4,'default':0,"
		"'unit':'PTR objects','range':'0 to 9223372036854775807; 0: any number',"
		"'change':'reload'}]");
	gives("config.show", "{'key':'control.tenants[0].prefixes'}",
		"[{'key':'control.tenants[0].prefixes','value':['192.0.2.0/25'],'line':4,"
		"'default':'none; each tenant needs one','range':'addresses and prefixes, 1 to "
		"1024','change':'reload'}]");
	refuses("config.show", "{'key':'tc'}", "not-found", "the configuration has no key \"tc\"");
}

static size_t rows_of(const char *params)
{
	char *got = call("config.show", params);
	json_t *reply = json_loads(got, 0, NULL);
	size_t count = json_array_size(json_object_get(reply, "result"));

	json_decref(reply);
	free(got);
	return count;
}

static void sections_and_all(void **state)
{
	(void)state;
	backend.running = RUNNING;
	assert_int_equal(rows_of("{'key':'tcp'}"), 6);
	assert_int_equal(rows_of("{'key':'control.tenants'}"), 6);
	assert_int_equal(rows_of("{'key':'control.tenants[1]'}"), 3);
	assert_true(rows_of("{}") > 50);
}

/* More rows than a page has: each comes once. */
static void pages(void **state)
{
	size_t bytes = 1 << 17;
	char *text = malloc(bytes), *got;
	int length =
		snprintf(text, bytes, "listen: {addresses: [192.0.2.53]}\ncontrol:\n  tenants:\n");
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < 700; i++)
		length += snprintf(text + length, bytes - (size_t)length,
			"  - {name: t%u, prefixes: [10.0.0.0/8]}\n", i);
	backend.running = text;
	got = call("config.show", "{'key':'control.tenants'}");
	for (const char *at = got; (at = strstr(at, "{\"key\":")) != NULL; at++)
		count++;
	assert_int_equal(count, 3 * 700);
	assert_non_null(strstr(got, "control.tenants[699].quota"));
	free(got);
	free(text);
}

static void what_a_reload_would_do(void **state)
{
	(void)state;
	gives("config.diff", "{}", "{'applied':[],'restart':[]}");
	backend.file = "listen: {addresses: [192.0.2.53, 192.0.2.54], port: 53}\n"
		       "tcp: {clients: 01024, idle-ms: 500}\n"
		       "control: {tenants: [{name: a, prefixes: [192.0.2.0/25]}]}\n"
		       "answers: {cookie-secrets: [" SECRET "]}\n";
	gives("config.diff", "{}",
		"{'applied':[{'key':'listen.addresses','from':['192.0.2.53'],"
		"'to':['192.0.2.53','192.0.2.54']},"
		"{'key':'control.tenants[0].name','from':null,'to':'a'},"
		"{'key':'control.tenants[0].prefixes','from':null,'to':['192.0.2.0/25']},"
		"{'key':'control.tenants[0].quota','from':null,'to':0},"
		"{'key':'answers.cookie-secrets','from':null,'to':'(secret)'}],"
		"'restart':[{'key':'tcp.idle-ms','from':10000,'to':500}]}");
	backend.running = backend.file;
	backend.file = "listen: {addresses: [192.0.2.53, 192.0.2.54]}\n"
		       "tcp: {idle-ms: 500}\n"
		       "answers: {cookie-secrets: [" SECRET ", " SECRET "]}\n";
	gives("config.diff", "{}",
		"{'applied':[{'key':'control.tenants[0].name','from':'a','to':null},"
		"{'key':'control.tenants[0].prefixes','from':['192.0.2.0/25'],'to':null},"
		"{'key':'control.tenants[0].quota','from':0,'to':null},"
		"{'key':'answers.cookie-secrets','from':'(secret)','to':'(secret)'}],"
		"'restart':[]}");
	gives("config.show", "{'key':'answers.cookie-secrets'}",
		"[{'key':'answers.cookie-secrets','value':'(secret)','line':4,'default':'a random "
		"one at start','range':'1 or 2 of 32 hexadecimal digits','change':'reload'}]");
}

static void a_reload_tells_what_it_did(void **state)
{
	(void)state;
	backend.file = "listen: {addresses: [192.0.2.53]}\nzones: {ttl: 60}\n";
	gives("config.reload", "{}",
		"{'applied':[{'key':'zones.ttl','from':3600,'to':60}],'restart':[]}");
	gives("config.reload", "{}", "{'applied':[],'restart':[]}");
	backend.file = "listen: {addresses: [192.0.2.53]}\nzones: {ttl: x, expire: y}\n";
	refuses("config.reload", "{}", "invalid",
		"line 2: zones.expire: \"y\" is not a whole number from 1 to 2147483647; and 1 "
		"more, which \"arpad --check\" shows");
}

static void text_is_checked(void **state)
{
	(void)state;
	gives("config.check", "{'text':'listen: {addresses: [192.0.2.1]}'}",
		"{'valid':true,'problems':[],'more':0}");
	gives("config.check", "{'text':''}",
		"{'valid':false,'problems':[{'text':'the file has no keys'}],'more':0}");
	gives("config.check", "{'text':'lisen: 1'}",
		"{'valid':false,'problems':[{'line':1,'text':'lisen: there is no such key; did you "
		"mean listen?'}],'more':0}");
	refuses("config.check", "{}", "invalid", "text");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
	const struct CMUnitTest tests[] = {
		TEST(what_holds_and_where_it_is_from),
		TEST(sections_and_all),
		TEST(pages),
		TEST(what_a_reload_would_do),
		TEST(a_reload_tells_what_it_did),
		TEST(text_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
