/* SPDX-License-Identifier: BSD-3-Clause */
/* Guard pages round a mapping. */
#include "tests/support/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void guard_open(struct guard *guard, size_t room)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *first;

	guard->room = (room + page - 1) / page * page;
	guard->mapped = guard->room + 2 * page;
	guard->mapping = mmap(NULL, guard->mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	first = (uint8_t *)guard->mapping + page;
	if (guard->mapping == MAP_FAILED ||
		mprotect(first, guard->room, PROT_READ | PROT_WRITE) != 0) {
		perror("guard: mmap");
		abort();
	}
	guard->end = first + guard->room;
}

void guard_close(struct guard *guard)
{
	munmap(guard->mapping, guard->mapped);
}

uint8_t *guard_place(struct guard *guard, const void *data, size_t bytes)
{
	uint8_t *start = guard->end - bytes;

	if (bytes > guard->room)
		abort();
	if (bytes != 0)
		memcpy(start, data, bytes);
	return start;
}
