/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The C library changes the user of all threads at once. Capabilities are each thread's own: the
 * kernel takes them from every thread that stops being root, and this one alone asks to keep what
 * later addresses need.
 */
#include "control/sandbox/privileges.h"

#include "control/log.h"

#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <linux/bpf.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define USERADD "useradd --system --no-create-home --shell /usr/sbin/nologin"

static const char default_user[] = "arpad";

/* A worker's calls were all seen over AF_XDP; those of other drivers are known from reading. */
static bool workers_are_known(const struct config *config)
{
	for (unsigned i = 0; i < config->port_count; i++)
		if (config->ports[i].device)
			return false;
	return true;
}

static void name_self(struct privileges *privileges)
{
	const struct passwd *self = getpwuid(privileges->uid);

	if (self)
		snprintf(privileges->user, sizeof(privileges->user), "%s", self->pw_name);
	else
		snprintf(privileges->user, sizeof(privileges->user), "%u", privileges->uid);
}

static int take_user(
	struct privileges *privileges, const struct passwd *user, struct failure *failure)
{
	if (!privileges->root && user->pw_uid != privileges->uid)
		return failure_set(failure, FAILURE_INVALID,
			"privileges.user is %s, and only root can become another user: start arpad "
			"as root or as %s",
			user->pw_name, user->pw_name);
	privileges->change = privileges->root && user->pw_uid != 0;
	privileges->uid = user->pw_uid;
	privileges->gid = user->pw_gid;
	return 0;
}

static int find_user(struct privileges *privileges, const char *wanted, struct failure *failure)
{
	const struct passwd *user;

	privileges->uid = geteuid();
	privileges->gid = getegid();
	privileges->root = privileges->uid == 0;
	if (!wanted && !privileges->root)
		return 0;
	user = getpwnam(wanted ? wanted : default_user);
	if (user)
		return take_user(privileges, user, failure);
	if (wanted)
		return failure_set(failure, FAILURE_INVALID,
			"privileges.user: there is no user %s: make one with \"" USERADD " %s\"",
			wanted, wanted);
	log_event(LOG_WARNING, "user-missing", NULL,
		"serving as root, since there is no user arpad: make one with \"" USERADD
		" arpad\" and restart, or set privileges.user");
	return 0;
}

/*
 * Threads inherit all of this. Without CAP_SETPCAP the bounding set stays as it is; it would matter
 * to a program that is executed, and none ever is.
 */
static void give_up_early(const struct privileges *privileges)
{
	if (privileges->root && setgroups(0, NULL) != 0)
		log_event(LOG_WARNING, "groups-kept", NULL, "other groups can't be left: %s",
			strerror(errno));
	capng_get_caps_process();
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		return;
	capng_clear(CAPNG_SELECT_BOUNDS);
	capng_apply(CAPNG_SELECT_BOUNDS);
}

int privileges_open(struct privileges *privileges, const struct config *config,
	const char *config_path, struct failure *failure)
{
	const struct sandbox_files files = {
		.store_directory = config->store_directory,
		.config = config_path,
		.control_socket = config->control_socket,
		.read_only_socket = config->read_only_socket,
		.dnstap_socket = config->dnstap.socket,
		.dnstap_file = config->dnstap.file,
		.metrics_socket = config->metrics.path,
	};

	if (find_user(privileges, config->privileges.user, failure) != 0)
		return -1;
	name_self(privileges);
	sandbox_open(&privileges->sandbox, config->privileges.sandbox, &files,
		workers_are_known(config));
	give_up_early(privileges);
	return 0;
}

