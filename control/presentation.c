/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text <-> binary. What other readers of names take silently (control characters, bytes outside
 * ASCII, the root, characters that mean something else in a zone file) is refused.
 */
#include "control/presentation.h"

#include "dataplane/dns/name.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Quoted in failures: long enough for any sane input, so that the rule still fits behind it. */
#define QUOTED "\"%.100s\""

static bool read_address(const char *text, struct prefix *address)
{
	uint8_t octets[16];

	if (inet_pton(AF_INET, text, octets) == 1) {
		*address = (struct prefix){.high = (uint64_t)wire_get32(octets) << 32,
			.family = ARPA_FAMILY_IPV4,
			.bits = 32};
		return true;
	}
	if (inet_pton(AF_INET6, text, octets) == 1) {
		*address = (struct prefix){.high = wire_get64(octets),
			.low = wire_get64(octets + 8),
			.family = ARPA_FAMILY_IPV6,
			.bits = 128};
		return true;
	}
	return false;
}

/* Whether `text` is a reverse name in the DNS, and then which prefix it stands for. */
static bool is_arpa_name(const char *text, struct prefix *prefix)
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];
	struct failure ignored;
	int bytes = presentation_parse_name(text, wire, &ignored);

	return bytes > 0 && arpa_parse(wire, bytes, prefix) == ARPA_EXACT;
}

static int refuse_address(const char *text, const char *what, struct failure *failure)
{
	char written[PRESENTATION_PREFIX_BYTES];
	struct prefix prefix;

	if (is_arpa_name(text, &prefix))
		return failure_set(failure, FAILURE_INVALID,
			QUOTED " is a reverse name; write the %s itself: %s", text, what,
			presentation_write_prefix(&prefix, written));
	return failure_set(failure, FAILURE_INVALID, QUOTED " is no %s; write it like %s", text,
		what,
		strcmp(what, "address") == 0 ? "192.0.2.7 or 2001:db8::7"
					     : "192.0.2.0/24 or 2001:db8::/32");
}

int presentation_parse_address(const char *text, struct prefix *address, struct failure *failure)
{
	struct prefix parsed;

	if (read_address(text, address))
		return 0;
	if (strchr(text, '/') != NULL && presentation_parse_prefix(text, &parsed, failure) == 0)
		return failure_set(failure, FAILURE_INVALID,
			QUOTED " is a prefix; an address has no length, e.g. 192.0.2.7", text);
	return refuse_address(text, "address", failure);
}

/* One to three digits, no leading zero, up to `max`; or -1. */
static int read_length(const char *digits, int max)
{
	int value = 0;
	size_t count = strspn(digits, "0123456789");

	if (count == 0 || count > 3 || digits[count] != '\0' || (digits[0] == '0' && count > 1))
		return -1;
	for (const char *digit = digits; *digit != '\0'; digit++)
		value = value * 10 + (*digit - '0');
	return value <= max ? value : -1;
}

int presentation_parse_prefix(const char *text, struct prefix *prefix, struct failure *failure)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN], written[PRESENTATION_PREFIX_BYTES];
	struct prefix host, cut;
	int bits;

	if (slash == NULL)
		return read_address(text, prefix) ? 0 : refuse_address(text, "prefix", failure);
	if ((size_t)(slash - text) >= sizeof(address))
		return refuse_address(text, "prefix", failure);
	memcpy(address, text, slash - text);
	address[slash - text] = '\0';
	if (!read_address(address, &host))
		return refuse_address(text, "prefix", failure);
	bits = read_length(slash + 1, prefix_host_bits(host.family));
	if (bits < 0)
		return failure_set(failure, FAILURE_INVALID,
			QUOTED ": the length after the slash must be a number from 0 to %d", text,
			prefix_host_bits(host.family));
	cut = prefix_truncate(&host, bits);
	if (cut.high != host.high || cut.low != host.low)
		return failure_set(failure, FAILURE_INVALID,
			QUOTED " has host bits set past its length; the prefix is %s", text,
			presentation_write_prefix(&cut, written));
	*prefix = cut;
	return 0;
}

