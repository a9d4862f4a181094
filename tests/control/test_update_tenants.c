/* SPDX-License-Identifier: BSD-3-Clause */
/* control/update/update_tenants.c: whose an object is, who may change it, and how many there may
 * be. */
#include "tests/control/update_fixture.h"

#include "control/store/store_kv.h"
#include "dataplane/dns/wire.h"

#include <stdio.h>
#include <string.h>

static struct prefix acme_prefixes[2], other_prefix;
static struct tenant acme = {.name = "acme", .prefixes = acme_prefixes, .prefix_count = 2};
static struct tenant other = {.name = "other", .prefixes = &other_prefix, .prefix_count = 1};
static const struct actor of_acme = {.role = ROLE_TENANT, .tenant = &acme};
static const struct actor of_other = {.role = ROLE_TENANT, .tenant = &other};
static const struct actor an_operator = {.role = ROLE_OPERATOR};

/* ---- What the store counts, and what there is ---- */

static uint64_t counted(const char *name)
{
	const struct store_bytes key = {(const uint8_t *)name, strlen(name)};
	struct store_bytes value;
	int found = store_kv_get(store, STORE_TENANTS, key, &value, &failure);

	assert_true(found >= 0);
	if (found == 0)
		return 0;
	assert_int_equal(value.count, 8);
	return (uint64_t)wire_get32(value.octets) << 32 | wire_get32(value.octets + 4);
}

struct recount {
	const char *name;
	uint64_t count;
};

static int count_own(void *context, const struct owner *owner, const struct stored *stored)
{
	struct object_text tenant = details_tenant(stored->details, stored->details_bytes);
	struct recount *recount = context;

	(void)owner;
	if (tenant.bytes == strlen(recount->name) &&
		memcmp(tenant.octets, recount->name, tenant.bytes) == 0)
		recount->count++;
	return 0;
}

static int count_zone(void *context, const struct owner *apex, uint32_t zone)
{
	(void)apex;
	return store_each_rrset(store, zone, NULL, NULL, count_own, context, &failure);
}

/* Every object of every zone, those that a nested zone hides too. */
static uint64_t recounted(const char *name)
{
	struct recount recount = {name, 0};

	ok(store_each_zone(store, count_zone, &recount, &failure));
	return recount.count;
}

static void counts(uint64_t of_acme_now, uint64_t of_other_now)
{
	assert_int_equal(counted("acme"), of_acme_now);
	assert_int_equal(recounted("acme"), of_acme_now);
	assert_int_equal(counted("other"), of_other_now);
	assert_int_equal(recounted("other"), of_other_now);
}

static int give(const char *address, const char *tenant)
{
	const struct details details = {.tenant = {tenant, (uint16_t)strlen(tenant)}};
	const struct ptr_change what = {
		.details = &details, .details_given = PTR_TENANT, .ttl = -1, .if_sequence = -1};

	return change_ptr(address, &what);
}

static int unset_prefix(const char *text, size_t *count)
{
	const struct prefix prefix = at(text);

	return update_unset_prefix(update, &prefix, 1000, count, &result, &failure);
}

static int tenants_set_up(void **state)
{
	set_up(state);
	acme_prefixes[0] = at("192.0.2.0/25");
	acme_prefixes[1] = at("2001:db8::/64");
	other_prefix = at("192.0.2.0/24");
	acme.quota = other.quota = 0;
	begin();
	ok(add_zone("192.0.2.0/24"));
	ok(add_zone("2001:db8::/32"));
	commit();
	return 0;
}

static void denied(int result_of_change, const char *part)
{
	assert_int_equal(result_of_change, -1);
	assert_failure(&failure, FAILURE_DENIED, part);
}

/* ---- Cases ---- */

static void a_tenant_has_its_prefixes_and_its_objects(void **state)
{
	struct ptr_object object = {.names = {.count = 0}};
	const struct prefix address = at("192.0.2.2");

	(void)state;
	begin();
	ok(set("192.0.2.1", 60, "nobodys.", NULL));
	update_set_actor(update, &of_acme);
	denied(set("192.0.2.128", 60, "a.", NULL),
		"192.0.2.128 is in no prefix of the tenant acme");
	denied(set("2001:db8:0:1::1", 60, "a.", NULL), "in no prefix");
	denied(set("198.51.100.1", 60, "a.", NULL), "in no prefix");
	denied(unset("192.0.2.128"), "in no prefix");
	ok(set("192.0.2.2", 60, "a.", NULL));
	ok(set("2001:db8::1", 60, "a.", NULL));
	ok(set("192.0.2.1", 60, "acmes.", NULL)); /* nobody's becomes its own */
	denied(give("192.0.2.2", "other"), "can't give an object to another tenant");
	ok(give("192.0.2.2", "acme"));
	assert_false(result.changed);
	commit();
	counts(3, 0);
	begin();
	update_set_actor(update, &of_other);
	denied(set("192.0.2.2", 60, "b.", NULL), "the object at 192.0.2.2 is another tenant's");
	denied(unset("192.0.2.2"), "another tenant's");
	denied(update_get_ptr(update, &address, &object, &failure), "another tenant's");
	ok(set("192.0.2.3", 60, "b.", NULL));
	update_set_actor(update, &an_operator);
	ok(set("192.0.2.3", 61, "b.", NULL)); /* stays whose it was */
	ok(give("192.0.2.2", "other"));
	commit();
	counts(2, 2);
	update_set_actor(update, &of_other);
	ok(update_get_ptr(update, &address, &object, &failure));
	assert_int_equal(object.details.tenant.bytes, 5);
	rrset_buffer_free(&object.names);
	restart();
	counts(2, 2);
	begin();
	ok(give("192.0.2.2", ""));
	commit();
	counts(2, 1);
}

