/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Root only to start: who the process is, which capabilities are left, and what its files belong
 * to. Control thread, but for the sandbox that each thread enters itself.
 */
#ifndef ARPAD_CONTROL_PRIVILEGES_H
#define ARPAD_CONTROL_PRIVILEGES_H

#include "control/config/config.h"
#include "control/failure.h"
#include "control/report.h"
#include "control/sandbox/sandbox.h"

#include <stdbool.h>
#include <sys/types.h>

/* The names of all 41 fit. */
enum { PRIVILEGES_CAPABILITIES_BYTES = 1024 };

struct privileges {
	bool root;   /* started as root */
	bool change; /* to this user, at privileges_drop */
	uid_t uid;
	gid_t gid;
	char user[CONFIG_USER_BYTES]; /* whom we serve as */
	char capabilities[PRIVILEGES_CAPABILITIES_BYTES];
	struct sandbox sandbox;
};

/*
 * Before anything is opened and any thread exists: finds the user, and gives up for this thread and
 * all to come what no start needs (other groups, capabilities by exec, new rights by exec). -1: one
 * sentence, such as for a user that is not there. `config_path` outlives the privileges.
 */
int privileges_open(struct privileges *privileges, const struct config *config,
	const char *config_path, struct failure *failure);

/*
 * Makes `directory` and the files of a store in it the user's, where root owns them; made if only
 * it is missing. -1: one sentence. Nothing to do where the user does not change.
 */
int privileges_give_store(
	const struct privileges *privileges, const char *directory, struct failure *failure);

/*
 * Between the two, this thread opens and makes files as the user would: what a user may write to
 * can't lead root elsewhere.
 */
void privileges_files_as_user(const struct privileges *privileges);
void privileges_files_as_root(const struct privileges *privileges);

/*
 * Between the two, the control socket is made at `path`, so that it is the user's in the end. Its
 * folder is made, the user's, when only it is missing. In a folder of root's, root makes the
 * socket, which the first returns and the second is told.
 */
bool privileges_socket_begin(const struct privileges *privileges, const char *path);
void privileges_socket_end(const struct privileges *privileges, const char *path, bool by_root);

/* What old kernels ask capabilities for later. */
struct privileges_later {
	bool maps;   /* BPF maps that are open are written: CAP_BPF before Linux 5.19 */
	bool detach; /* an XDP program that the kernel does not detach: CAP_NET_ADMIN */
};

/*
 * All threads become the user; capabilities are gone but for CAP_NET_BIND_SERVICE of this one and
 * what `later` needs, and the system calls of all are limited. -1: one sentence.
 */
int privileges_drop(struct privileges *privileges, const struct privileges_later *later,
	struct failure *failure);

/* As sandbox_enter, to be called by each thread itself; `privileges` as a callback's context. */
void privileges_enter_worker(void *privileges);
void privileges_enter_helper(void *privileges);
void privileges_enter_listener(void *privileges);
void privileges_enter_store(void *privileges);
void privileges_enter_dnstap(void *privileges);
void privileges_enter_metrics(void *privileges);
void privileges_enter_observer(void *privileges);
void privileges_enter_control(void *privileges);

/* One warning for each part of the sandbox that does not hold although it is wanted. */
void privileges_log(const struct privileges *privileges);

void privileges_gather(const struct privileges *privileges, struct report_facts *facts);

#endif
