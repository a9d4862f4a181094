/* SPDX-License-Identifier: BSD-3-Clause */
/* What the listener's thread lets others see: both ends, the question and the reply, over UDP and
 * TCP, of both families, on an address of its own and on all. */
#include "tests/support/cmocka.h"

#include "dataplane/dns/wire.h"
#include "tests/control/listener_fixture.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 5000 };

static struct observe_ring *ring;
static bool held; /* an observation that is looked at */

static int set_up(void **state)
{
	struct listener_fixture *f;

	held = false;
	ring = observe_ring_new(5, 1);
	if (!ring || listener_setup(state) != 0)
		return -1;
	f = *state;
	f->config.ring = ring;
	f->serving.observe.one_in = 1;
	return 0;
}

static int tear_down(void **state)
{
	int result = listener_teardown(state);

	observe_ring_free(ring);
	return result;
}

/* The next observation; it stays until the next call. */
static const struct observation *next(void)
{
	const struct observation *seen;
	unsigned n = 0;

	if (held)
		observe_release(ring, 1);
	for (unsigned ms = 0; ms < WAIT_MS && !(n = observe_peek(ring, &seen, 1)); ms++)
		usleep(1000);
	assert_int_equal(n, 1);
	held = true;
	return seen;
}

/* From `source` to `to`, both as text; returns the source's port. */
static uint16_t ask(const char *source, const char *to, uint16_t port, int kind, uint8_t *query,
	size_t length, uint8_t reply[static 65535], ssize_t *got)
{
	struct dns_listener_address from = listener_address(source, 0);
	struct dns_listener_address at = listener_address(to, port);
	struct timeval patience = {.tv_sec = 5};
	bool is_v4 = at.address.family == 4;
	int fd = socket(is_v4 ? AF_INET : AF_INET6, kind, 0);
	struct sockaddr_storage end[2] = {{0}};
	socklen_t bytes = is_v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	const struct dns_listener_address *const ends[] = {&from, &at};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (unsigned i = 0; i < 2; i++) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)&end[i];
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&end[i];

		end[i].ss_family = is_v4 ? AF_INET : AF_INET6;
		v4->sin_port = htons(ends[i]->port); /* at the same place in both */
		if (is_v4)
			memcpy(&v4->sin_addr, ends[i]->address.bytes, 4);
		else
			memcpy(&v6->sin6_addr, ends[i]->address.bytes, 16);
	}
	assert_int_equal(bind(fd, (struct sockaddr *)&end[0], bytes), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&end[1], bytes), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&end[0], &bytes), 0);
	listener_send(fd, query, length);
	*got = kind == SOCK_STREAM ? listener_receive(fd, reply) : recv(fd, reply, 65535, 0);
	assert_true(*got > 12);
	close(fd);
	return ntohs(((struct sockaddr_in *)&end[0])->sin_port);
}

static void expect_seen(const char *source, const char *to, uint16_t port, int kind)
{
	uint8_t query[LISTENER_QUERY_MAX_BYTES];
	static uint8_t reply[65535];
	size_t length = kind == SOCK_STREAM ? listener_tcp_query(query, 7, 1, WIRE_TYPE_PTR)
					    : listener_query(query, 7, 1, WIRE_TYPE_PTR);
	size_t field = kind == SOCK_STREAM ? 2 : 0;
	struct dns_listener_address from = listener_address(source, 0);
	struct dns_listener_address at = listener_address(to, port);
	unsigned bytes = from.address.family == 4 ? 4 : 16;
	ssize_t got;
	uint16_t client_port = ask(source, to, port, kind, query, length, reply, &got);
	const struct observation *seen = next();

	assert_int_equal(seen->why, OBSERVE_SAMPLED);
	assert_int_equal(seen->one_in, 1);
	assert_int_equal(seen->worker, 5);
	assert_int_equal(seen->path, kind == SOCK_STREAM ? OBSERVE_TCP : OBSERVE_KERNEL_UDP);
	assert_int_equal(seen->family, from.address.family);
	assert_memory_equal(seen->client, from.address.bytes, bytes);
	assert_memory_equal(seen->server, at.address.bytes, bytes);
	assert_int_equal(seen->client_port, client_port);
	assert_int_equal(seen->server_port, port);
	assert_int_equal(seen->outcome, OUTCOME_ANSWERED);
	assert_int_equal(seen->query_bytes, length - field);
	assert_memory_equal(seen->query, query + field, length - field);
	assert_int_equal(seen->reply_bytes, got);
	assert_memory_equal(seen->reply, reply, (size_t)got);
}

static void on_an_address_of_its_own(void **state)
{
	struct listener_fixture *f = *state;

	listener_fixture_start(f);
	expect_seen("127.0.0.3", "127.0.0.1", f->address.port, SOCK_DGRAM);
	expect_seen("127.0.0.4", "127.0.0.1", f->address.port, SOCK_STREAM);
	assert_int_equal(counter_read(&ring->dropped), 0);
}

static void on_all_addresses(void **state)
{
	struct listener_fixture *f = *state;
	struct dns_listener_address any[2];

	any[0] = listener_address("0.0.0.0", f->address.port);
	any[1] = listener_address("::", f->address.port);
	f->config.addresses = any;
	f->config.address_count = 2;
	listener_fixture_start(f);
	expect_seen("127.0.0.3", "127.0.0.9", f->address.port, SOCK_DGRAM);
	expect_seen("127.0.0.3", "127.0.0.9", f->address.port, SOCK_STREAM);
	expect_seen("::1", "::1", f->address.port, SOCK_DGRAM);
	expect_seen("::1", "::1", f->address.port, SOCK_STREAM);
}

static void a_long_reply_is_cut_and_says_how_long_it_was(void **state)
{
	struct listener_fixture *f = *state;
	uint8_t query[LISTENER_QUERY_MAX_BYTES];
	static uint8_t reply[65535];
	size_t length = listener_tcp_query(query, 7, 2, 16);
	const struct observation *seen;
	ssize_t got;

	listener_fixture_start(f);
	ask("127.0.0.1", "127.0.0.1", f->address.port, SOCK_STREAM, query, length, reply, &got);
	seen = next();
	assert_true(got > LISTENER_LARGE_BYTES);
	assert_int_equal(seen->reply_bytes, got);
	assert_int_equal(seen->reply_kept, OBSERVE_REPLY_BYTES);
	assert_memory_equal(seen->reply, reply, OBSERVE_REPLY_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(on_an_address_of_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(on_all_addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_long_reply_is_cut_and_says_how_long_it_was, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("dns_listener_observe", tests, NULL, NULL);
}
