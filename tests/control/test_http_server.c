/* SPDX-License-Identifier: BSD-3-Clause */
/* Clients as they are and as they should not be, over real sockets. */
#include "control/metrics/http_server.h"

#include "control/metrics/http_request.h"
#include "dataplane/counters.h"
#include "tests/support/cmocka.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGE_BYTES = 8 << 20, ROUNDS = 100000 };

static struct event_base *base;
static struct http_server *server;
static struct sockaddr_in address;

static void page(void *context, const char *path, struct http_answer *answer)
{
	(void)context;
	answer->type = "text/plain";
	if (strcmp(path, "/small") == 0) {
		answer->status = 200;
		text_add_string(&answer->body, "small\n");
	} else if (strcmp(path, "/large") == 0) {
		char *octets = text_reserve(&answer->body, LARGE_BYTES);

		memset(octets, 'x', LARGE_BYTES);
		answer->body.bytes = LARGE_BYTES;
		answer->status = 200;
	} else if (strcmp(path, "/no-memory") == 0) {
		answer->status = 200;
		answer->body.failed = true;
	}
}

static int set_up(void **state)
{
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)state;
	address = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 128) ||
		getsockname(listener, (struct sockaddr *)&address, &length))
		return -1;
	base = event_base_new();
	server = http_server_new(base, listener, page, NULL);
	return server ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	http_server_free(server);
	event_base_free(base);
	return 0;
}

/* Lets the server do all that it can do now. */
static void turn(void)
{
	for (unsigned i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static int connect_client(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* All that comes until the end, or the reset, of the connection; its length. */
static size_t hear(int fd, char *octets, size_t room)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		ssize_t got;

		turn();
		got = recv(fd, octets + bytes, room - bytes - 1, MSG_DONTWAIT);
		if (got > 0)
			bytes += (size_t)got;
		if (got == 0 || (got < 0 && errno != EAGAIN)) {
			octets[bytes] = '\0';
			close(fd);
			turn();
			return bytes;
		}
		if (got < 0)
			poll(NULL, 0, 1);
	}
	fail_msg("the connection does not end");
	return 0;
}

static uint64_t count(const _Atomic(uint64_t) *counter)
{
	return counter_read(counter);
}

static void a_page_is_given_and_the_connection_closed(void **state)
{
	char reply[1024];
	int fd = connect_client();

	(void)state;
	say(fd, "GET /small HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(fd, reply, sizeof(reply));
	assert_string_equal(reply,
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n"
		"Cache-Control: no-store\r\nConnection: close\r\n\r\nsmall\n");
	fd = connect_client();
	say(fd, "HEAD /small HTTP/1.1\r\n\r\n");
	hear(fd, reply, sizeof(reply));
	assert_non_null(strstr(reply, "Content-Length: 6\r\n"));
	assert_non_null(strstr(reply, "close\r\n\r\n"));
	assert_null(strstr(reply, "small"));
	assert_int_equal(count(&http_server_counters(server)->answered), 2);
}

static void what_is_no_request_is_refused(void **state)
{
	static const struct {
		const char *text, *status;
	} cases[] = {
		{"GET /none HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "},
		{"DELETE /small HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
		{"GET /small HTTP/3.0\r\n\r\n", "HTTP/1.1 505 "},
		{"\x16\x03\x01\x02\x05\n", "HTTP/1.1 400 "},
		{"{\"method\":\"server.stop\"}\n", "HTTP/1.1 400 "},
	};
	char reply[1024];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = connect_client();

		say(fd, cases[i].text);
		hear(fd, reply, sizeof(reply));
		assert_memory_equal(reply, cases[i].status, strlen(cases[i].status));
	}
	assert_int_equal(count(&http_server_counters(server)->refused), 5);
}

static void a_request_without_end_is_refused(void **state)
{
	char reply[1024], line[1024];
	int fd = connect_client();

	(void)state;
	memset(line, 'a', sizeof(line));
	memcpy(line, "a: ", 3);
	memcpy(line + sizeof(line) - 3, "\r\n", 3);
	say(fd, "GET /small HTTP/1.1\r\n");
	for (unsigned i = 0; i < 16; i++) {
		say(fd, line);
		turn();
	}
	hear(fd, reply, sizeof(reply));
	assert_memory_equal(reply, "HTTP/1.1 431 ", 13);
}

static void octet_by_octet_and_more_than_was_asked_for(void **state)
{
	static const char request[] = "GET /small HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
	char reply[1024];
	int fd = connect_client();

	(void)state;
	for (size_t i = 0; i < strlen(request); i++) {
		assert_int_equal(send(fd, request + i, 1, MSG_NOSIGNAL), 1);
		turn();
	}
	say(fd, "xyzGET /small HTTP/1.1\r\n\r\n");
	hear(fd, reply, sizeof(reply));
	assert_non_null(strstr(reply, "\r\n\r\nsmall\n"));
	assert_int_equal(count(&http_server_counters(server)->answered), 1);
}

/* The kernel's buffers do not hold it: the rest waits until there is room. */
static void a_large_page_to_a_slow_reader(void **state)
{
	char *reply = malloc(LARGE_BYTES + 1024);
	size_t bytes;
	int fd = connect_client();

	(void)state;
	say(fd, "GET /large HTTP/1.1\r\n\r\n");
	turn();
	bytes = hear(fd, reply, LARGE_BYTES + 1024);
	assert_int_equal(bytes - (size_t)(strstr(reply, "\r\n\r\n") + 4 - reply), LARGE_BYTES);
	free(reply);
}

static void without_memory_the_connection_ends(void **state)
{
	char reply[64];
	int fd = connect_client();

	(void)state;
	say(fd, "GET /no-memory HTTP/1.1\r\n\r\n");
	assert_int_equal(hear(fd, reply, sizeof(reply)), 0);
	assert_int_equal(count(&http_server_counters(server)->no_memory), 1);
}

/* However many say nothing, who asks is answered. */
static void a_crowd_keeps_nobody_out(void **state)
{
	enum { CROWD = 100 };
	int crowd[CROWD];
	char reply[1024];

	(void)state;
	for (unsigned i = 0; i < CROWD; i++) {
		int fd;

		crowd[i] = connect_client();
		turn();
		if (i % 10)
			continue;
		fd = connect_client();
		say(fd, "GET /small HTTP/1.1\r\n\r\n");
		hear(fd, reply, sizeof(reply));
		assert_non_null(strstr(reply, "200 OK"));
	}
	assert_true(count(&http_server_counters(server)->crowded) >= CROWD - HTTP_CONNECTIONS_MAX);
	for (unsigned i = 0; i < CROWD; i++)
		close(crowd[i]);
}

static void who_sends_nothing_is_closed_in_time(void **state)
{
	char reply[64];
	int fd = connect_client();

	(void)state;
	say(fd, "GET /");
	/* Some time has passed, however little: `hear` waits longer than the bound. */
	assert_int_equal(hear(fd, reply, sizeof(reply)), 0);
	assert_int_equal(count(&http_server_counters(server)->late), 1);
}

static void clients_that_go_at_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		const struct linger reset = {.l_onoff = 1};
		int fd = connect_client();

		say(fd, i % 2 ? "GET /large HTTP/1.1\r\n\r\n" : "GET /large HT");
		if (i % 3)
			turn();
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
		turn();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_page_is_given_and_the_connection_closed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_request_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_request_without_end_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			octet_by_octet_and_more_than_was_asked_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_large_page_to_a_slow_reader, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			without_memory_the_connection_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_crowd_keeps_nobody_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			who_sends_nothing_is_closed_in_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(clients_that_go_at_once, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
