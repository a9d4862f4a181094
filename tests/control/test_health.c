/* SPDX-License-Identifier: BSD-3-Clause */
/* The pure parts of health: queries and their judgement, who goes on, names; and notify's socket.
 */
#include "control/health/liveness.h"
#include "control/health/notify.h"
#include "control/health/readiness.h"
#include "control/health/selfquery.h"
#include "dataplane/respond.h"
#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct fixture fixture;

/* The server's own reply. */
static size_t answer(const struct selfquery *query, uint8_t reply[static 512])
{
	static const uint8_t client_address[4] = {192, 0, 0, 8};
	const struct client client = {client_address, 4, TRANSPORT_UDP};
	enum outcome outcome;

	memcpy(reply, query->message, query->length);
	return respond(&fixture.serving, &client, reply, query->length, 512, &outcome);
}

static void every_zone_answers_for_itself(void **state)
{
	uint8_t reply[512];

	(void)state;
	assert_true(zones_count(fixture.zones) > 3);
	for (size_t i = 0; i < zones_count(fixture.zones); i++) {
		struct selfquery query;

		selfquery_write(&query, (uint16_t)(i * 257), zones_at(fixture.zones, i));
		assert_true(selfquery_is_right(&query, reply, answer(&query, reply)));
	}
}

/* Changes the replies of a zone and of none, an octet and an end at a time. */
static void other_replies_are_wrong(void **state)
{
	const struct zone *const zones[] = {zones_at(fixture.zones, 0), NULL};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct selfquery query;
		uint8_t reply[512], other[512];
		size_t length;

		selfquery_write(&query, 7, zones[i]);
		length = answer(&query, reply);
		memcpy(other, reply, length);
		if (!zones[i]) { /* as a server that has no zone refuses */
			length = query.length;
			memcpy(other, query.message, length);
			wire_put16(other + WIRE_FLAGS, WIRE_QR | WIRE_REFUSED);
		}
		assert_true(selfquery_is_right(&query, other, length));
		for (size_t end = 0; end < query.length; end++)
			assert_false(selfquery_is_right(&query, other, end));
		for (size_t at = 0; at < query.length; at++) {
			if (at == 2 || (at >= WIRE_ANCOUNT && at < WIRE_HEADER_BYTES))
				continue;
			other[at] ^= 1;
			assert_false(selfquery_is_right(&query, other, length));
			other[at] ^= 1;
		}
		other[2] ^= 0x80; /* QR */
		assert_false(selfquery_is_right(&query, other, length));
		other[2] ^= 0x84; /* AA */
		assert_false(selfquery_is_right(&query, other, length));
	}
}

static void an_answer_without_the_soa_is_wrong(void **state)
{
	struct selfquery query;
	uint8_t reply[512];
	size_t length;

	(void)state;
	selfquery_write(&query, 1, zones_at(fixture.zones, 0));
	length = answer(&query, reply);
	reply[query.length + 3]++;
	assert_false(selfquery_is_right(&query, reply, length));
	reply[query.length + 3]--;
	assert_false(selfquery_is_right(&query, reply, query.length + 3));
	wire_put16(reply + WIRE_ANCOUNT, 0);
	assert_false(selfquery_is_right(&query, reply, length));
}

static void a_count_that_stands_still_is_told(void **state)
{
	struct liveness live = {.count = 0};

	(void)state;
	assert_false(liveness_is_still(&live, 1000, 0));
	for (unsigned second = 1; second <= LIVENESS_LOOKS; second++) {
		liveness_see(&live, 0, second * 1000);
		assert_false(liveness_is_still(&live, second * 1000, 1));
	}
	liveness_see(&live, 0, 4000);
	assert_false(liveness_is_still(&live, 4000, 3001));
	assert_true(liveness_is_still(&live, 4000, 3000));
	liveness_see(&live, 1, 5000);
	assert_false(liveness_is_still(&live, 100000, 1));
	liveness_see(&live, 0, 6000); /* any other count will do */
	assert_false(liveness_is_still(&live, 100000, 1));
}

/* The process was stopped, or the one that looks was busy: no fault of the thread's. */
static void after_a_long_time_nothing_is_judged_at_once(void **state)
{
	struct liveness live = {.count = 0};

	(void)state;
	liveness_see(&live, 7, 1000);
	liveness_ask(&live, 1000);
	for (unsigned look = 1; look < LIVENESS_LOOKS; look++) {
		liveness_see(&live, 7, 100000 + look);
		liveness_wait(&live, 100000 + look);
		assert_false(liveness_is_still(&live, 100000 + look, LIVENESS_STUCK_MS));
		assert_false(liveness_is_silent(&live, 100000 + look));
	}
	liveness_see(&live, 7, 103000);
	liveness_wait(&live, 103000);
	assert_true(liveness_is_still(&live, 103000, LIVENESS_STUCK_MS));
	assert_true(liveness_is_silent(&live, 103000));
}

