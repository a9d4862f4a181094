/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/observer/trace_row.h"

#include "control/command/json_text.h"
#include "dataplane/dns/name.h"
#include "dataplane/dns/query.h"
#include "dataplane/dns/wire.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <time.h>

enum { NS_A_SECOND = 1000000000, FIELD_BYTES = 64 };

static void write_key(struct text *out, const char *key)
{
	text_add_string(out, ",\"");
	text_add_string(out, key);
	text_add(out, "\":", 2);
}

/* A word of ours: nothing in it needs an escape. */
static void write_word(struct text *out, const char *key, const char *word)
{
	write_key(out, key);
	text_add(out, "\"", 1);
	text_add_string(out, word);
	text_add(out, "\"", 1);
}

static void write_number(struct text *out, const char *key, long long number)
{
	write_key(out, key);
	text_add_number(out, number);
}

static void write_time(struct text *out, uint64_t when_ns)
{
	time_t seconds = (time_t)(when_ns / NS_A_SECOND);
	char text[FIELD_BYTES], field[FIELD_BYTES];
	struct tm day;

	gmtime_r(&seconds, &day);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &day);
	snprintf(field, sizeof(field), "{\"time\":\"%.32s.%09uZ\"", text,
		(unsigned)(when_ns % NS_A_SECOND));
	text_add_string(out, field);
}

static struct prefix address_of(const uint8_t octets[static 16], uint8_t family)
{
	uint64_t first = (uint64_t)wire_get32(octets) << 32;

	if (family == ARPA_FAMILY_IPV4)
		return (struct prefix){.high = first, .family = family, .bits = 32};
	return (struct prefix){.high = first | wire_get32(octets + 4),
		.low = wire_get64(octets + 8),
		.family = family,
		.bits = 128};
}

static void write_address(
	struct text *out, const char *key, const uint8_t octets[static 16], uint8_t family)
{
	struct prefix address = address_of(octets, family);

	write_key(out, key);
	json_text_prefix(out, &address);
}

static void write_ends(struct text *out, const struct observation *seen)
{
	if (!seen->family)
		return;
	write_address(out, "client", seen->client, seen->family);
	write_number(out, "port", seen->client_port);
	write_address(out, "server", seen->server, seen->family);
	write_number(out, "server_port", seen->server_port);
}

/* The octets of a message, if it has a header. */
static const uint8_t *message_of(
	const uint8_t *octets, uint16_t kept, uint16_t start, size_t *bytes)
{
	if (start > kept || kept - start < WIRE_HEADER_BYTES)
		return NULL;
	*bytes = (size_t)kept - start;
	return octets + start;
}

static const uint8_t *query_of(const struct observation *seen, size_t *bytes)
{
	return seen->family ? message_of(seen->query, seen->query_kept, seen->query_message, bytes)
			    : NULL;
}

const uint8_t *trace_row_question(const struct observation *seen, size_t *name_bytes)
{
	size_t bytes;
	const uint8_t *message = query_of(seen, &bytes);

	if (!message || wire_get16(message + WIRE_QDCOUNT) == 0)
		return NULL;
	bytes -= WIRE_HEADER_BYTES;
	*name_bytes = name_length(message + WIRE_HEADER_BYTES, bytes);
	if (*name_bytes == 0 || bytes - *name_bytes < WIRE_QUESTION_FIXED)
		return NULL;
	return message + WIRE_HEADER_BYTES;
}

/* "PTR", or "TYPE65280". */
static void write_type(struct text *out, uint16_t type)
{
	const ldns_rr_descriptor *known = ldns_rr_descript(type);
	char text[FIELD_BYTES];

	if (type == WIRE_TYPE_ANY)
		snprintf(text, sizeof(text), "ANY");
	else if (type == WIRE_TYPE_IXFR || type == WIRE_TYPE_AXFR)
		snprintf(text, sizeof(text), type == WIRE_TYPE_IXFR ? "IXFR" : "AXFR");
	else if (known && known->_name && known->_type == type && type)
		snprintf(text, sizeof(text), "%s", known->_name);
	else
		snprintf(text, sizeof(text), "TYPE%u", type);
	write_word(out, "type", text);
}

static void write_question(struct text *out, const struct observation *seen)
{
	size_t name_bytes;
	const uint8_t *name = trace_row_question(seen, &name_bytes);
	struct prefix prefix;

	if (!name)
		return;
	write_key(out, "name");
	json_text_name(out, name);
	if (arpa_parse(name, name_bytes, &prefix) == ARPA_EXACT) {
		write_key(out, "address");
		json_text_prefix(out, &prefix);
	}
	write_type(out, wire_get16(name + name_bytes));
}

