/* SPDX-License-Identifier: BSD-3-Clause */
/* A stream whose writer is ours. DPDK flushes it after each message, under the stream's own lock.
 */
#include "dataplane/dpdk/dpdk_log.h"

#include <errno.h>
#include <rte_log.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 512, COMPONENT_BYTES = 32 };

static void (*taker)(enum dataplane_saying saying, const char *component, const char *text);

static enum dataplane_saying saying(void)
{
	int level = rte_log_cur_msg_loglevel();

	if (level <= (int)RTE_LOG_ERR)
		return DATAPLANE_SAYS_ERROR;
	return level == (int)RTE_LOG_WARNING ? DATAPLANE_SAYS_WARNING : DATAPLANE_SAYS_DETAIL;
}

/* "EAL: text" begins with who says it; the length of that, or 0. */
static size_t component_length(const char *line, size_t bytes)
{
	size_t length = 0;

	while (length < bytes && length < COMPONENT_BYTES - 1 && line[length] > ' ' &&
		line[length] < 0x7f && line[length] != ':')
		length++;
	return length && length + 1 < bytes && line[length] == ':' && line[length + 1] == ' '
		? length
		: 0;
}

static void hand_on(const char *line, size_t bytes)
{
	char component[COMPONENT_BYTES] = "DPDK", text[LINE_BYTES];
	size_t length = component_length(line, bytes), skip = length ? length + 2 : 0;

	if (length)
		snprintf(component, sizeof(component), "%.*s", (int)length, line);
	snprintf(text, sizeof(text), "%.*s", (int)(bytes - skip), line + skip);
	taker(saying(), component, text);
}

static ssize_t take(void *cookie, const char *octets, size_t bytes)
{
	const char *end = octets + bytes;

	(void)cookie;
	while (octets < end) {
		const char *newline = memchr(octets, '\n', (size_t)(end - octets));
		const char *stop = newline ? newline : end;

		if (stop > octets)
			hand_on(octets, (size_t)(stop - octets));
		octets = newline ? newline + 1 : end;
	}
	return (ssize_t)bytes;
}

int dpdk_log_open(
	void (*take_line)(enum dataplane_saying saying, const char *component, const char *text))
{
	static const cookie_io_functions_t functions = {.write = take};
	FILE *stream = fopencookie(NULL, "w", functions);

	if (!stream)
		return -ENOMEM;
	taker = take_line;
	rte_openlog_stream(stream);
	return 0;
}
