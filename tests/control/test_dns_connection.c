/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP framing and flow: pipelining, cuts, malformed input, half-closed and slow clients. */
#include "tests/support/cmocka.h"

#include "dataplane/dns/wire.h"
#include "tests/control/listener_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TYPE_TXT = 16 };

static uint8_t reply[65535];

static void test_tcp(void **state)
{
	struct listener_fixture *f = *state;
	int fd = listener_connect(f, "127.0.0.1");

	listener_ask(fd, 1);
	listener_ask(fd, 2);
	close(fd);
	assert_int_equal(counter_read(&listener_counted(f)->tcp_queries), 2);
	assert_int_equal(counter_read(&listener_counted(f)->tcp_accepted), 1);
}

static void test_pipelining(void **state)
{
	int fd = listener_connect(*state, "127.0.0.1");
	uint8_t queries[100 * LISTENER_QUERY_MAX_BYTES];
	size_t length = 0;

	for (uint16_t id = 0; id < 100; id++)
		length += listener_tcp_query(queries + length, id, 1, WIRE_TYPE_PTR);
	listener_send(fd, queries, length);
	for (uint16_t id = 0; id < 100; id++) {
		assert_true(listener_receive(fd, reply) > 12);
		assert_int_equal(wire_get16(reply), id);
	}
	close(fd);
}

static void test_byte_by_byte(void **state)
{
	int fd = listener_connect(*state, "127.0.0.1");
	uint8_t query[LISTENER_QUERY_MAX_BYTES];
	size_t length = listener_tcp_query(query, 5, 1, WIRE_TYPE_PTR);

	for (size_t i = 0; i < length; i++) {
		listener_send(fd, query + i, 1);
		usleep(500);
	}
	assert_true(listener_receive(fd, reply) > 12);
	assert_int_equal(wire_get16(reply), 5);
	close(fd);
}

/* Two queries cut in two at every byte. */
static void test_split_anywhere(void **state)
{
	int fd = listener_connect(*state, "127.0.0.1");
	uint8_t queries[2 * LISTENER_QUERY_MAX_BYTES];
	size_t length = listener_tcp_query(queries, 1, 1, WIRE_TYPE_PTR);

	length += listener_tcp_query(queries + length, 2, 1, WIRE_TYPE_PTR);
	for (size_t cut = 1; cut < length; cut++) {
		listener_send(fd, queries, cut);
		usleep(1000);
		listener_send(fd, queries + cut, length - cut);
		for (uint16_t id = 1; id <= 2; id++) {
			assert_true(listener_receive(fd, reply) > 12);
			assert_int_equal(wire_get16(reply), id);
		}
	}
	close(fd);
}

/* What is no query ends the connection, after the replies that came before it. */
static void test_malformed(void **state)
{
	struct listener_fixture *f = *state;
	static const struct {
		uint8_t bytes[64];
		size_t length;
	} bad[] = {
		{{0, 0}, 2},
		{{0, 5, 1, 2, 3, 4, 5}, 7},
		{{0, 11}, 2},
		{{0, 12, 0, 1, 0x80}, 14},
	};
	uint8_t query[2 * LISTENER_QUERY_MAX_BYTES];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int fd = listener_connect(f, "127.0.0.1");
		size_t length = listener_tcp_query(query, 1, 1, WIRE_TYPE_PTR);

		memcpy(query + length, bad[i].bytes, bad[i].length);
		listener_send(fd, query, length + bad[i].length);
		assert_true(listener_receive(fd, reply) > 12);
		assert_true(listener_closed(fd, 1000));
		close(fd);
		assert_int_equal(
			listener_await(&listener_counted(f)->closed_malformed, i + 1), i + 1);
	}
}

