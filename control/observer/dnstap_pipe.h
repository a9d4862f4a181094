/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where dnstap's frames go: a Unix socket with a collector behind it, or a file, as libfstrm wants
 * it. Its thread calls all of it and waits here; no wait is longer than some seconds.
 */
#ifndef ARPAD_CONTROL_OBSERVER_DNSTAP_PIPE_H
#define ARPAD_CONTROL_OBSERVER_DNSTAP_PIPE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fstrm_writer;

struct dnstap_pipe {
	const char *socket, *file; /* absolute; one of the two, the other NULL. Borrowed */
	uint64_t file_max_bytes;

	/* libfstrm's thread alone. */
	int fd; /* -1: none */
	uint64_t file_bytes;

	/* libfstrm's thread: wo, any thread: ro. */
	_Atomic(uint64_t) sent; /* frames that were written */
	_Atomic(bool) open;
	_Atomic(int)
		error; /* why it is not open: errno; EFBIG: the file is full. 0: not tried yet */
};

/* A writer that frames what it is given and writes it to the pipe, which it borrows. NULL: no
 * memory. */
struct fstrm_writer *dnstap_pipe_writer(struct dnstap_pipe *pipe);

#endif
