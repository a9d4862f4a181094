/* SPDX-License-Identifier: BSD-3-Clause */
/* What is taken for a request, and that it is never taken before it is whole. */
#include "control/metrics/http_request.h"

#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

static const struct sample {
	const char *text;
	enum http_verdict verdict;
	const char *path;
} samples[] = {
	{"GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: text/plain\r\n\r\n", HTTP_GET, "/metrics"},
	{"GET /metrics HTTP/1.0\r\n\r\n", HTTP_GET, "/metrics"},
	{"GET /metrics HTTP/1.1\nHost: a\n\n", HTTP_GET, "/metrics"},
	{"HEAD / HTTP/1.1\r\n\r\n", HTTP_HEAD, "/"},
	{"GET /metrics?name=x#y HTTP/1.1\r\n\r\n", HTTP_GET, "/metrics"},
	{"GET /metrics#y HTTP/1.1\r\n\r\n", HTTP_GET, "/metrics"},
	{"GET http://[::1]:10153/readyz HTTP/1.1\r\n\r\n", HTTP_GET, "/readyz"},
	{"GET /.././etc/passwd HTTP/1.1\r\n\r\n", HTTP_GET, "/.././etc/passwd"},
	{"GET /0123456789012345678901234567890123456789012345678901234567890123456789 HTTP/1.1"
	 "\r\n\r\n",
		HTTP_GET, "/01234567890123456789012345678901234567890123456789012345678901"},
	{"POST /metrics HTTP/1.1\r\n", HTTP_BAD_METHOD, NULL},
	{"get /metrics HTTP/1.1\r\n", HTTP_BAD_METHOD, NULL},
	{"PRI * HTTP/2.0\r\n", HTTP_BAD_VERSION, NULL},
	{"GET / HTTP/1.2\r\n", HTTP_BAD_VERSION, NULL},
	{"GET /\r\n", HTTP_BAD_REQUEST, NULL},
	{"GET  / HTTP/1.1\r\n", HTTP_BAD_REQUEST, NULL},
	{"GET / HTTP/1.1 \r\n", HTTP_BAD_REQUEST, NULL},
	{"GET * HTTP/1.1\r\n", HTTP_BAD_REQUEST, NULL},
	{"GET http://host HTTP/1.1\r\n", HTTP_BAD_REQUEST, NULL},
	{"GET /\x01 HTTP/1.1\r\n", HTTP_BAD_REQUEST, NULL},
	{"GET /\xc3\xa4 HTTP/1.1\r\n", HTTP_BAD_REQUEST, NULL},
	{"\r\n", HTTP_BAD_REQUEST, NULL},
	{"\x16\x03\x01\x02\n", HTTP_BAD_REQUEST, NULL},
	{"{\"id\":1}\n", HTTP_BAD_REQUEST, NULL},
};

/* Octet by octet, from memory that ends where they end. */
static void each_is_judged_when_it_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *sample = &samples[i];
		size_t bytes = strlen(sample->text);
		char path[HTTP_PATH_BYTES];

		for (size_t have = 0; have <= bytes; have++) {
			char *octets = malloc(have + 1);
			enum http_verdict verdict;

			memcpy(octets, sample->text, have);
			verdict = http_request_read(octets, have, path);
			free(octets);
			if (have < bytes && verdict != HTTP_MORE)
				fail_msg("%s: %d after %zu octets", sample->text, verdict, have);
			if (have == bytes && verdict != sample->verdict)
				fail_msg("%s: %d", sample->text, verdict);
		}
		if (sample->path)
			assert_string_equal(path, sample->path);
	}
}

static void what_never_ends_is_too_large(void **state)
{
	char octets[HTTP_REQUEST_MAX_BYTES], path[HTTP_PATH_BYTES];
	static const char begin[] = "GET / HTTP/1.1\r\n";

	(void)state;
	memset(octets, 'x', sizeof(octets));
	assert_int_equal(http_request_read(octets, sizeof(octets) - 1, path), HTTP_MORE);
	assert_int_equal(http_request_read(octets, sizeof(octets), path), HTTP_TOO_LARGE);
	memcpy(octets, begin, strlen(begin));
	assert_int_equal(http_request_read(octets, sizeof(octets) - 1, path), HTTP_MORE);
	assert_int_equal(http_request_read(octets, sizeof(octets), path), HTTP_TOO_LARGE);
	memcpy(octets + sizeof(octets) - 4, "\r\n\r\n", 4);
	assert_int_equal(http_request_read(octets, sizeof(octets), path), HTTP_GET);
}

static void what_follows_the_end_is_passed_over(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\n\r\nPOST / HTTP/9\r\n\x00\xff";
	char path[HTTP_PATH_BYTES];

	(void)state;
	assert_int_equal(http_request_read(text, sizeof(text), path), HTTP_GET);
	assert_string_equal(path, "/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_judged_when_it_is_whole),
		cmocka_unit_test(what_never_ends_is_too_large),
		cmocka_unit_test(what_follows_the_end_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
