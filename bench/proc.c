/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/proc.h"

#include <stdio.h>
#include <string.h>

/* The sum of the lines "KEY: number [kB]" of a file. */
static uint64_t sum_of(const char *path, const char *const *keys)
{
	char line[256], key[64];
	unsigned long long value;
	uint64_t sum = 0;
	FILE *file = fopen(path, "r");

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%63[^:]: %llu", key, &value) == 2)
			for (const char *const *k = keys; *k; k++)
				if (strcmp(key, *k) == 0)
					sum += value;
	fclose(file);
	return sum;
}

uint64_t proc_memory_available(void)
{
	return sum_of("/proc/meminfo", (const char *const[]){"MemAvailable", NULL}) * 1024;
}

uint64_t proc_free_hugepages(void)
{
	const char *path = "/proc/meminfo";

	return sum_of(path, (const char *const[]){"HugePages_Free", NULL}) *
		sum_of(path, (const char *const[]){"Hugepagesize", NULL}) * 1024;
}

uint64_t proc_interruptions(int thread)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", thread);
	return sum_of(path, (const char *const[]){"nonvoluntary_ctxt_switches", NULL});
}

uint64_t proc_memory_held(void)
{
	/* "Anonymous" has the transparent huge pages in it. */
	return sum_of("/proc/self/smaps_rollup",
		       (const char *const[]){
			       "Anonymous", "Private_Hugetlb", "Shared_Hugetlb", NULL}) *
		1024;
}
