/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/facts_text.h"

#include "control/preflight/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* False: it is too long for a path of ours. */
static bool make_path(
	char path[static FACTS_PATH_BYTES], const char *root, const char *format, va_list arguments)
{
	int length = snprintf(path, FACTS_PATH_BYTES, "%s", root), more;

	if (length < 0 || length >= FACTS_PATH_BYTES)
		return false;
	more = vsnprintf(path + length, FACTS_PATH_BYTES - (size_t)length, format, arguments);
	return more >= 0 && more < FACTS_PATH_BYTES - length;
}

/* O_NONBLOCK: what is a FIFO in a strange tree is not waited for. */
static long read_path(const char *path, char *text, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t done = 0;
	ssize_t got;

	if (fd < 0)
		return -1;
	while (done + 1 < bytes && (got = read(fd, text + done, bytes - 1 - done)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			close(fd);
			return -1;
		}
		done += (size_t)got;
	}
	close(fd);
	text[done] = '\0';
	done = strlen(text);
	while (done && text[done - 1] == '\n')
		text[--done] = '\0';
	return (long)done;
}

long facts_read(char *text, size_t bytes, const char *root, const char *format, ...)
{
	char path[FACTS_PATH_BYTES];
	long length = -1;
	va_list arguments;

	va_start(arguments, format);
	if (make_path(path, root, format, arguments))
		length = read_path(path, text, bytes);
	va_end(arguments);
	if (length < 0)
		text[0] = '\0';
	return length;
}

bool facts_there(const char *root, const char *format, ...)
{
	char path[FACTS_PATH_BYTES];
	struct stat about;
	bool there;
	va_list arguments;

	va_start(arguments, format);
	there = make_path(path, root, format, arguments) && stat(path, &about) == 0;
	va_end(arguments);
	return there;
}

void facts_link(char *name, size_t bytes, const char *root, const char *format, ...)
{
	char path[FACTS_PATH_BYTES], target[FACTS_PATH_BYTES];
	const char *last;
	ssize_t length = -1;
	va_list arguments;

	va_start(arguments, format);
	if (make_path(path, root, format, arguments))
		length = readlink(path, target, sizeof(target) - 1);
	va_end(arguments);
	target[length > 0 ? length : 0] = '\0';
	last = strrchr(target, '/');
	snprintf(name, bytes, "%s", last ? last + 1 : target);
}

long facts_number(const char *text, long otherwise)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	return end != text && !*end && !errno ? value : otherwise;
}

void facts_cpu_list(const char *text, cpu_set_t *cpus)
{
	CPU_ZERO(cpus);
	while (*text >= '0' && *text <= '9') {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (*end == '-' && end[1] >= '0' && end[1] <= '9')
			last = strtoul(end + 1, &end, 10);
		for (unsigned long cpu = first; cpu <= last && cpu < CPU_SETSIZE; cpu++)
			CPU_SET((int)cpu, cpus);
		text = *end == ',' ? end + 1 : end;
	}
}

const char *facts_cpu_text(const cpu_set_t *cpus, char *text, size_t bytes)
{
	size_t length = 0;

	text[0] = '\0';
	for (int cpu = 0; cpu < CPU_SETSIZE && length < bytes; cpu++) {
		int last = cpu;

		if (!CPU_ISSET(cpu, cpus))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
			last++;
		length += (size_t)snprintf(text + length, bytes - length,
			last > cpu ? "%s%d-%d" : "%s%d", length ? "," : "", cpu, last);
		cpu = last;
	}
	return text;
}

bool facts_has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += length)
		if ((at == text || strchr(" \t\n", at[-1])) &&
			(!at[length] || strchr(" \t\n", at[length])))
			return true;
	return false;
}

bool facts_is_below(const char *paths, const char *path)
{
	while (*paths) {
		size_t length;

		paths += strspn(paths, " \t-+");
		length = strcspn(paths, " \t:");
		while (length > 1 && paths[length - 1] == '/')
			length--;
		if (length && strncmp(path, paths, length) == 0 &&
			(!path[length] || path[length] == '/' || length == 1))
			return true;
		paths += strcspn(paths, " \t");
	}
	return false;
}

bool facts_release(const char *text, unsigned *major, unsigned *minor)
{
	*major = *minor = 0;
	if (sscanf(text, "%5u.%5u", major, minor) == 2)
		return true;
	*major = *minor = 0;
	return false;
}
