/* SPDX-License-Identifier: BSD-3-Clause */
/* This process as others tell it from the one before: an id of its own, its start, its memory. */
#ifndef ARPAD_CONTROL_PROCESS_H
#define ARPAD_CONTROL_PROCESS_H

#include <stdint.h>

enum { PROCESS_ID_CHARACTERS = 16 };

struct process {
	char start_id[PROCESS_ID_CHARACTERS + 1]; /* random: no other start has it */
	uint64_t started_ms;			  /* since 1970 */
	int memory;				  /* a file of the kernel's; -1: none */
};

/* Opens what can't be opened later. What fails is only not told. */
void process_open(struct process *process);
void process_close(struct process *process);

/* Octets of RAM that are the process's now, without those of hugepages that DPDK reserves; 0: not
 * known. Any thread. */
uint64_t process_resident_bytes(const struct process *process);

/* Milliseconds by the wall clock and by the one that nobody sets. */
uint64_t process_time_ms(void);
uint64_t process_monotonic_ms(void);

#endif
