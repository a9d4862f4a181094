/* SPDX-License-Identifier: BSD-3-Clause */
/* The listener over real loopback sockets: answers, framing, limits, time-outs, life. */
#include "listener_fixture.h"

#include "dataplane/dns/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

enum { TYPE_TXT = 16 };

static struct listener_fixture fixture;
static uint8_t reply[65535];

static int setup(void **state)
{
	listener_fixture_open(&fixture);
	*state = &fixture;
	return 0;
}

static int setup_started(void **state)
{
	setup(state);
	listener_fixture_start(&fixture);
	return 0;
}

static int teardown(void **state)
{
	listener_fixture_close(*state);
	return 0;
}

static const struct dns_listener_counters *counted(const struct listener_fixture *f)
{
	return dns_listener_counters(f->listener);
}

/* Asks `to` over UDP from a connected socket, which takes replies from `to` only. */
static ssize_t udp_ask(const struct dns_listener_address *to, uint8_t host, uint16_t type)
{
	struct timeval patience = {.tv_sec = 2};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(to->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(to->port)};
	bool is_v4 = to->address.family == 4;
	int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
	uint8_t query[LISTENER_QUERY_MAX_BYTES];
	ssize_t got;

	memcpy(&v4.sin_addr, to->address.bytes, 4);
	memcpy(&v6.sin6_addr, to->address.bytes, 16);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
				 is_v4 ? sizeof(v4) : sizeof(v6)),
		0);
	listener_send(fd, query, listener_query(query, 77, host, type));
	got = recv(fd, reply, sizeof(reply), 0);
	close(fd);
	if (got >= 12)
		assert_int_equal(wire_get16(reply + WIRE_ID), 77);
	return got;
}

static void test_udp(void **state)
{
	struct listener_fixture *f = *state;

	assert_true(udp_ask(&f->address, 1, WIRE_TYPE_PTR) > 12);
	assert_int_equal(wire_get16(reply + WIRE_ANCOUNT), 1);
	assert_true(udp_ask(&f->address, 9, WIRE_TYPE_PTR) > 12);
	assert_int_equal(wire_get16(reply + WIRE_FLAGS) & WIRE_RCODE_MASK, WIRE_NXDOMAIN);
	assert_int_equal(counter_read(&counted(f)->udp_queries), 2);
	assert_int_equal(counter_read(&counted(f)->messages.outcome[OUTCOME_ANSWERED]), 1);
	assert_int_equal(counter_read(&counted(f)->messages.outcome[OUTCOME_NXDOMAIN]), 1);
}

static void test_tcp(void **state)
{
	struct listener_fixture *f = *state;
	int fd = listener_connect(f, "127.0.0.1");

	listener_ask(fd, 1);
	listener_ask(fd, 2);
	close(fd);
	assert_int_equal(counter_read(&counted(f)->tcp_queries), 2);
	assert_int_equal(counter_read(&counted(f)->tcp_accepted), 1);
}

static void test_truncated_then_whole(void **state)
{
	struct listener_fixture *f = *state;
	int fd = listener_connect(f, "127.0.0.1");
	uint8_t query[LISTENER_QUERY_MAX_BYTES];

	assert_true(udp_ask(&f->address, 2, TYPE_TXT) >= 12);
	assert_true(wire_get16(reply + WIRE_FLAGS) & WIRE_TC);
	listener_send(fd, query, listener_tcp_query(query, 1, 2, TYPE_TXT));
	assert_true(listener_receive(fd, reply) > LISTENER_LARGE_BYTES);
	assert_false(wire_get16(reply + WIRE_FLAGS) & WIRE_TC);
	close(fd);
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
		assert_int_equal(listener_await(&counted(f)->closed_malformed, i + 1), i + 1);
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

	for (unsigned i = 0; i < 50; i++) {
		int fd = listener_connect(f, "127.0.0.1");

		for (uint16_t id = 0; id < i; id++)
			listener_send(fd, query, listener_tcp_query(query, id, 2, TYPE_TXT));
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(fd);
	}
	assert_true(udp_ask(&f->address, 1, WIRE_TYPE_PTR) > 12);
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
	assert_int_equal(listener_await(&counted(f)->closed_slow, 1), 1);
	assert_true(counter_read(&counted(f)->tcp_queries) < asked);
	assert_int_equal(listener_await(&counted(f)->tcp_clients, 0), 0);
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
	assert_true(counter_read(&counted(f)->tcp_queries) < 400);
	for (uint16_t id = 0; id < 400; id++) {
		assert_true(listener_receive(fd, reply) > LISTENER_LARGE_BYTES);
		assert_int_equal(wire_get16(reply), id);
	}
	listener_ask(fd, 1000);
	close(fd);
}

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
	for (size_t i = 0; i < length && counter_read(&counted(f)->closed_slow) == 0; i++) {
		send(fd, query + i, 1, MSG_NOSIGNAL);
		usleep(50000);
	}
	assert_int_equal(counter_read(&counted(f)->closed_slow), 1);
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
	assert_int_equal(counter_read(&counted(f)->closed_idle), 1);
	assert_true(listener_closed(asking, 2000));
	assert_int_equal(counter_read(&counted(f)->closed_idle), 2);
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
	assert_int_equal(listener_await(&counted(f)->closed_idle, 1), 1);
	usleep(1000000);
	assert_int_equal(counter_read(&counted(f)->tcp_clients), 7);
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
	assert_int_equal(counter_read(&counted(f)->refused_per_network), 1);
	other = listener_connect(f, "127.0.0.8");
	listener_ask(other, 1);
	close(fd[0]);
	assert_int_equal(listener_await(&counted(f)->tcp_accepted, 6), 6);
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
	listener_await(&counted(f)->tcp_accepted, CROWD);
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
	assert_true(counter_read(&counted(f)->tcp_clients) <= limit);
	assert_true(counter_read(&counted(f)->closed_limit) >= closed_limit);
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
	assert_int_equal(listener_await(&counted(f)->closed_memory, 1), 1);
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
	assert_true(listener_await(&counted(f)->refused_no_resources, 1) >= 1);
	usleep(250000);
	assert_true(counter_read(&counted(f)->refused_no_resources) < 10);
	setrlimit(RLIMIT_NOFILE, &before);
	listener_ask(fd, 1);
	close(fd);
}

