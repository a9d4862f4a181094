/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a thread may still ask of the kernel once it serves: system calls by seccomp, files and
 * networks by Landlock. Both only ever take away, for good, and hold for threads made later.
 */
#ifndef ARPAD_CONTROL_SANDBOX_H
#define ARPAD_CONTROL_SANDBOX_H

#include <stdbool.h>

enum sandbox_profile {
	SANDBOX_CONTROL, /* the control thread: the files of struct sandbox_files, sockets, BPF maps
			  */
	SANDBOX_WORKER,	 /* polls a queue: no file, no socket of its own */
	SANDBOX_LISTENER, /* answers on sockets that the control thread made */
	SANDBOX_STORE,	  /* the store's own: its files */
	SANDBOX_METRICS,  /* accepts on a socket and reads files that are open */
	SANDBOX_OBSERVER, /* looks at memory and sleeps: no file, no socket */
	SANDBOX_HELPER,	  /* a library's own thread: the calls of the process, but no file */
	SANDBOX_DNSTAP,	  /* libfstrm's own: dnstap's socket, or its file and what lies beside it */
};

/* All that is opened again after the start. Absolute, or as seen from the working directory. */
struct sandbox_files {
	const char *store_directory;  /* read and written */
	const char *config;	      /* read again; editors replace it, so its folder counts */
	const char *control_socket;   /* removed at the end */
	const char *read_only_socket; /* likewise; NULL: there is none */
	const char *metrics_socket;   /* likewise */
	const char *dnstap_socket;    /* connected to, again and again; NULL: there is none */
	const char *dnstap_file;      /* made, and the one before it renamed; NULL: there is none */
};

enum { SANDBOX_REASON_BYTES = 128 };

/* What holds. An empty reason: on. */
struct sandbox {
	bool wanted;	   /* false: nothing is done, and both reasons say so */
	bool workers_kill; /* a worker's forbidden call ends the process; else it fails */
	struct sandbox_files files;
	int landlock_abi; /* of the running kernel; 0: none */
	char seccomp_off[SANDBOX_REASON_BYTES], landlock_off[SANDBOX_REASON_BYTES];
};

/* Asks the kernel what it has, and sets no_new_privs, which threads made from now on inherit. */
void sandbox_open(
	struct sandbox *sandbox, bool wanted, const struct sandbox_files *files, bool workers_kill);

/*
 * Limits the system calls of every thread of the process, also of those that libraries made. Once,
 * before any sandbox_enter. Control thread.
 */
void sandbox_enter_process(struct sandbox *sandbox);

/*
 * Limits the calling thread further. Nothing else touches `sandbox` meanwhile: threads enter one
 * after the other. What can't be had shows as a reason; the rest holds all the same.
 */
void sandbox_enter(struct sandbox *sandbox, enum sandbox_profile profile);

#endif
