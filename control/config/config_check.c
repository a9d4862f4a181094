/* SPDX-License-Identifier: BSD-3-Clause */
/* One function a section of the file; each value is refused with its key, its text and the rule. */
#include "control/config/config_check.h"

#include "control/config/config_access.h"
#include "control/config/config_answers.h"
#include "control/config/config_dnstap.h"
#include "control/config/config_health.h"
#include "control/config/config_journal.h"
#include "control/config/config_listen.h"
#include "control/config/config_metrics.h"
#include "control/config/config_names.h"
#include "control/config/config_observe.h"
#include "control/config/config_privileges.h"
#include "control/config/config_ratelimit.h"
#include "control/config/config_schema.h"
#include "control/config/config_value.h"
#include "control/presentation.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static int check_store(const struct config_check *check)
{
	struct config *config = check->config;

	config->store_directory = "/var/lib/arpad";
	if (check->raw->store && check->raw->store->directory)
		config->store_directory = check->raw->store->directory;
	if (config->store_directory[0] != '/')
		return config_value_refuse(check, "store.directory",
			"\"%s\" is not an absolute path (one that starts with /)",
			config->store_directory);
	return 0;
}

static int check_control(const struct config_check *check)
{
	const struct config_raw_control *raw = check->raw->control;
	struct config *config = check->config;
	int result = 0;
	long mode = 0600;

	config->control_socket = raw && raw->socket ? raw->socket : "/run/arpad/arpad.sock";
	if (config->control_socket[0] != '/')
		result = config_value_refuse(check, "control.socket",
			"\"%s\" is not an absolute path (one that starts with /)",
			config->control_socket);
	else if (strlen(config->control_socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		result = config_value_refuse(check, "control.socket",
			"the path is longer than the 107 bytes that the kernel allows");
	if (raw && raw->mode && config_value_parse(raw->mode, 8, 0, 0777, &mode) != 0)
		result = config_value_refuse(check, "control.mode",
			"\"%s\" is not an octal mode from 0000 to 0777", raw->mode);
	config->control_mode = (unsigned)mode;
	return result;
}

static int check_log(const struct config_check *check)
{
	static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
	static const char *const formats[] = {"auto", "text", "journal", NULL};
	static const struct config_raw_log empty;
	const struct config_raw_log *raw = check->raw->log ? check->raw->log : &empty;
	unsigned level = LOG_INFO, format = LOG_AUTO;
	int result = config_value_word(check, "log.level", raw->level, levels, &level) |
		config_value_word(check, "log.format", raw->format, formats, &format);

	check->config->log_level = (enum log_level)level;
	check->config->log_format = (enum log_format)format;
	return result;
}

/*
 * The CPUs that the process might run on when it started, ascending; returns how many. Asked only
 * once: the control thread is pinned to one of them later, and a reload must judge as the start
 * did.
 */
static unsigned usable_cores(const int **cores)
{
	static int list[CPU_SETSIZE];
	static unsigned count;
	cpu_set_t set;

	*cores = list;
	if (count || sched_getaffinity(0, sizeof(set), &set) != 0)
		return count;
	for (int core = 0; core < CPU_SETSIZE; core++)
		if (CPU_ISSET(core, &set))
			list[count++] = core;
	return count;
}

static int core(const struct config_check *check, const char *key, const char *text, int *chosen)
{
	const int *cores;
	unsigned count = usable_cores(&cores);
	long value = *chosen;

	if (config_value_number(check, key, text, 0, CPU_SETSIZE - 1, &value) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		if (cores[i] == value) {
			*chosen = (int)value;
			return 0;
		}
	return config_value_refuse(check, key,
		"this process can't run on CPU %ld; of %u it may use, the last is %d", value, count,
		count ? cores[count - 1] : -1);
}

/*
 * Default: the control thread on the first CPU, workers on the ones after it, so that polling never
 * starves it; where there are too few, workers share from the second on.
 */
static void default_cores(struct config *config)
{
	const int *cores;
	unsigned count = usable_cores(&cores);

	config->control_core = count ? cores[0] : 0;
	for (unsigned i = 0; i < config->worker_count; i++)
		config->worker_cores[i] =
			count > 1 ? cores[1 + i % (count - 1)] : config->control_core;
}

static int check_cores(const struct config_check *check, const struct config_raw_dpdk *raw)
{
	struct config *config = check->config;
	char key[CONFIG_KEY_BYTES];
	int result = 0;

	default_cores(config);
	if (raw->control_core)
		result = core(check, "dpdk.control-core", raw->control_core, &config->control_core);
	/* How many queues there are is not known where a port is wrong. */
	if (!raw->worker_cores || config_problems_in(check->problems, "ports", true) ||
		config_problems_in(check->problems, "ports", false))
		return result;
	if (raw->worker_cores_count != config->worker_count)
		return config_value_refuse(check, "dpdk.worker-cores",
			"%u cores for %u queues; one core for each queue of the ports is needed",
			raw->worker_cores_count, config->worker_count);
	for (unsigned i = 0; i < raw->worker_cores_count; i++) {
		snprintf(key, sizeof(key), "dpdk.worker-cores[%u]", i);
		result |= core(check, key, raw->worker_cores[i], &config->worker_cores[i]);
	}
	return result;
}

/* Poll is 0 us of sleep; the bound is checked also where it does not count yet. */
static int check_idle(const struct config_check *check, const struct config_raw_dpdk *raw)
{
	static const char *const choices[] = {"poll", "adaptive", NULL};
	unsigned adaptive = 0;
	long most = DATAPLANE_IDLE_US;
	int result = config_value_word(check, "dpdk.idle", raw->idle, choices, &adaptive) |
		config_value_number(check, "dpdk.idle-us", raw->idle_us, DATAPLANE_IDLE_US_MIN,
			DATAPLANE_IDLE_US_MAX, &most);

	check->config->idle_us = adaptive ? (unsigned)most : 0;
	return result;
}

static int check_dpdk(const struct config_check *check)
{
	static const char *const choices[] = {"auto", "yes", "no", NULL};
	static const struct config_raw_dpdk empty;
	const struct config_raw_dpdk *raw = check->raw->dpdk ? check->raw->dpdk : &empty;
	struct config *config = check->config;
	unsigned hugepages = HUGEPAGES_AUTO;
	long memory = 0;
	int result = check_cores(check, raw) | check_idle(check, raw) |
		config_value_word(check, "dpdk.hugepages", raw->hugepages, choices, &hugepages) |
		config_value_number(check, "dpdk.memory-mib", raw->memory_mib, 0, 1 << 20, &memory);

	config->hugepages = (enum hugepages)hugepages;
	config->memory_mib = (unsigned)memory;
	config->extra_args = (const char *const *)raw->extra_args;
	config->extra_arg_count = raw->extra_args_count;
	return result;
}

static int name(const struct config_check *check, const char *key, const char *text)
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];
	struct failure why;

	if (!text || presentation_parse_name(text, wire, &why) >= 0)
		return 0;
	return config_value_refuse(check, key, "%s", why.text);
}

static int seconds(
	const struct config_check *check, const char *key, const char *text, uint32_t *value)
{
	long parsed = *value;

	if (config_value_number(check, key, text, 1, WIRE_TTL_MAX, &parsed) != 0)
		return -1;
	*value = (uint32_t)parsed;
	return 0;
}

static int check_zones(const struct config_check *check)
{
	static const struct config_raw_zones empty;
	const struct config_raw_zones *raw = check->raw->zones ? check->raw->zones : &empty;
	struct zone_defaults *zones = &check->config->zones;
	char key[CONFIG_KEY_BYTES];
	int result = 0;

	*zones = (struct zone_defaults){
		.ns = (const char *const *)raw->ns,
		.ns_count = raw->ns_count,
		.mname = raw->mname, /* NULL: the first name server of the new zone */
		.rname = raw->rname ? raw->rname : "hostmaster.invalid.",
		.refresh = 3600,
		.retry = 900,
		.expire = 1209600,
		.minimum = 300,
		.ttl = 3600,
	};
	for (unsigned i = 0; i < raw->ns_count; i++) {
		snprintf(key, sizeof(key), "zones.ns[%u]", i);
		result |= name(check, key, raw->ns[i]);
	}
	return result | name(check, "zones.mname", raw->mname) |
		name(check, "zones.rname", raw->rname) |
		seconds(check, "zones.refresh", raw->refresh, &zones->refresh) |
		seconds(check, "zones.retry", raw->retry, &zones->retry) |
		seconds(check, "zones.expire", raw->expire, &zones->expire) |
		seconds(check, "zones.minimum", raw->minimum, &zones->minimum) |
		seconds(check, "zones.ttl", raw->ttl, &zones->ttl);
}

int config_check(
	struct config *config, const struct config_tree *tree, struct config_problems *problems)
{
	/* Cores are counted against the queues of the ports. */
	static int (*const sections[])(const struct config_check *check) = {check_store,
		check_control, config_access_check, check_log, config_listen_check,
		config_answers_check, config_ratelimit_check, config_privileges_check,
		config_journal_check, config_health_check, config_names_check, config_observe_check,
		config_metrics_check, config_dnstap_check, check_dpdk, check_zones};
	bool no_memory = false;
	struct config_check check = {
		.config = config,
		.raw = config->raw,
		.tree = tree,
		.problems = problems,
		.no_memory = &no_memory,
	};

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		sections[i](&check);
	return no_memory ? -1 : 0;
}
