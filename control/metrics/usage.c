/* SPDX-License-Identifier: BSD-3-Clause */
/* No file is opened here after the start: the thread that reads these may open none. */
#include "control/metrics/usage.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_BYTES = 128, ENTRIES_BYTES = 4096 };

void usage_open(struct usage *usage)
{
	usage->memory = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	usage->files = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void usage_close(struct usage *usage)
{
	if (usage->memory >= 0)
		close(usage->memory);
	if (usage->files >= 0)
		close(usage->files);
	usage->memory = usage->files = -1;
}

static void read_memory(const struct usage *usage, struct usage_facts *facts)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), whole, resident;
	char text[TEXT_BYTES];
	ssize_t bytes = pread(usage->memory, text, sizeof(text) - 1, 0);

	if (bytes <= 0)
		return;
	text[bytes] = '\0';
	if (sscanf(text, "%lu %lu", &whole, &resident) != 2)
		return;
	facts->virtual_bytes = whole * page;
	facts->resident_bytes = resident * page;
}

/* As linux/dirent.h has it, for getdents64(2). */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t bytes;
	uint8_t type;
	char name[];
};

/* All entries but "." and "..". */
static void count_files(const struct usage *usage, struct usage_facts *facts)
{
	_Alignas(struct entry) char entries[ENTRIES_BYTES];
	uint64_t count = 0;
	long bytes;

	if (lseek(usage->files, 0, SEEK_SET) != 0)
		return;
	while ((bytes = syscall(SYS_getdents64, usage->files, entries, sizeof(entries))) > 0)
		for (long at = 0; at < bytes;) {
			const struct entry *entry = (const struct entry *)(entries + at);

			count += entry->name[0] != '.';
			at += entry->bytes;
		}
	if (bytes == 0)
		facts->files = count;
}

void usage_read(const struct usage *usage, struct usage_facts *facts)
{
	struct timespec used = {0};
	struct rlimit limit;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	facts->cpu_ns = (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
	if (usage->memory >= 0)
		read_memory(usage, facts);
	if (usage->files >= 0)
		count_files(usage, facts);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		facts->files_max = limit.rlim_cur;
}
