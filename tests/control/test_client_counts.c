/* SPDX-License-Identifier: BSD-3-Clause */
/* Against a plain array as the model: random takes and releases, crowded and empty. */
#include "control/listener/client_counts.h"
#include "tests/support/cmocka.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static struct sockaddr_storage client(const char *text)
{
	struct sockaddr_storage out = {0};

	if (strchr(text, ':')) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out;

		v6->sin6_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
	} else {
		struct sockaddr_in *v4 = (struct sockaddr_in *)&out;

		v4->sin_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, text, &v4->sin_addr), 1);
	}
	return out;
}

static bool same_network(const char *a, const char *b)
{
	struct sockaddr_storage one = client(a), other = client(b);
	struct prefix x = client_counts_network(&one), y = client_counts_network(&other);

	return prefix_equal(&x, &y);
}

static void test_network(void **state)
{
	(void)state;
	assert_true(same_network("192.0.2.1", "192.0.2.1"));
	assert_false(same_network("192.0.2.1", "192.0.2.2"));
	assert_true(same_network("2001:db8:1:2::1", "2001:db8:1:2:ffff::"));
	assert_false(same_network("2001:db8:1:2::1", "2001:db8:1:3::1"));
	assert_false(same_network("c000:0201::", "192.0.2.1"));
}

static void test_share(void **state)
{
	struct client_counts *counts = client_counts_new(10, 2);
	struct sockaddr_storage address = client("192.0.2.1");
	struct prefix network = client_counts_network(&address);

	(void)state;
	assert_non_null(counts);
	assert_true(client_counts_take(counts, &network));
	assert_true(client_counts_take(counts, &network));
	assert_false(client_counts_take(counts, &network));
	client_counts_release(counts, &network);
	assert_true(client_counts_take(counts, &network));
	client_counts_free(counts);
}

enum { NETWORKS = 40, PER_NETWORK = 5 };

/* `room` connections in all: full, and one beyond as when a new client replaces another. */
static void model_run(size_t room)
{
	struct client_counts *counts = client_counts_new(room, PER_NETWORK);
	unsigned model[NETWORKS] = {0}, all = 0;

	assert_non_null(counts);
	for (unsigned step = 0; step < 200000; step++) {
		unsigned n = (unsigned)rand() % NETWORKS;
		struct prefix network = {.high = (uint64_t)n << 32, .family = 4, .bits = 32};

		if (rand() % 2 && all <= room) {
			bool taken = client_counts_take(counts, &network);

			assert_int_equal(taken, model[n] < PER_NETWORK);
			model[n] += taken;
			all += taken;
		} else if (model[n] > 0) {
			client_counts_release(counts, &network);
			model[n]--;
			all--;
		}
	}
	client_counts_free(counts);
}

static void test_model(void **state)
{
	(void)state;
	srand(1);
	model_run(1);
	model_run(2);
	model_run(7);
	model_run(40);
	model_run(150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
