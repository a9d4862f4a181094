/* SPDX-License-Identifier: BSD-3-Clause */
/* txn.*: what is staged changes nothing, what is committed is all or nothing. */
#include "tests/control/command_fixture.h"
#include "tests/support/cmocka.h"

#include "control/command_txn.h"
#include "control/txn.h"
#include "control/txn_run.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const struct prefix acme_prefix = {UINT64_C(0xc0000200) << 32, 0, ARPA_FAMILY_IPV4, 28};
static const struct tenant acme = {"acme", &acme_prefix, 1, 2};

static void act_as(enum role role, unsigned uid, const struct tenant *tenant)
{
	session->actor = (struct actor){.role = role, .tenant = tenant, .uid = uid};
	snprintf(session->actor.name, sizeof(session->actor.name), "u%u", uid);
}

static int open_zone(void **state)
{
	int result = open_all(state);

	add_zone();
	return result;
}

/* Opens one; its name is good until the next. */
static const char *begin(const char *params)
{
	static char id[TXN_ID_BYTES + 1];
	char *text = call("txn.begin", params);
	json_t *reply = json_loads(text, 0, NULL);
	const char *given =
		json_string_value(json_object_get(json_object_get(reply, "result"), "txn"));

	if (!given || strlen(given) != TXN_ID_BYTES)
		fail_msg("%s", text);
	strcpy(id, given);
	json_decref(reply);
	free(text);
	return id;
}

/* `params` with the transaction's name in place of %; good until the call after the next. */
static const char *in(const char *id, const char *params)
{
	static char texts[2][2048];
	static unsigned last;
	char *text = texts[last++ % 2];
	size_t used = 0;

	for (; *params; params++)
		used += (size_t)(*params == '%' ? sprintf(text + used, "%s", id)
						: sprintf(text + used, "%c", *params));
	return text;
}

static void takes(const char *id, const char *method, const char *params)
{
	char *reply = call(method, in(id, params));

	if (!strstr(reply, "\"staged\":"))
		fail_msg("%s %s: %s", method, params, reply);
	free(reply);
}

static void nothing_changes_before_the_commit(void **state)
{
	const char *id = begin("{}");
	char wanted[200];

	(void)state;
	snprintf(wanted, sizeof(wanted), "{'txn':'%s','staged':1}", id);
	gives("ptr.set", in(id, "{'address':'192.0.2.7','name':'a.','txn':'%'}"), wanted);
	takes(id, "ptr.add", "{'address':'192.0.2.7','name':'b.','ttl':60,'txn':'%'}");
	takes(id, "ptr.set", "{'address':'192.0.2.8','name':'c.','tags':{'k':'v'},'txn':'%'}");
	takes(id, "zone.add", "{'zone':'10.0.0.0/8','txn':'%'}");
	takes(id, "ptr.set", "{'address':'10.0.0.1','name':'d.','txn':'%'}");
	gives("ptr.list", "{}", "[]");
	gives("zone.list", "{}", "[{'zone':'192.0.2.0/24','serial':1,'records':2}]");
	gives("txn.diff", in(id, "{'txn':'%'}"),
		"[{'zone':'10.0.0.0/8','change':'added'},"
		"{'address':'10.0.0.1','before':null,'after':{'names':['d.'],'ttl':3600}},"
		"{'address':'192.0.2.7','before':null,'after':{'names':['a.','b.'],'ttl':60}},"
		"{'address':'192.0.2.8','before':null,'after':{'names':['c.'],'ttl':3600,"
		"'tags':{'k':'v'}}}]");
	gives("txn.show", in(id, "{'txn':'%'}"),
		"[{'operation':1,'method':'ptr.set','addresses':1,'params':{'address':'192.0.2.7',"
		"'name':'a.'}},{'operation':2,'method':'ptr.add','addresses':1,'params':{"
		"'address':'192.0.2.7','name':'b.','ttl':60}},{'operation':3,'method':'ptr.set',"
		"'addresses':1,'params':{'address':'192.0.2.8','name':'c.','tags':{'k':'v'}}},"
		"{'operation':4,'method':'zone.add','addresses':0,'params':{'zone':'10.0.0.0/8'}},"
		"{'operation':5,'method':'ptr.set','addresses':1,'params':{'address':'10.0.0.1',"
		"'name':'d.'}}]");
	gives("txn.list", "{}", in(id, "[{'txn':'%','user':'0','operations':5,'ends_in_s':300}]"));
	snprintf(wanted, sizeof(wanted), "{'txn':'%s','seq':2,'operations':5,'changed':true}", id);
	gives("txn.commit", in(id, "{'txn':'%'}"), wanted);
	refuses("txn.commit", in(id, "{'txn':'%'}"), "not-found", "there is no transaction");
	gives("txn.list", "{}", "[]");
	gives("ptr.list", "{'prefix':'10.0.0.0/8'}",
		"[{'address':'10.0.0.1','names':['d.'],'ttl':3600,'seq':2,'status':'active','zone':"
		"'10.0.0.0/8'}]");
	gives("ptr.list", "{'name':'b'}",
		"[{'address':'192.0.2.7','names':['a.','b.'],'ttl':60,'seq':2,'status':'active',"
		"'zone':'192.0.2.0/24'}]");
}

