/* SPDX-License-Identifier: BSD-3-Clause */
/* The pages of arpactl top as they are seen, numbers as people read them, and keys. */
#include "control/ctl/keys.h"
#include "control/ctl/top_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct sample now;
static struct sample_rates rates;
static struct top_facts facts;

static int set_up(void **state)
{
	(void)state;
	now = (struct sample){.version = "1.2.3",
		.steering = "on",
		.pid = 4711,
		.uptime_s = 3 * 86400 + 4 * 3600,
		.time_ms = 1795453202000,
		.ready = true,
		.seq = 4711,
		.zones = 12,
		.rrsets = 1000003,
		.addresses = 2,
		.table_bytes = 18 << 20,
		.resident_bytes = 212 << 20,
		.tcp_clients = 3,
		.tcp_clients_max = 10000,
		.listener = true,
		.worker_count = 2,
		.port_count = 1};
	rates = (struct sample_rates){.known = true,
		.seconds = 1,
		.queries = 1234567.4,
		.answered = 0.99989,
		.dropped = 12.4,
		.updates = 4.25,
		.tcp = 3,
		.sockets = 12};
	rates.outcome[OUTCOME_ANSWERED] = 1200000;
	rates.outcome[OUTCOME_NXDOMAIN] = 34555;
	rates.outcome[OUTCOME_RATE_DROPPED] = 8.4;
	rates.outcome[OUTCOME_UDP_CHECKSUM] = 4;
	for (unsigned i = 0; i < 2; i++) {
		strcpy(now.workers[i].port, "enp1s0");
		now.workers[i].queue = i;
		now.workers[i].core = (int)i + 2;
		rates.workers[i] = (struct worker_rates){
			617283.7, 617280, 0, 0, 31.46, 412.3, 0.31 + i * 0.68, 0, 0.25};
	}
	strcpy(now.ports[0].name, "enp1s0");
	rates.ports[0] = (struct port_rates){.received = 1234600, .sent = 1234555};
	facts = (struct top_facts){.view = TOP_SERVER, .keys = true, .now = &now, .rates = &rates};
	return 0;
}

static void print_page(const struct screen *screen)
{
	char *text = malloc(screen_row_bytes(screen));

	for (unsigned row = 0; row < screen->used; row++) {
		screen_row(screen, row, false, text);
		print_message("%s\n", text);
	}
	free(text);
}

/* The rows that have something, and no more. */
static void expect_page(unsigned number, unsigned columns, const char *const *wanted)
{
	struct screen screen;
	unsigned row = 0;
	char *text;

	assert_true(screen_init(&screen, number, columns));
	top_draw(&facts, &screen);
	text = malloc(screen_row_bytes(&screen));
	for (; row < number && wanted[row]; row++) {
		screen_row(&screen, row, false, text);
		if (strcmp(text, wanted[row]) != 0) {
			print_page(&screen);
			fail_msg("row %u is not\n%s", row, wanted[row]);
		}
	}
	for (; row < number; row++)
		assert_int_equal(screen_row(&screen, row, false, text), 0);
	free(text);
	screen_fini(&screen);
}

#define EXPECT_PAGE(rows, columns, ...) \
	expect_page(rows, columns, (const char *const[]){__VA_ARGS__, NULL})

static void the_server(void **state)
{
	(void)state;
	EXPECT_PAGE(24, 80,
		"arpad 1.2.3, pid 4711, up 3 days 4 h                                17:00:02 UTC",
		"ready", "queries      1,234,567/s   99.99 % answered   12/s by sockets   3/s TCP",
		"dropped             12/s   8.4/s rate-dropped   4/s udp-checksum",
		"lost                 0/s",
		"changes            4.2/s   the last is 4,711   3 of 10,000 TCP clients",
		"serving 1,000,003 RRsets   12 zones   2 addresses   table 18 MiB   RAM 212 MiB",
		"",
		"PORT                    LINK      IN/S     OUT/S  MISSED/S  NO BUF/S  ERRORS/S",
		"enp1s0                shared 1,234,600 1,234,555         0         0         0",
		"",
		"WORKER PORT/QUEUE        CORE  PACKETS/S A BURST  CYCLES BUSY % ASLEEP % LOST/S",
		"     0 enp1s0/0             2    617,284      31     412   31.0      0.0      0",
		"     1 enp1s0/1             3    617,284      31     412   99.0      0.0      0",
		"", "HOW THEY ENDED",
		"answered           1,200,000/s         nxdomain              34,555/s",
		"rate-dropped             8.4/s         udp-checksum               4/s", "", "", "",
		"", "", "[1 server]  2 traffic   3 zones    Tab next   Up Down scroll   q quit");
}

