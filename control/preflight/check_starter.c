/* SPDX-License-Identifier: BSD-3-Clause */
/* docs/operation.md tells what each right is for. */
#include "control/preflight/check.h"

#include "control/preflight/facts_text.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

/* Besides clients: sockets, the store, devices, the control socket. */
enum { OTHER_DESCRIPTORS = 256, PRIVILEGED_PORTS = 1024, POOL_MIB = 40 };

static const struct capability {
	const char *name;
	unsigned number;
} capabilities[] = {
	{"CAP_NET_RAW", CAP_NET_RAW},
	{"CAP_NET_ADMIN", CAP_NET_ADMIN},
	{"CAP_BPF", CAP_BPF},
	{"CAP_PERFMON", CAP_PERFMON},
	{"CAP_NET_BIND_SERVICE", CAP_NET_BIND_SERVICE},
};

static bool has_unit(const struct facts *facts)
{
	return facts->starter.unit[0] != '\0';
}

static bool starts_as_root(const struct facts *facts)
{
	return !*facts->starter.user;
}

/* Makes a drop-in of the unit from lines of its section [Service]. */
static void mend_unit(struct verdicts *verdicts, const char *name, const char *lines)
{
	verdict_run(verdicts,
		"mkdir -p /etc/systemd/system/arpad.service.d && printf '[Service]\\n%s\\n' "
		">/etc/systemd/system/arpad.service.d/%s.conf && systemctl daemon-reload",
		lines, name);
}

static bool wants_low_port(const struct config *config)
{
	if (config->interface_count && config->port < PRIVILEGED_PORTS)
		return true;
	for (size_t i = 0; i < config->address_count; i++)
		if (config->addresses[i].port < PRIVILEGED_PORTS)
			return true;
	return false;
}

static uint64_t bit(unsigned capability)
{
	return UINT64_C(1) << capability;
}

static uint64_t needed(const struct config *config)
{
	uint64_t mask = wants_low_port(config) ? bit(CAP_NET_BIND_SERVICE) : 0;

	if (check_has_interface(config))
		mask |= bit(CAP_NET_RAW) | bit(CAP_NET_ADMIN) | bit(CAP_BPF) | bit(CAP_PERFMON);
	for (unsigned i = 0; i < config->port_count; i++)
		if (config->ports[i].kernel.device != DATAPLANE_KERNEL_NONE)
			mask |= bit(CAP_NET_ADMIN);
	return mask;
}

/* CAP_SYS_ADMIN was once the one right for both (capabilities(7)). */
static uint64_t owned(uint64_t mask)
{
	return mask & bit(CAP_SYS_ADMIN) ? mask | bit(CAP_BPF) | bit(CAP_PERFMON) : mask;
}

static void check_capabilities(const struct facts *facts, struct verdicts *verdicts)
{
	uint64_t wanted = needed(facts->config),
		 missing = wanted & ~owned(facts->starter.capabilities);
	char names[VERDICT_TEXT_BYTES] = "", lines[VERDICT_TEXT_BYTES];
	size_t length = 0;

	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++)
		if (missing & bit(capabilities[i].number))
			length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
				length ? " " : "", capabilities[i].name);
	if (!missing) {
		verdict_add(verdicts, VERDICT_OK, "capabilities", "%s",
			wanted ? "all that this configuration needs" : "none is needed");
		return;
	}
	verdict_add(verdicts, VERDICT_FAIL, "capabilities", "%s: not for %s", names,
		has_unit(facts) ? "the unit" : "the user that runs preflight");
	snprintf(lines, sizeof(lines), "AmbientCapabilities=%.100s\\nCapabilityBoundingSet=%.100s",
		names, names);
	if (has_unit(facts))
		mend_unit(verdicts, "capabilities", lines);
	else
		verdict_do(verdicts, "start arpad as root, or under its unit arpad.service");
}

static void check_locked_memory(const struct facts *facts, struct verdicts *verdicts)
{
	const struct facts_starter *starter = &facts->starter;
	unsigned long long bytes = 0;

	for (unsigned i = 0; i < facts->config->port_count; i++)
		bytes += (unsigned long long)dataplane_pools(&facts->config->ports[i]) * POOL_MIB
			<< 20;
	if (!bytes)
		return;
	if (starter->memlock == STARTER_UNLIMITED || (starter->capabilities & bit(CAP_IPC_LOCK)) ||
		(starter->memlock >= 0 && (unsigned long long)starter->memlock >= bytes)) {
		verdict_add(verdicts, VERDICT_OK, "locked memory", "enough for packet buffers");
		return;
	}
	verdict_add(verdicts, VERDICT_FAIL, "locked memory",
		"limited, but packet buffers of %llu MiB must be locked", bytes >> 20);
	if (has_unit(facts))
		mend_unit(verdicts, "memlock", "LimitMEMLOCK=infinity");
	else
		verdict_run(verdicts, "ulimit -l unlimited");
}

