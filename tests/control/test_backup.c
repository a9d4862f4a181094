/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/import/backup_*.c, command_backup.c, command_restore.c: what is restored is what was
 * there at the moment of the backup; what was cut or altered is refused, and changes nothing.
 */
#include "control/import/backup_read.h"
#include "control/import/backup_write.h"
#include "control/store/crc32c.h"
#include "tests/control/import_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZONE_FILE \
	"$TTL 60\n@ SOA ns1.example. h.example. 5 3600 900 86400 30\n@ NS ns1.example.\n" \
	"7 PTR Seven.example.\n7 PTR x\\.y\\000z.example.\n9 CNAME 9.0-25\n" \
	"0-25 NS ns.example.\n* TXT \"any;\" \"\\255\"\nw TYPE65534 \\# 0\n"

static void import(const char *format, const char *zone, const char *text)
{
	must_succeed(import_all(json_pack("{s:s, s:s*}", "format", format, "zone", zone), text));
}

/* Zones of every kind, with all that is kept beside records. */
static void fill(void)
{
	const struct prefix prefix = {UINT64_C(0xc000020000000000), 0, ARPA_FAMILY_IPV4, 24};
	const struct owner apex = owner_from_prefix(&prefix);
	const struct zone_settings settings = {ZONE_SERIAL_DATE, true, 120};
	struct update_result changed;
	struct failure failure;

	import("zone", "192.0.2.0/24", ZONE_FILE);
	must_succeed(ask("zone.add", json_pack("{s:s}", "zone", "2001:db8::/32")));
	must_succeed(ask("zone.add", json_pack("{s:s}", "zone", "0-25.2.0.192.in-addr.arpa")));
	import("csv", NULL,
		"192.0.2.8,Eight.example.,90,\"say \"\"\xc3\xbc\"\"\",acme,k=v;l=w\n"
		"2001:db8::1,six.example.\n");
	assert_int_equal(update_begin(backend.update, &failure), 0);
	assert_int_equal(
		update_set_zone_settings(backend.update, &apex, &settings, &changed, &failure), 0);
	assert_int_equal(update_commit(backend.update, &failure), 0);
}

static char *backup(void)
{
	return list_text("store.backup", NULL);
}

/* What is between the first line and the last: neither time nor sequence. */
static char *contents(const char *text)
{
	const char *start = strchr(text, '\n') + 1, *end = strstr(text, "\n{\"end\"");

	return strndup(start, (size_t)(end - start));
}

static void check_contents(const char *text)
{
	char *now = backup(), *is = contents(now), *was = contents(text);

	assert_string_equal(is, was);
	free(now);
	free(is);
	free(was);
}

static void close_and_empty(void)
{
	command_session_free(session);
	backend_close(&backend);
	backend_open(&backend);
	session = command_session_new(&backend.command);
}

static void an_empty_store_becomes_what_was_backed_up(void **state)
{
	json_t *reply;
	char *text;

	(void)state;
	fill();
	text = backup();
	close_and_empty();
	sleep(1); /* so that a time that is not restored would be seen */
	reply = restore_all(text, strlen(text));
	assert_int_equal(number_of(reply, "zones"), 3);
	assert_int_equal(number_of(reply, "seq"), 1);
	json_decref(reply);
	check_contents(text);
	/* Frozen, as it was. */
	must_fail(ask("ptr.set", json_pack("{s:s, s:s}", "address", "192.0.2.1", "name", "a.")),
		"conflict", "frozen");
	backend_reopen(&backend);
	check_contents(text);
	free(text);
}

static json_int_t serial_of(const char *zone)
{
	json_t *reply = ask("zone.show", json_pack("{s:s}", "zone", zone));
	json_t *soa = json_object_get(json_object_get(reply, "result"), "soa");
	json_int_t serial = json_integer_value(json_object_get(soa, "serial"));

	json_decref(reply);
	return serial;
}

static void other_zones_go_and_serials_move_on(void **state)
{
	json_int_t serial;
	json_t *reply;
	char *text;

	(void)state;
	fill();
	text = backup();
	must_succeed(ask("zone.add", json_pack("{s:s}", "zone", "10.0.0.0/8")));
	must_succeed(ask("zone.remove", json_pack("{s:s}", "zone", "0-25.2.0.192.in-addr.arpa")));
	must_succeed(ask(
		"ptr.set", json_pack("{s:s, s:s}", "address", "2001:db8::1", "name", "changed.")));
	serial = serial_of("2001:db8::/32");
	reply = restore_all(text, strlen(text));
	assert_int_equal(number_of(reply, "changed"), 1);
	assert_int_equal(number_of(reply, "added"), 1);
	json_decref(reply);
	assert_int_equal(serial_of("2001:db8::/32"), serial + 1);
	must_fail(ask("zone.show", json_pack("{s:s}", "zone", "10.0.0.0/8")), "not-found", "");
	reply = ask("ptr.show", json_pack("{s:s}", "address", "2001:db8::1"));
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(json_object_get(reply, "result"), "names"), 0)),
		"six.example.");
	json_decref(reply);
	/* What is so already is no change. */
	free(text);
	text = backup();
	serial = (json_int_t)store_sequence(backend.store);
	reply = restore_all(text, strlen(text));
	assert_int_equal(number_of(reply, "seq"), serial);
	json_decref(reply);
	free(text);
}

