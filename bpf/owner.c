/* SPDX-License-Identifier: BSD-3-Clause */
/* A process is named by its id and the time of its start, since ids are used again. */
#include "bpf/owner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Field 22 of /proc/PID/stat in clock ticks since boot. False: there is no such process, or it is
 * dead and only waits for its parent.
 */
static bool process_start(uint32_t pid, uint64_t *start)
{
	char path[64], line[1024];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	FILE *file = fopen(path, "r");
	if (!file)
		return false;
	const char *at = fgets(line, sizeof(line), file);
	fclose(file);
	/* Field 2 is the command in parentheses and may hold anything; field 3 follows the last. */
	at = at ? strrchr(line, ')') : NULL;
	if (!at || !strncmp(at, ") Z", 3))
		return false;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return false;
	*start = strtoull(at + 1, NULL, 10);
	return true;
}

bool owner_lives(const struct steer_settings *settings)
{
	uint64_t start = 0;

	return settings->owner_pid && process_start(settings->owner_pid, &start) &&
		start == settings->owner_start;
}

bool owner_sign(struct steer_settings *settings)
{
	uint64_t start;

	settings->owner_pid = (uint32_t)getpid();
	if (!process_start(settings->owner_pid, &start))
		return false;
	settings->owner_start = start;
	return true;
}
