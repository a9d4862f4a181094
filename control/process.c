/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t process_time_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

uint64_t process_monotonic_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

void process_open(struct process *process)
{
	uint64_t random;

	process->started_ms = process_time_ms();
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = process->started_ms << 22 | (uint64_t)getpid();
	snprintf(process->start_id, sizeof(process->start_id), "%016" PRIx64, random);
	process->memory = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

void process_close(struct process *process)
{
	if (process->memory >= 0)
		close(process->memory);
	process->memory = -1;
}

/* The second of its numbers, in pages (proc(5)). */
uint64_t process_resident_bytes(const struct process *process)
{
	unsigned long long pages;
	char text[128];
	ssize_t got = -1;

	if (process->memory >= 0)
		got = pread(process->memory, text, sizeof(text) - 1, 0);
	if (got <= 0)
		return 0;
	text[got] = '\0';
	if (sscanf(text, "%*u %llu", &pages) != 1)
		return 0;
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
