/* SPDX-License-Identifier: BSD-3-Clause */
/* What the kernel knows of this process, by the names that Prometheus's libraries give it. */
#ifndef ARPAD_CONTROL_METRICS_USAGE_H
#define ARPAD_CONTROL_METRICS_USAGE_H

#include <stdbool.h>
#include <stdint.h>

struct usage {
	int memory, files; /* of /proc/self, opened while that is allowed; -1: not had */
};

struct usage_facts {
	uint64_t cpu_ns;
	uint64_t start_ns;			/* since 1970 */
	uint64_t resident_bytes, virtual_bytes; /* 0: not known */
	uint64_t files, files_max;		/* open, and how many there may be; 0: not known */
};

/* Control thread, before the sandbox. */
void usage_open(struct usage *usage);
void usage_close(struct usage *usage);

/* Any one thread. start_ns is the caller's to fill. */
void usage_read(const struct usage *usage, struct usage_facts *facts);

#endif