static void queries_are_counted_until_a_right_answer(void **state)
{
	struct liveness live = {.count = 0};

	(void)state;
	liveness_ask(&live, 1000);
	liveness_wait(&live, 1000 + LIVENESS_PATIENCE_MS - 1);
	assert_int_equal(live.misses, 0);
	liveness_wait(&live, 2000);
	liveness_wait(&live, 3000);
	assert_false(liveness_is_wrong(&live));
	liveness_wait(&live, 4000);
	assert_false(liveness_is_silent(&live, 1000 + LIVENESS_STUCK_MS - 1));
	assert_true(liveness_is_silent(&live, 1000 + LIVENESS_STUCK_MS));
	assert_true(liveness_is_wrong(&live));
	liveness_answer(&live, true);
	assert_false(liveness_is_wrong(&live));
	assert_false(liveness_is_silent(&live, 100000));
	assert_int_equal(live.right, 1);
	for (unsigned i = 0; i < LIVENESS_MISSES_MAX; i++) {
		assert_false(liveness_is_wrong(&live));
		liveness_ask(&live, 5000 + i);
		liveness_answer(&live, false);
	}
	assert_true(liveness_is_wrong(&live));
	liveness_wait(&live, 100000); /* none is under way */
	assert_int_equal(live.misses, LIVENESS_MISSES_MAX);
}

static void reasons_have_names_and_sentences(void **state)
{
	struct readiness readiness = {.reasons = 0};

	(void)state;
	for (unsigned i = 0; i < READINESS_REASONS; i++) {
		assert_true(strlen(readiness_name(i)) > 3);
		assert_int_equal(readiness_sentence(i)[strlen(readiness_sentence(i)) - 1], '.');
		assert_true(readiness_set(&readiness, i, true));
		assert_false(readiness_set(&readiness, i, true));
	}
	assert_int_equal(readiness_reasons(&readiness), (1u << READINESS_REASONS) - 1);
	assert_true(readiness_set(&readiness, READINESS_DRAINING, false));
	assert_false(readiness_set(&readiness, READINESS_DRAINING, false));
	assert_false(readiness_reasons(&readiness) & 1u << READINESS_DRAINING);
}

/* A socket at `path`, or at a name without a file, and the environment that tells of it. */
static int receiver(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	size_t length = strlen(path);

	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
				 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
		0);
	setenv("NOTIFY_SOCKET", path, 1);
	return fd;
}

static void expect_told(int fd, const char *text)
{
	char said[600] = "";
	ssize_t length = recv(fd, said, sizeof(said) - 1, MSG_DONTWAIT);

	assert_true(length >= 0);
	assert_string_equal(said, text);
}

static void systemd_is_told(void **state)
{
	char path[] = "/tmp/arpad-test-notify-XXXXXX", name[64];
	const char *paths[2] = {path, name};

	(void)state;
	assert_true(close(mkstemp(path)) == 0);
	snprintf(name, sizeof(name), "@arpad-test-notify-%d", (int)getpid());
	for (unsigned i = 0; i < 2; i++) {
		struct notify notify;
		int fd;

		unlink(path);
		fd = receiver(paths[i]);
		setenv("WATCHDOG_USEC", "2500000", 1);
		notify_open(&notify);
		assert_int_equal(notify.watchdog_ms, 2500);
		notify_send(&notify, "READY=1\nSTATUS=%d", 7);
		expect_told(fd, "READY=1\nSTATUS=7");
		close(fd);
		notify_send(&notify, "WATCHDOG=1"); /* nobody hears it, and that is no failure */
		notify_close(&notify);
		notify_send(&notify, "WATCHDOG=1");
	}
	unlink(path);
}

static void who_is_not_asked_says_nothing(void **state)
{
	struct notify notify;

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_open(&notify);
	assert_int_equal(notify.fd, -1);
	notify_send(&notify, "READY=1");
	setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
	notify_open(&notify);
	assert_int_equal(notify.fd, -1);
	setenv("NOTIFY_SOCKET", "/tmp/none", 1);
	setenv("WATCHDOG_USEC", "2000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	notify_open(&notify);
	assert_int_equal(notify.watchdog_ms, 0);
	notify_close(&notify);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&fixture);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_zone_answers_for_itself),
		cmocka_unit_test(other_replies_are_wrong),
		cmocka_unit_test(an_answer_without_the_soa_is_wrong),
		cmocka_unit_test(a_count_that_stands_still_is_told),
		cmocka_unit_test(after_a_long_time_nothing_is_judged_at_once),
		cmocka_unit_test(queries_are_counted_until_a_right_answer),
		cmocka_unit_test(reasons_have_names_and_sentences),
		cmocka_unit_test(systemd_is_told),
		cmocka_unit_test(who_is_not_asked_says_nothing),
	};

	return cmocka_run_group_tests_name("health", tests, set_up, tear_down);
}
