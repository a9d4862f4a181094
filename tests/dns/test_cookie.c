/* SPDX-License-Identifier: BSD-3-Clause */
/* dns/cookie.c: RFC 9018 appendix A octet by octet, the window of time, secrets that roll over. */
#include "dataplane/dns/cookie.h"

#include "dataplane/dns/wire.h"

#include "tests/support/cmocka.h"
#include "tests/support/guard.h"
#include "tests/support/hex.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static struct cookie_secrets secrets_of(const char *first, const char *second)
{
	const char *text[2] = {first, second};
	struct cookie_secrets secrets = {.count = second ? 2 : 1};

	for (unsigned i = 0; i < secrets.count; i++) {
		size_t bytes;
		uint8_t *key = hex_read(text[i], &bytes);

		assert_int_equal(bytes, SIPHASH_KEY_BYTES);
		memcpy(secrets.key[i], key, bytes);
		free(key);
	}
	return secrets;
}

static size_t address_of(const char *text, uint8_t *address)
{
	if (inet_pton(AF_INET, text, address) == 1)
		return 4;
	assert_int_equal(inet_pton(AF_INET6, text, address), 1);
	return 16;
}

static enum cookie_status check(
	const char *cookie, const char *address, uint32_t now, const struct cookie_secrets *secrets)
{
	uint8_t octets[16];
	size_t bytes, address_bytes = address_of(address, octets);
	uint8_t *option = hex_read(cookie, &bytes);
	enum cookie_status status =
		cookie_check(option, bytes, octets, address_bytes, now, secrets);

	free(option);
	return status;
}

static void check_made(const char *client, const char *address, uint32_t now,
	const struct cookie_secrets *secrets, const char *want)
{
	uint8_t octets[16], made[COOKIE_BYTES];
	size_t bytes, address_bytes = address_of(address, octets);
	uint8_t *part = hex_read(client, &bytes), *whole = hex_read(want, &bytes);

	cookie_write(made, part, octets, address_bytes, now, secrets);
	assert_int_equal(bytes, sizeof(made));
	assert_memory_equal(made, whole, sizeof(made));
	free(part);
	free(whole);
}

static const char old_secret[] = "e5e973e5a6b2a43f48e7dc849e37bfcf";

static void learning_a_cookie(void **state) /* A.1 */
{
	struct cookie_secrets s = secrets_of(old_secret, NULL);

	(void)state;
	assert_int_equal(check("2464c4abcf10c957", "198.51.100.100", 1559731985, &s), COOKIE_NEW);
	check_made("2464c4abcf10c957", "198.51.100.100", 1559731985, &s,
		"2464c4abcf10c957010000005cf79f111f8130c3eee29480");
}

static void the_same_client_later(void **state) /* A.2 */
{
	struct cookie_secrets s = secrets_of(old_secret, NULL);

	(void)state;
	assert_int_equal(check("2464c4abcf10c957010000005cf79f111f8130c3eee29480", "198.51.100.100",
				 1559734385, &s),
		COOKIE_VALID);
	check_made("2464c4abcf10c957", "198.51.100.100", 1559734385, &s,
		"2464c4abcf10c957010000005cf7a871d4a564a1442aca77");
}

static void reserved_octets_are_hashed_as_they_came(void **state) /* A.3 */
{
	static const char cookie[] = "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5";
	struct cookie_secrets s = secrets_of(old_secret, NULL);

	(void)state;
	assert_int_equal(check(cookie, "203.0.113.203", 1559727985, &s), COOKIE_VALID);
	/* By the time of the RFC's reply it is 112 minutes old. */
	assert_int_equal(check(cookie, "203.0.113.203", 1559734700, &s), COOKIE_NEW);
	check_made("fc93fc62807ddb86", "203.0.113.203", 1559734700, &s,
		"fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e");
}

static void secret_rolled_over(void **state) /* A.4 */
{
	static const char cookie[] = "22681ab97d52c298010000005cf7c57926556bd0934c72f8";
	static const char address[] = "2001:db8:220:1:59de:d0f4:8769:82b8";
	static const char before[] = "dd3bdf9344b678b185a6f5cb60fca715";
	static const char after[] = "445536bcd2513298075a5d379663c962";
	struct cookie_secrets s = secrets_of(after, before);

	(void)state;
	assert_int_equal(check(cookie, address, 1559741961, &s), COOKIE_VALID);
	check_made("22681ab97d52c298", address, 1559741961, &s,
		"22681ab97d52c298010000005cf7c609a6bb79d16625507a");
	/* Before the new one is used it is already accepted; in the end the old one is not. */
	s = secrets_of(before, after);
	assert_int_equal(
		check("22681ab97d52c298010000005cf7c609a6bb79d16625507a", address, 1559741961, &s),
		COOKIE_VALID);
	s = secrets_of(after, NULL);
	assert_int_equal(check(cookie, address, 1559741961, &s), COOKIE_NEW);
	s.count = 0;
	assert_int_equal(check(cookie, address, 1559741961, &s), COOKIE_NEW);
}