const char *presentation_write_prefix(
	const struct prefix *prefix, char text[static PRESENTATION_PREFIX_BYTES])
{
	uint8_t octets[16];
	size_t used;

	wire_put64(octets, prefix->high);
	wire_put64(octets + 8, prefix->low);
	inet_ntop(prefix->family == ARPA_FAMILY_IPV4 ? AF_INET : AF_INET6, octets, text,
		PRESENTATION_PREFIX_BYTES);
	used = strlen(text);
	if (!prefix_is_host(prefix))
		snprintf(text + used, PRESENTATION_PREFIX_BYTES - used, "/%u", prefix->bits);
	return text;
}

/* What a character that is not escaped breaks, or NULL. */
static const char *character_rule(unsigned char c)
{
	if (c > '~')
		return "holds a byte outside ASCII; write internationalised names in their xn-- "
		       "form";
	if (c <= ' ')
		return "holds a space or a control character";
	if (strchr("\"();@", c) != NULL)
		return "holds one of \" ( ) ; @, which mean something else in DNS text; if it is "
		       "meant, put a \\ before it";
	return NULL;
}

int presentation_check_name(const char *text, struct failure *failure)
{
	const char *rule = NULL;

	/* 255 octets, each at most four characters, and no text is longer than its name's form. */
	if (strlen(text) >= PRESENTATION_NAME_BYTES)
		return failure_set(failure, FAILURE_INVALID,
			"the name \"%.40s...\" is longer than 255 octets", text);
	for (const char *c = text; *c != '\0' && rule == NULL; c++) {
		if (*c == '\\' && c[1] >= ' ' && c[1] <= '~')
			c++; /* presentation_parse_name checks \DDD */
		else
			rule = character_rule(*c);
	}
	if (rule != NULL)
		return failure_set(failure, FAILURE_INVALID, "the name " QUOTED " %s", text, rule);
	return 0;
}

static bool is_plain(char c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '-' || c == '_';
}

/*
 * The wire form of a name of letters, digits, hyphens and underscores, as nearly all are. Returns
 * its length, or 0: it is something else, or breaks a rule.
 */
static int parse_plain(const char *text, uint8_t wire[static WIRE_NAME_MAX_BYTES])
{
	size_t label = 0, at = 1; /* where the label's length goes, and the next octet */

	for (; *text != '\0'; text++) {
		if (at == WIRE_NAME_MAX_BYTES)
			return 0;
		if (is_plain(*text)) {
			wire[at++] = (uint8_t)*text;
			continue;
		}
		if (*text != '.' || at - label - 1 == 0 || at - label - 1 > WIRE_LABEL_MAX_BYTES)
			return 0;
		wire[label] = (uint8_t)(at - label - 1);
		label = at++;
	}
	if (at - label - 1 > WIRE_LABEL_MAX_BYTES || at == 1)
		return 0;
	if (at - label - 1 > 0) { /* no final dot */
		if (at == WIRE_NAME_MAX_BYTES)
			return 0;
		wire[label] = (uint8_t)(at - label - 1);
		label = at++;
	}
	wire[label] = 0;
	return (int)at;
}

static bool is_figure(char c)
{
	return c >= '0' && c <= '9';
}

/* An octet as it stands or escaped (RFC 1035 section 5.1); *text moves on. -1: a bad escape. */
static int take_octet(const char **text)
{
	const char *c = *text;
	int value;

	*text += 1 + (*c == '\\');
	if (*c != '\\')
		return (uint8_t)*c;
	if (!is_figure(c[1]))
		return c[1] ? (uint8_t)c[1] : -1;
	if (!is_figure(c[2]) || !is_figure(c[3]))
		return -1;
	*text += 2;
	value = (c[1] - '0') * 100 + (c[2] - '0') * 10 + c[3] - '0';
	return value <= UINT8_MAX ? value : -1;
}

/* Writes the length of the label that ends before `at`. NULL, or the rule that it breaks. */
static const char *close_label(uint8_t *wire, size_t label, size_t at)
{
	size_t bytes = at - label - 1;

	if (bytes == 0)
		return "has an empty label";
	if (bytes > WIRE_LABEL_MAX_BYTES)
		return "has a label longer than 63 octets";
	wire[label] = (uint8_t)bytes;
	return NULL;
}