static void test_source_address(void **state)
{
	struct listener_fixture *f = *state;
	struct dns_listener_address any[2], to;

	any[0] = listener_address("0.0.0.0", f->address.port);
	any[1] = listener_address("::", f->address.port);
	f->config.addresses = any;
	f->config.address_count = 2;
	listener_fixture_start(f);
	to = listener_address("127.0.0.2", f->address.port);
	assert_true(udp_ask(&to, 1, WIRE_TYPE_PTR) > 12);
	to = listener_address("127.0.0.1", f->address.port);
	assert_true(udp_ask(&to, 1, WIRE_TYPE_PTR) > 12);
	to = listener_address("::1", f->address.port);
	assert_true(udp_ask(&to, 1, WIRE_TYPE_PTR) > 12);
}

/* A datagram from port 0 has nowhere to go back to. Only root can make one. */
static void test_source_port_zero(void **state)
{
	struct listener_fixture *f = *state;
	struct sockaddr_in to = {.sin_family = AF_INET};
	uint8_t datagram[8 + LISTENER_QUERY_MAX_BYTES] = {0};
	const _Atomic(uint64_t) *dropped = &counted(f)->messages.outcome[OUTCOME_BAD_SOURCE];
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
	size_t length;

	if (fd < 0)
		skip();
	memcpy(&to.sin_addr, f->address.address.bytes, 4);
	length = 8 + listener_query(datagram + 8, 1, 1, WIRE_TYPE_PTR);
	wire_put16(datagram + 2, f->address.port);
	wire_put16(datagram + 4, (uint16_t)length);
	sendto(fd, datagram, length, 0, (struct sockaddr *)&to, sizeof(to));
	close(fd);
	assert_int_equal(listener_await(dropped, 1), 1);
	assert_int_equal(counter_read(&counted(f)->messages.tx_dropped), 0);
}

static void test_set_addresses(void **state)
{
	struct listener_fixture *f = *state;
	struct dns_listener_address list[2] = {f->address, f->address};
	struct failure failure;
	int kept = listener_connect(f, "127.0.0.1");
	struct listener_fixture other = *f;

	listener_ask(kept, 1);
	list[1] = other.address = listener_address("127.0.0.3", f->address.port);
	for (unsigned round = 0; round < 20; round++) {
		int fd;

		assert_int_equal(dns_listener_set_addresses(f->listener, list, 2, &failure), 0);
		assert_true(udp_ask(&list[0], 1, WIRE_TYPE_PTR) > 12);
		assert_true(udp_ask(&list[1], 1, WIRE_TYPE_PTR) > 12);
		fd = listener_connect(&other, "127.0.0.1");
		listener_ask(fd, 2);
		assert_int_equal(dns_listener_set_addresses(f->listener, list + 1, 1, &failure), 0);
		assert_true(udp_ask(&list[0], 1, WIRE_TYPE_PTR) < 0);
		assert_true(udp_ask(&list[1], 1, WIRE_TYPE_PTR) > 12);
		listener_ask(fd, 3);
		listener_ask(kept, 4);
		close(fd);
	}
	assert_int_equal(dns_listener_set_addresses(f->listener, NULL, 0, &failure), 0);
	assert_true(udp_ask(&list[1], 1, WIRE_TYPE_PTR) < 0);
	listener_ask(kept, 5);
	close(kept);
}

