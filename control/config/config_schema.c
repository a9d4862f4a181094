/* SPDX-License-Identifier: BSD-3-Clause */
/* What the file may hold, as a schema of libcyaml's, and a tree poured into its structures. */
#include "control/config/config_schema.h"

#include "bpf/steer_map.h"
#include "control/address/follow.h"
#include "control/config/config.h"
#include "control/config/config_access.h"
#include "control/update/update.h"
#include "dataplane/dataplane.h"
#include "dataplane/dns/cookie.h"
#include "dataplane/ratelimit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* No value of ours is longer than a name written with \DDD escapes. */
enum { TEXT_MAX = 1024, EXTRA_ARGS_MAX = 64 };

#define TEXT(key, structure, member) \
	CYAML_FIELD_STRING_PTR( \
		key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, structure, member, 1, TEXT_MAX)
#define LIST(key, structure, member, entry, limit) \
	CYAML_FIELD_SEQUENCE( \
		key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, structure, member, entry, 0, limit)
#define MAPPING(key, member, fields) \
	CYAML_FIELD_MAPPING_PTR( \
		key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct config_raw, member, fields)

static const cyaml_schema_value_t text_item = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAX)};

static const cyaml_schema_field_t store_fields[] = {
	TEXT("directory", struct config_raw_store, directory), CYAML_FIELD_END};

static const cyaml_schema_field_t access_fields[] = {TEXT("user", struct config_raw_access, user),
	TEXT("group", struct config_raw_access, group),
	TEXT("role", struct config_raw_access, role),
	TEXT("tenant", struct config_raw_access, tenant), CYAML_FIELD_END};

static const cyaml_schema_value_t access_item = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_raw_access, access_fields)};

static const cyaml_schema_field_t tenant_fields[] = {TEXT("name", struct config_raw_tenant, name),
	TEXT("quota", struct config_raw_tenant, quota),
	LIST("prefixes", struct config_raw_tenant, prefixes, &text_item,
		CONFIG_TENANT_PREFIXES_MAX),
	CYAML_FIELD_END};

static const cyaml_schema_value_t tenant_item = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_raw_tenant, tenant_fields)};

static const cyaml_schema_field_t control_fields[] = {
	TEXT("socket", struct config_raw_control, socket),
	TEXT("mode", struct config_raw_control, mode),
	TEXT("read-only-socket", struct config_raw_control, read_only_socket),
	TEXT("read-only-mode", struct config_raw_control, read_only_mode),
	/* An empty list would look like none, which lets everybody in. */
	CYAML_FIELD_SEQUENCE("access", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct config_raw_control, access, &access_item, 1, CONFIG_ACCESS_MAX),
	LIST("tenants", struct config_raw_control, tenants, &tenant_item, CONFIG_TENANTS_MAX),
	CYAML_FIELD_END};

static const cyaml_schema_field_t log_fields[] = {TEXT("level", struct config_raw_log, level),
	TEXT("format", struct config_raw_log, format), CYAML_FIELD_END};

static const cyaml_schema_field_t listen_fields[] = {
	LIST("addresses", struct config_raw_listen, addresses, &text_item, STEER_ADDRESSES_MAX),
	TEXT("port", struct config_raw_listen, port),
	LIST("interfaces", struct config_raw_listen, interfaces, &text_item, FOLLOW_INTERFACES_MAX),
	CYAML_FIELD_END};

static const cyaml_schema_field_t kernel_fields[] = {
	TEXT("device", struct config_raw_kernel, device),
	TEXT("interface", struct config_raw_kernel, interface),
	LIST("addresses", struct config_raw_kernel, addresses, &text_item,
		CONFIG_KERNEL_ADDRESSES_MAX),
	LIST("gateways", struct config_raw_kernel, gateways, &text_item,
		CONFIG_KERNEL_GATEWAYS_MAX),
	TEXT("rate", struct config_raw_kernel, rate), CYAML_FIELD_END};

static const cyaml_schema_field_t port_fields[] = {
	TEXT("interface", struct config_raw_port, interface),
	TEXT("device", struct config_raw_port, device),
	TEXT("queues", struct config_raw_port, queues),
	TEXT("buffers", struct config_raw_port, buffers),
	CYAML_FIELD_MAPPING_PTR("kernel", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct config_raw_port, kernel, kernel_fields),
	CYAML_FIELD_END};

