/* SPDX-License-Identifier: BSD-3-Clause */
/* Tenants: scope, ownership, quota. */
#include "control/update/update_tenants.h"

#include "control/presentation.h"
#include "control/store/store_kv.h"
#include "dataplane/dns/wire.h"

#include <string.h>

/* NULL: the actor is no tenant. */
static const struct tenant *acting_tenant(const struct update *update)
{
	const struct actor *actor = update->actor;

	return actor != NULL && actor->role == ROLE_TENANT ? actor->tenant : NULL;
}

static bool has_address(const struct tenant *tenant, const struct prefix *address)
{
	for (unsigned i = 0; i < tenant->prefix_count; i++)
		if (prefix_contains(&tenant->prefixes[i], address))
			return true;
	return false;
}

int tenants_check_address(
	struct update *update, const struct prefix *address, struct failure *failure)
{
	const struct tenant *tenant = acting_tenant(update);
	char text[PRESENTATION_PREFIX_BYTES];

	if (tenant == NULL || has_address(tenant, address))
		return 0;
	return failure_set(failure, FAILURE_DENIED, "%s is in no prefix of the tenant %.63s",
		presentation_write_prefix(address, text), tenant->name);
}

static bool is_named(const struct object_text *name, const char *text)
{
	return strlen(text) == name->bytes && memcmp(text, name->octets, name->bytes) == 0;
}

int tenants_check_object(struct update *update, const struct prefix *address,
	const struct stored *object, struct failure *failure)
{
	const struct tenant *tenant = acting_tenant(update);
	char text[PRESENTATION_PREFIX_BYTES];
	struct object_text name;

	if (tenant == NULL)
		return 0;
	name = details_tenant(object->details, object->details_bytes);
	if (name.bytes == 0 || is_named(&name, tenant->name))
		return 0;
	return failure_set(failure, FAILURE_DENIED, "the object at %s is another tenant's",
		presentation_write_prefix(address, text));
}

bool tenants_own(
	const struct update *update, const struct prefix *address, const struct stored *object)
{
	const struct tenant *tenant = acting_tenant(update);
	struct object_text name;

	if (tenant == NULL)
		return true;
	name = details_tenant(object->details, object->details_bytes);
	return is_named(&name, tenant->name) && has_address(tenant, address);
}

static void copy_name(struct tenant_name *copy, const struct stored *object)
{
	struct object_text name = {NULL, 0};

	if (object != NULL && object->details_bytes > 0)
		name = details_tenant(object->details, object->details_bytes);
	copy->bytes = (uint8_t)name.bytes;
	if (name.bytes > 0)
		memcpy(copy->octets, name.octets, name.bytes);
}

void tenants_note(struct tenant_names *names, const struct stored *was, const struct stored *is)
{
	copy_name(&names->was, was);
	copy_name(&names->is, is);
}

static bool same_name(const struct tenant_name *a, const struct tenant_name *b)
{
	return a->bytes == b->bytes && memcmp(a->octets, b->octets, a->bytes) == 0;
}

static int check_quota(struct update *update, const struct tenant_name *name, uint64_t count,
	struct failure *failure)
{
	const struct tenant *tenant = acting_tenant(update);

	if (tenant == NULL || tenant->quota == 0 || count <= tenant->quota ||
		!is_named(&(struct object_text){name->octets, name->bytes}, tenant->name))
		return 0;
	return failure_set(failure, FAILURE_QUOTA,
		"the tenant %.63s may have %llu objects and has as many; unset some first, or ask "
		"for a larger quota",
		tenant->name, (unsigned long long)tenant->quota);
}

static int refuse_counts(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store is damaged: the count of a tenant's objects is wrong; restore it from a "
		"backup");
}

/* Reads the count; one that was never written is 0. */
static int read_count(
	struct update *update, struct store_bytes key, uint64_t *count, struct failure *failure)
{
	struct store_bytes value;
	int found = store_kv_get(update->store, STORE_TENANTS, key, &value, failure);

	*count = 0;
	if (found != 1)
		return found;
	if (value.count != 8)
		return refuse_counts(failure);
	*count = wire_get64(value.octets);
	return 0;
}

static int change_count(
	struct update *update, const struct tenant_name *name, int by, struct failure *failure)
{
	const struct store_bytes key = {(const uint8_t *)name->octets, name->bytes};
	uint8_t octets[8];
	uint64_t count;

	if (name->bytes == 0)
		return 0;
	if (read_count(update, key, &count, failure) != 0)
		return -1;
	if (by < 0 && count == 0)
		return refuse_counts(failure);
	count += (uint64_t)(int64_t)by;
	if (by > 0 && check_quota(update, name, count, failure) != 0)
		return -1;
	if (count == 0)
		return store_kv_delete(update->store, STORE_TENANTS, key, failure) < 0 ? -1 : 0;
	wire_put32(octets, (uint32_t)(count >> 32));
	wire_put32(octets + 4, (uint32_t)count);
	return store_kv_put(update->store, STORE_TENANTS, key,
		(struct store_bytes){octets, sizeof(octets)}, failure);
}

int tenants_count(struct update *update, const struct tenant_names *names, struct failure *failure)
{
	if (same_name(&names->was, &names->is))
		return 0;
	if (change_count(update, &names->was, -1, failure) != 0)
		return -1;
	return change_count(update, &names->is, 1, failure);
}
