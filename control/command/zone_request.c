/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/zone_request.h"

static const char *text_of(json_t *params, const char *name)
{
	return json_string_value(json_object_get(params, name));
}

static json_int_t number_of(json_t *params, const char *name, json_int_t otherwise)
{
	json_t *value = json_object_get(params, name);

	return value ? json_integer_value(value) : otherwise;
}

/* One of the SOA's numbers: RFC 1035 3.3.13 gives 32 bits, RFC 2181 8 takes one for a TTL. */
static int read_seconds(json_t *params, const char *name, uint32_t *value, struct failure *failure)
{
	json_int_t given = number_of(params, name, *value);

	if (given < 1 || given > WIRE_TTL_MAX)
		return failure_set(failure, FAILURE_INVALID,
			"zone.add: %s is %lld, which is outside 1..%d", name, (long long)given,
			WIRE_TTL_MAX);
	*value = (uint32_t)given;
	return 0;
}

/* Fills `ns` and makes `settings` point at it. */
static int read_servers(
	json_t *params, const char **ns, struct zone_defaults *settings, struct failure *failure)
{
	json_t *given = json_object_get(params, "ns"), *item;
	size_t index;

	if (json_array_size(given) > UPDATE_NS_MAX)
		return failure_set(failure, FAILURE_INVALID,
			"zone.add: %zu name servers; a zone has 1 to %d", json_array_size(given),
			UPDATE_NS_MAX);
	if (given) {
		json_array_foreach (given, index, item)
			ns[index] = json_string_value(item);
		settings->ns = ns;
		settings->ns_count = json_array_size(given);
	}
	if (!settings->ns_count)
		return failure_set(failure, FAILURE_INVALID,
			"zone.add needs ns, the names of the zone's servers (\"--ns NAME\"), "
			"because the configuration's zones.ns is empty");
	return 0;
}

static int read_settings(
	json_t *params, const char **ns, struct zone_defaults *settings, struct failure *failure)
{
	const char *mname = text_of(params, "mname"), *rname = text_of(params, "rname");

	if (read_servers(params, ns, settings, failure) != 0 ||
		read_seconds(params, "refresh", &settings->refresh, failure) != 0 ||
		read_seconds(params, "retry", &settings->retry, failure) != 0 ||
		read_seconds(params, "expire", &settings->expire, failure) != 0 ||
		read_seconds(params, "minimum", &settings->minimum, failure) != 0 ||
		read_seconds(params, "ttl", &settings->ttl, failure) != 0)
		return -1;
	if (mname)
		settings->mname = mname;
	if (!settings->mname)
		settings->mname = settings->ns[0];
	if (rname)
		settings->rname = rname;
	return 0;
}

int zone_request_parse(bool add, json_t *params, const struct zone_defaults *defaults,
	struct zone_request *request, struct failure *failure)
{
	request->add = add;
	request->settings = *defaults;
	if (presentation_parse_zone(text_of(params, "zone"), &request->zone, failure) != 0)
		return -1;
	return add ? read_settings(params, request->ns, &request->settings, failure) : 0;
}

int zone_request_run(struct update *update, const struct zone_request *request, uint64_t *sequence,
	size_t *removed, struct failure *failure)
{
	const struct owner *apex = &request->zone.owner;

	*removed = 0;
	return request->add ? update_add_zone(update, apex, &request->settings, sequence, failure)
			    : update_remove_zone(update, apex, sequence, removed, failure);
}
