/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/control/log_capture.h"

#include "control/log.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

static int saved = -1, pipe_ends[2];
static char seen[1 << 20];

int log_capture_begin(void **state)
{
	(void)state;
	saved = dup(STDERR_FILENO);
	if (saved < 0 || pipe(pipe_ends) != 0 ||
		fcntl(pipe_ends[1], F_SETPIPE_SZ, sizeof(seen)) < 0)
		return -1;
	dup2(pipe_ends[1], STDERR_FILENO);
	close(pipe_ends[1]);
	return 0;
}

static void put_back(void)
{
	if (saved < 0)
		return;
	dup2(saved, STDERR_FILENO);
	close(saved);
	saved = -1;
}

const char *log_capture_end(void)
{
	size_t length = 0;
	ssize_t got;

	put_back();
	while ((got = read(pipe_ends[0], seen + length, sizeof(seen) - 1 - length)) > 0)
		length += (size_t)got;
	seen[length] = '\0';
	return seen;
}

int log_capture_close(void **state)
{
	(void)state;
	put_back();
	close(pipe_ends[0]);
	log_set_level(LOG_INFO);
	return 0;
}
