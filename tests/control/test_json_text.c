/* SPDX-License-Identifier: BSD-3-Clause */
/* control/command/json_text.c: what is written is JSON, and says what the slower ways say. */
#include "tests/support/cmocka.h"

#include "control/command/json_text.h"
#include "control/presentation.h"
#include "dataplane/dns/name.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The string that `text` is, as a JSON reader has it; for free(). Empties the text. */
static char *read_back(struct text *text)
{
	json_t *value = json_loadb(text->octets, text->bytes, JSON_DECODE_ANY, NULL);
	char *string = NULL;

	if (!json_is_string(value))
		fail_msg("%.*s", (int)text->bytes, text->octets);
	string = strdup(json_string_value(value));
	json_decref(value);
	text_free(text);
	return string;
}

static void expect_back(struct text *text, const char *wanted)
{
	char *got = read_back(text);

	assert_string_equal(got, wanted);
	free(got);
}

static void names_are_as_presentation_has_them(void **state)
{
	char wanted[PRESENTATION_NAME_BYTES];
	struct text text = {.octets = NULL};
	uint8_t wire[WIRE_NAME_MAX_BYTES];

	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		const uint8_t name[] = {3, 'a', (uint8_t)octet, 'b', 1, (uint8_t)octet, 0};

		json_text_name(&text, name);
		expect_back(&text, presentation_write_name(name, wanted));
	}
	memset(wire, 0, sizeof(wire)); /* the longest: four labels of octets that are escaped */
	for (unsigned i = 0; i < 255; i += 64)
		wire[i] = i + 64 > 254 ? 61 : 63;
	wire[254] = 0;
	assert_int_equal(name_length(wire, sizeof(wire)), 255);
	json_text_name(&text, wire);
	expect_back(&text, presentation_write_name(wire, wanted));
	json_text_name(&text, (const uint8_t *)"");
	expect_back(&text, ".");
}

static uint64_t sparse(void)
{
	uint64_t value = 0;

	/* Groups of zero are what the form is about. */
	for (unsigned i = 0; i < 4; i++)
		value = value << 16 | (rand() % 2 ? 0 : (uint64_t)rand() >> rand() % 16 & 0xffff);
	return value;
}

static void expect_prefix(const struct prefix *prefix)
{
	char wanted[PRESENTATION_PREFIX_BYTES];
	const struct owner owner = owner_from_prefix(prefix);
	struct text text = {.octets = NULL};

	json_text_prefix(&text, prefix);
	expect_back(&text, presentation_write_prefix(prefix, wanted));
	json_text_owner(&text, &owner);
	expect_back(&text, wanted);
}

static void prefixes_are_as_presentation_has_them(void **state)
{
	(void)state;
	srand(7);
	for (unsigned i = 0; i < 200000; i++) {
		const struct prefix ipv6 = {sparse(), sparse(), ARPA_FAMILY_IPV6, 128};
		const struct prefix ipv4 = {sparse() << 32, 0, ARPA_FAMILY_IPV4, 32};
		struct prefix cut = prefix_truncate(&ipv6, (uint8_t)(rand() % 129));

		expect_prefix(&ipv6);
		expect_prefix(&cut);
		expect_prefix(&ipv4);
		cut = prefix_truncate(&ipv4, (uint8_t)(rand() % 33));
		expect_prefix(&cut);
	}
	expect_prefix(&(struct prefix){0, UINT64_C(0xffffc0000207), ARPA_FAMILY_IPV6, 128});
	expect_prefix(&(struct prefix){0, 0x10002, ARPA_FAMILY_IPV6, 128});
	expect_prefix(&(struct prefix){0, 1, ARPA_FAMILY_IPV6, 128});
}

static void other_owners_are_names(void **state)
{
	static const uint8_t name[] = "\4"
				      "0-25\1"
				      "2\1"
				      "0\3"
				      "192\7"
				      "in-addr\4"
				      "arpa";
	struct text text = {.octets = NULL};
	struct owner owner;

	(void)state;
	owner_from_name(name, sizeof(name), &owner);
	json_text_owner(&text, &owner);
	expect_back(&text, "0-25.2.0.192.in-addr.arpa.");
}

static void expect_time(uint32_t seconds)
{
	struct text text = {.octets = NULL};
	const time_t time = seconds;
	char wanted[32];
	struct tm utc;

	strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &utc));
	json_text_time(&text, seconds);
	expect_back(&text, wanted);
}

static void times_are_utc(void **state)
{
	(void)state;
	expect_time(0);
	expect_time(UINT32_MAX);
	expect_time(951782399); /* round the leap day of 2000 */
	expect_time(951782400);
	expect_time(951868800);
	for (uint64_t seconds = 0; seconds <= UINT32_MAX; seconds += 43201)
		expect_time((uint32_t)seconds);
}

static void details_are_members(void **state)
{
	struct details details = {.description = {"d\n", 2},
		.tenant = {"t", 1},
		.tag_count = 2,
		.tags = {{{"a\"", 2}, {"1", 1}}, {{"b", 1}, {NULL, 0}}}};
	struct text text = {.octets = NULL};

	(void)state;
	json_text_details(&text, &details);
	text_add(&text, "", 1);
	assert_string_equal(text.octets,
		",\"description\":\"d\\n\",\"tags\":{\"a\\\"\":\"1\",\"b\":\"\"},\"tenant\":\"t\"");
	text_free(&text);
	details = (struct details){.tag_count = 0};
	json_text_details(&text, &details);
	text_add(&text, "", 1);
	assert_string_equal(text.octets, "");
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_as_presentation_has_them),
		cmocka_unit_test(prefixes_are_as_presentation_has_them),
		cmocka_unit_test(other_owners_are_names),
		cmocka_unit_test(times_are_utc),
		cmocka_unit_test(details_are_members),
	};

	return cmocka_run_group_tests_name("json_text", tests, NULL, NULL);
}