static void wide_screens_show_more_of_a_worker(void **state)
{
	struct screen screen;
	char text[4096];

	(void)state;
	now.workers[0].tx_backlog = 17;
	assert_true(screen_init(&screen, 24, 120));
	top_draw(&facts, &screen);
	assert_true(screen_row_bytes(&screen) < sizeof(text));
	screen_row(&screen, 12, false, text);
	assert_string_equal(text,
		"     0 enp1s0/0             2    617,284      31     412   31.0      0.0      0"
		"      25.0         0        17");
	screen_fini(&screen);
}

static void what_is_wrong_stands_out(void **state)
{
	struct screen screen;
	char text[4096];

	(void)state;
	rates.lost = 5;
	rates.workers[0].lost = 5;
	assert_true(screen_init(&screen, 24, 80));
	top_draw(&facts, &screen);
	screen_row(&screen, 4, true, text);
	assert_string_equal(text,
		"\033[1mlost                 \033[0m\033[1;31m5/s   packets that no worker got or "
		"no "
		"port took\033[0m");
	screen_row(&screen, 12, true, text);
	assert_non_null(strstr(text, "31.0      0.0      \033[1;31m5\033[0m"));
	screen_row(&screen, 13, true, text);
	assert_non_null(strstr(text, "\033[1;31m99.0 "));
	screen_fini(&screen);
}

static void before_the_second_sample_there_are_no_rates(void **state)
{
	(void)state;
	rates = (struct sample_rates){.known = false, .answered = 1};
	now.port_count = 0;
	now.worker_count = 1;
	EXPECT_PAGE(14, 80,
		"arpad 1.2.3, pid 4711, up 3 days 4 h                                17:00:02 UTC",
		"ready", "queries                -", "dropped                -",
		"lost                   -",
		"changes                -   the last is 4,711   3 of 10,000 TCP clients",
		"serving 1,000,003 RRsets   12 zones   2 addresses   table 18 MiB   RAM 212 MiB",
		"",
		"WORKER PORT/QUEUE        CORE  PACKETS/S A BURST  CYCLES BUSY % ASLEEP % LOST/S",
		"     0 enp1s0/0             2          -       -       -      -        -      -",
		"", "", "",
		"[1 server]  2 traffic   3 zones    Tab next   Up Down scroll   q quit");
}

static void expect_state(const char *wanted)
{
	struct screen screen;
	char text[4096];

	assert_true(screen_init(&screen, 24, 100));
	top_draw(&facts, &screen);
	screen_row(&screen, 1, false, text);
	assert_string_equal(text, wanted);
	screen_fini(&screen);
}

static void the_state_is_said_first(void **state)
{
	(void)state;
	facts.restarts = 1;
	expect_state("ready; was restarted while you look");
	facts.restarts = 3;
	expect_state("ready; was restarted 3 times while you look");
	facts.restarts = 0;
	now.ready = false;
	expect_state("NOT READY: starting");
	strcpy(now.reasons, "self-query, worker-stuck");
	expect_state("NOT READY: self-query, worker-stuck");
	strcpy(now.steering, "draining");
	expect_state("DRAINING: the kernel's sockets answer; \"arpactl undrain\" ends it");
	facts.trouble = "arpad is not running";
	facts.trouble_s = 75;
	expect_state("NO ANSWER for 1 min 15 s: arpad is not running; what is below is old");
}