static void check_files(const struct facts *facts, struct verdicts *verdicts)
{
	long long wanted = (long long)facts->config->tcp.tcp_clients + OTHER_DESCRIPTORS;
	long long files = facts->starter.files;
	char line[64];

	/* A unit that says nothing gets systemd's default, which is 524288 (systemd.exec(5)). */
	if (files < 0 || files >= wanted) {
		verdict_add(verdicts, VERDICT_OK, "open files", "enough for %u TCP clients",
			facts->config->tcp.tcp_clients);
		return;
	}
	verdict_add(verdicts, VERDICT_WARN, "open files",
		"at most %lld: no room for %u TCP clients (tcp.clients)", files,
		facts->config->tcp.tcp_clients);
	snprintf(line, sizeof(line), "LimitNOFILE=%lld", wanted);
	if (has_unit(facts))
		mend_unit(verdicts, "files", line);
	else
		verdict_run(verdicts, "ulimit -n %lld", wanted);
}

static void check_families(const struct facts *facts, struct verdicts *verdicts)
{
	if (!check_has_interface(facts->config) || !facts->starter.limits_families ||
		facts->starter.af_xdp_family)
		return;
	verdict_add(verdicts, VERDICT_FAIL, "sockets", "the unit allows no AF_XDP sockets");
	mend_unit(verdicts, "families", "RestrictAddressFamilies=AF_XDP");
}

static void check_devices(const struct facts *facts, struct verdicts *verdicts)
{
	const struct facts_starter *starter = &facts->starter;
	bool tun = false, vhost = false, vfio = false;

	for (unsigned i = 0; i < facts->config->port_count; i++) {
		tun |= facts->config->ports[i].kernel.device == DATAPLANE_KERNEL_TAP;
		vhost |= facts->config->ports[i].kernel.device == DATAPLANE_KERNEL_VIRTIO_USER;
		vfio |= facts->ports[i].device.pci;
	}
	if (!starter->limits_devices ||
		!((tun && !starter->tun_device) || (vhost && !starter->vhost_device) ||
			(vfio && !starter->vfio_device)))
		return;
	verdict_add(verdicts, VERDICT_FAIL, "devices", "the unit lets arpad not open %s",
		tun && !starter->tun_device		  ? "/dev/net/tun"
			: vhost && !starter->vhost_device ? "/dev/vhost-net"
							  : "/dev/vfio");
	mend_unit(verdicts, "devices",
		tun && !starter->tun_device		  ? "DeviceAllow=/dev/net/tun rw"
			: vhost && !starter->vhost_device ? "DeviceAllow=/dev/vhost-net rw"
							  : "DeviceAllow=char-vfio rw");
}

static void check_store_path(const struct facts *facts, struct verdicts *verdicts)
{
	const char *directory = facts->config->store_directory;
	char line[VERDICT_TEXT_BYTES];

	if (!facts->starter.limits_files || facts_is_below(facts->starter.writable, directory))
		return;
	verdict_add(verdicts, VERDICT_FAIL, "store's place",
		"the unit does not let arpad write to %s", directory);
	snprintf(line, sizeof(line), "%s=%.200s",
		facts->starter.has_root ? "BindPaths" : "ReadWritePaths", directory);
	mend_unit(verdicts, "store", line);
}

static void check_user(const struct facts *facts, struct verdicts *verdicts)
{
	const struct facts_user *user = &facts->user;
	bool must = !starts_as_root(facts) || facts->config->privileges.user;

	if (user->there) {
		verdict_add(verdicts, VERDICT_OK, "user", "%s, number %u", user->name, user->uid);
		return;
	}
	verdict_add(verdicts, must ? VERDICT_FAIL : VERDICT_WARN, "user", "there is no user %s%s",
		user->name, must ? "" : ": arpad would go on as root");
	verdict_run(verdicts, "useradd --system --no-create-home --shell /usr/sbin/nologin %s",
		user->name);
}

static void check_file(const struct facts *facts, struct verdicts *verdicts)
{
	const struct facts_user *user = &facts->user;
	unsigned mode = user->file_mode;
	bool may = user->file_uid == user->uid ? (mode & 0400)
		: user->file_gid == user->gid  ? (mode & 0040)
					       : (mode & 0004);

	if (!user->there || !mode)
		return;
	if (may || user->uid == 0) {
		verdict_add(verdicts, VERDICT_OK, "configuration", "%s, which the user %s can read",
			facts->config_path, user->name);
		return;
	}
	verdict_add(verdicts, starts_as_root(facts) ? VERDICT_WARN : VERDICT_FAIL, "configuration",
		"%s can't be read by the user %s%s", facts->config_path, user->name,
		starts_as_root(facts) ? ": a reload would fail" : ", who starts arpad");
	verdict_run(verdicts, "chgrp %s %s && chmod 0640 %s", user->name, facts->config_path,
		facts->config_path);
}

void check_starter(const struct facts *facts, struct verdicts *verdicts)
{
	if (has_unit(facts))
		verdict_add(verdicts, VERDICT_OK, "unit", "%s, as %s", facts->starter.unit,
			starts_as_root(facts) ? "root" : facts->starter.user);
	else
		verdict_add(verdicts, VERDICT_OK, "unit",
			"no arpad.service: judged by the rights of who runs preflight");
	check_user(facts, verdicts);
	check_file(facts, verdicts);
	check_capabilities(facts, verdicts);
	check_locked_memory(facts, verdicts);
	check_files(facts, verdicts);
	check_families(facts, verdicts);
	check_devices(facts, verdicts);
	check_store_path(facts, verdicts);
}