static void what_is_cut_anywhere_is_refused(void **state)
{
	uint64_t sequence;
	char *text;
	size_t bytes;

	(void)state;
	fill();
	text = backup();
	bytes = strlen(text);
	sequence = store_sequence(backend.store);
	must_succeed(ask("zone.add", json_pack("{s:s}", "zone", "10.0.0.0/8")));
	for (size_t cut = 0; cut + 1 < bytes; cut = strchr(text + cut, '\n') - text + 1) {
		json_t *reply = restore_all(text, cut);

		must_fail(reply, "invalid", "cut short");
		must_fail(restore_all(text, cut + 9), "invalid", "");
	}
	must_fail(restore_all(text, bytes - 2), "invalid", "");
	assert_int_equal(store_sequence(backend.store), sequence + 1);
	/* The last line may lack its end. */
	must_succeed(restore_all(text, bytes - 1));
	check_contents(text);
	free(text);
}

/* Each bit of a backup flipped, read without a store: nothing of it may be taken. */
static void every_flipped_bit_is_seen(void **state)
{
	struct failure failure;
	size_t bytes, zones;
	char *text;

	(void)state;
	fill();
	text = backup();
	bytes = strlen(text);
	for (size_t bit = 0; bit <= 8 * bytes; bit++) {
		struct staging *staging = staging_new(backend.folder, NULL);
		struct backup_read *read = backup_read_new(staging);
		int result;

		if (bit < 8 * bytes)
			text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		result = backup_read_feed(read, text, bytes, &failure);
		if (result == 0)
			result = backup_read_finish(read, &failure);
		assert_int_equal(result, bit < 8 * bytes ? -1 : 0);
		if (bit == 8 * bytes) {
			backup_read_zones(read, &zones);
			assert_int_equal(zones, 3);
		}
		if (bit < 8 * bytes)
			text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		backup_read_free(read);
		staging_free(staging);
	}
	free(text);
}

/* A text with the right sum, as if store.backup had written it. */
static char *sealed(const char *lines, unsigned zones, unsigned records)
{
	struct text text = {.octets = NULL};
	char *done;

	backup_write_head(&text, 0, 0);
	text_add_string(&text, lines);
	backup_write_end(&text, zones, records, crc32c(0, text.octets, text.bytes));
	done = strndup(text.octets, text.bytes);
	text_free(&text);
	return done;
}

#define Z "{\"zone\":\"2.0.192.in-addr.arpa.\",\"serial_policy\":0,\"frozen\":false,\"ttl\":0}\n"
#define NS_SOA \
	"{\"owner\":\"2.0.192.in-addr.arpa.\",\"type\":2,\"data\":[\"016100\"],\"ttl\":1," \
	"\"created\":1,\"modified\":1}\n" \
	"{\"owner\":\"2.0.192.in-addr.arpa.\",\"type\":6,\"data\":[\"01610001620000000001" \
	"00000001000000010000000100000001\"],\"ttl\":1,\"created\":1000,\"modified\":2000}\n"
#define PTR(address, more) \
	"{\"address\":\"" address "\",\"names\":[\"a.\"],\"ttl\":1,\"created\":1000," \
	"\"modified\":2000" more "}\n"

static void sealed_is_refused(const char *lines, unsigned zones, unsigned records, const char *part)
{
	char *text = sealed(lines, zones, records);

	must_fail(restore_all(text, strlen(text)), "invalid", part);
	free(text);
}

static void lines_that_no_backup_has_are_refused(void **state)
{
	(void)state;
	sealed_is_refused(PTR("192.0.2.1", ""), 0, 1, "line 2: a record before the first zone");
	sealed_is_refused(Z Z, 2, 0, "the backup has a zone twice");
	sealed_is_refused(Z, 1, 0, "needs one SOA record");
	sealed_is_refused(Z PTR("192.0.3.1", ""), 1, 1, "line 3: a record outside of its zone");
	sealed_is_refused(Z PTR("192.0.2.1", ",\"x\":1"), 1, 1, "line 3: this is no line");
	sealed_is_refused(Z PTR("192.0.2.1", ",\"type\":1"), 1, 1, "line 3: this is no line");
	sealed_is_refused(Z PTR("192.0.2.1", ",\"tags\":{\"=\":\"\"}"), 1, 1, "line 3: ");
	sealed_is_refused(Z NS_SOA "{\"zone\":\"x\"}\n", 1, 2, "line 5: this is no line");
	sealed_is_refused(Z NS_SOA, 1, 3, "line 5: the backup was altered");
	sealed_is_refused(
		"{\"zone\":\"example.\",\"serial_policy\":9,\"frozen\":false,\"ttl\":0}\n", 1, 0,
		"line 2: this is no line");
	must_fail(restore_all("{\"arpad-backup\":2}\n", 19), "invalid",
		"line 1: the backup is of format 2, and this arpad reads format 1");
	must_fail(restore_all("zone\n", 5), "invalid", "line 1: this is no line");
	must_fail(restore_all("{}\n", 3), "invalid", "line 1: a backup starts with");
	assert_int_equal(store_sequence(backend.store), 0);
}

