/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/control/config_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char config_fixture_folder[] = "/tmp/arpad-test-config-XXXXXX";
char config_fixture_path[64];

int config_fixture_open(void **state)
{
	(void)state;
	if (!mkdtemp(config_fixture_folder))
		return -1;
	snprintf(config_fixture_path, sizeof(config_fixture_path), "%s/a.yaml",
		config_fixture_folder);
	return 0;
}

int config_fixture_close(void **state)
{
	(void)state;
	unlink(config_fixture_path);
	return rmdir(config_fixture_folder);
}

void config_fixture_write(const char *text)
{
	FILE *file = fopen(config_fixture_path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

struct config *config_fixture_load(const char *text)
{
	struct config *config;
	struct failure failure;

	config_fixture_write(text);
	if (config_load(config_fixture_path, &config, &failure) != 0)
		fail_msg("%s", failure.text);
	return config;
}

void config_fixture_refuse(const char *text, const char *message)
{
	const size_t bytes = strlen(config_fixture_path);
	struct config *config;
	struct failure failure;

	config_fixture_write(text);
	assert_int_equal(config_load(config_fixture_path, &config, &failure), -1);
	assert_null(config);
	assert_memory_equal(failure.text, config_fixture_path, bytes);
	assert_string_equal(failure.text + bytes, message);
}
