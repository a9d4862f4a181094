/* SPDX-License-Identifier: BSD-3-Clause */
/* One function a section of the file; each value is refused with its key, its text and the rule. */
#include "control/config_check.h"

#include "bpf/steer_map.h"
#include "control/config_schema.h"
#include "control/presentation.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

enum { KEY_BYTES = 64 };

struct check {
	struct config *config;
	const struct config_raw *raw;
	const struct config_lines *lines;
	unsigned *line;
	struct failure *failure;
};

static int refuse(const struct check *check, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(const struct check *check, const char *key, const char *format, ...)
{
	char text[FAILURE_TEXT_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	*check->line = config_lines_of(check->lines, key);
	return failure_set(check->failure, FAILURE_INVALID, "%s: %s", key, text);
}

int config_check_number(const char *text, int base, long low, long high, long *value)
{
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return -EINVAL;
	errno = 0;
	*value = strtol(text, &end, base);
	return errno || *end || *value < low || *value > high ? -ERANGE : 0;
}

/* `text` may be NULL: then `*value`, the default, stays. */
static int number(const struct check *check, const char *key, const char *text, long low, long high,
	long *value)
{
	long parsed;

	if (!text)
		return 0;
	if (config_check_number(text, 10, low, high, &parsed) != 0)
		return refuse(check, key, "\"%s\" is not a whole number from %ld to %ld", text, low,
			high);
	*value = parsed;
	return 0;
}

/* Finds `text` in a list of words ended by NULL; NULL text leaves the default. */
static int word(const struct check *check, const char *key, const char *text,
	const char *const *words, unsigned *value)
{
	char all[KEY_BYTES] = "";

	if (!text)
		return 0;
	for (unsigned i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0) {
			*value = i;
			return 0;
		}
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "",
			words[i]);
	}
	return refuse(check, key, "\"%s\" is not one of: %s", text, all);
}

static int check_store(const struct check *check)
{
	struct config *config = check->config;

	config->store_directory = "/var/lib/arpad";
	if (check->raw->store && check->raw->store->directory)
		config->store_directory = check->raw->store->directory;
	if (config->store_directory[0] != '/')
		return refuse(check, "store.directory",
			"\"%s\" is not an absolute path (one that starts with /)",
			config->store_directory);
	return 0;
}