static void an_aborted_one_leaves_nothing(void **state)
{
	const char *id = begin("{'timeout_s':5}");

	(void)state;
	takes(id, "ptr.set", "{'address':'192.0.2.7','name':'a.','txn':'%'}");
	gives("txn.abort", in(id, "{'txn':'%'}"), in(id, "{'txn':'%','operations':1}"));
	refuses("txn.abort", in(id, "{'txn':'%'}"), "not-found", "no transaction");
	refuses("ptr.set", in(id, "{'address':'192.0.2.7','name':'a.','txn':'%'}"), "not-found",
		"no transaction");
	gives("ptr.list", "{}", "[]");
}

static void what_a_commit_would_refuse_is_refused_at_once(void **state)
{
	const char *id = begin("{}");

	(void)state;
	refuses("ptr.set", in(id, "{'address':'203.0.113.1','name':'a.','txn':'%'}"), "not-found",
		"no zone here");
	refuses("ptr.set", in(id, "{'address':'192.0.2.7','name':'..','txn':'%'}"), "invalid",
		"..");
	refuses("ptr.unset", in(id, "{'address':'192.0.2.7','txn':'%'}"), "not-found", "no PTR");
	refuses("ptr.unset", in(id, "{'prefix':'192.0.2.0/24','txn':'%'}"), "not-found", "no PTR");
	refuses("ptr.set", in(id, "{'address':'192.0.2.7','name':'a.','if_seq':3,'txn':'%'}"),
		"conflict", "(0: there is none)");
	refuses("zone.add", in(id, "{'zone':'192.0.2.0/24','txn':'%'}"), "exists", "is here");
	refuses("zone.remove", in(id, "{'zone':'10.0.0.0/8','txn':'%'}"), "not-found",
		"10.0.0.0/8");
	refuses("ptr.set", "{'address':'192.0.2.7','name':'a.','txn':'nowhere0'}", "not-found",
		"there is no transaction nowhere0");
	gives("txn.show", in(id, "{'txn':'%'}"), "[]");
	/* What the transaction does before it counts. */
	takes(id, "ptr.set", "{'address':'192.0.2.7','name':'a.','if_seq':0,'txn':'%'}");
	takes(id, "ptr.add", "{'address':'192.0.2.7','name':'b.','if_seq':0,'txn':'%'}");
	takes(id, "ptr.remove", "{'address':'192.0.2.7','names':['a.','b.'],'txn':'%'}");
	refuses("ptr.unset", in(id, "{'address':'192.0.2.7','txn':'%'}"), "not-found", "no PTR");
	gives("txn.diff", in(id, "{'txn':'%'}"), "[]");
	backend.command.name_syntax = NAME_SYNTAX_WARN;
	gives("ptr.set", in(id, "{'address':'192.0.2.7','name':'_.','txn':'%'}"),
		in(id,
			"{'txn':'%','staged':4,'warnings':['the name _. holds an underscore, which "
			"no host name may']}"));
}