static const cyaml_schema_value_t port_item = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_raw_port, port_fields)};

static const cyaml_schema_field_t dpdk_fields[] = {
	TEXT("control-core", struct config_raw_dpdk, control_core),
	LIST("worker-cores", struct config_raw_dpdk, worker_cores, &text_item,
		DATAPLANE_WORKERS_MAX),
	TEXT("idle", struct config_raw_dpdk, idle),
	TEXT("idle-us", struct config_raw_dpdk, idle_us),
	TEXT("hugepages", struct config_raw_dpdk, hugepages),
	TEXT("memory-mib", struct config_raw_dpdk, memory_mib),
	LIST("extra-args", struct config_raw_dpdk, extra_args, &text_item, EXTRA_ARGS_MAX),
	CYAML_FIELD_END};

static const cyaml_schema_field_t tcp_fields[] = {TEXT("clients", struct config_raw_tcp, clients),
	TEXT("clients-per-network", struct config_raw_tcp, clients_per_network),
	TEXT("idle-ms", struct config_raw_tcp, idle_ms),
	TEXT("receive-ms", struct config_raw_tcp, receive_ms),
	TEXT("send-ms", struct config_raw_tcp, send_ms),
	TEXT("buffer-bytes", struct config_raw_tcp, buffer_bytes), CYAML_FIELD_END};

static const cyaml_schema_field_t answers_fields[] = {
	TEXT("udp-size", struct config_raw_answers, udp_size),
	TEXT("any", struct config_raw_answers, any), TEXT("nsid", struct config_raw_answers, nsid),
	TEXT("identity", struct config_raw_answers, identity),
	TEXT("version", struct config_raw_answers, version),
	TEXT("cookies", struct config_raw_answers, cookies),
	LIST("cookie-secrets", struct config_raw_answers, cookie_secrets, &text_item,
		COOKIE_SECRETS_MAX),
	CYAML_FIELD_END};

static const cyaml_schema_field_t privileges_fields[] = {
	TEXT("user", struct config_raw_privileges, user),
	TEXT("sandbox", struct config_raw_privileges, sandbox), CYAML_FIELD_END};

static const cyaml_schema_field_t rate_limit_fields[] = {
	TEXT("mode", struct config_raw_rate_limit, mode),
	TEXT("answers", struct config_raw_rate_limit, answers),
	TEXT("nxdomain", struct config_raw_rate_limit, nxdomain),
	TEXT("errors", struct config_raw_rate_limit, errors),
	TEXT("referrals", struct config_raw_rate_limit, referrals),
	TEXT("ipv4-prefix", struct config_raw_rate_limit, ipv4_prefix),
	TEXT("ipv6-prefix", struct config_raw_rate_limit, ipv6_prefix),
	TEXT("slip", struct config_raw_rate_limit, slip),
	TEXT("burst", struct config_raw_rate_limit, burst),
	TEXT("entries", struct config_raw_rate_limit, entries),
	LIST("exempt", struct config_raw_rate_limit, exempt, &text_item, RATELIMIT_EXEMPT_MAX),
	CYAML_FIELD_END};

static const cyaml_schema_field_t names_fields[] = {
	TEXT("syntax", struct config_raw_names, syntax), CYAML_FIELD_END};

static const cyaml_schema_field_t metrics_fields[] = {
	TEXT("listen", struct config_raw_metrics, listen),
	TEXT("zones", struct config_raw_metrics, zones),
	TEXT("dpdk-telemetry", struct config_raw_metrics, dpdk_telemetry), CYAML_FIELD_END};

static const cyaml_schema_field_t journal_fields[] = {
	TEXT("keep-days", struct config_raw_journal, keep_days),
	TEXT("size-mib", struct config_raw_journal, size_mib), CYAML_FIELD_END};

static const cyaml_schema_field_t dnstap_fields[] = {
	TEXT("socket", struct config_raw_dnstap, socket),
	TEXT("file", struct config_raw_dnstap, file),
	TEXT("file-mib", struct config_raw_dnstap, file_mib),
	TEXT("identity", struct config_raw_dnstap, identity),
	TEXT("version", struct config_raw_dnstap, version),
	TEXT("queries", struct config_raw_dnstap, queries),
	TEXT("responses", struct config_raw_dnstap, responses), CYAML_FIELD_END};