static void more_workers_than_rows_are_scrolled(void **state)
{
	(void)state;
	now.port_count = 0;
	now.worker_count = 40;
	rates = (struct sample_rates){.known = false, .answered = 1};
	for (unsigned i = 0; i < 40; i++) {
		strcpy(now.workers[i].port, "p");
		now.workers[i].queue = i;
	}
	facts.scroll = 30;
	EXPECT_PAGE(13, 40, "arpad 1.2.3, pid 4711, up 3 days 4 h", "ready",
		"queries                -", "dropped                -", "lost                   -",
		"changes                -   the last is >",
		"serving 1,000,003 RRsets   12 zones   2>", "",
		"WORKER PORT/QUEUE        CORE  PACKETS/S",
		"    30 p/30                 0          -",
		"    31 p/31                 0          -", "  and 8 more",
		"[1 server]  2 traffic   3 zones    Tab >");
	facts.scroll = 1000;
	facts.keys = false;
	EXPECT_PAGE(13, 30, "arpad 1.2.3, pid 4711, up 3 d>", "ready", "queries                -",
		"dropped                -", "lost                   -",
		"changes                -   th>", "serving 1,000,003 RRsets   12>", "",
		"WORKER PORT/QUEUE        CORE", "    39 p/39                 0");
}

static void no_size_is_too_small(void **state)
{
	(void)state;
	now.worker_count = SAMPLE_WORKERS_MAX;
	now.port_count = SAMPLE_PORTS_MAX;
	facts.zones = json_pack("[{s:s}]", "zone", "192.0.2.0/24");
	facts.top = json_pack("{s:{s:[{s:s}]}}", "prefixes", "rows", "name", "192.0.2.0/24");
	for (facts.view = TOP_SERVER; facts.view <= TOP_ZONES; facts.view++)
		for (unsigned rows = 0; rows < 30; rows++)
			for (unsigned columns = 0; columns < 90; columns++) {
				struct screen screen;
				char text[90 * 20];

				assert_true(screen_init(&screen, rows, columns));
				top_draw(&facts, &screen);
				for (unsigned row = 0; row < rows; row++)
					assert_true(
						screen_row(&screen, row, false, text) <= columns);
				assert_true(screen.used <= rows);
				screen_fini(&screen);
			}
	json_decref(facts.zones);
	json_decref(facts.top);
	facts.view = TOP_SERVER;
	EXPECT_PAGE(3, 24, "ready", "queries      1,234,567/s", "dropped             12/s");
}

static void zones(void **state)
{
	(void)state;
	facts.view = TOP_ZONES;
	facts.keys = false;
	now.zones = 3;
	facts.zones = json_pack("[{s:s,s:i,s:i,s:b,s:s},{s:s,s:I,s:i,s:b,s:s}]", "zone",
		"10.0.0.0/8", "serial", 7, "records", 1234567, "frozen", 0, "modified",
		"2026-11-23T16:58:57Z", "zone", "2001:db8:aaaa:bbbb:cccc::/80", "serial",
		(json_int_t)2026112301, "records", 2, "frozen", 1, "modified",
		"2026-11-23T17:00:03Z");
	EXPECT_PAGE(13, 80,
		"arpad 1.2.3, pid 4711, up 3 days 4 h                                17:00:02 UTC",
		"ready", "queries      1,234,567/s   99.99 % answered   12/s by sockets   3/s TCP",
		"dropped             12/s   8.4/s rate-dropped   4/s udp-checksum",
		"lost                 0/s",
		"changes            4.2/s   the last is 4,711   3 of 10,000 TCP clients",
		"serving 1,000,003 RRsets   3 zones   2 addresses   table 18 MiB   RAM 212 MiB", "",
		"ZONE                              SERIAL       RRSETS  STATE   LAST CHANGE",
		"10.0.0.0/8                             7    1,234,567  open    1 min 5 s ago",
		"2001:db8:aaaa:bbbb:cccc::/80  2026112301            2  frozen  0 s ago",
		"  and 1 more");
	json_decref(facts.zones);
	facts.zones = json_array();
	now.zones = 0;
	EXPECT_PAGE(13, 40, "arpad 1.2.3, pid 4711, up 3 days 4 h", "ready",
		"queries      1,234,567/s   99.99 % answ>",
		"dropped             12/s   8.4/s rate-d>", "lost                 0/s",
		"changes            4.2/s   the last is >",
		"serving 1,000,003 RRsets   0 zones   2 >", "", "ZONE                      SERIAL",
		"there are none; \"arpactl zone add PREFI>");
	json_decref(facts.zones);
}

static json_t *ranking(unsigned one_in, json_t *rows)
{
	return json_pack("{s:f, s:i, s:o}", "seconds", 10.0, "one_in", (int)one_in, "rows", rows);
}

