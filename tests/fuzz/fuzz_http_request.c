/* SPDX-License-Identifier: BSD-3-Clause */
/* A request of HTTP in two pieces: what is whole stays as it was judged, whatever comes behind. */
#include "control/metrics/http_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t count);

static void check(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t count)
{
	size_t first = count ? octets[0] % count : 0;
	char path[HTTP_PATH_BYTES], begun[HTTP_PATH_BYTES];
	char *text = malloc(count ? count : 1), *begin = malloc(first ? first : 1);
	enum http_verdict before, verdict;

	memcpy(text, octets, count);
	memcpy(begin, octets, first);
	before = http_request_read(begin, first, begun);
	verdict = http_request_read(text, count, path);
	check(memchr(path, '\0', sizeof(path)) && memchr(begun, '\0', sizeof(begun)));
	check(before == HTTP_MORE || (before == verdict && strcmp(path, begun) == 0));
	if (verdict == HTTP_GET || verdict == HTTP_HEAD)
		check(path[0] == '/' && !strpbrk(path, "?# \r\n"));
	free(text);
	free(begin);
	return 0;
}