static void times_are_those_of_the_backup(void **state)
{
	struct ptr_object object = {.names = {.count = 0}};
	const struct prefix address = {UINT64_C(0xc000020100000000), 0, ARPA_FAMILY_IPV4, 32};
	char *text = sealed(Z NS_SOA PTR("192.0.2.1", ""), 1, 3);
	struct failure failure;

	(void)state;
	must_succeed(restore_all(text, strlen(text)));
	assert_int_equal(update_get_ptr(backend.update, &address, &object, &failure), 0);
	assert_int_equal(object.stamp.created, 1000);
	assert_int_equal(object.stamp.modified, 2000);
	assert_int_equal(object.stamp.sequence, 1);
	/* An import changes what it is, and not since when. */
	import("csv", NULL, "192.0.2.1,b.\n");
	assert_int_equal(update_get_ptr(backend.update, &address, &object, &failure), 0);
	assert_int_equal(object.stamp.created, 1000);
	assert_true(object.stamp.modified > 2000);
	assert_int_equal(object.stamp.sequence, 2);
	rrset_buffer_free(&object.names);
	free(text);
}

/* ---- One moment ---- */

static struct request *asked(const char *line)
{
	struct request *request = request_parse(session, line, strlen(line));

	command_run(&backend.command, &request, 1);
	return request;
}

/* Adds the strings of a page to `text`. */
static void take_page(struct text *page, struct text *text)
{
	json_t *reply = json_loadb(page->octets, page->bytes, 0, NULL), *item;
	size_t index;

	json_array_foreach (json_object_get(reply, "result"), index, item)
		text_add(text, json_string_value(item), json_string_length(item));
	json_decref(reply);
	page->bytes = 0;
}

static void a_backup_is_one_moment_whatever_changes_meanwhile(void **state)
{
	enum request_progress progress = REQUEST_MORE;
	struct text page = {.octets = NULL}, text = {.octets = NULL};
	unsigned pages = 0;
	char *before, *is, *was;
	struct request *request;

	(void)state;
	must_succeed(ask("zone.add", json_pack("{s:s}", "zone", "10.0.0.0/8")));
	set_many(12000);
	before = backup();
	request = asked("{\"id\":1,\"method\":\"store.backup\"}");
	while (progress == REQUEST_MORE) {
		progress = request_reply(request, &page);
		take_page(&page, &text);
		pages++;
		/* Behind what was sent, before it, and whole zones. */
		import("csv", NULL, "10.0.0.1,changed.\n10.0.46.200,changed.\n10.9.9.9,new.\n");
		must_succeed(ask("ptr.unset", json_pack("{s:s}", "address", "10.0.46.200")));
		if (pages == 1)
			must_succeed(ask("zone.remove", json_pack("{s:s}", "zone", "10.0.0.0/8")));
		if (pages == 1)
			must_succeed(ask("zone.add", json_pack("{s:s}", "zone", "10.0.0.0/8")));
	}
	request_free(request);
	assert_true(pages > 3);
	text_add(&text, "", 1);
	is = contents(text.octets);
	was = contents(before);
	assert_string_equal(is, was);
	/* And it is whole. */
	must_succeed(restore_all(text.octets, text.bytes - 1));
	free(is);
	free(was);
	free(before);
	text_free(&page);
	text_free(&text);
}

static void a_backup_that_is_left_is_forgotten(void **state)
{
	struct text page = {.octets = NULL};
	struct request *request;

	(void)state;
	must_succeed(ask("zone.add", json_pack("{s:s}", "zone", "10.0.0.0/8")));
	set_many(6000);
	request = asked("{\"id\":1,\"method\":\"store.backup\"}");
	assert_int_equal(request_reply(request, &page), REQUEST_MORE);
	request_free(request);
	text_free(&page);
	free(backup());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_store_becomes_what_was_backed_up),
		TEST(other_zones_go_and_serials_move_on),
		TEST(what_is_cut_anywhere_is_refused),
		TEST(every_flipped_bit_is_seen),
		TEST(lines_that_no_backup_has_are_refused),
		TEST(times_are_those_of_the_backup),
		TEST(a_backup_is_one_moment_whatever_changes_meanwhile),
		TEST(a_backup_that_is_left_is_forgotten),
	};

	return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