static int check_control(const struct check *check)
{
	const struct config_raw_control *raw = check->raw->control;
	struct config *config = check->config;
	long mode = 0600;

	config->control_socket = raw && raw->socket ? raw->socket : "/run/arpad/arpad.sock";
	if (config->control_socket[0] != '/')
		return refuse(check, "control.socket",
			"\"%s\" is not an absolute path (one that starts with /)",
			config->control_socket);
	if (strlen(config->control_socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return refuse(check, "control.socket",
			"the path is longer than the 107 bytes that the kernel allows");
	if (raw && raw->mode && config_check_number(raw->mode, 8, 0, 0777, &mode) != 0)
		return refuse(check, "control.mode",
			"\"%s\" is not an octal mode from 0000 to 0777", raw->mode);
	config->control_mode = (unsigned)mode;
	return 0;
}

static int check_log(const struct check *check)
{
	static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
	unsigned level = LOG_INFO;

	if (check->raw->log &&
		word(check, "log.level", check->raw->log->level, levels, &level) != 0)
		return -1;
	check->config->log_level = (enum log_level)level;
	return 0;
}

static bool is_unicast(const struct ip_address *address)
{
	static const uint8_t zero[16];

	if (memcmp(address->bytes, zero, sizeof(zero)) == 0)
		return false;
	return address->family == 4 ? address->bytes[0] < 224 : address->bytes[0] != 0xff;
}

static int check_address(const struct check *check, unsigned index)
{
	const char *text = check->raw->listen->addresses[index];
	struct ip_address *list = check->config->addresses;
	struct ip_address address = {.family = 4};
	char key[KEY_BYTES];

	snprintf(key, sizeof(key), "listen.addresses[%u]", index);
	if (inet_pton(AF_INET, text, address.bytes) != 1) {
		address.family = 6;
		if (inet_pton(AF_INET6, text, address.bytes) != 1)
			return refuse(
				check, key, "\"%s\" is neither an IPv4 nor an IPv6 address", text);
	}
	if (!is_unicast(&address))
		return refuse(check, key,
			"%s is not the address of one host; name each address to answer on", text);
	for (size_t i = 0; i < check->config->address_count; i++)
		if (memcmp(&list[i], &address, sizeof(address)) == 0)
			return refuse(check, key, "%s is in the list twice", text);
	list[check->config->address_count++] = address;
	return 0;
}

static int check_listen(const struct check *check)
{
	const struct config_raw_listen *raw = check->raw->listen;
	long port = 53;

	if (!raw || !raw->addresses_count)
		return refuse(check, "listen.addresses",
			"at least one address to answer on is needed, such as [192.0.2.53]");
	if (number(check, "listen.port", raw->port, 1, 65535, &port) != 0)
		return -1;
	check->config->port = (uint16_t)port;
	check->config->addresses = calloc(raw->addresses_count, sizeof(struct ip_address));
	if (!check->config->addresses)
		return failure_set(check->failure, FAILURE_STORE_FULL, "out of memory");
	for (unsigned i = 0; i < raw->addresses_count; i++)
		if (check_address(check, i) != 0)
			return -1;
	return 0;
}

/* An interface's name becomes part of a DPDK argument, where a comma would start another one. */
static bool is_interface_name(const char *name)
{
	return strlen(name) < IF_NAMESIZE && !strpbrk(name, "/,: \t\n") && strcmp(name, ".") != 0 &&
		strcmp(name, "..") != 0;
}

static int check_port(const struct check *check, unsigned index)
{
	const struct config_raw_port *raw = &check->raw->ports[index];
	struct dataplane_port *ports = check->config->ports;
	const char *name = raw->interface ? raw->interface : raw->device;
	char key[KEY_BYTES], queues_key[KEY_BYTES];
	long queues = 1;

	snprintf(key, sizeof(key), "ports[%u]", index);
	if (!raw->interface == !raw->device)
		return refuse(check, key,
			"a port has either an interface (for AF_XDP) or a device (for DPDK)");
	snprintf(key, sizeof(key), "ports[%u].%s", index, raw->interface ? "interface" : "device");
	if (raw->interface && !is_interface_name(raw->interface))
		return refuse(check, key,
			"\"%s\" is not the name of a network interface (at most 15 characters)",
			raw->interface);
	for (unsigned i = 0; i < index; i++)
		if (strcmp(name, ports[i].interface ? ports[i].interface : ports[i].device) == 0)
			return refuse(check, key, "%s is in the list twice", name);
	snprintf(queues_key, sizeof(queues_key), "ports[%u].queues", index);
	if (number(check, queues_key, raw->queues, 1, STEER_QUEUES_MAX, &queues) != 0)
		return -1;
	ports[index] = (struct dataplane_port){
		.interface = raw->interface, .device = raw->device, .queues = (unsigned)queues};
	check->config->worker_count += (unsigned)queues;
	return 0;
}

static int check_ports(const struct check *check)
{
	struct config *config = check->config;

	if (!check->raw->ports_count)
		return refuse(check, "ports",
			"at least one port is needed, such as [{interface: eth0, queues: 1}]");
	for (unsigned i = 0; i < check->raw->ports_count; i++)
		if (check_port(check, i) != 0)
			return -1;
	config->port_count = check->raw->ports_count;
	if (config->worker_count > DATAPLANE_WORKERS_MAX)
		return refuse(check, "ports",
			"%u queues in all are more than the %d workers there can be",
			config->worker_count, DATAPLANE_WORKERS_MAX);
	return 0;
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

static int core(const struct check *check, const char *key, const char *text, int *chosen)
{
	const int *cores;
	unsigned count = usable_cores(&cores);
	long value = *chosen;

	if (number(check, key, text, 0, CPU_SETSIZE - 1, &value) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		if (cores[i] == value) {
			*chosen = (int)value;
			return 0;
		}
	return refuse(check, key,
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

static int check_cores(const struct check *check, const struct config_raw_dpdk *raw)
{
	struct config *config = check->config;
	char key[KEY_BYTES];

	default_cores(config);
	if (raw->control_core &&
		core(check, "dpdk.control-core", raw->control_core, &config->control_core) != 0)
		return -1;
	if (!raw->worker_cores)
		return 0;
	if (raw->worker_cores_count != config->worker_count)
		return refuse(check, "dpdk.worker-cores",
			"%u cores for %u queues; one core for each queue of the ports is needed",
			raw->worker_cores_count, config->worker_count);
	for (unsigned i = 0; i < raw->worker_cores_count; i++) {
		snprintf(key, sizeof(key), "dpdk.worker-cores[%u]", i);
		if (core(check, key, raw->worker_cores[i], &config->worker_cores[i]) != 0)
			return -1;
	}
	return 0;
}

static int check_dpdk(const struct check *check)
{
	static const char *const choices[] = {"auto", "yes", "no", NULL};
	static const struct config_raw_dpdk empty;
	const struct config_raw_dpdk *raw = check->raw->dpdk ? check->raw->dpdk : &empty;
	struct config *config = check->config;
	unsigned hugepages = HUGEPAGES_AUTO;
	long memory = 0;

	if (check_cores(check, raw) != 0 ||
		word(check, "dpdk.hugepages", raw->hugepages, choices, &hugepages) != 0 ||
		number(check, "dpdk.memory-mib", raw->memory_mib, 0, 1 << 20, &memory) != 0)
		return -1;
	config->hugepages = (enum hugepages)hugepages;
	config->memory_mib = (unsigned)memory;
	config->extra_args = (const char *const *)raw->extra_args;
	config->extra_arg_count = raw->extra_args_count;
	return 0;
}

static int name(const struct check *check, const char *key, const char *text)
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];
	struct failure why;

	if (!text || presentation_parse_name(text, wire, &why) >= 0)
		return 0;
	return refuse(check, key, "%s", why.text);
}

static int seconds(const struct check *check, const char *key, const char *text, uint32_t *value)
{
	long parsed = *value;

	if (number(check, key, text, 1, WIRE_TTL_MAX, &parsed) != 0)
		return -1;
	*value = (uint32_t)parsed;
	return 0;
}

static int check_zones(const struct check *check)
{
	static const struct config_raw_zones empty;
	const struct config_raw_zones *raw = check->raw->zones ? check->raw->zones : &empty;
	struct zone_defaults *zones = &check->config->zones;
	char key[KEY_BYTES];

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
		if (name(check, key, raw->ns[i]) != 0)
			return -1;
	}
	if (name(check, "zones.mname", raw->mname) != 0 ||
		name(check, "zones.rname", raw->rname) != 0 ||
		seconds(check, "zones.refresh", raw->refresh, &zones->refresh) != 0 ||
		seconds(check, "zones.retry", raw->retry, &zones->retry) != 0 ||
		seconds(check, "zones.expire", raw->expire, &zones->expire) != 0 ||
		seconds(check, "zones.minimum", raw->minimum, &zones->minimum) != 0)
		return -1;
	return seconds(check, "zones.ttl", raw->ttl, &zones->ttl);
}

int config_check(struct config *config, const struct config_lines *lines, unsigned *line,
	struct failure *failure)
{
	struct check check = {
		.config = config,
		.raw = config->raw,
		.lines = lines,
		.line = line,
		.failure = failure,
	};

	*line = 0;
	if (check_store(&check) != 0 || check_control(&check) != 0 || check_log(&check) != 0 ||
		check_listen(&check) != 0 || check_ports(&check) != 0 || check_dpdk(&check) != 0)
		return -1;
	return check_zones(&check);
}