static void write_flag(struct text *out, bool *any, bool set, const char *name)
{
	if (!set)
		return;
	text_add_string(out, *any ? ",\"" : "\"");
	text_add_string(out, name);
	text_add(out, "\"", 1);
	*any = true;
}

/* What the client asked for, beside its question. */
static void write_flags(struct text *out, const struct observation *seen)
{
	size_t bytes;
	const uint8_t *message = query_of(seen, &bytes);
	struct query query;
	bool any = false, read;

	if (!message)
		return;
	query_read(message, bytes, &query);
	read = query.status == QUERY_OK || query.status == QUERY_BADVERS;
	write_key(out, "flags");
	text_add(out, "[", 1);
	write_flag(out, &any, query.flags & WIRE_RD, "rd");
	write_flag(out, &any, query.flags & WIRE_AD, "ad");
	write_flag(out, &any, query.flags & WIRE_CD, "cd");
	write_flag(out, &any, read && query.edns.present, "edns");
	write_flag(out, &any, read && query.edns.dnssec_ok, "do");
	write_flag(out, &any, read && query.edns.cookie_bytes, "cookie");
	write_flag(out, &any, read && query.edns.nsid, "nsid");
	text_add(out, "]", 1);
}

/* The extended codes of RFC 6891 follow from the outcome. */
static void write_rcode(struct text *out, const struct observation *seen)
{
	static const char *const names[16] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
		"NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"};
	size_t bytes;
	const uint8_t *reply = seen->family && seen->outcome >= OUTCOME_REPLIED_FIRST
		? message_of(seen->reply, seen->reply_kept, seen->reply_message, &bytes)
		: NULL;
	const char *name;

	if (!reply)
		return;
	name = names[wire_get16(reply + WIRE_FLAGS) & WIRE_RCODE_MASK];
	if (seen->outcome == OUTCOME_BADVERS || seen->outcome == OUTCOME_BADCOOKIE)
		name = seen->outcome == OUTCOME_BADVERS ? "BADVERS" : "BADCOOKIE";
	if (name)
		write_word(out, "rcode", name);
	write_number(out, "bytes", (long long)seen->reply_bytes - seen->reply_message);
}

static const char *path_name(const struct observation *seen)
{
	return seen->path == OBSERVE_WORKER    ? "worker"
		: seen->path == OBSERVE_PUNTED ? "punted"
					       : "kernel";
}

/* RFC 4648 section 4. */
static void write_base64(struct text *out, const char *key, const uint8_t *octets, size_t bytes)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *at;

	write_key(out, key);
	text_add(out, "\"", 1);
	at = text_reserve(out, (bytes + 2) / 3 * 4);
	if (!at)
		return;
	for (size_t i = 0; i < bytes; i += 3, at += 4) {
		uint32_t word = (uint32_t)octets[i] << 16;

		word |= i + 1 < bytes ? (uint32_t)octets[i + 1] << 8 : 0;
		word |= i + 2 < bytes ? octets[i + 2] : 0;
		at[0] = digits[word >> 18];
		at[1] = digits[word >> 12 & 63];
		at[2] = i + 1 < bytes ? digits[word >> 6 & 63] : '=';
		at[3] = i + 2 < bytes ? digits[word & 63] : '=';
	}
	out->bytes += (bytes + 2) / 3 * 4;
	text_add(out, "\"", 1);
}

static void write_packets(struct text *out, const struct observation *seen)
{
	write_number(out, "query_bytes", seen->query_bytes);
	write_base64(out, "query", seen->query, seen->query_kept);
	if (!seen->reply_bytes)
		return;
	write_number(out, "reply_bytes", seen->reply_bytes);
	write_base64(out, "reply", seen->reply, seen->reply_kept);
}

void trace_row_write(
	struct text *out, const struct observation *seen, uint64_t when_ns, bool packets)
{
	write_time(out, when_ns);
	write_ends(out, seen);
	write_question(out, seen);
	write_flags(out, seen);
	write_rcode(out, seen);
	write_word(out, "outcome", outcome_name((enum outcome)seen->outcome));
	write_word(out, "transport", seen->path == OBSERVE_TCP ? "tcp" : "udp");
	write_word(out, "path", path_name(seen));
	if (seen->path == OBSERVE_WORKER)
		write_number(out, "worker", seen->worker);
	if (seen->why & OBSERVE_SAMPLED)
		write_number(out, "one_in", seen->one_in);
	if (packets)
		write_packets(out, seen);
	text_add(out, "}", 1);
}