static void a_zone_that_goes_goes_alone(void **state)
{
	const char *id = begin("{}");

	(void)state;
	free(call("ptr.set", "{'address':'192.0.2.7','name':'a.'}"));
	takes(id, "ptr.set", "{'address':'192.0.2.8','name':'a.','txn':'%'}");
	refuses("zone.remove", in(id, "{'zone':'192.0.2.0/24','txn':'%'}"), "invalid",
		"changes addresses of the zone");
	id = begin("{}");
	takes(id, "zone.remove", "{'zone':'192.0.2.0/24','txn':'%'}");
	refuses("zone.add", in(id, "{'zone':'192.0.2.0/24','txn':'%'}"), "invalid",
		"adds or removes the zone");
	refuses("ptr.set", in(id, "{'address':'192.0.2.8','name':'a.','txn':'%'}"), "invalid",
		"removes the zone 192.0.2.0/24");
	refuses("ptr.unset", in(id, "{'prefix':'192.0.0.0/16','txn':'%'}"), "invalid",
		"removes the zone 192.0.2.0/24");
	gives("txn.diff", in(id, "{'txn':'%'}"), "[{'zone':'192.0.2.0/24','change':'removed'}]");
	free(call("ptr.set", "{'address':'192.0.2.7','name':'b.'}"));
	refuses("txn.commit", in(id, "{'txn':'%'}"), "conflict",
		"the zone 192.0.2.0/24 was changed");
	gives("txn.commit", in(id, "{'txn':'%','force':true}"),
		in(id, "{'txn':'%','seq':4,'operations':1,'changed':true}"));
	gives("zone.list", "{}", "[]");
}

static void a_zone_is_not_taken_out_of_another_beside_changes_in_it(void **state)
{
	const char *id = begin("{}");

	(void)state;
	free(call("zone.add", "{'zone':'10.0.0.0/8'}"));
	takes(id, "zone.add", "{'zone':'10.1.0.0/16','txn':'%'}");
	refuses("ptr.set", in(id, "{'address':'10.1.0.1','name':'a.','txn':'%'}"), "invalid",
		"adds the zone 10.1.0.0/16");
	takes(id, "ptr.set", "{'address':'10.2.0.1','name':'a.','txn':'%'}");
	free(call("txn.commit", in(id, "{'txn':'%'}")));
	gives("zone.list", "{}",
		"[{'zone':'10.0.0.0/8','serial':2,'records':3},{'zone':'10.1.0.0/"
		"16','serial':1,'records':2},"
		"{'zone':'192.0.2.0/24','serial':1,'records':2}]");
}

