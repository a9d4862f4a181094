/* SPDX-License-Identifier: BSD-3-Clause */
/* control/object.c and zone_settings.c: what is taken comes back the same, and what may not be is
 * refused. */
#include "tests/control/support.h"

#include "control/object.h"
#include "control/update/zone_settings.h"
#include "dataplane/dns/wire.h"

#include <stdio.h>
#include <string.h>

static struct failure failure;

static struct object_text text(const char *octets)
{
	return (struct object_text){octets, (uint16_t)strlen(octets)};
}

static struct object_tag tag(const char *key, const char *value)
{
	return (struct object_tag){text(key), text(value)};
}

static bool is(const struct object_text *a, const char *b)
{
	return a->bytes == strlen(b) && memcmp(a->octets, b, a->bytes) == 0;
}

static void details_come_back_as_they_were(void **state)
{
	struct details details = {.description = text("Caf\xc3\xa9 \xf0\x9f\x98\x80"),
		.tenant = text("acme"),
		.tag_count = 3,
		.tags = {tag("site", "ber"), tag("env", ""), tag("envy", "x=1")}};
	uint8_t octets[OBJECT_DETAILS_MAX_BYTES];
	struct object_text tenant;
	struct details read;
	size_t bytes;

	(void)state;
	assert_int_equal(details_settle(&details, &failure), 0);
	bytes = details_write(&details, octets);
	assert_int_equal(bytes, 1 + 10 + 1 + 4 + 1 + (2 + 3) + (2 + 4 + 3) + (2 + 4 + 3));
	assert_int_equal(details_parse(octets, bytes, &read), 0);
	assert_true(is(&read.description, "Caf\xc3\xa9 \xf0\x9f\x98\x80"));
	assert_true(is(&read.tenant, "acme"));
	assert_int_equal(read.tag_count, 3);
	assert_true(is(&read.tags[0].key, "env") && is(&read.tags[0].value, ""));
	assert_true(is(&read.tags[1].key, "envy") && is(&read.tags[1].value, "x=1"));
	assert_true(is(&read.tags[2].key, "site") && is(&read.tags[2].value, "ber"));
	tenant = details_tenant(octets, bytes);
	assert_true(is(&tenant, "acme"));
	/* Cut anywhere it is damaged, but for nothing at all. */
	for (size_t cut = 1; cut < bytes; cut++)
		assert_int_equal(details_parse(octets, cut, &read), -1);
	assert_int_equal(details_parse(octets, 0, &read), 0);
	assert_int_equal(read.description.bytes + read.tenant.bytes + read.tag_count, 0);
}

static void nothing_is_written_as_nothing(void **state)
{
	static const uint8_t empty[3] = {0, 0, 0};
	const struct details details = {.tag_count = 0};
	uint8_t octets[OBJECT_DETAILS_MAX_BYTES];
	struct details read;

	(void)state;
	assert_int_equal(details_write(&details, octets), 0);
	assert_int_equal(details_parse(empty, sizeof(empty), &read), -1);
}

static void the_largest_details_fit(void **state)
{
	struct details details = {.tag_count = OBJECT_TAGS_MAX};
	char long_text[OBJECT_DESCRIPTION_MAX_BYTES + 1], keys[OBJECT_TAGS_MAX][64];
	uint8_t octets[OBJECT_DETAILS_MAX_BYTES];
	struct details read;

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	details.description = text(long_text);
	details.tenant = (struct object_text){long_text, OBJECT_TENANT_MAX_BYTES};
	for (unsigned i = 0; i < OBJECT_TAGS_MAX; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%063u", OBJECT_TAGS_MAX - i);
		details.tags[i] = tag(keys[i], long_text);
	}
	assert_int_equal(details_settle(&details, &failure), 0);
	assert_int_equal(details_write(&details, octets), OBJECT_DETAILS_MAX_BYTES);
	assert_int_equal(details_parse(octets, sizeof(octets), &read), 0);
	assert_int_equal(read.tag_count, OBJECT_TAGS_MAX);
}

