/* SPDX-License-Identifier: BSD-3-Clause */
/* The profiles, put together; and why a part of them does not hold on this machine. */
#include "control/sandbox/sandbox.h"

#include "control/sandbox/sandbox_landlock.h"
#include "control/sandbox/sandbox_seccomp.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

/* The first reason stays: what follows from it would only hide it. */
__attribute__((format(printf, 2, 3))) static void turn_off(
	char reason[static SANDBOX_REASON_BYTES], const char *format, ...)
{
	va_list arguments;

	if (reason[0])
		return;
	va_start(arguments, format);
	vsnprintf(reason, SANDBOX_REASON_BYTES, format, arguments);
	va_end(arguments);
}

static void both_off(struct sandbox *sandbox, const char *reason)
{
	turn_off(sandbox->seccomp_off, "%s", reason);
	turn_off(sandbox->landlock_off, "%s", reason);
}

static void ask_landlock(struct sandbox *sandbox)
{
	int abi = sandbox_landlock_abi();

	sandbox->landlock_abi = abi > 0 ? abi : 0;
	if (abi == -EOPNOTSUPP)
		turn_off(sandbox->landlock_off,
			"this kernel has Landlock turned off (lsm= on its command line)");
	else if (abi <= 0)
		turn_off(sandbox->landlock_off, "this kernel has no Landlock (Linux 5.13)");
}

void sandbox_open(
	struct sandbox *sandbox, bool wanted, const struct sandbox_files *files, bool workers_kill)
{
	*sandbox =
		(struct sandbox){.wanted = wanted, .files = *files, .workers_kill = workers_kill};
	/* Even without a sandbox: nothing that arpad could start needs another's rights. */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	ask_landlock(sandbox);
	if (!wanted)
		both_off(sandbox, "privileges.sandbox is no");
#ifdef SANITIZED
	both_off(sandbox, "this build has a sanitizer, which needs more than serving does");
#endif
}

void sandbox_enter_process(struct sandbox *sandbox)
{
	int rc;

	if (sandbox->seccomp_off[0])
		return;
	rc = sandbox_seccomp_process(sandbox->files.dnstap_socket != NULL);
	if (rc)
		turn_off(sandbox->seccomp_off, "the kernel takes no filter (%s)", strerror(-rc));
}

/*
 * A folder counts, since editors replace a file; but not the root, below which everything is. Two
 * folders where the path ends in a link: of the link and of the file.
 */
static size_t config_folders(
	const char *config, char folder[static 2][PATH_MAX], struct sandbox_path *paths)
{
	char copy[PATH_MAX];
	size_t count = 1;

	snprintf(copy, sizeof(copy), "%s", config);
	snprintf(folder[0], PATH_MAX, "%s", dirname(copy));
	if (realpath(config, copy)) {
		snprintf(folder[1], PATH_MAX, "%s", dirname(copy));
		count = 2;
	}
	for (size_t i = 0; i < count; i++)
		paths[i] = (struct sandbox_path){
			strcmp(folder[i], "/") == 0 ? config : folder[i], SANDBOX_READ};
	return count;
}

static int restrict_control(const struct sandbox_files *files)
{
	char folder[2][PATH_MAX], socket[PATH_MAX], read_only[PATH_MAX], metrics[PATH_MAX];
	struct sandbox_path paths[6];
	size_t count = config_folders(files->config, folder, paths);

	snprintf(socket, sizeof(socket), "%s", files->control_socket);
	paths[count++] = (struct sandbox_path){files->store_directory, SANDBOX_WRITE};
	paths[count++] = (struct sandbox_path){dirname(socket), SANDBOX_REMOVE};
	if (files->read_only_socket) {
		snprintf(read_only, sizeof(read_only), "%s", files->read_only_socket);
		paths[count++] = (struct sandbox_path){dirname(read_only), SANDBOX_REMOVE};
	}
	if (files->metrics_socket) {
		snprintf(metrics, sizeof(metrics), "%s", files->metrics_socket);
		paths[count++] = (struct sandbox_path){dirname(metrics), SANDBOX_REMOVE};
	}
	return sandbox_landlock(paths, count, false);
}

static int restrict_store(const struct sandbox_files *files)
{
	const struct sandbox_path path = {files->store_directory, SANDBOX_WRITE};

	return sandbox_landlock(&path, 1, true);
}

static int restrict_dnstap(const struct sandbox_files *files)
{
	char file[PATH_MAX];
	struct sandbox_path path = {.access = SANDBOX_WRITE};

	if (!files->dnstap_file)
		return sandbox_landlock(NULL, 0, true);
	snprintf(file, sizeof(file), "%s", files->dnstap_file);
	path.path = dirname(file);
	return sandbox_landlock(&path, 1, true);
}

static int restrict_files(const struct sandbox_files *files, enum sandbox_profile profile)
{
	switch (profile) {
	case SANDBOX_CONTROL:
		return restrict_control(files);
	case SANDBOX_STORE:
		return restrict_store(files);
	case SANDBOX_DNSTAP:
		return restrict_dnstap(files);
	default:
		return sandbox_landlock(NULL, 0, true);
	}
}

static void enter_landlock(struct sandbox *sandbox, enum sandbox_profile profile)
{
	int rc;

	if (sandbox->landlock_off[0])
		return;
	rc = restrict_files(&sandbox->files, profile);
	if (rc)
		turn_off(sandbox->landlock_off, "a thread can't be restricted (%s)", strerror(-rc));
}

static void enter_seccomp(struct sandbox *sandbox, enum sandbox_profile profile)
{
	int rc = 0;

	if (sandbox->seccomp_off[0])
		return;
	if (profile == SANDBOX_WORKER)
		rc = sandbox_seccomp_worker(sandbox->workers_kill);
	else if (profile == SANDBOX_LISTENER)
		rc = sandbox_seccomp_listener();
	else if (profile == SANDBOX_STORE)
		rc = sandbox_seccomp_store();
	else if (profile == SANDBOX_DNSTAP)
		rc = sandbox_seccomp_dnstap();
	else if (profile == SANDBOX_METRICS)
		rc = sandbox_seccomp_metrics();
	else if (profile == SANDBOX_OBSERVER)
		rc = sandbox_seccomp_observer();
	if (rc)
		turn_off(sandbox->seccomp_off, "a thread takes no filter (%s)", strerror(-rc));
}

void sandbox_enter(struct sandbox *sandbox, enum sandbox_profile profile)
{
	/* In this order: the filter of a worker forbids what Landlock is asked by. */
	enter_landlock(sandbox, profile);
	enter_seccomp(sandbox, profile);
}