static const cyaml_schema_field_t health_fields[] = {
	TEXT("drain-delay-ms", struct config_raw_health, drain_delay_ms), CYAML_FIELD_END};

static const cyaml_schema_field_t observe_fields[] = {
	TEXT("sample", struct config_raw_observe, sample), CYAML_FIELD_END};

static const cyaml_schema_field_t zones_fields[] = {
	LIST("ns", struct config_raw_zones, ns, &text_item, UPDATE_NS_MAX),
	TEXT("mname", struct config_raw_zones, mname),
	TEXT("rname", struct config_raw_zones, rname),
	TEXT("refresh", struct config_raw_zones, refresh),
	TEXT("retry", struct config_raw_zones, retry),
	TEXT("expire", struct config_raw_zones, expire),
	TEXT("minimum", struct config_raw_zones, minimum),
	TEXT("ttl", struct config_raw_zones, ttl), CYAML_FIELD_END};

static const cyaml_schema_field_t top_fields[] = {MAPPING("store", store, store_fields),
	MAPPING("control", control, control_fields), MAPPING("log", log, log_fields),
	MAPPING("listen", listen, listen_fields),
	MAPPING("privileges", privileges, privileges_fields),
	LIST("ports", struct config_raw, ports, &port_item, DATAPLANE_PORTS_MAX),
	MAPPING("dpdk", dpdk, dpdk_fields), MAPPING("tcp", tcp, tcp_fields),
	MAPPING("answers", answers, answers_fields),
	MAPPING("rate-limit", rate_limit, rate_limit_fields),
	MAPPING("metrics", metrics, metrics_fields), MAPPING("journal", journal, journal_fields),
	MAPPING("health", health, health_fields), MAPPING("names", names, names_fields),
	MAPPING("observe", observe, observe_fields), MAPPING("dnstap", dnstap, dnstap_fields),
	MAPPING("zones", zones, zones_fields), CYAML_FIELD_END};

const cyaml_schema_value_t config_schema_top = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config_raw, top_fields)};

static bool fill_value(const json_t *value, const cyaml_schema_value_t *schema, char *place);

static bool fill_fields(const json_t *object, const cyaml_schema_field_t *fields, char *structure)
{
	for (; fields->key; fields++) {
		const json_t *value = json_object_get(object, fields->key);
		char *place = structure + fields->data_offset;

		if (!value)
			continue;
		if (!fill_value(value, &fields->value, place))
			return false;
		if (fields->value.type == CYAML_SEQUENCE)
			*(unsigned *)(void *)(structure + fields->count_offset) =
				(unsigned)json_array_size(value);
	}
	return true;
}

static bool fill_list(const json_t *array, const cyaml_schema_value_t *entry, char **list)
{
	size_t count = json_array_size(array);
	size_t bytes = entry->type == CYAML_MAPPING ? entry->data_size : sizeof(char *);

	if (!count)
		return true;
	*list = calloc(count, bytes);
	if (!*list)
		return false;
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_array_get(array, i);

		if (entry->type == CYAML_MAPPING
				? !fill_fields(item, entry->mapping.fields, *list + i * bytes)
				: !fill_value(item, entry, *list + i * bytes))
			return false;
	}
	return true;
}

/* Into the pointer at `place`. */
static bool fill_value(const json_t *value, const cyaml_schema_value_t *schema, char *place)
{
	char **pointer = (char **)(void *)place;

	switch (schema->type) {
	case CYAML_MAPPING:
		*pointer = calloc(1, schema->data_size);
		return *pointer && fill_fields(value, schema->mapping.fields, *pointer);
	case CYAML_SEQUENCE:
		return fill_list(value, schema->sequence.entry, pointer);
	default:
		*pointer = strdup(json_string_value(value));
		return *pointer != NULL;
	}
}

struct config_raw *config_schema_fill(const json_t *root)
{
	struct config_raw *raw = calloc(1, sizeof(*raw));

	if (raw && fill_fields(root, top_fields, (char *)raw))
		return raw;
	config_schema_free(raw);
	return NULL;
}

void config_schema_free(struct config_raw *raw)
{
	static const cyaml_config_t settings = {.mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};

	if (raw)
		cyaml_free(&settings, &config_schema_top, raw, 0);
}
