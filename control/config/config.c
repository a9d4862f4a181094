/* SPDX-License-Identifier: BSD-3-Clause */
/* From a path to a checked config: read the file, let the schema shape it, check every value. */
#include "control/config/config.h"

#include "control/config/config_access.h"
#include "control/config/config_check.h"
#include "control/config/config_lines.h"
#include "control/config/config_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 4096 addresses of 40 bytes fit several times over; more is a file given by mistake. */
enum { FILE_MAX_BYTES = 1 << 20 };

/* O_NONBLOCK: a FIFO without a writer must be refused, not waited for. */
static int open_regular(const char *path, size_t *bytes, struct failure *failure)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat about;

	if (fd < 0 && errno == EACCES)
		return failure_set(failure, FAILURE_INVALID,
			"%s may not be read by the user that arpad serves as: make it readable for "
			"that user's group (chgrp, chmod g+r), and leave it in its folder",
			path);
	if (fd < 0)
		return failure_set(
			failure, FAILURE_INVALID, "%s can't be opened: %s", path, strerror(errno));
	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
		close(fd);
		return failure_set(failure, FAILURE_INVALID, "%s is not a regular file", path);
	}
	if (about.st_size > FILE_MAX_BYTES) {
		close(fd);
		return failure_set(failure, FAILURE_INVALID,
			"%s is larger than 1 MiB, which no configuration is", path);
	}
	*bytes = (size_t)about.st_size;
	return fd;
}

/* The file's text for free(), or NULL. A file that shrinks meanwhile is read as far as it goes. */
static char *read_text(const char *path, size_t *bytes, struct failure *failure)
{
	size_t done = 0;
	char *text;
	ssize_t got;
	int fd = open_regular(path, bytes, failure);

	if (fd < 0)
		return NULL;
	text = malloc(*bytes + 1);
	if (!text) {
		close(fd);
		failure_set(failure, FAILURE_STORE_FULL, "out of memory");
		return NULL;
	}
	while (done < *bytes && (got = read(fd, text + done, *bytes - done)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			failure_set(failure, FAILURE_INVALID, "%s can't be read: %s", path,
				strerror(errno));
			close(fd);
			free(text);
			return NULL;
		}
		done += (size_t)got;
	}
	close(fd);
	*bytes = done;
	return text;
}

/* Puts "file:line: " before what is wrong. */
static int locate(const char *path, unsigned line, struct failure *failure)
{
	struct failure plain = *failure;

	if (line)
		return failure_set(failure, plain.code, "%s:%u: %s", path, line, plain.text);
	return failure_set(failure, plain.code, "%s: %s", path, plain.text);
}

static int parse(const char *path, const char *text, size_t bytes, struct config *config,
	struct failure *failure)
{
	struct config_lines *lines = config_lines_new(text, bytes);
	unsigned line = 0;
	int result;

	if (!lines)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	result = config_schema_load(text, bytes, lines, &config->raw, &line, failure);
	if (result == 0)
		result = config_check(config, lines, &line, failure);
	config_lines_free(lines);
	return result == 0 ? 0 : locate(path, line, failure);
}

int config_load(const char *path, struct config **config, struct failure *failure)
{
	size_t bytes = 0;
	char *text;

	*config = NULL;
	text = read_text(path, &bytes, failure);
	if (!text)
		return -1;
	*config = calloc(1, sizeof(**config));
	if (!*config) {
		free(text);
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	}
	if (parse(path, text, bytes, *config, failure) != 0) {
		config_free(*config);
		*config = NULL;
	}
	free(text);
	return *config ? 0 : -1;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	config_access_free(&config->access);
	config_schema_free(config->raw);
	free(config->addresses);
	free(config);
}