static void refused(struct details details, const char *part)
{
	assert_int_equal(details_settle(&details, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, part);
}

static void bad_details_are_refused_by_rule(void **state)
{
	static char long_text[OBJECT_DESCRIPTION_MAX_BYTES + 2];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	refused((struct details){.description = text(long_text)},
		"the description has 256 octets, and may have 255");
	refused((struct details){.tenant = text(long_text)}, "the tenant has 256 octets");
	refused((struct details){.tag_count = OBJECT_TAGS_MAX + 1}, "takes 20 tags, not 21");
	refused((struct details){.tag_count = 1, .tags = {tag("", "x")}}, "an empty key");
	refused((struct details){.tag_count = 1, .tags = {tag(long_text, "x")}}, "key of a tag");
	refused((struct details){.tag_count = 1, .tags = {tag("k", long_text)}}, "value of a tag");
	refused((struct details){.tag_count = 1, .tags = {tag("a=b", "x")}}, "key a=b of a tag");
	refused((struct details){.tag_count = 1, .tags = {tag("a;b", "x")}}, "'=' or ';'");
	refused((struct details){.tag_count = 1, .tags = {tag("a", "x;y")}}, "may not have ';'");
	refused((struct details){.tag_count = 2, .tags = {tag("a", "x"), tag("a", "y")}},
		"the tag a is given twice");
}

/* RFC 3629 4, and control characters. */
static void what_is_no_text_is_refused(void **state)
{
	static const char *const bad[] = {"\x1f", "\x7f", "\x80", "\xbf", "\xc0\x80", "\xc1\xbf",
		"\xc2", "\xc2\x9f", "\xc3\x28", "\xe0\x9f\xbf", "\xe1\x80", "\xe1\x80\x28",
		"\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
		"ok\nnot"};
	static const char *const good[] = {" ", "~", "\xc2\xa0", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused((struct details){.description = text(bad[i])},
			"the description is no text");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct details details = {.description = text(good[i])};

		assert_int_equal(details_settle(&details, &failure), 0);
	}
}

static void damaged_details_are_refused(void **state)
{
	/* A text that is too long, keys out of order and twice, an empty key, one tag too few. */
	static const char *const octets[] = {"\2a\0\0", "\0\100aaaa\0", "\0\0\2\1b\0\1a\0",
		"\0\0\2\1a\0\1a\0", "\0\0\1\0\1x", "\0\0\2\1a\0", "\0\0\25", "\1\1\0\0",
		"\1a\0\0x"};
	static const size_t bytes[] = {4, 7, 9, 9, 6, 6, 3, 4, 5};
	struct details read;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
		assert_int_equal(details_parse((const uint8_t *)octets[i], bytes[i], &read), -1);
}

/* ---- Zones ---- */

static void a_zones_value_comes_back_as_it_was(void **state)
{
	uint8_t value[ZONE_VALUE_BYTES];
	struct zone_settings read;
	uint32_t number;

	(void)state;
	for (unsigned policy = 0; policy < ZONE_SERIALS; policy++) {
		const struct zone_settings settings = {
			(uint8_t)policy, policy % 2 == 1, policy * 100};

		zone_value_write(7 + policy, &settings, value);
		assert_int_equal(zone_value_parse(value, sizeof(value), &number, &read), 0);
		assert_int_equal(number, 7 + policy);
		assert_int_equal(read.serial_policy, policy);
		assert_int_equal(read.frozen, policy % 2 == 1);
		assert_int_equal(read.ttl, policy * 100);
		assert_int_equal(zone_value_parse(value, 4, &number, &read), -1);
		value[4] = ZONE_SERIALS;
		assert_int_equal(zone_value_parse(value, sizeof(value), &number, &read), -1);
		value[4] = (uint8_t)policy;
		value[5] |= 2;
		assert_int_equal(zone_value_parse(value, sizeof(value), &number, &read), -1);
		value[5] = 0;
		value[6] = 0x80;
		assert_int_equal(zone_value_parse(value, sizeof(value), &number, &read), -1);
	}
}

static void serials_follow_their_policy(void **state)
{
	enum { NOW = 1559731985 }; /* 2019-06-05 10:53:05 UTC */
	static const struct {
		uint8_t policy;
		uint32_t serial, now, next;
	} cases[] = {
		{ZONE_SERIAL_INCREMENT, 1, NOW, 2},
		{ZONE_SERIAL_INCREMENT, UINT32_MAX, NOW, 0},
		{ZONE_SERIAL_UNIXTIME, 1, NOW, NOW},
		{ZONE_SERIAL_UNIXTIME, NOW - 1, NOW, NOW},
		{ZONE_SERIAL_UNIXTIME, NOW, NOW, NOW + 1},
		{ZONE_SERIAL_UNIXTIME, NOW + 100, NOW, NOW + 101},
		/* RFC 1982: what is half the circle away is not newer. */
		{ZONE_SERIAL_UNIXTIME, NOW + 0x80000000u, NOW, NOW + 0x80000001u},
		{ZONE_SERIAL_UNIXTIME, NOW + 0x80000001u, NOW, NOW},
		{ZONE_SERIAL_DATE, 1, NOW, 2019060500},
		{ZONE_SERIAL_DATE, 2019060499, NOW, 2019060500},
		{ZONE_SERIAL_DATE, 2019060500, NOW, 2019060501},
		{ZONE_SERIAL_DATE, 2019060599, NOW, 2019060600},
		{ZONE_SERIAL_DATE, 2019060600, NOW, 2019060601},
		{ZONE_SERIAL_DATE, 2019123199, 1577836799, 2019123200}, /* a second before 2020 */
		{ZONE_SERIAL_DATE, 2019123199, 1577836800, 2020010100},
		{ZONE_SERIAL_DATE, 4000000000u, NOW, 4000000001u},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t next = zone_next_serial(cases[i].policy, cases[i].serial, cases[i].now);

		if (next != cases[i].next)
			fail_msg("case %zu: %u", i, next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(details_come_back_as_they_were),
		cmocka_unit_test(nothing_is_written_as_nothing),
		cmocka_unit_test(the_largest_details_fit),
		cmocka_unit_test(bad_details_are_refused_by_rule),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(damaged_details_are_refused),
		cmocka_unit_test(a_zones_value_comes_back_as_it_was),
		cmocka_unit_test(serials_follow_their_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
