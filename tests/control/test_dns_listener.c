/* SPDX-License-Identifier: BSD-3-Clause */
/* UDP, the addresses it listens on, start and stop, updates meanwhile. */
#include "tests/support/cmocka.h"

#include "dataplane/dataplane.h"
#include "dataplane/dns/wire.h"
#include "tests/control/listener_fixture.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TYPE_TXT = 16 };

static uint8_t reply[65535];

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
	assert_int_equal(counter_read(&listener_counted(f)->udp_queries), 2);
	assert_int_equal(counter_read(&listener_counted(f)->messages.outcome[OUTCOME_ANSWERED]), 1);
	assert_int_equal(counter_read(&listener_counted(f)->messages.outcome[OUTCOME_NXDOMAIN]), 1);
}

/* A query of our own is answered by the thread, and counted nowhere. */
static void test_probe(void **state)
{
	struct listener_fixture *f = *state;
	uint8_t query[LISTENER_QUERY_MAX_BYTES], longer[PROBE_MESSAGE_MAX_BYTES + 1] = {0};
	size_t length = listener_query(query, 78, 1, WIRE_TYPE_PTR), got = 0;
	const uint8_t *message = NULL;

	assert_false(dns_listener_probe_take(f->listener, &message, &got));
	assert_false(dns_listener_probe_send(f->listener, longer, sizeof(longer)));
	for (unsigned round = 0; round < 3; round++) {
		assert_true(dns_listener_probe_send(f->listener, query, length));
		for (unsigned i = 0; !dns_listener_probe_take(f->listener, &message, &got); i++) {
			assert_true(i < 5000);
			usleep(1000);
		}
		assert_true(got > length);
		assert_int_equal(wire_get16(message + WIRE_ID), 78);
		assert_int_equal(wire_get16(message + WIRE_ANCOUNT), 1);
		assert_false(dns_listener_probe_take(f->listener, &message, &got));
		/* Between two, the thread takes commands as ever. */
		listener_fixture_replace(f, round + 2);
	}
	assert_int_equal(counter_read(&listener_counted(f)->udp_queries), 0);
	assert_int_equal(counter_read(&listener_counted(f)->messages.outcome[OUTCOME_ANSWERED]), 0);
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
	const _Atomic(uint64_t) *dropped =
		&listener_counted(f)->messages.outcome[OUTCOME_BAD_SOURCE];
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
	assert_int_equal(counter_read(&listener_counted(f)->messages.tx_dropped), 0);
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

static void *keep_asking_udp(void *context)
{
	struct listener_fixture *f = context;

	while (atomic_load(&asking))
		assert_true(udp_ask(&f->address, 1, WIRE_TYPE_PTR) > 12);
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
	assert_int_equal(pthread_create(&client[0], NULL, keep_asking, f), 0);
	assert_int_equal(pthread_create(&client[1], NULL, keep_asking_udp, f), 0);
	while (listener_now_us() < end)
		listener_fixture_replace(f, ++serial);
	atomic_store(&asking, false);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(client[i], NULL);
	print_message("%u replacements, %lu answers over TCP, %lu over UDP\n", serial,
		(unsigned long)counter_read(&listener_counted(f)->tcp_queries),
		(unsigned long)counter_read(&listener_counted(f)->udp_queries));
}

#define STARTED(test) \
	cmocka_unit_test_setup_teardown(test, listener_setup_started, listener_teardown)
#define STOPPED(test) cmocka_unit_test_setup_teardown(test, listener_setup, listener_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_udp),
		STARTED(test_probe),
		STARTED(test_truncated_then_whole),
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