static void test_set_addresses_fails(void **state)
{
	struct listener_fixture *f = *state;
	struct dns_listener_address list[2] = {f->address, f->address};
	struct failure failure;

	list[1] = listener_address("203.0.113.77", f->address.port);
	assert_int_equal(dns_listener_set_addresses(f->listener, list, 2, &failure), -1);
	assert_non_null(strstr(failure.text, "no interface has this address"));
	list[1] = listener_address("0.0.0.0", f->address.port);
	assert_int_equal(dns_listener_set_addresses(f->listener, list + 1, 1, &failure), -1);
	assert_non_null(strstr(failure.text, "this server holds 127.0.0.1@"));
	assert_true(udp_ask(&f->address, 1, WIRE_TYPE_PTR) > 12);
}

static void test_address_in_use(void **state)
{
	struct listener_fixture *f = *state;
	struct reader reader = {0};
	struct dns_listener *second = NULL;
	struct failure failure;
	char expected[64];

	assert_int_equal(
		dns_listener_start(&f->config, &f->serving, &reader, &second, &failure), -1);
	assert_null(second);
	assert_int_equal(failure.code, FAILURE_EXISTS);
	snprintf(expected, sizeof(expected), "127.0.0.1@%u (UDP): address already in use",
		f->address.port);
	assert_non_null(strstr(failure.text, expected));
}

static void test_kinds(void **state)
{
	struct listener_fixture *f = *state;
	int fd;

	f->config.udp = false;
	listener_fixture_start(f);
	assert_true(udp_ask(&f->address, 1, WIRE_TYPE_PTR) < 0);
	fd = listener_connect(f, "127.0.0.1");
	listener_ask(fd, 1);
	close(fd);
	dns_listener_stop(f->listener);
	f->config.udp = true;
	f->config.tcp = false;
	listener_fixture_start(f);
	assert_true(udp_ask(&f->address, 1, WIRE_TYPE_PTR) > 12);
}

static void test_stop_with_clients(void **state)
{
	struct listener_fixture *f = *state;
	uint8_t query[LISTENER_QUERY_MAX_BYTES];
	int fd[30];

	listener_fixture_start(f);
	for (unsigned i = 0; i < 30; i++) {
		fd[i] = listener_connect(f, "127.0.0.1");
		if (i % 3 == 1)
			listener_send(fd[i], "\0", 1);
		for (unsigned n = 0; i % 3 == 2 && n < 300; n++)
			listener_send(fd[i], query, listener_tcp_query(query, 1, 2, TYPE_TXT));
	}
	dns_listener_stop(f->listener);
	f->listener = NULL;
	for (unsigned i = 0; i < 30; i++) {
		assert_true(listener_closed(fd[i], 1000));
		close(fd[i]);
	}
	listener_fixture_start(f);
	assert_true(udp_ask(&f->address, 1, WIRE_TYPE_PTR) > 12);
}

static atomic_bool asking;

static void *keep_asking(void *context)
{
	int fd = listener_connect(context, "127.0.0.1");

	for (uint16_t id = 0; atomic_load(&asking); id++)
		listener_ask(fd, id);
	close(fd);
	return NULL;
}

/* Records are replaced and freed while two clients ask: a sanitizer sees what the reader breaks. */
static void test_updates_meanwhile(void **state)
{
	struct listener_fixture *f = *state;
	uint64_t end = listener_now_us() + 1000000;
	pthread_t client[2];
	unsigned serial = 0;

	atomic_store(&asking, true);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&client[i], NULL, keep_asking, f), 0);
	while (listener_now_us() < end)
		listener_fixture_replace(f, ++serial);
	atomic_store(&asking, false);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(client[i], NULL);
	print_message("%u replacements, %lu answers\n", serial,
		(unsigned long)counter_read(&counted(f)->tcp_queries));
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, setup_started, teardown)
#define STOPPED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_udp),
		STARTED(test_tcp),
		STARTED(test_truncated_then_whole),
		STARTED(test_pipelining),
		STARTED(test_byte_by_byte),
		STARTED(test_split_anywhere),
		STARTED(test_malformed),
		STARTED(test_oversize),
		STARTED(test_half_close),
		STARTED(test_reset),
		STOPPED(test_client_that_never_reads),
		STARTED(test_slow_reader),
		STOPPED(test_slow_sender),
		STOPPED(test_idle),
		STOPPED(test_idle_shrinks),
		STOPPED(test_per_network),
		STOPPED(test_crowd_within_limit),
		STOPPED(test_crowd_over_limit),
		STOPPED(test_buffer_limit),
		STARTED(test_no_descriptor),
		STOPPED(test_source_address),
		STARTED(test_source_port_zero),
		STARTED(test_set_addresses),
		STARTED(test_set_addresses_fails),
		STARTED(test_address_in_use),
		STOPPED(test_kinds),
		STOPPED(test_stop_with_clients),
		STARTED(test_updates_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