static json_t *ranked(const char *name, int count, int error, double share)
{
	return json_pack("{s:s, s:i, s:i, s:i, s:f}", "name", name, "count", count, "error", error,
		"sampling_error", 10, "share", share);
}

static void traffic(void **state)
{
	(void)state;
	facts.view = TOP_TRAFFIC;
	facts.top = json_pack("{s:o, s:o, s:o}", "prefixes",
		ranking(16,
			json_pack("[o, o, o, o]", ranked("192.0.2.0/24", 123450, 0, 0.5),
				ranked("198.51.100.0/24", 4560, 40, 0.1251),
				ranked("203.0.113.0/24", 9, 0, 0.0001),
				ranked("10.0.0.0/24", 9, 0, 0.0001))),
		"clients", ranking(16, json_pack("[o]", ranked("192.0.2.53", 123450, 0, 1))),
		"types", ranking(16, json_array()));
	EXPECT_PAGE(24, 100,
		"arpad 1.2.3, pid 4711, up 3 days 4 h                                              "
		"      "
		"17:00:02 UTC",
		"ready", "queries      1,234,567/s   99.99 % answered   12/s by sockets   3/s TCP",
		"", "the last 10 s, by 1 query in 16; +-: within this in 95 of 100 cases",
		"ASKED FOR                                          CLIENTS",
		"192.0.2.0/24           12,345/s      +-1   50.0 %  192.0.2.53             "
		"12,345/s      +-1  100.0 %",
		"198.51.100.0/24           456/s      +-5   12.5 %",
		"203.0.113.0/24            0.9/s      +-1    0.1 %",
		"10.0.0.0/24               0.9/s      +-1    0.1 %", "",
		"ADDRESSES ASKED FOR                                CLIENTS' NETWORKS",
		"nothing seen                                       nothing seen", "", "", "", "",
		"TYPES                                              RCODES",
		"nothing seen                                       nothing seen", "", "", "", "",
		" 1 server  [2 traffic]  3 zones    Tab next   Up Down scroll   q quit");
	/* Without room for what they may be off, that is left out rather than a column. */
	EXPECT_PAGE(14, 80,
		"arpad 1.2.3, pid 4711, up 3 days 4 h                                17:00:02 UTC",
		"ready", "queries      1,234,567/s   99.99 % answered   12/s by sockets   3/s TCP",
		"", "the last 10 s, by 1 query in 16",
		"ASKED FOR                                CLIENTS",
		"192.0.2.0/24          12,345/s   50.0 %  192.0.2.53            12,345/s  100.0 %",
		"198.51.100.0/24          456/s   12.5 %", "",
		"ADDRESSES ASKED FOR                      CLIENTS' NETWORKS",
		"nothing seen                             nothing seen", "", "",
		" 1 server  [2 traffic]  3 zones    Tab next   Up Down scroll   q quit");
	json_decref(facts.top);
	/* An arpad that samples nothing still tells how queries ended. */
	facts.top = NULL;
	EXPECT_PAGE(12, 80,
		"arpad 1.2.3, pid 4711, up 3 days 4 h                                17:00:02 UTC",
		"ready", "queries      1,234,567/s   99.99 % answered   12/s by sockets   3/s TCP",
		"dropped             12/s   8.4/s rate-dropped   4/s udp-checksum",
		"lost                 0/s",
		"changes            4.2/s   the last is 4,711   3 of 10,000 TCP clients",
		"serving 1,000,003 RRsets   12 zones   2 addresses   table 18 MiB   RAM 212 MiB",
		"", "HOW THEY ENDED",
		"answered           1,200,000/s         nxdomain              34,555/s",
		"rate-dropped             8.4/s         udp-checksum               4/s",
		" 1 server  [2 traffic]  3 zones    Tab next   Up Down scroll   q quit");
}