static void who_comes_second_is_told(void **state)
{
	char first[TXN_ID_BYTES + 1];
	const char *second;

	(void)state;
	free(call("ptr.set", "{'address':'192.0.2.1','name':'a.'}"));
	free(call("ptr.set", "{'address':'192.0.2.2','name':'a.'}"));
	strcpy(first, begin("{}"));
	second = begin("{}");
	takes(first, "ptr.set", "{'address':'192.0.2.1','name':'b.','txn':'%'}");
	takes(first, "ptr.set", "{'address':'192.0.2.9','name':'b.','txn':'%'}");
	takes(second, "ptr.add", "{'address':'192.0.2.1','name':'c.','txn':'%'}");
	takes(second, "ptr.unset", "{'prefix':'192.0.2.0/29','expect':2,'txn':'%'}");
	free(call("txn.commit", in(first, "{'txn':'%'}")));
	refuses("txn.commit", in(second, "{'txn':'%'}"), "conflict",
		"1 address was changed since the transaction looked: 192.0.2.1;");
	gives("txn.commit", in(second, "{'txn':'%','force':true}"),
		in(second, "{'txn':'%','seq':5,'operations':2,'changed':true}"));
	gives("ptr.count", "{'prefix':'192.0.2.0/24'}", "{'prefix':'192.0.2.0/24','count':1}");
	/* More under a prefix than there was. */
	free(call("ptr.set", "{'address':'192.0.2.16','name':'a.'}"));
	second = begin("{}");
	refuses("ptr.unset", in(second, "{'prefix':'192.0.2.16/28','expect':2,'txn':'%'}"),
		"conflict", "has 1 PTR objects, not the 2");
	takes(second, "ptr.unset", "{'prefix':'192.0.2.16/28','txn':'%'}");
	free(call("ptr.set", "{'address':'192.0.2.17','name':'a.'}"));
	refuses("txn.commit", in(second, "{'txn':'%'}"), "conflict",
		"192.0.2.16/28 has 2 objects now and had 1");
}

static void one_that_fails_changes_nothing_and_stays(void **state)
{
	const char *id = begin("{}");

	(void)state;
	takes(id, "ptr.set", "{'address':'192.0.2.1','name':'a.','txn':'%'}");
	takes(id, "ptr.set", "{'address':'192.0.2.2','name':'a.','txn':'%'}");
	free(call("zone.freeze", "{'zone':'192.0.2.0/24'}"));
	refuses("txn.commit", in(id, "{'txn':'%'}"), "conflict",
		"operation 1 of the transaction, ptr.set, fails: the zone 192.0.2.0/24 is frozen");
	gives("txn.diff", in(id, "{'txn':'%'}"),
		"[{'address':'192.0.2.1','before':null,'error':'the zone 192.0.2.0/24 is frozen; "
		"thaw it first: arpactl zone thaw 192.0.2.0/24'},{'address':'192.0.2.2','before':"
		"null,'error':'the zone 192.0.2.0/24 is frozen; thaw it first: arpactl zone thaw "
		"192.0.2.0/24'}]");
	gives("ptr.list", "{}", "[]");
	free(call("zone.thaw", "{'zone':'192.0.2.0/24'}"));
	gives("txn.commit", in(id, "{'txn':'%'}"),
		in(id, "{'txn':'%','seq':4,'operations':2,'changed':true}"));
}

static void it_is_its_owners_and_administrators(void **state)
{
	char of_operator[TXN_ID_BYTES + 1], of_tenant[TXN_ID_BYTES + 1];

	(void)state;
	act_as(ROLE_OPERATOR, 1000, NULL);
	strcpy(of_operator, begin("{}"));
	act_as(ROLE_TENANT, 1001, &acme);
	strcpy(of_tenant, begin("{}"));
	refuses("txn.show", in(of_operator, "{'txn':'%'}"), "not-found", "no transaction");
	takes(of_tenant, "ptr.set", "{'address':'192.0.2.1','name':'a.','txn':'%'}");
	refuses("ptr.set", in(of_tenant, "{'address':'192.0.2.99','name':'a.','txn':'%'}"),
		"denied", "in no prefix of the tenant");
	refuses("zone.add", in(of_tenant, "{'zone':'10.0.0.0/8','txn':'%'}"), "denied", "operator");
	gives("txn.list", "{}",
		in(of_tenant,
			"[{'txn':'%','user':'u1001','tenant':'acme','operations':1,'ends_in_s':300}"
			"]"));
	act_as(ROLE_OPERATOR, 1000, NULL);
	refuses("txn.abort", in(of_tenant, "{'txn':'%'}"), "not-found", "no transaction");
	act_as(ROLE_VIEWER, 1000, NULL);
	refuses("txn.list", "{}", "denied", "needs the role tenant");
	act_as(ROLE_ADMIN, 0, NULL);
	refuses("txn.commit", in(of_tenant, "{'txn':'%'}"), "denied", "who alone may commit it");
	gives("txn.abort", in(of_operator, "{'txn':'%'}"),
		in(of_operator, "{'txn':'%','operations':0}"));
	act_as(ROLE_TENANT, 1001, &acme);
	gives("txn.commit", in(of_tenant, "{'txn':'%'}"),
		in(of_tenant, "{'txn':'%','seq':2,'operations':1,'changed':true}"));
	gives("ptr.list", "{}",
		"[{'address':'192.0.2.1','names':['a.'],'ttl':3600,'tenant':'acme','seq':2,'status'"
		":"
		"'active','zone':'192.0.2.0/24'}]");
}