/* Only from root: what another owns was given to that one by somebody who knew why. */
static bool give(const struct privileges *privileges, int directory, const char *name)
{
	struct stat about;

	if (fstatat(directory, name, &about, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0)
		return errno == ENOENT;
	if (about.st_uid != 0)
		return true;
	return fchownat(directory, name, privileges->uid, privileges->gid,
		       AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0;
}

/* The log's segments are numbered. */
static bool give_segments(const struct privileges *privileges, int directory)
{
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *names = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool given = true;

	if (!names)
		return false;
	while (given && (entry = readdir(names)))
		if (strncmp(entry->d_name, "log.", 4) == 0)
			given = give(privileges, directory, entry->d_name);
	closedir(names);
	return given;
}

/* Files first: once the directory is the user's, so may be what its names lead to. */
static bool give_directory(const struct privileges *privileges, int directory)
{
	static const char *const names[] = {"data.mdb", "lock.mdb", "arpad.lock", ""};
	struct stat about;

	if (fstat(directory, &about) != 0)
		return false;
	if (about.st_uid != 0)
		return true;
	if (!give_segments(privileges, directory))
		return false;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!give(privileges, directory, names[i]))
			return false;
	log_event(LOG_INFO, "store-given", LOG_FIELDS(LOG_TEXT_FIELD("user", privileges->user)),
		"the store is given to the user %s", privileges->user);
	return true;
}

int privileges_give_store(
	const struct privileges *privileges, const char *directory, struct failure *failure)
{
	int fd, error;

	if (!privileges->change)
		return 0;
	if (mkdir(directory, 0750) != 0 && errno != EEXIST)
		return 0; /* opening the store says why */
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	error = give_directory(privileges, fd) ? 0 : errno;
	close(fd);
	if (!error)
		return 0;
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store directory %s can't be given to the user %s (%s): run \"chown -R %s %s\"",
		directory, privileges->user, strerror(error), privileges->user, directory);
}

/* Each says nothing of failure; where it failed, the file is refused to root by its owner. */
void privileges_files_as_user(const struct privileges *privileges)
{
	if (!privileges->change)
		return;
	setfsgid(privileges->gid);
	setfsuid(privileges->uid);
}

void privileges_files_as_root(const struct privileges *privileges)
{
	if (!privileges->change)
		return;
	setfsuid(0);
	setfsgid(0);
}

static bool is_roots(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 && about.st_uid == 0;
}

/* A folder of root's is nothing that the user could turn into a trap, so root may act there. */
bool privileges_socket_begin(const struct privileges *privileges, const char *path)
{
	char copy[PATH_MAX];
	const char *folder;

	if (!privileges->change)
		return false;
	snprintf(copy, sizeof(copy), "%s", path);
	folder = dirname(copy);
	if (mkdir(folder, 0755) == 0 && lchown(folder, privileges->uid, privileges->gid) != 0)
		log_event(LOG_DEBUG, "folder-not-given", LOG_FIELDS(LOG_TEXT_FIELD("path", path)),
			"the folder of %s can't be given to %s: %s", path, privileges->user,
			strerror(errno));
	if (is_roots(folder))
		return true;
	privileges_files_as_user(privileges);
	return false;
}

void privileges_socket_end(const struct privileges *privileges, const char *path, bool by_root)
{
	if (by_root && lchown(path, privileges->uid, privileges->gid) != 0 && errno != ENOENT)
		log_event(LOG_WARNING, "socket-not-given", LOG_FIELDS(LOG_TEXT_FIELD("path", path)),
			"%s can't be given to %s: %s", path, privileges->user, strerror(errno));
	privileges_files_as_root(privileges);
}

static int become(const struct privileges *privileges, struct failure *failure)
{
	if (!privileges->change)
		return 0;
	/* Of this thread only; the others lose their capabilities with the user. */
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (setresgid(privileges->gid, privileges->gid, privileges->gid) != 0 ||
		setresuid(privileges->uid, privileges->uid, privileges->uid) != 0)
		return failure_set(failure, FAILURE_INTERNAL, "can't become the user %s: %s",
			privileges->user, strerror(errno));
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	return 0;
}

/*
 * Kernels before 5.19 refuse even maps that are open to who lacks CAP_BPF, where unprivileged users
 * may have no bpf at all. An impossible descriptor tells which one this is.
 */
static bool maps_need_capability(void)
{
	union bpf_attr attribute = {.map_fd = (uint32_t)-1};

	return syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attribute, sizeof(attribute)) != 0 &&
		errno == EPERM;
}

static void keep(unsigned capability, bool permitted)
{
	if (permitted)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability);
}