/* Any name. *length is its wire form's. Returns NULL, or the rule that it breaks. */
static const char *parse_any(
	const char *text, uint8_t wire[static WIRE_NAME_MAX_BYTES], size_t *length)
{
	static const char too_long[] = "is longer than 255 octets";
	size_t label = 0, at = 1;
	const char *rule = NULL;

	while (*text != '\0' && !rule) {
		bool ends = *text == '.';
		int octet = take_octet(&text);

		if (octet < 0)
			return "has a bad escape; write \\DDD with DDD from 000 to 255, or \\ and "
			       "a character";
		if (at == WIRE_NAME_MAX_BYTES)
			return too_long;
		if (ends) {
			rule = close_label(wire, label, at);
			label = at++;
		} else {
			wire[at++] = (uint8_t)octet;
		}
	}
	if (!rule && at - label > 1) { /* no final dot */
		if (at == WIRE_NAME_MAX_BYTES)
			return too_long;
		rule = close_label(wire, label, at);
		label = at++;
	}
	wire[label] = 0;
	*length = at;
	return rule;
}

int presentation_parse_name(
	const char *text, uint8_t wire[static WIRE_NAME_MAX_BYTES], struct failure *failure)
{
	int plain = parse_plain(text, wire);
	const char *rule;
	size_t length;

	if (plain > 0)
		return plain;
	if (text[0] == '\0' || strcmp(text, ".") == 0)
		return failure_set(failure, FAILURE_INVALID,
			"a name needs at least one label, e.g. host.example.net");
	if (presentation_check_name(text, failure) != 0)
		return -1;
	rule = parse_any(text, wire, &length);
	if (rule)
		return failure_set(failure, FAILURE_INVALID, "the name " QUOTED " %s", text, rule);
	return (int)length;
}

/* Writes one octet of a label at `out` and returns how many characters it took. */
static size_t write_octet(char *out, uint8_t octet)
{
	if (octet <= ' ' || octet > '~') {
		out[0] = '\\';
		out[1] = '0' + octet / 100;
		out[2] = '0' + octet / 10 % 10;
		out[3] = '0' + octet % 10;
		return 4;
	}
	if (strchr(".\\\"();@$", octet) != NULL) {
		out[0] = '\\';
		out[1] = (char)octet;
		return 2;
	}
	out[0] = (char)octet;
	return 1;
}

const char *presentation_write_name(const uint8_t *wire, char text[static PRESENTATION_NAME_BYTES])
{
	size_t used = 0;

	if (wire[0] == 0)
		text[used++] = '.';
	while (wire[0] != 0) {
		for (uint8_t i = 1; i <= wire[0]; i++)
			used += write_octet(text + used, wire[i]);
		text[used++] = '.';
		wire += 1 + wire[0];
	}
	text[used] = '\0';
	return text;
}

int presentation_check_ttl(int64_t ttl, struct failure *failure)
{
	if (ttl >= 1 && ttl <= WIRE_TTL_MAX)
		return 0;
	return failure_set(failure, FAILURE_INVALID, "TTL %lld is outside 1 to %d seconds",
		(long long)ttl, WIRE_TTL_MAX);
}

/* Whether text is meant as a prefix: digits, colons and the like, and no name's letters. */
static bool looks_like_prefix(const char *text)
{
	return strchr(text, ':') != NULL || strspn(text, "0123456789./") == strlen(text);
}

int presentation_parse_zone(
	const char *text, struct presentation_owner *zone, struct failure *failure)
{
	struct prefix prefix;
	int bytes;

	if (looks_like_prefix(text)) {
		if (presentation_parse_prefix(text, &prefix, failure) != 0)
			return -1;
		zone->owner = owner_from_prefix(&prefix);
		return 0;
	}
	bytes = presentation_parse_name(text, zone->wire, failure);
	if (bytes < 0)
		return -1;
	owner_from_name(zone->wire, (size_t)bytes, &zone->owner);
	if (zone->owner.prefix.family == OWNER_NO_FAMILY)
		return failure_set(failure, FAILURE_INVALID,
			QUOTED " is no zone of in-addr.arpa or ip6.arpa; write it like "
			       "192.0.2.0/24, 2001:db8::/32 or 0-25.2.0.192.in-addr.arpa",
			text);
	return 0;
}

const char *presentation_write_owner(
	const struct owner *owner, char text[static PRESENTATION_NAME_BYTES])
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];

	if (owner->rest_bytes == 0 && owner->prefix.family != OWNER_NO_FAMILY)
		return presentation_write_prefix(&owner->prefix, text);
	owner_write(owner, wire);
	return presentation_write_name(wire, text);
}
