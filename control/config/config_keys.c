/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config/config_keys.h"

#include <ctype.h>
#include <stddef.h>

#define TEXT(key, needs, otherwise, limits) \
	{ \
		.path = key, .kind = CONFIG_KEY_TEXT, .change = CONFIG_KEY_##needs, \
		.none = otherwise, .range = limits \
	}
#define SET_TEXT(key, needs, set, limits) \
	{ \
		.path = key, .kind = CONFIG_KEY_TEXT, .change = CONFIG_KEY_##needs, .value = set, \
		.range = limits \
	}
#define WORD(key, needs, set, choices) \
	{ \
		.path = key, .kind = CONFIG_KEY_WORD, .change = CONFIG_KEY_##needs, .value = set, \
		.range = choices \
	}
#define NUMBER(key, needs, set, counted, limits) \
	{ \
		.path = key, .kind = CONFIG_KEY_NUMBER, .change = CONFIG_KEY_##needs, \
		.value = set, .unit = counted, .range = limits \
	}
#define TEXTS(key, needs, otherwise, limits) \
	{ \
		.path = key, .kind = CONFIG_KEY_TEXTS, .change = CONFIG_KEY_##needs, \
		.none = otherwise, .range = limits \
	}

/* In the order of control/arpad.yaml. */
const struct config_key config_keys[] = {
	TEXTS("listen.addresses", RELOAD, "none; one is needed, or an interface",
		"ADDRESS or ADDRESS@PORT, at most 4096"),
	NUMBER("listen.port", RELOAD, "53", NULL, "1 to 65535"),
	TEXTS("listen.interfaces", RELOAD, "none", "names of interfaces, at most 32"),

	TEXT("ports[].interface", RESTART, "none; a port has this or a device",
		"at most 15 characters"),
	TEXT("ports[].device", RESTART, "none; a port has this or an interface",
		"as DPDK writes a device"),
	NUMBER("ports[].queues", RESTART, "1", "queues", "1 to 64"),
	NUMBER("ports[].buffers", RESTART, "16383", "packets", "16383 to 16777215"),
	WORD("ports[].kernel.device", RESTART, "tap", "tap, virtio-user"),
	TEXT("ports[].kernel.interface", RESTART, "arpad and the place of the port in the list",
		"at most 15 characters"),
	TEXTS("ports[].kernel.addresses", RESTART, "none", "ADDRESS/LENGTH, at most 64"),
	TEXTS("ports[].kernel.gateways", RESTART, "none",
		"addresses, at most one for IPv4 and one for IPv6"),
	NUMBER("ports[].kernel.rate", RESTART, "100000", "packets a second", "1 to 10000000"),

	SET_TEXT("store.directory", RESTART, "/var/lib/arpad", "an absolute path"),

	SET_TEXT("control.socket", RESTART, "/run/arpad/arpad.sock",
		"an absolute path of at most 107 bytes"),
	SET_TEXT("control.mode", RESTART, "0600", "octal, 0000 to 0777"),
	TEXT("control.read-only-socket", RESTART, "none", "an absolute path of at most 107 bytes"),
	SET_TEXT("control.read-only-mode", RESTART, "0666", "octal, 0000 to 0777"),
	TEXT("control.access[].user", RELOAD, "none; a rule has this or a group",
		"a name or a number"),
	TEXT("control.access[].group", RELOAD, "none; a rule has this or a user",
		"a name or a number"),
	{.path = "control.access[].role",
		.kind = CONFIG_KEY_WORD,
		.change = CONFIG_KEY_RELOAD,
		.none = "none; each rule needs one",
		.range = "none, viewer, tenant, operator, admin"},
	TEXT("control.access[].tenant", RELOAD, "none; the role tenant needs one",
		"a name of control.tenants"),
	TEXT("control.tenants[].name", RELOAD, "none; each tenant needs one",
		"1 to 63 letters, digits, _ . and -"),
	TEXTS("control.tenants[].prefixes", RELOAD, "none; each tenant needs one",
		"addresses and prefixes, 1 to 1024"),
	NUMBER("control.tenants[].quota", RELOAD, "0", "PTR objects",
		"0 to 9223372036854775807; 0: any number"),

	WORD("log.level", RELOAD, "info", "error, warning, info, debug"),
	WORD("log.format", RELOAD, "auto", "auto, text, journal"),

	{.path = "dpdk.control-core",
		.kind = CONFIG_KEY_NUMBER,
		.change = CONFIG_KEY_RESTART,
		.none = "the first CPU that the process may use",
		.range = "0 to 1023"},
	{.path = "dpdk.worker-cores",
		.kind = CONFIG_KEY_NUMBERS,
		.change = CONFIG_KEY_RESTART,
		.none = "the CPUs after the first",
		.range = "CPUs, one for each queue"},
	WORD("dpdk.idle", RESTART, "poll", "poll, adaptive"),
	NUMBER("dpdk.idle-us", RESTART, "100", "microseconds", "1 to 10000"),
	WORD("dpdk.hugepages", RESTART, "auto", "auto, yes, no"),
	NUMBER("dpdk.memory-mib", RESTART, "0", "MiB",
		"0 to 1048576; 0: DPDK's choice, or 256 without hugepages"),
	TEXTS("dpdk.extra-args", RESTART, "none", "arguments of EAL, at most 64"),

	TEXT("privileges.user", RESTART, "arpad where there is such a user, else who starts it",
		"at most 32 letters, digits, _ . and -"),
	WORD("privileges.sandbox", RESTART, "yes", "no, yes"),

	NUMBER("tcp.clients", RESTART, "1024", "connections", "1 to 1000000"),
	NUMBER("tcp.clients-per-network", RESTART, "64", "connections", "1 to 1000000"),
	NUMBER("tcp.idle-ms", RESTART, "10000", "milliseconds", "100 to 3600000"),
	NUMBER("tcp.receive-ms", RESTART, "5000", "milliseconds", "100 to 3600000"),
	NUMBER("tcp.send-ms", RESTART, "5000", "milliseconds", "100 to 3600000"),
	NUMBER("tcp.buffer-bytes", RESTART, "67108864", "bytes", "262144 to 1099511627776"),

	NUMBER("answers.udp-size", RELOAD, "1232", "octets", "512 to 4096"),
	WORD("answers.any", RELOAD, "minimal", "minimal, all"),
	TEXT("answers.nsid", RELOAD, "none", "at most 128 octets"),
	TEXT("answers.identity", RELOAD, "none: such queries are refused", "at most 255 octets"),
	TEXT("answers.version", RELOAD, "none: such queries are refused", "at most 255 octets"),
	WORD("answers.cookies", RELOAD, "on", "off, on, enforce"),
	{.path = "answers.cookie-secrets",
		.kind = CONFIG_KEY_TEXTS,
		.change = CONFIG_KEY_RELOAD,
		.none = "a random one at start",
		.range = "1 or 2 of 32 hexadecimal digits",
		.secret = true},

	WORD("rate-limit.mode", RELOAD, "off", "off, log, on"),
	NUMBER("rate-limit.answers", RELOAD, "200", "replies a second", "0 to 100000; 0: any"),
	NUMBER("rate-limit.nxdomain", RELOAD, "200", "replies a second", "0 to 100000; 0: any"),
	NUMBER("rate-limit.errors", RELOAD, "20", "replies a second", "0 to 100000; 0: any"),
	NUMBER("rate-limit.referrals", RELOAD, "200", "replies a second", "0 to 100000; 0: any"),
	NUMBER("rate-limit.ipv4-prefix", RELOAD, "24", "bits", "1 to 32"),
	NUMBER("rate-limit.ipv6-prefix", RELOAD, "56", "bits", "1 to 64"),
	NUMBER("rate-limit.burst", RELOAD, "2", "seconds", "1 to 60"),
	NUMBER("rate-limit.slip", RELOAD, "1", "limited replies", "0 to 100; 0: none leaves"),
	TEXTS("rate-limit.exempt", RELOAD, "none", "addresses and prefixes, at most 256"),
	NUMBER("rate-limit.entries", RESTART, "262144", "prefixes",
		"1024 to 67108864; a power of two"),

	NUMBER("journal.keep-days", RELOAD, "30", "days",
		"0 to 36500; 0: as long as there is room"),
	NUMBER("journal.size-mib", RELOAD, "1024", "MiB", "1 to 1048576"),

	NUMBER("health.drain-delay-ms", RELOAD, "0", "milliseconds", "0 to 600000"),

	{.path = "observe.sample",
		.kind = CONFIG_KEY_TEXT,
		.change = CONFIG_KEY_RELOAD,
		.value = "auto",
		.range = "auto, off, or 1 to 1000000000: one query of so many"},

	TEXT("metrics.listen", RESTART, "none: nothing is told",
		"ADDRESS@PORT, or an absolute path of at most 107 bytes"),
	WORD("metrics.zones", RELOAD, "no", "no, yes"),
	WORD("metrics.dpdk-telemetry", RESTART, "no", "no, yes"),

	TEXT("dnstap.socket", RESTART, "none", "an absolute path of at most 107 bytes"),
	TEXT("dnstap.file", RESTART, "none", "an absolute path of at most 4091 bytes"),
	NUMBER("dnstap.file-mib", RESTART, "1024", "MiB", "1 to 1048576"),
	TEXT("dnstap.identity", RESTART, "none", "at most 255 octets"),
	TEXT("dnstap.version", RESTART, "arpad and its version", "at most 255 octets"),
	WORD("dnstap.queries", RESTART, "yes", "no, yes"),
	WORD("dnstap.responses", RESTART, "yes", "no, yes"),

	WORD("names.syntax", RELOAD, "warn", "off, warn, enforce"),

	TEXTS("zones.ns", RELOAD, "none: a new zone must name its own", "names, at most 13"),
	TEXT("zones.mname", RELOAD, "the zone's first name server", "a name"),
	SET_TEXT("zones.rname", RELOAD, "hostmaster.invalid.", "a mail address written as a name"),
	NUMBER("zones.refresh", RELOAD, "3600", "seconds", "1 to 2147483647"),
	NUMBER("zones.retry", RELOAD, "900", "seconds", "1 to 2147483647"),
	NUMBER("zones.expire", RELOAD, "1209600", "seconds", "1 to 2147483647"),
	NUMBER("zones.minimum", RELOAD, "300", "seconds", "1 to 2147483647"),
	NUMBER("zones.ttl", RELOAD, "3600", "seconds", "1 to 2147483647"),

	{.path = NULL},
};

/* Whether they are the same but for what stands between brackets. */
static bool fits(const char *path, const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*path++ != *pattern)
			return false;
		if (*pattern == '[')
			while (isdigit((unsigned char)*path))
				path++;
	}
	return !*path;
}

const struct config_key *config_key_find(const char *path)
{
	for (const struct config_key *key = config_keys; key->path; key++)
		if (fits(path, key->path))
			return key;
	return NULL;
}

const char *config_key_change_name(enum config_key_change change)
{
	return change == CONFIG_KEY_RELOAD ? "reload" : "restart";
}