static int drop_capabilities(const struct privileges_later *later, struct failure *failure)
{
	bool bind, bpf, admin;

	capng_get_caps_process();
	bind = capng_have_capability(CAPNG_PERMITTED, CAP_NET_BIND_SERVICE);
	bpf = later->maps && capng_have_capability(CAPNG_PERMITTED, CAP_BPF);
	admin = later->detach && capng_have_capability(CAPNG_PERMITTED, CAP_NET_ADMIN);
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
		capng_update(CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_INHERITABLE, i);
	if (capng_apply(CAPNG_SELECT_CAPS) == 0) {
		bpf = bpf && maps_need_capability();
		capng_clear(CAPNG_SELECT_CAPS);
		keep(CAP_NET_BIND_SERVICE, bind);
		keep(CAP_BPF, bpf);
		keep(CAP_NET_ADMIN, admin);
		if (capng_apply(CAPNG_SELECT_CAPS) == 0)
			return 0;
	}
	return failure_set(
		failure, FAILURE_INTERNAL, "capabilities can't be given up: %s", strerror(errno));
}

static void name_capabilities(struct privileges *privileges)
{
	size_t length = 0, room = sizeof(privileges->capabilities);

	privileges->capabilities[0] = '\0';
	capng_get_caps_process();
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
		if (capng_have_capability(CAPNG_EFFECTIVE, i) && length < room)
			length += (size_t)snprintf(privileges->capabilities + length, room - length,
				"%s%s", length ? " " : "", capng_capability_to_name(i));
}

/* What was readable for root may not be for the user; better said now than at the first SIGHUP. */
static void check_reload(const struct privileges *privileges, const char *config_path)
{
	if (access(config_path, R_OK) != 0)
		log_event(LOG_WARNING, "config-unreadable",
			LOG_FIELDS(LOG_TEXT_FIELD("path", config_path),
				LOG_TEXT_FIELD("user", privileges->user)),
			"SIGHUP will not work: the user %s can't read %s (%s): run \"chgrp %u "
			"%s\" and \"chmod g+r %s\", and see that its folder may be entered",
			privileges->user, config_path, strerror(errno), privileges->gid,
			config_path, config_path);
}

int privileges_drop(struct privileges *privileges, const struct privileges_later *later,
	struct failure *failure)
{
	if (become(privileges, failure) != 0 || drop_capabilities(later, failure) != 0)
		return -1;
	name_capabilities(privileges);
	check_reload(privileges, privileges->sandbox.files.config);
	sandbox_enter_process(&privileges->sandbox);
	return 0;
}

/* Threads of libraries were there before: what they have is not what the control thread keeps. */
static void enter(struct privileges *privileges, enum sandbox_profile profile)
{
	if (profile != SANDBOX_CONTROL) {
		capng_clear(CAPNG_SELECT_CAPS);
		capng_apply(CAPNG_SELECT_CAPS);
	}
	sandbox_enter(&privileges->sandbox, profile);
}

void privileges_enter_worker(void *privileges)
{
	enter(privileges, SANDBOX_WORKER);
}

void privileges_enter_helper(void *privileges)
{
	enter(privileges, SANDBOX_HELPER);
}

void privileges_enter_listener(void *privileges)
{
	enter(privileges, SANDBOX_LISTENER);
}

void privileges_enter_store(void *privileges)
{
	enter(privileges, SANDBOX_STORE);
}

void privileges_enter_dnstap(void *privileges)
{
	enter(privileges, SANDBOX_DNSTAP);
}

void privileges_enter_metrics(void *privileges)
{
	enter(privileges, SANDBOX_METRICS);
}

void privileges_enter_observer(void *privileges)
{
	enter(privileges, SANDBOX_OBSERVER);
}

void privileges_enter_control(void *privileges)
{
	enter(privileges, SANDBOX_CONTROL);
}

void privileges_log(const struct privileges *privileges)
{
	const struct sandbox *sandbox = &privileges->sandbox;

	if (sandbox->wanted && sandbox->seccomp_off[0])
		log_event(LOG_WARNING, "sandbox-off", LOG_FIELDS(LOG_TEXT_FIELD("part", "seccomp")),
			"serving without limits on system calls: %s", sandbox->seccomp_off);
	if (sandbox->wanted && sandbox->landlock_off[0])
		log_event(LOG_WARNING, "sandbox-off",
			LOG_FIELDS(LOG_TEXT_FIELD("part", "landlock")),
			"serving without limits on files: %s", sandbox->landlock_off);
}

void privileges_gather(const struct privileges *privileges, struct report_facts *facts)
{
	facts->user = privileges->user;
	facts->capabilities = privileges->capabilities;
	facts->seccomp_off = privileges->sandbox.seccomp_off;
	facts->landlock_off = privileges->sandbox.landlock_off;
	facts->landlock_abi = privileges->sandbox.landlock_abi;
}
