/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/facts_unit.h"

#include "control/preflight/facts_text.h"

#include <dirent.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { UNIT_BYTES = 64 * 1024, LINE_BYTES = 2048, DROP_INS_MAX = 32 };

static const struct capability {
	const char *name;
	unsigned number;
} known_capabilities[] = {
	{"CAP_NET_BIND_SERVICE", CAP_NET_BIND_SERVICE},
	{"CAP_NET_ADMIN", CAP_NET_ADMIN},
	{"CAP_NET_RAW", CAP_NET_RAW},
	{"CAP_IPC_LOCK", CAP_IPC_LOCK},
	{"CAP_SYS_ADMIN", CAP_SYS_ADMIN},
	{"CAP_PERFMON", CAP_PERFMON},
	{"CAP_BPF", CAP_BPF},
};

static uint64_t all_capabilities(void)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < sizeof(known_capabilities) / sizeof(known_capabilities[0]); i++)
		mask |= UINT64_C(1) << known_capabilities[i].number;
	return mask;
}

void facts_starter_begin(struct facts_starter *starter)
{
	*starter = (struct facts_starter){
		.capabilities = all_capabilities(),
		.memlock = STARTER_UNSET,
		.files = STARTER_UNSET,
	};
}

/* One assignment: an empty one is none, and later ones add to earlier ones (systemd.exec(5)). */
static uint64_t assign_capabilities(uint64_t before, const char *value)
{
	bool without = *value == '~';
	uint64_t mask = 0;

	if (!*value)
		return 0;
	value += without;
	for (size_t i = 0; i < sizeof(known_capabilities) / sizeof(known_capabilities[0]); i++)
		if (facts_has_word(value, known_capabilities[i].name))
			mask |= UINT64_C(1) << known_capabilities[i].number;
	return without ? before & ~mask : before | mask;
}

/* "SOFT:HARD", "infinity", and K, M, G, T for bytes; arpad raises its soft limit to the hard one.
 */
static long long limit_of(const char *value)
{
	const char *colon = strchr(value, ':'), *unit;
	static const char units[] = "KMGT";
	char *end;
	unsigned long long number;

	value = colon ? colon + 1 : value;
	if (strcmp(value, "infinity") == 0)
		return STARTER_UNLIMITED;
	number = strtoull(value, &end, 10);
	if (end == value)
		return STARTER_UNSET;
	unit = *end ? strchr(units, *end) : NULL;
	for (long n = unit ? unit - units + 1 : 0; n && number < (1ULL << 52); n--)
		number *= 1024;
	return number > INT64_MAX ? STARTER_UNLIMITED : (long long)number;
}

/* What of a unit is gathered before it is put together. */
struct unit {
	struct facts_starter *starter;
	uint64_t ambient, bounding;
	bool bounded;
};

static void assign_device(struct facts_starter *starter, const char *value)
{
	if (!*value)
		starter->tun_device = starter->vfio_device = starter->vhost_device = false;
	starter->limits_devices = starter->limits_devices || *value;
	starter->tun_device |= strncmp(value, "/dev/net/tun", 12) == 0;
	starter->vfio_device |=
		strncmp(value, "char-vfio", 9) == 0 || strncmp(value, "/dev/vfio", 9) == 0;
	starter->vhost_device |= strncmp(value, "/dev/vhost-net", 14) == 0;
}

static void assign_families(struct facts_starter *starter, const char *value)
{
	bool named = facts_has_word(value + (*value == '~'), "AF_XDP");

	if (!*value || strcmp(value, "none") == 0) {
		starter->limits_families = *value != '\0';
		starter->af_xdp_family = false;
		return;
	}
	if (!starter->limits_families)
		starter->af_xdp_family = *value == '~';
	starter->limits_families = true;
	if (named)
		starter->af_xdp_family = *value != '~';
}

/* One more place that it may write to; an empty assignment is forgotten, since it only takes away.
 */
static void assign_writable(struct facts_starter *starter, const char *before, const char *value)
{
	size_t used = strlen(starter->writable);

	snprintf(
		starter->writable + used, sizeof(starter->writable) - used, " %s%s", before, value);
}

static void assign_files(struct facts_starter *starter, const char *key, const char *value)
{
	if (strcmp(key, "ProtectSystem") == 0) {
		starter->limits_files |= strcmp(value, "strict") == 0;
	} else if (strcmp(key, "RootDirectory") == 0) {
		starter->has_root = *value != '\0';
		starter->limits_files |= starter->has_root;
	} else if (strcmp(key, "StateDirectory") == 0) {
		assign_writable(starter, "/var/lib/", value);
	} else if (strcmp(key, "BindPaths") == 0 || strcmp(key, "ReadWritePaths") == 0) {
		assign_writable(starter, "", value);
	}
}