/* A quota is a matter of the whole: what goes makes room for what comes. */
static void quota_counts_the_whole(void **state)
{
	const char *id;

	(void)state;
	act_as(ROLE_TENANT, 1001, &acme);
	free(call("ptr.set", "{'address':'192.0.2.1','name':'a.'}"));
	free(call("ptr.set", "{'address':'192.0.2.2','name':'a.'}"));
	id = begin("{}");
	takes(id, "ptr.unset", "{'address':'192.0.2.1','txn':'%'}");
	takes(id, "ptr.set", "{'address':'192.0.2.3','name':'a.','txn':'%'}");
	gives("txn.commit", in(id, "{'txn':'%'}"),
		in(id, "{'txn':'%','seq':4,'operations':2,'changed':true}"));
	id = begin("{}");
	takes(id, "ptr.set", "{'address':'192.0.2.4','name':'a.','txn':'%'}");
	refuses("txn.commit", in(id, "{'txn':'%'}"), "quota", "operation 1 of the transaction");
}

static void all_at_once_is_all_or_nothing(void **state)
{
	(void)state;
	gives("txn.run",
		"{'operations':[{'method':'zone.add','params':{'zone':'10.0.0.0/8'}},"
		"{'method':'ptr.set','params':{'address':'10.0.0.1','name':'a.'}},"
		"{'method':'ptr.set','params':{'address':'192.0.2.1','name':'a.'}}]}",
		"{'seq':2,'operations':3,'changed':true}");
	refuses("txn.run",
		"{'operations':[{'method':'ptr.set','params':{'address':'192.0.2.2','name':'a.'}},"
		"{'method':'ptr.unset','params':{'address':'192.0.2.9'}}]}",
		"not-found", "operation 2 of txn.run, ptr.unset: there is no PTR at 192.0.2.9");
	gives("ptr.count", "{'prefix':'192.0.2.0/24'}", "{'prefix':'192.0.2.0/24','count':1}");
	refuses("txn.run", "{'operations':[]}", "invalid", "at least one operation");
	refuses("txn.run", "{'operations':[{'method':'txn.run','params':{}}]}", "invalid",
		"\"method\" is ptr.set");
	refuses("txn.run", "{'operations':[{'method':'ptr.set'}]}", "invalid",
		"an operation has \"method\" and \"params\"");
	refuses("txn.run", "{'operations':[{'method':'ptr.set','params':{'x':1}}]}", "invalid",
		"ptr.set has no parameter \"x\"");
	refuses("txn.run",
		"{'operations':[{'method':'ptr.set','params':{'address':'192.0.2.1','name':'a.',"
		"'txn':'x'}}]}",
		"invalid", "in no other transaction");
	act_as(ROLE_TENANT, 1001, &acme);
	refuses("txn.run", "{'operations':[{'method':'zone.add','params':{'zone':'11.0.0.0/8'}}]}",
		"denied", "needs the role operator");
	backend.command.name_syntax = NAME_SYNTAX_WARN;
	gives("txn.run",
		"{'operations':[{'method':'ptr.set','params':{'address':'192.0.2.3','name':'_.'}},"
		"{'method':'ptr.set','params':{'address':'192.0.2.4','name':'-.'}}]}",
		"{'seq':3,'operations':2,'changed':true,'warnings':['the name _. holds an "
		"underscore, which no host name may','the name -. has a label that starts or ends "
		"with a hyphen']}");
}

