/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP limits and time-outs: each client's share, a full house, slow and idle clients. */
#include "tests/support/cmocka.h"

#include "dataplane/dns/wire.h"
#include "tests/control/listener_fixture.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_slow_sender(void **state)
{
	struct listener_fixture *f = *state;
	uint8_t query[LISTENER_QUERY_MAX_BYTES];
	size_t length = listener_tcp_query(query, 1, 1, WIRE_TYPE_PTR);
	uint64_t start;
	int fd;

	f->config.limits.receive_ms = 300;
	listener_fixture_start(f);
	fd = listener_connect(f, "127.0.0.1");
	start = listener_now_us();
	/* Bytes keep coming, but the message's time does not start anew with each. */
	for (size_t i = 0; i < length && counter_read(&listener_counted(f)->closed_slow) == 0;
		i++) {
		send(fd, query + i, 1, MSG_NOSIGNAL);
		usleep(50000);
	}
	assert_int_equal(counter_read(&listener_counted(f)->closed_slow), 1);
	assert_in_range(listener_now_us() - start, 250000, 900000);
	close(fd);
}

static void test_idle(void **state)
{
	struct listener_fixture *f = *state;
	int silent, asking;

	f->config.limits.idle_ms = 400;
	listener_fixture_start(f);
	silent = listener_connect(f, "127.0.0.1");
	asking = listener_connect(f, "127.0.0.1");
	for (uint16_t id = 0; id < 10; id++) {
		listener_ask(asking, id);
		usleep(100000);
	}
	assert_true(listener_closed(silent, 1));
	assert_int_equal(counter_read(&listener_counted(f)->closed_idle), 1);
	assert_true(listener_closed(asking, 2000));
	assert_int_equal(counter_read(&listener_counted(f)->closed_idle), 2);
	close(silent);
	close(asking);
}

/* Above three quarters of the limit idle clients have less time. */
static void test_idle_shrinks(void **state)
{
	struct listener_fixture *f = *state;
	int fd[8];

	f->config.limits.tcp_clients = 8;
	listener_fixture_start(f);
	for (unsigned i = 0; i < 8; i++)
		fd[i] = listener_connect(f, "127.0.0.1");
	/* A full house: 500 ms for the first. With one place free the others have 5 s. */
	assert_int_equal(listener_await(&listener_counted(f)->closed_idle, 1), 1);
	usleep(1000000);
	assert_int_equal(counter_read(&listener_counted(f)->tcp_clients), 7);
	for (unsigned i = 0; i < 8; i++)
		close(fd[i]);
}

static void test_per_network(void **state)
{
	struct listener_fixture *f = *state;
	int fd[6], other;

	f->config.limits.tcp_clients_per_network = 5;
	listener_fixture_start(f);
	for (unsigned i = 0; i < 6; i++)
		fd[i] = listener_connect(f, "127.0.0.7");
	assert_true(listener_closed(fd[5], 1000));
	assert_int_equal(counter_read(&listener_counted(f)->refused_per_network), 1);
	other = listener_connect(f, "127.0.0.8");
	listener_ask(other, 1);
	close(fd[0]);
	assert_int_equal(listener_await(&listener_counted(f)->tcp_accepted, 6), 6);
	usleep(50000);
	close(fd[5]);
	fd[5] = listener_connect(f, "127.0.0.7");
	listener_ask(fd[5], 2);
	for (unsigned i = 1; i < 6; i++)
		close(fd[i]);
	close(other);
}

enum { CROWD = 2000 };

static void raise_files(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

/* Half of the crowd are silent, half have sent one byte; then fresh clients come. */
static void crowd_run(struct listener_fixture *f, unsigned limit, uint64_t closed_limit)
{
	static int fd[CROWD];
	char source[32];
	uint64_t worst = 0;

	raise_files();
	f->config.limits.tcp_clients = limit;
	listener_fixture_start(f);
	assert_int_equal(dns_listener_tcp_clients_max(f->listener), limit);
	for (unsigned i = 0; i < CROWD; i++) {
		fd[i] = listener_connect(f, listener_source(i / 20, source));
		if (i % 2)
			send(fd[i], "", 1, MSG_NOSIGNAL);
	}
	listener_await(&listener_counted(f)->tcp_accepted, CROWD);
	for (unsigned i = 0; i < 20; i++) {
		uint64_t start = listener_now_us(), took;
		int fresh = listener_connect(f, "127.0.0.1");

		listener_ask(fresh, (uint16_t)i);
		took = listener_now_us() - start;
		worst = took > worst ? took : worst;
		close(fresh);
	}
	print_message("fresh query among %u connections, limit %u: %lu us at worst\n", CROWD, limit,
		(unsigned long)worst);
	assert_true(worst < 50000);
	assert_true(counter_read(&listener_counted(f)->tcp_clients) <= limit);
	assert_true(counter_read(&listener_counted(f)->closed_limit) >= closed_limit);
	for (unsigned i = 0; i < CROWD; i++)
		close(fd[i]);
}

static void test_crowd_within_limit(void **state)
{
	crowd_run(*state, CROWD + 200, 0);
}

static void test_crowd_over_limit(void **state)
{
	crowd_run(*state, 500, CROWD - 500);
}

static void test_buffer_limit(void **state)
{
	struct listener_fixture *f = *state;
	uint8_t part[300] = {0xff, 0xff};
	int fd[3], fresh;

	f->config.limits.buffer_bytes = 1024;
	listener_fixture_start(f);
	for (unsigned i = 0; i < 3; i++) {
		fd[i] = listener_connect(f, "127.0.0.1");
		listener_send(fd[i], part, sizeof(part));
	}
	assert_int_equal(listener_await(&listener_counted(f)->closed_memory, 1), 1);
	fresh = listener_connect(f, "127.0.0.1");
	listener_ask(fresh, 1);
	close(fresh);
	for (unsigned i = 0; i < 3; i++)
		close(fd[i]);
}

/* accept finds no descriptor and no connection to close: it rests, and comes back. */
static void test_no_descriptor(void **state)
{
	struct listener_fixture *f = *state;
	struct rlimit before, none;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(f->address.port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), probe;

	memcpy(&to.sin_addr, f->address.address.bytes, 4);
	getrlimit(RLIMIT_NOFILE, &before);
	probe = dup(fd);
	close(probe);
	none = before;
	none.rlim_cur = (rlim_t)probe;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_true(listener_await(&listener_counted(f)->refused_no_resources, 1) >= 1);
	usleep(250000);
	assert_true(counter_read(&listener_counted(f)->refused_no_resources) < 10);
	setrlimit(RLIMIT_NOFILE, &before);
	listener_ask(fd, 1);
	close(fd);
}

#define STARTED(test) \
	cmocka_unit_test_setup_teardown(test, listener_setup_started, listener_teardown)
#define STOPPED(test) cmocka_unit_test_setup_teardown(test, listener_setup, listener_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STOPPED(test_slow_sender),
		STOPPED(test_idle),
		STOPPED(test_idle_shrinks),
		STOPPED(test_per_network),
		STOPPED(test_crowd_within_limit),
		STOPPED(test_crowd_over_limit),
		STOPPED(test_buffer_limit),
		STARTED(test_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
