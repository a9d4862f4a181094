/* SPDX-License-Identifier: BSD-3-Clause */
/* The linker's --wrap sends the allocations here; with 64-bit file offsets mmap is mmap64. */
#include "tests/support/memory.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void *__real_mmap64(void *at, size_t bytes, int protection, int flags, int file, off_t offset);
int __real_munmap(void *at, size_t bytes);
void *__real_reallocarray(void *old, size_t count, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_mmap64(void *at, size_t bytes, int protection, int flags, int file, off_t offset);
int __wrap_munmap(void *at, size_t bytes);
void *__wrap_reallocarray(void *old, size_t count, size_t bytes);

static unsigned left, mappings;
static bool counting, failed;

void memory_fail_after(unsigned count)
{
	left = count;
	failed = false;
	counting = true;
}

bool memory_fail_never(void)
{
	counting = false;
	return failed;
}

unsigned memory_mappings(void)
{
	return mappings;
}

static bool fails_now(void)
{
	if (!counting || left-- > 0)
		return false;
	left = 0;
	failed = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t bytes)
{
	return fails_now() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return fails_now() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
	return fails_now() ? NULL : __real_aligned_alloc(alignment, bytes);
}

void *__wrap_reallocarray(void *old, size_t count, size_t bytes)
{
	return fails_now() ? NULL : __real_reallocarray(old, count, bytes);
}

void *__wrap_mmap64(void *at, size_t bytes, int protection, int flags, int file, off_t offset)
{
	void *mapping = MAP_FAILED;

	if (!fails_now())
		mapping = __real_mmap64(at, bytes, protection, flags, file, offset);
	if (mapping != MAP_FAILED)
		mappings++;
	return mapping;
}

int __wrap_munmap(void *at, size_t bytes)
{
	mappings--;
	return __real_munmap(at, bytes);
}
