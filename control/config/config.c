/* SPDX-License-Identifier: BSD-3-Clause */
/* From a path to a checked config: read the file, let the schema shape it, check every value. */
#include "control/config/config.h"

#include "control/config/config_access.h"
#include "control/config/config_check.h"
#include "control/config/config_problems.h"
#include "control/config/config_schema.h"
#include "control/config/config_tree.h"

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

/* What can be read of the text: -1: no memory. */
static int parse(
	const char *text, size_t bytes, struct config *config, struct config_problems *problems)
{
	config->tree = config_tree_new(text, bytes, &config_schema_top, problems);
	if (!config->tree)
		return -1;
	if (config_problems_below(problems, ""))
		return 0; /* of what is no configuration at all there is no more to say */
	config->raw = config_schema_fill(config_tree_root(config->tree));
	return config->raw ? config_check(config, config->tree, problems) : -1;
}

int config_parse(const char *text, size_t bytes, struct config **config,
	struct config_problems *problems, struct failure *failure)
{
	int result;

	*problems = (struct config_problems){.count = 0};
	*config = calloc(1, sizeof(**config));
	result = *config ? parse(text, bytes, *config, problems) : -1;
	if (result == 0 && !problems->count)
		return 0;
	config_free(*config);
	*config = NULL;
	config_problems_sort(problems);
	if (result != 0)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	return config_problems_fail(problems, NULL, failure);
}

int config_read(const char *path, struct config **config, struct config_problems *problems,
	struct failure *failure)
{
	size_t bytes = 0;
	char *text = read_text(path, &bytes, failure);
	int result;

	*config = NULL;
	*problems = (struct config_problems){.count = 0};
	if (!text)
		return -1;
	result = config_parse(text, bytes, config, problems, failure);
	free(text);
	if (result != 0 && problems->count)
		return config_problems_fail(problems, path, failure);
	return result;
}

int config_load(const char *path, struct config **config, struct failure *failure)
{
	struct config_problems problems;

	return config_read(path, config, &problems, failure);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	config_access_free(&config->access);
	config_schema_free(config->raw);
	config_tree_free(config->tree);
	free(config->addresses);
	free(config);
}