static void a_commit_may_wait_for_its_confirmation(void **state)
{
	const char *id = begin("{}");
	char *reply;

	(void)state;
	takes(id, "ptr.set", "{'address':'192.0.2.1','name':'a.','txn':'%'}");
	refuses("txn.commit", in(id, "{'txn':'%','confirm_s':0}"), "invalid", "confirm_s is 0");
	reply = call("txn.commit", in(id, "{'txn':'%','confirm_s':60}"));
	assert_non_null(strstr(reply, "\"changed\":true,\"confirm_by\":\"20"));
	free(reply);
	reply = call("txn.list", "{}");
	assert_non_null(strstr(reply, "\"user\":\"0\",\"seq\":2,\"confirm_by\":\"20"));
	free(reply);
	act_as(ROLE_OPERATOR, 1000, NULL);
	gives("txn.list", "{}", "[]");
	refuses("txn.confirm", in(id, "{'txn':'%'}"), "not-found", "no commit of a transaction");
	act_as(ROLE_ADMIN, 0, NULL);
	gives("txn.confirm", in(id, "{'txn':'%'}"), in(id, "{'txn':'%','confirmed':true}"));
	refuses("txn.confirm", in(id, "{'txn':'%'}"), "not-found", "no commit of a transaction");
	gives("txn.list", "{}", "[]");
}

static void bad_requests_are_refused(void **state)
{
	(void)state;
	refuses("txn.begin", "{'timeout_s':0}", "invalid", "timeout_s is 0; it is 1 to 86400");
	refuses("txn.begin", "{'timeout_s':86401}", "invalid", "timeout_s is 86401");
	refuses("txn.commit", "{'txn':'x'}", "not-found", "there is no transaction x");
	refuses("txn.diff", "{'txn':'x'}", "not-found", "there is no transaction x");
	refuses("txn.show", "{'txn':'x'}", "not-found", "there is no transaction x");
	refuses("txn.abort", "{'txn':'x'}", "not-found", "there is no transaction x");
	refuses("txn.commit", "{}", "invalid", "needs the parameter txn");
	for (unsigned i = 0; i < TXN_OPEN_MAX; i++)
		begin("{}");
	refuses("txn.begin", "{}", "busy", "64 transactions are open");
}

/* The batch of a request is settled with it; here it is settled again, as one that failed. */
static void what_a_failed_batch_staged_is_gone(void **state)
{
	struct txn *txn;
	const char *id = begin("{}");
	struct failure failure;

	(void)state;
	takes(id, "ptr.set", "{'address':'192.0.2.1','name':'a.','txn':'%'}");
	txn = txns_get(backend.command.txns, id, &session->actor, txn_run_now(), &failure);
	assert_int_equal(txn_stage(txn, "ptr.unset", "{}", 2, &failure), 0);
	txn_commit(txn);
	refuses("txn.show", in(id, "{'txn':'%'}"), "not-found", "no transaction");
	command_txn_settle(&backend.command, false);
	gives("txn.show", in(id, "{'txn':'%'}"),
		"[{'operation':1,'method':'ptr.set','addresses':1,'params':{'address':'192.0.2.1',"
		"'name':'a.'}}]");
	gives("txn.commit", in(id, "{'txn':'%'}"),
		in(id, "{'txn':'%','seq':2,'operations':1,'changed':true}"));
}