static void assign(struct unit *unit, const char *key, const char *value)
{
	struct facts_starter *starter = unit->starter;

	if (strcmp(key, "User") == 0) {
		snprintf(starter->user, sizeof(starter->user), "%s", value);
	} else if (strcmp(key, "AmbientCapabilities") == 0) {
		unit->ambient = assign_capabilities(unit->ambient, value);
	} else if (strcmp(key, "CapabilityBoundingSet") == 0) {
		if (*value == '~' && !unit->bounded)
			unit->bounding = all_capabilities();
		unit->bounding = assign_capabilities(unit->bounding, value);
		unit->bounded = true;
	} else if (strcmp(key, "LimitMEMLOCK") == 0) {
		starter->memlock = limit_of(value);
	} else if (strcmp(key, "LimitNOFILE") == 0) {
		starter->files = limit_of(value);
	} else if (strcmp(key, "RestrictAddressFamilies") == 0) {
		assign_families(starter, value);
	} else if (strcmp(key, "DevicePolicy") == 0) {
		starter->limits_devices = strcmp(value, "auto") != 0;
	} else if (strcmp(key, "DeviceAllow") == 0) {
		assign_device(starter, value);
	} else if (strcmp(key, "PrivateDevices") == 0) {
		starter->limits_devices |= strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;
	} else {
		assign_files(starter, key, value);
	}
}

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return text + strspn(text, " \t\r");
}

/* The next line, with those that a backslash at its end continues; what is too long is cut. */
static const char *next_line(const char *text, char line[static LINE_BYTES])
{
	size_t used = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");
		bool more = length && text[length - 1] == '\\';
		size_t take = more ? length - 1 : length;

		if (take > LINE_BYTES - 2 - used)
			take = LINE_BYTES - 2 - used;
		memcpy(line + used, text, take);
		used += take;
		text += length + (text[length] == '\n');
		if (!more)
			break;
		line[used] = ' ';
		used += used < LINE_BYTES - 2;
	}
	line[used] = '\0';
	return text;
}

static void parse(struct unit *unit, const char *text)
{
	char line[LINE_BYTES];
	bool service = false;

	while (*text) {
		char *at, *equals;

		text = next_line(text, line);
		at = trim(line);
		if (*at == '[')
			service = strcmp(at, "[Service]") == 0;
		equals = strchr(at, '=');
		if (!service || !equals || *at == '#' || *at == ';')
			continue;
		*equals = '\0';
		assign(unit, trim(at), trim(equals + 1));
	}
}

/* A user other than root has what is ambient, and nothing beyond the bounding set. */
static void put_together(const struct unit *unit)
{
	const char *user = unit->starter->user;
	bool root = !*user || strcmp(user, "root") == 0 || strcmp(user, "0") == 0;
	uint64_t mask = root ? all_capabilities() : unit->ambient;

	if (root)
		unit->starter->user[0] = '\0';
	unit->starter->capabilities = unit->bounded ? mask & unit->bounding : mask;
}

void facts_unit_parse(const char *text, struct facts_starter *starter)
{
	struct unit unit = {.starter = starter};

	parse(&unit, text);
	put_together(&unit);
}

static const char *const folders[] = {"/etc/systemd/system", "/run/systemd/system",
	"/usr/local/lib/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system"};
enum { FOLDERS = sizeof(folders) / sizeof(folders[0]) };

static int is_drop_in(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 5 && strcmp(entry->d_name + length - 5, ".conf") == 0;
}

static void parse_drop_ins(struct unit *unit, const char *root, const char *folder, char *text)
{
	char path[FACTS_PATH_BYTES];
	struct dirent **entries;
	int count;

	if (snprintf(path, sizeof(path), "%s%s/arpad.service.d", root, folder) >= (int)sizeof(path))
		return;
	count = scandir(path, &entries, is_drop_in, alphasort);
	for (int i = 0; i < count; i++) {
		if (i < DROP_INS_MAX &&
			facts_read(text, UNIT_BYTES, root, "%s/arpad.service.d/%s", folder,
				entries[i]->d_name) >= 0)
			parse(unit, text);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void read_self(struct facts_starter *starter)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
	const struct passwd *entry = geteuid() ? getpwuid(geteuid()) : NULL;
	struct rlimit limit;

	if (geteuid())
		snprintf(starter->user, sizeof(starter->user), "%s",
			entry ? entry->pw_name : "nobody");
	if (syscall(SYS_capget, &header, data) == 0)
		starter->capabilities &= (uint64_t)data[1].effective << 32 | data[0].effective;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0)
		starter->memlock = limit.rlim_max == RLIM_INFINITY ? STARTER_UNLIMITED
								   : (long long)limit.rlim_max;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		starter->files = limit.rlim_max == RLIM_INFINITY ? STARTER_UNLIMITED
								 : (long long)limit.rlim_max;
}

void facts_read_starter(const char *root, struct facts_starter *starter)
{
	struct unit unit = {.starter = starter};
	char *text = malloc(UNIT_BYTES);
	int found = -1;

	facts_starter_begin(starter);
	for (int i = 0; text && i < FOLDERS && found < 0; i++)
		if (facts_read(text, UNIT_BYTES, root, "%s/arpad.service", folders[i]) >= 0)
			found = i;
	if (found < 0) {
		read_self(starter);
		free(text);
		return;
	}
	snprintf(starter->unit, sizeof(starter->unit), "%s/arpad.service", folders[found]);
	parse(&unit, text);
	for (int i = FOLDERS; i-- > 0;)
		parse_drop_ins(&unit, root, folders[i], text);
	put_together(&unit);
	free(text);
}