/* The longest message: a query and zeros after it. */
static void test_oversize(void **state)
{
	int fd = listener_connect(*state, "127.0.0.1");
	uint8_t *message = calloc(1, 2 + 65535);

	assert_non_null(message);
	listener_tcp_query(message, 6, 1, WIRE_TYPE_PTR);
	wire_put16(message, 65535);
	listener_send(fd, message, 2 + 65535);
	free(message);
	assert_true(listener_receive(fd, reply) >= 12);
	assert_int_equal(wire_get16(reply), 6);
	listener_ask(fd, 7);
	close(fd);
}

static void test_half_close(void **state)
{
	int fd = listener_connect(*state, "127.0.0.1");
	uint8_t query[LISTENER_QUERY_MAX_BYTES];

	for (uint16_t id = 0; id < 50; id++)
		listener_send(fd, query, listener_tcp_query(query, id, 2, TYPE_TXT));
	shutdown(fd, SHUT_WR);
	for (uint16_t id = 0; id < 50; id++) {
		assert_true(listener_receive(fd, reply) > LISTENER_LARGE_BYTES);
		assert_int_equal(wire_get16(reply), id);
	}
	assert_int_equal(listener_receive(fd, reply), 0);
	close(fd);
}

static void test_reset(void **state)
{
	struct listener_fixture *f = *state;
	struct linger at_once = {.l_onoff = 1};
	uint8_t query[LISTENER_QUERY_MAX_BYTES];
	int fresh;

	for (unsigned i = 0; i < 50; i++) {
		int fd = listener_connect(f, "127.0.0.1");

		for (uint16_t id = 0; id < i; id++)
			listener_send(fd, query, listener_tcp_query(query, id, 2, TYPE_TXT));
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(fd);
	}
	assert_int_equal(listener_await(&listener_counted(f)->tcp_accepted, 50), 50);
	fresh = listener_connect(f, "127.0.0.1");
	listener_ask(fresh, 1);
	close(fresh);
}

/* Asks for more than all buffers hold; the server stops reading, then gives up on it. */
static void test_client_that_never_reads(void **state)
{
	struct listener_fixture *f = *state;
	uint8_t query[LISTENER_QUERY_MAX_BYTES];
	size_t length = listener_tcp_query(query, 1, 2, TYPE_TXT);
	unsigned asked = 0;
	int fd;

	f->config.limits.send_ms = 300;
	listener_fixture_start(f);
	fd = listener_connect(f, "127.0.0.1");
	while (asked < 2000 && send(fd, query, length, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		asked++;
	assert_int_equal(listener_await(&listener_counted(f)->closed_slow, 1), 1);
	assert_true(counter_read(&listener_counted(f)->tcp_queries) < asked);
	assert_int_equal(listener_await_no_clients(f), 0);
	close(fd);
}

/* One that is merely slow gets everything. */
static void test_slow_reader(void **state)
{
	struct listener_fixture *f = *state;
	int fd = listener_connect(f, "127.0.0.1");
	uint8_t query[LISTENER_QUERY_MAX_BYTES];

	for (uint16_t id = 0; id < 400; id++)
		listener_send(fd, query, listener_tcp_query(query, id, 2, TYPE_TXT));
	usleep(300000);
	assert_true(counter_read(&listener_counted(f)->tcp_queries) < 400);
	for (uint16_t id = 0; id < 400; id++) {
		assert_true(listener_receive(fd, reply) > LISTENER_LARGE_BYTES);
		assert_int_equal(wire_get16(reply), id);
	}
	listener_ask(fd, 1000);
	close(fd);
}

#define STARTED(test) \
	cmocka_unit_test_setup_teardown(test, listener_setup_started, listener_teardown)
#define STOPPED(test) cmocka_unit_test_setup_teardown(test, listener_setup, listener_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_tcp),
		STARTED(test_pipelining),
		STARTED(test_byte_by_byte),
		STARTED(test_split_anywhere),
		STARTED(test_malformed),
		STARTED(test_oversize),
		STARTED(test_half_close),
		STARTED(test_reset),
		STOPPED(test_client_that_never_reads),
		STARTED(test_slow_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