/* RFC 9018 4.3 in the serial arithmetic of RFC 1982, round the wrap of 2106. */
static void time_is_believed_for_an_hour_and_five_minutes_ahead(void **state)
{
	static const uint32_t moments[] = {0, 1, 299, 300, 3600, 3601, 1559731985, 0x7fffffff,
		0x80000000, 0xffffffff, 0xfffffed4};
	static const struct {
		int64_t age;
		enum cookie_status status;
	} cases[] = {{0, COOKIE_VALID}, {1, COOKIE_VALID}, {3600, COOKIE_VALID}, {3601, COOKIE_NEW},
		{-1, COOKIE_VALID}, {-300, COOKIE_VALID}, {-301, COOKIE_NEW}, {1 << 30, COOKIE_NEW},
		{0x7fffffff, COOKIE_NEW}, {0x80000000, COOKIE_NEW}, {-0x7fffffff, COOKIE_NEW}};
	struct cookie_secrets s = secrets_of(old_secret, NULL);
	static const uint8_t address[16] = "sixteen octets..";

	(void)state;
	for (unsigned m = 0; m < sizeof(moments) / sizeof(moments[0]); m++)
		for (unsigned c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
			uint32_t made = moments[m] - (uint32_t)cases[c].age;
			uint8_t cookie[COOKIE_BYTES];

			cookie_write(cookie, address, address, 16, made, &s);
			assert_int_equal(wire_get32(cookie + 12), made);
			assert_int_equal(
				cookie_check(cookie, sizeof(cookie), address, 16, moments[m], &s),
				cases[c].status);
		}
}

static void every_bit_counts_but_none_of_the_reserved_is_judged(void **state)
{
	struct cookie_secrets s = secrets_of(old_secret, NULL);
	static const uint8_t address[4] = {198, 51, 100, 100};
	uint8_t good[COOKIE_BYTES], cookie[COOKIE_BYTES];

	(void)state;
	cookie_write(good, (const uint8_t *)"client!!", address, 4, 5000, &s);
	for (unsigned bit = 0; bit < 8 * COOKIE_BYTES; bit++) {
		memcpy(cookie, good, sizeof(cookie));
		cookie[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(
			cookie_check(cookie, sizeof(cookie), address, 4, 5000, &s), COOKIE_NEW);
	}
	/* The client's part may stand where the reply's is written. */
	memcpy(cookie, "client!!", 8);
	cookie_write(cookie, cookie, address, 4, 5000, &s);
	assert_memory_equal(cookie, good, sizeof(cookie));
}

static void other_lengths_are_never_ours_and_not_over_read(void **state)
{
	struct cookie_secrets s = secrets_of(old_secret, NULL);
	static const uint8_t address[4] = {198, 51, 100, 100};
	uint8_t good[COOKIE_MAX_BYTES] = {0};
	struct guard guard;

	(void)state;
	guard_open(&guard, COOKIE_MAX_BYTES);
	cookie_write(good, (const uint8_t *)"client!!", address, 4, 5000, &s);
	for (size_t bytes = 0; bytes <= COOKIE_MAX_BYTES; bytes++) {
		const uint8_t *cookie = guard_place(&guard, good, bytes);

		assert_int_equal(cookie_length_ok(bytes), bytes == 8 || bytes >= 16);
		assert_int_equal(cookie_check(cookie, bytes, address, 4, 5000, &s),
			bytes == COOKIE_BYTES ? COOKIE_VALID : COOKIE_NEW);
	}
	assert_false(cookie_length_ok(COOKIE_MAX_BYTES + 1));
	guard_close(&guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(learning_a_cookie),
		cmocka_unit_test(the_same_client_later),
		cmocka_unit_test(reserved_octets_are_hashed_as_they_came),
		cmocka_unit_test(secret_rolled_over),
		cmocka_unit_test(time_is_believed_for_an_hour_and_five_minutes_ahead),
		cmocka_unit_test(every_bit_counts_but_none_of_the_reserved_is_judged),
		cmocka_unit_test(other_lengths_are_never_ours_and_not_over_read),
	};

	return cmocka_run_group_tests_name("dns/cookie", tests, NULL, NULL);
}