static void a_quota_is_held(void **state)
{
	struct update_group group;

	(void)state;
	acme.quota = 2;
	begin();
	update_set_actor(update, &of_acme);
	ok(set("192.0.2.1", 60, "a.", NULL));
	ok(set("192.0.2.2", 60, "a.", NULL));
	assert_int_equal(set("192.0.2.3", 60, "a.", NULL), -1);
	assert_failure(&failure, FAILURE_QUOTA, "the tenant acme may have 2 objects");
	ok(set("192.0.2.2", 61, "a.", NULL)); /* one that it has */
	ok(unset("192.0.2.1"));
	ok(set("192.0.2.3", 60, "a.", NULL));
	ok(update_group_begin(update, &group, &failure));
	ok(unset("192.0.2.2"));
	ok(set("192.0.2.4", 60, "a.", NULL));
	assert_int_equal(set("192.0.2.5", 60, "a.", NULL), -1);
	assert_int_equal(update_group_end(update, &group, &result, &failure), -1);
	assert_failure(&failure, FAILURE_QUOTA, "may have 2");
	counts(2, 0);
	commit();
	assert_string_equal(answer("192.0.2.1"), "");
	assert_string_equal(answer("192.0.2.2"), "a.");
	assert_string_equal(answer("192.0.2.3"), "a.");
	assert_string_equal(answer("192.0.2.4"), "");
	counts(2, 0);
}

static void counts_are_right_whatever_removes_objects(void **state)
{
	struct staging *staging = stage_zone("192.0.2.0/24", 9);
	const struct prefix zone = at("2001:db8::/32");
	const struct owner apex = owner_from_prefix(&zone);
	size_t removed, count;

	(void)state;
	begin();
	update_set_actor(update, &of_acme);
	ok(set("192.0.2.1", 60, "a.", NULL));
	ok(set("192.0.2.2", 60, "a.", NULL));
	ok(set("192.0.2.3", 60, "a.", NULL));
	ok(set("2001:db8::1", 60, "a.", NULL));
	ok(set("2001:db8::2", 60, "a.", NULL));
	update_set_actor(update, &of_other);
	ok(set("192.0.2.4", 60, "a.", NULL));
	ok(set("192.0.2.5", 60, "a.", NULL));
	commit();
	counts(5, 2);
	/* A tenant's unset of a prefix is one of what is its own. */
	begin();
	ok(unset_prefix("192.0.2.4/31", &count));
	assert_int_equal(count, 2);
	assert_int_equal(unset_prefix("192.0.2.0/24", &count), -1);
	assert_failure(&failure, FAILURE_NOT_FOUND, "no PTR in");
	counts(5, 0);
	/* What it has outside its prefixes stays: those may have become fewer. */
	update_set_actor(update, &of_acme);
	acme_prefixes[0] = at("192.0.2.2/31");
	ok(unset_prefix("192.0.2.0/24", &count));
	assert_int_equal(count, 2);
	counts(3, 0);
	acme_prefixes[0] = at("192.0.2.0/25");
	ok(set("192.0.2.2", 60, "a.", NULL));
	ok(set("192.0.2.3", 60, "a.", NULL));
	commit();
	counts(5, 0);
	update_set_actor(update, NULL);
	stage(staging, "192.0.2.1", WIRE_TYPE_PTR, 60, "changed.");
	stage(staging, "192.0.2.6", WIRE_TYPE_PTR, 60, "new.");
	begin();
	ok(replace(staging));
	commit();
	counts(3, 0);
	begin();
	ok(update_remove_zone(update, &apex, &sequence, &removed, &failure));
	commit();
	counts(1, 0);
	restart();
	counts(1, 0);
	begin();
	ok(unset_prefix("0.0.0.0/0", &count));
	commit();
	counts(0, 0);
}

/* A batch that is not committed counts nothing. */
static void a_failed_commit_leaves_the_counts(void **state)
{
	const struct prefix prefix = at("192.0.2.0/24");
	const struct owner apex = owner_from_prefix(&prefix);

	(void)state;
	begin();
	update_set_actor(update, &of_acme);
	ok(set("192.0.2.1", 60, "a.", NULL));
	commit();
	begin();
	ok(set("192.0.2.2", 60, "a.", NULL));
	ok(store_delete_rrset(store, 1, &apex, WIRE_TYPE_SOA, &failure));
	assert_int_equal(update_commit(update, &failure), -1);
	counts(1, 0);
	restart();
	counts(1, 0);
}

static void a_wrong_count_is_said(void **state)
{
	const struct store_bytes key = {(const uint8_t *)"acme", 4};

	(void)state;
	begin();
	update_set_actor(update, &of_acme);
	ok(set("192.0.2.1", 60, "a.", NULL));
	commit();
	ok(store_begin(store, &failure));
	assert_int_equal(store_kv_delete(store, STORE_TENANTS, key, &failure), 1);
	ok(store_commit(store, &failure));
	begin();
	assert_int_equal(unset("192.0.2.1"), -1);
	assert_failure(&failure, FAILURE_STORE_ERROR, "the count of a tenant's objects is wrong");
	commit();
	assert_string_equal(answer("192.0.2.1"), "a.");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, tenants_set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_tenant_has_its_prefixes_and_its_objects),
		CASE(a_quota_is_held),
		CASE(counts_are_right_whatever_removes_objects),
		CASE(a_failed_commit_leaves_the_counts),
		CASE(a_wrong_count_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
