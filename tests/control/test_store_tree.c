/* SPDX-License-Identifier: BSD-3-Clause */
/* control/store/store_tree.c: of every set of nested zones, what is served and in which order. */
#include "tests/control/store_fixture.h"

#include <stdio.h>
#include <string.h>

/* An owner from a prefix or a name. Borrowed until a few calls later. */
static struct owner of(const char *text)
{
	static struct wire_name names[8];
	static unsigned next;
	struct owner owner = {.rest_bytes = 0};

	if (strstr(text, "arpa") == NULL) {
		owner.prefix = at(text);
		return owner;
	}
	next = (next + 1) % 8;
	names[next] = named(text);
	owner_from_name(names[next].wire, names[next].bytes, &owner);
	return owner;
}

enum { ZONES = 6, OWNERS = 14 };

static const char *const apexes[ZONES] = {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24",
	"x.1.10.in-addr.arpa.", "0-25.2.1.10.in-addr.arpa.", "2001:db8::/32"};
static const char *const owners[OWNERS] = {"10.0.0.0/8", "10.0.0.1", "10.1.0.0/16",
	"x.1.10.in-addr.arpa.", "y.x.1.10.in-addr.arpa.", "10.1.0.1", "10.1.2.0/24",
	"z.2.1.10.in-addr.arpa.", "0-25.2.1.10.in-addr.arpa.", "7.0-25.2.1.10.in-addr.arpa.",
	"10.1.2.7", "10.1.3.0", "10.255.0.0", "2001:db8::1"};

/* The longest of the zones in `set` that holds the owner, or -1. */
static int longest(unsigned set, const char *owner)
{
	const struct owner name = of(owner);
	int found = -1;

	for (int i = 0; i < ZONES; i++) {
		const struct owner apex = of(apexes[i]);

		if ((set >> i & 1) && owner_contains(&apex, &name))
			found = i; /* a nested one stands behind the one round it */
	}
	return found;
}

struct visible {
	char text[1024];
	unsigned count, stop_after;
};

static int see(void *context, const struct owner *owner, const struct stored *stored)
{
	struct visible *visible = context;
	char text[PRESENTATION_NAME_BYTES];

	/* Its TTL tells in which zone the RRset was stored. */
	sprintf(visible->text + strlen(visible->text), "%u:%s ", stored->rrset.ttl,
		presentation_write_owner(owner, text));
	return ++visible->count == visible->stop_after ? 7 : 0;
}

/* Every owner in every zone that may hold it; then what is visible, for every set of zones. */
static void of_nested_zones_the_longest_is_visible(void **state)
{
	(void)state;
	for (unsigned set = 0; set < 1u << ZONES; set++) {
		struct visible all = {.stop_after = 0};
		uint32_t number[ZONES] = {0};
		char expected[1024] = "";

		ok(store_begin(store, &failure));
		for (int i = 0; i < ZONES; i++) {
			const struct owner apex = of(apexes[i]);

			if (set >> i & 1)
				ok(store_put_zone(store, &apex, &number[i], &failure));
			for (int o = 0; (set >> i & 1) && o < OWNERS; o++) {
				const struct owner owner = of(owners[o]);
				struct rrset_buffer ptr = ptr_set(number[i], "a.", NULL);
				const struct stored stored = {.rrset = rrset_buffer_view(&ptr)};

				if (owner_contains(&apex, &owner))
					ok(store_put_rrset(
						store, number[i], &owner, &stored, &failure));
				rrset_buffer_free(&ptr);
			}
		}
		for (int o = 0; o < OWNERS; o++) {
			int zone = longest(set, owners[o]);

			if (zone >= 0)
				sprintf(expected + strlen(expected), "%u:%s ", number[zone],
					owners[o]);
		}
		ok(store_each_served(store, NULL, NULL, see, &all, &failure));
		assert_string_equal(all.text, expected);
		/* What is behind each owner is the rest of the whole. */
		for (int o = 0; o < OWNERS; o++) {
			const struct owner after = of(owners[o]);
			struct visible part = {.stop_after = 0};
			size_t rest;

			ok(store_each_served(store, NULL, &after, see, &part, &failure));
			rest = strlen(expected) - strlen(part.text);
			assert_string_equal(part.text, expected + rest);
			if (o + 1 < OWNERS && longest(set, owners[o + 1]) >= 0)
				assert_non_null(strstr(part.text, owners[o + 1]));
			if (longest(set, owners[o]) >= 0)
				assert_true(rest > strlen(owners[o]));
		}
		/* Each subtree is what the whole has of it. */
		for (int o = 0; o < OWNERS; o++) {
			const struct owner within = of(owners[o]);
			struct visible part = {.stop_after = 0};

			ok(store_each_served(store, &within, NULL, see, &part, &failure));
			assert_non_null(strstr(expected, part.text));
			for (int inner = 0; inner < OWNERS; inner++) {
				const struct owner name = of(owners[inner]);
				char one[64] = "";

				if (longest(set, owners[inner]) >= 0)
					sprintf(one, "%u:%s ", number[longest(set, owners[inner])],
						owners[inner]);
				if (one[0] && owner_contains(&within, &name))
					assert_non_null(strstr(part.text, one));
			}
		}
		store_abort(store);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_nested_zones_the_longest_is_visible,
			store_fixture_set_up, store_fixture_tear_down),
	};

	return cmocka_run_group_tests_name("store_tree", tests, NULL, NULL);
}
