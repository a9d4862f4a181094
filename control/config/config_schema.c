/* SPDX-License-Identifier: BSD-3-Clause */
/* libcyaml's schema, and its log turned into one sentence that names key and line. */
#include "control/config/config_schema.h"

#include "bpf/steer_map.h"
#include "control/address/follow.h"
#include "control/config/config.h"
#include "control/config/config_access.h"
#include "control/update/update.h"
#include "dataplane/dataplane.h"
#include "dataplane/dns/cookie.h"
#include "dataplane/ratelimit.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>
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

static const cyaml_schema_field_t log_fields[] = {
	TEXT("level", struct config_raw_log, level), CYAML_FIELD_END};

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

static const cyaml_schema_value_t top = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config_raw, top_fields)};

enum { STEPS_MAX = 8, STEP_BYTES = 64 };

/* What libcyaml logged: the complaint, then the places it was in, innermost first. */
struct trouble {
	char text[256];
	char step[STEPS_MAX][STEP_BYTES]; /* "key" or "[index]" */
	unsigned steps;
	unsigned line;
};

static void note_step(struct trouble *trouble, const char *text)
{
	unsigned line = 0, entry;
	char key[STEP_BYTES - 4];

	if (trouble->steps == STEPS_MAX)
		return;
	if (sscanf(text, " in mapping field '%59[^']' (line: %u", key, &line) == 2)
		snprintf(trouble->step[trouble->steps++], STEP_BYTES, "%s", key);
	else if (sscanf(text, " in sequence entry '%u' (line: %u", &entry, &line) == 2)
		snprintf(trouble->step[trouble->steps++], STEP_BYTES, "[%u]", entry - 1);
	else
		sscanf(text, " in mapping (line: %u", &line);
	if (!trouble->line)
		trouble->line = line;
}

static void on_log(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
	struct trouble *trouble = context;
	char text[256];

	(void)level;
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\n")] = '\0';
	if (strncmp(text, "  in ", 5) == 0)
		note_step(trouble, text);
	else if (strncmp(text, "Load: ", 6) == 0 && !trouble->text[0] && !strstr(text, "Backtrace"))
		snprintf(trouble->text, sizeof(trouble->text), "%s", text + 6);
}

/* "ports[0].queues" from the steps, outermost last. */
static void write_path(const struct trouble *trouble, char *path, size_t bytes)
{
	size_t length = 0;

	path[0] = '\0';
	for (unsigned i = trouble->steps; i-- > 0 && length < bytes;)
		length += (size_t)snprintf(path + length, bytes - length, "%s%s",
			length && trouble->step[i][0] != '[' ? "." : "", trouble->step[i]);
}

/* The sentence in our own words; libcyaml's where we have none. */
static int explain(const struct trouble *trouble, cyaml_err_t error,
	const struct config_lines *lines, unsigned *line, struct failure *failure)
{
	static const char unknown[] = "Unexpected key: ", twice[] = "Mapping field already seen: ";
	char path[STEPS_MAX * STEP_BYTES];
	const char *found;
	unsigned at;

	write_path(trouble, path, sizeof(path));
	*line = trouble->line;
	if (error == CYAML_ERR_OOM)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	if (error == CYAML_ERR_LIBYAML_PARSER) {
		*line = config_lines_broken(lines);
		return failure_set(failure, FAILURE_INVALID, "this is not YAML: %s", trouble->text);
	}
	if (error == CYAML_ERR_ALIAS)
		return failure_set(
			failure, FAILURE_INVALID, "%s: YAML aliases are not supported", path);
	if (strncmp(trouble->text, unknown, sizeof(unknown) - 1) == 0) {
		const char *key = trouble->text + sizeof(unknown) - 1;

		found = config_lines_path(lines, key, trouble->line);
		if (found)
			*line = config_lines_of(lines, found);
		return failure_set(
			failure, FAILURE_INVALID, "%s: there is no such key", found ? found : key);
	}
	if (strncmp(trouble->text, twice, sizeof(twice) - 1) == 0) {
		*line = config_lines_again(lines, path);
		return failure_set(failure, FAILURE_INVALID, "%s: the key is given twice", path);
	}
	at = path[0] ? config_lines_of(lines, path) : 0;
	if (at)
		*line = at;
	return failure_set(failure, FAILURE_INVALID, "%s%s%s", path, path[0] ? ": " : "",
		trouble->text[0] ? trouble->text : cyaml_strerror(error));
}

static cyaml_config_t cyaml_settings(struct trouble *trouble)
{
	return (cyaml_config_t){
		.log_fn = on_log,
		.log_ctx = trouble,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_ERROR,
		.flags = CYAML_CFG_NO_ALIAS,
	};
}

int config_schema_load(const char *text, size_t bytes, const struct config_lines *lines,
	struct config_raw **raw, unsigned *line, struct failure *failure)
{
	struct trouble trouble = {.steps = 0};
	cyaml_config_t settings = cyaml_settings(&trouble);
	cyaml_err_t error;

	*raw = NULL;
	*line = 0;
	error = cyaml_load_data(
		(const uint8_t *)text, bytes, &settings, &top, (cyaml_data_t **)raw, NULL);
	if (error != CYAML_OK)
		return explain(&trouble, error, lines, line, failure);
	if (!*raw)
		return failure_set(failure, FAILURE_INVALID, "the file has no keys");
	return 0;
}

void config_schema_free(struct config_raw *raw)
{
	struct trouble trouble = {.steps = 0};
	cyaml_config_t settings = cyaml_settings(&trouble);

	if (raw)
		cyaml_free(&settings, &top, raw, 0);
}
