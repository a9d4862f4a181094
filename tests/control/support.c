/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared by the data half's tests. Anything wrong here fails the test that asked. */
#include "tests/control/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct prefix at(const char *text)
{
	struct prefix prefix;
	struct failure failure;

	if (presentation_parse_prefix(text, &prefix, &failure) != 0)
		fail_msg("%s", failure.text);
	return prefix;
}

struct wire_name named(const char *text)
{
	struct wire_name name;
	struct failure failure;
	int bytes = presentation_parse_name(text, name.wire, &failure);

	if (bytes < 0)
		fail_msg("%s", failure.text);
	name.bytes = (uint16_t)bytes;
	return name;
}

struct rrset_buffer ptr_set(uint32_t ttl, ...)
{
	struct rrset_buffer set = {0};
	const char *text;
	va_list names;

	rrset_buffer_reset(&set, WIRE_TYPE_PTR, ttl);
	va_start(names, ttl);
	while ((text = va_arg(names, const char *)) != NULL) {
		struct wire_name name = named(text);

		assert_int_equal(rrset_buffer_add(&set, name.wire, name.bytes), 0);
	}
	va_end(names);
	return set;
}

const char *directory_make(void)
{
	char *name = strdup("/tmp/arpad-test-XXXXXX");

	assert_non_null(mkdtemp(name));
	return name;
}

void directory_remove(const char *directory)
{
	DIR *files = opendir(directory);
	struct dirent *file;

	assert_non_null(files);
	while ((file = readdir(files)) != NULL)
		unlinkat(dirfd(files), file->d_name, 0);
	closedir(files);
	assert_int_equal(rmdir(directory), 0);
	free((char *)(uintptr_t)directory);
}

void assert_failure(const struct failure *failure, enum failure_code code, const char *part)
{
	if (failure->code != code || strstr(failure->text, part) == NULL)
		fail_msg("got %s \"%s\", not %s with \"%s\"", failure_name(failure->code),
			failure->text, failure_name(code), part);
}