/* Runs the lines, which are written with ' for ", as one batch whose commit fails on the disk. */
static void run_on_a_full_disk(const char *const *lines, size_t count)
{
	struct rlimit limit, full;
	char quoted[4][256], *replies, *rest, *line;
	const char *batch[4];

	for (size_t i = 0; i < count; i++) {
		snprintf(quoted[i], sizeof(quoted[i]), "%s", lines[i]);
		for (char *at = quoted[i]; *at; at++)
			*at = *at == '\'' ? '"' : *at;
		batch[i] = quoted[i];
	}
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	full = (struct rlimit){0, limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	replies = run_batch(batch, count);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (rest = replies; (line = strsep(&rest, "\n")) != NULL && *line;)
		if (!strstr(line, "\"error\":{\"code\":8") &&
			!strstr(line, "\"error\":{\"code\":7"))
			fail_msg("%s", line);
	free(replies);
}

static void a_disk_that_fails_leaves_transactions_as_they_were(void **state)
{
	char first[TXN_ID_BYTES + 1], second[TXN_ID_BYTES + 1], staged[200], committed[200];
	const char *lines[] = {"{'method':'ptr.set','params':{'address':'192.0.2.9','name':'x.'}}",
		staged, committed};

	(void)state;
	strcpy(first, begin("{}"));
	strcpy(second, begin("{}"));
	takes(second, "ptr.set", "{'address':'192.0.2.2','name':'b.','txn':'%'}");
	strcpy(staged,
		in(first,
			"{'method':'ptr.set','params':{'address':'192.0.2.1','name':'a.',"
			"'txn':'%'}}"));
	strcpy(committed, in(second, "{'method':'txn.commit','params':{'txn':'%'}}"));
	run_on_a_full_disk(lines, 3);
	gives("ptr.list", "{}", "[]");
	gives("txn.show", in(first, "{'txn':'%'}"), "[]");
	gives("txn.commit", in(second, "{'txn':'%'}"),
		in(second, "{'txn':'%','seq':2,'operations':1,'changed':true}"));
}

/* More rows than a page has, in the order of their addresses, and none twice. */
static void a_long_diff_comes_in_pages(void **state)
{
	enum { ROWS = 2500 };
	const char *id = begin("{}");
	unsigned rows = 0, pages = 0;
	char *text, *rest, *line, params[128];

	(void)state;
	takes(id, "zone.add", "{'zone':'10.0.0.0/8','txn':'%'}");
	for (unsigned i = 0; i < ROWS; i++) {
		unsigned number = i * 7 % ROWS;

		snprintf(params, sizeof(params), "{'address':'10.0.%u.%u','name':'a.','txn':'%s'}",
			number >> 8, number & 255, id);
		takes(id, "ptr.set", params);
	}
	text = call("txn.diff", in(id, "{'txn':'%'}"));
	for (rest = text; (line = strsep(&rest, "\n")) != NULL && *line; pages++) {
		json_t *reply = json_loads(line, 0, NULL), *item;
		size_t index;

		json_array_foreach (json_object_get(reply, "result"), index, item) {
			const char *address = json_string_value(json_object_get(item, "address"));

			if (!address)
				continue; /* the zone */
			snprintf(params, sizeof(params), "10.0.%u.%u", rows >> 8, rows & 255);
			assert_string_equal(address, params);
			rows++;
		}
		json_decref(reply);
	}
	assert_int_equal(rows, ROWS);
	assert_int_equal(pages, 3);
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_zone, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_changes_before_the_commit),
		TEST(an_aborted_one_leaves_nothing),
		TEST(what_a_commit_would_refuse_is_refused_at_once),
		TEST(a_zone_that_goes_goes_alone),
		TEST(a_zone_is_not_taken_out_of_another_beside_changes_in_it),
		TEST(who_comes_second_is_told),
		TEST(one_that_fails_changes_nothing_and_stays),
		TEST(it_is_its_owners_and_administrators),
		TEST(quota_counts_the_whole),
		TEST(all_at_once_is_all_or_nothing),
		TEST(a_commit_may_wait_for_its_confirmation),
		TEST(bad_requests_are_refused),
		TEST(what_a_failed_batch_staged_is_gone),
		TEST(a_disk_that_fails_leaves_transactions_as_they_were),
		TEST(a_long_diff_comes_in_pages),
	};

	return cmocka_run_group_tests_name("command_txn", tests, NULL, NULL);
}