static void numbers_for_people(void **state)
{
	static const struct {
		double value;
		const char *text;
	} numbers[] = {{0, "0"}, {0.01, "<0.1"}, {0.05, "0.1"}, {3, "3"}, {3.24, "3.2"},
		{9.94, "9.9"}, {9.96, "10"}, {999.6, "1,000"}, {1234567, "1,234,567"}, {-1, "0"},
		{1e18, "much"}};
	static const struct {
		uint64_t value;
		const char *bytes, *duration;
	} others[] = {{0, "0 bytes", "0 s"}, {1023, "1023 bytes", "17 min 3 s"},
		{3661, "3.6 KiB", "1 h 1 min"}, {86400, "84 KiB", "1 day 0 h"},
		{1048570, "1.0 MiB", "12 days 3 h"}, {5000000000, "4.7 GiB", "57870 days 8 h"}};
	static const struct {
		double share;
		const char *two, *one;
	} shares[] = {{0, "0.00", "0.0"}, {1, "100.00", "100.0"}, {0.99999, "99.99", "99.9"},
		{0.00001, "0.01", "0.1"}, {0.5, "50.00", "50.0"}};
	char text[SCREEN_NUMBER_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_string_equal(screen_number(numbers[i].value, text), numbers[i].text);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_string_equal(screen_bytes(others[i].value, text), others[i].bytes);
		assert_string_equal(screen_duration(others[i].value, text), others[i].duration);
	}
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		assert_string_equal(screen_percent(shares[i].share, 2, text), shares[i].two);
		assert_string_equal(screen_percent(shares[i].share, 1, text), shares[i].one);
	}
}

static void a_screen_has_edges_and_no_controls(void **state)
{
	struct screen screen;
	char text[256];

	(void)state;
	assert_true(screen_init(&screen, 2, 10));
	assert_int_equal(screen_put(&screen, 0, 0, SCREEN_PLAIN, "a\033[2J\xc3\xa9"), 7);
	screen_row(&screen, 0, false, text);
	assert_string_equal(text, "a?[2J??");
	assert_int_equal(screen_put(&screen, 1, 8, SCREEN_PLAIN, "abc"), 11);
	assert_int_equal(screen_put(&screen, 1, 11, SCREEN_PLAIN, "abc"), 14);
	screen_put_right(&screen, 1, 5, SCREEN_PLAIN, "123456789");
	screen_put_right(&screen, 1, 11, SCREEN_PLAIN, "77");
	screen_row(&screen, 1, false, text);
	assert_string_equal(text, "56789   a>");
	screen_put(&screen, 5, 0, SCREEN_PLAIN, "below");
	assert_int_equal(screen.used, 2);
	screen_fini(&screen);
	assert_true(screen_init(&screen, 100000, 100000));
	assert_int_equal(screen.rows, SCREEN_ROWS_MAX);
	assert_int_equal(screen.columns, SCREEN_COLUMNS_MAX);
	screen_fini(&screen);
}

static void expect_keys(const char *typed, const int *wanted)
{
	char text[64];
	size_t bytes = strlen(typed);

	memcpy(text, typed, bytes);
	for (; *wanted; wanted++)
		assert_int_equal(keys_take(text, &bytes), *wanted);
	assert_int_equal(keys_take(text, &bytes), KEYS_NONE);
	assert_int_equal(bytes, 0);
}

static void keys(void **state)
{
	(void)state;
	expect_keys("", (const int[]){KEYS_NONE});
	expect_keys("q2\t", (const int[]){'q', '2', '\t', KEYS_NONE});
	expect_keys("\033[A\033OB1", (const int[]){KEYS_UP, KEYS_DOWN, '1', KEYS_NONE});
	expect_keys("\033[5~\033[6~", (const int[]){KEYS_PAGE_UP, KEYS_PAGE_DOWN, KEYS_NONE});
	expect_keys("\033[1;5Cq\033[15~q", (const int[]){'\033', 'q', '\033', 'q', KEYS_NONE});
	expect_keys("\033", (const int[]){'\033', KEYS_NONE});
	expect_keys("\033q", (const int[]){'\033', 'q', KEYS_NONE});
	expect_keys("\033[1;", (const int[]){'\033', KEYS_NONE});
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_server),
		TEST(wide_screens_show_more_of_a_worker),
		TEST(what_is_wrong_stands_out),
		TEST(before_the_second_sample_there_are_no_rates),
		TEST(the_state_is_said_first),
		TEST(more_workers_than_rows_are_scrolled),
		TEST(no_size_is_too_small),
		TEST(zones),
		TEST(traffic),
		TEST(numbers_for_people),
		TEST(a_screen_has_edges_and_no_controls),
		TEST(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
