/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/trace_row.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT_BYTES = 64, NS_A_SECOND = 1000000000 };

/* A short string's text; "" for anything else. */
static void short_text(struct span row, const char *key, char text[static TEXT_BYTES])
{
	struct span value = span_member(row, key);

	text[0] = '\0';
	if (!value.at || value.bytes >= TEXT_BYTES || *value.at != '"')
		return;
	text[span_text(value, text)] = '\0';
}

/* A whole number of at most `high`. */
static bool number(struct span row, const char *key, unsigned long high, unsigned long *value)
{
	struct span text = span_member(row, key);
	char figures[TEXT_BYTES], *end;

	if (!text.at || text.bytes == 0 || text.bytes > 10 || *text.at < '0' || *text.at > '9')
		return false;
	memcpy(figures, text.at, text.bytes);
	figures[text.bytes] = '\0';
	*value = strtoul(figures, &end, 10);
	return *end == '\0' && *value <= high;
}

static bool read_time(struct span row, uint64_t *time_ns)
{
	char text[TEXT_BYTES];
	struct tm day = {.tm_isdst = 0};
	unsigned fraction;
	int end = 0;
	time_t seconds;

	short_text(row, "time", text);
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%9uZ%n", &day.tm_year, &day.tm_mon, &day.tm_mday,
		    &day.tm_hour, &day.tm_min, &day.tm_sec, &fraction, &end) != 7 ||
		end != sizeof("2026-01-31T23:59:59.123456789Z") - 1)
		return false;
	day.tm_year -= 1900;
	day.tm_mon -= 1;
	seconds = timegm(&day);
	if (seconds < 0)
		return false;
	*time_ns = (uint64_t)seconds * NS_A_SECOND + fraction;
	return true;
}

static uint8_t read_address(struct span row, const char *key, uint8_t octets[static 16])
{
	char text[TEXT_BYTES];

	short_text(row, key, text);
	if (inet_pton(AF_INET, text, octets) == 1)
		return 4;
	return inet_pton(AF_INET6, text, octets) == 1 ? 6 : 0;
}

/* Both addresses and ports; without one of them, none. */
static void read_ends(struct span row, struct trace_row *out)
{
	unsigned long client_port, server_port;
	uint8_t family = read_address(row, "client", out->client);

	if (read_address(row, "server", out->server) != family ||
		!number(row, "port", UINT16_MAX, &client_port) ||
		!number(row, "server_port", UINT16_MAX, &server_port))
		return;
	out->family = family;
	out->client_port = (uint16_t)client_port;
	out->server_port = (uint16_t)server_port;
}

static bool is_string(struct span value)
{
	return value.at && value.bytes >= 2 && value.at[0] == '"' &&
		value.at[value.bytes - 1] == '"';
}

static bool read_packet(struct span row, const char *key, const char *bytes_key,
	struct span *octets, uint32_t *bytes)
{
	unsigned long count;

	*octets = span_member(row, key);
	if (!is_string(*octets) || !number(row, bytes_key, UINT32_MAX, &count))
		return false;
	*bytes = (uint32_t)count;
	return true;
}

static void write_comment(struct span row, struct trace_row *out)
{
	char outcome[TEXT_BYTES], path[TEXT_BYTES];
	unsigned long worker, one_in;
	size_t used;

	short_text(row, "outcome", outcome);
	short_text(row, "path", path);
	used = (size_t)snprintf(
		out->comment, sizeof(out->comment), "outcome %s, path %s", outcome, path);
	if (number(row, "worker", UINT16_MAX, &worker))
		used += (size_t)snprintf(
			out->comment + used, sizeof(out->comment) - used, " %lu", worker);
	if (number(row, "one_in", UINT32_MAX, &one_in))
		snprintf(out->comment + used, sizeof(out->comment) - used, ", one in %lu", one_in);
}

bool trace_row_read(struct span row, struct trace_row *out)
{
	char path[TEXT_BYTES], transport[TEXT_BYTES];

	memset(out, 0, sizeof(*out));
	if (!read_time(row, &out->time_ns) ||
		!read_packet(row, "query", "query_bytes", &out->query, &out->query_bytes))
		return false;
	if (!read_packet(row, "reply", "reply_bytes", &out->reply, &out->reply_bytes))
		out->reply = (struct span){.at = NULL};
	short_text(row, "path", path);
	short_text(row, "transport", transport);
	out->frames = strcmp(path, "worker") == 0;
	out->tcp = strcmp(transport, "tcp") == 0;
	read_ends(row, out);
	write_comment(row, out);
	return out->frames || out->family;
}

/* The value of a digit, -1 of any other octet. */
static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* How many of four digits count: 2 to 4, or 0. `*word` holds their 24 bits. */
static unsigned read_four(const char *text, bool last, uint32_t *word)
{
	unsigned digits = 4;

	if (last && text[3] == '=')
		digits = text[2] == '=' ? 2 : 3;
	*word = 0;
	for (unsigned i = 0; i < 4; i++) {
		int value = i < digits ? digit(text[i]) : 0;

		if (value < 0)
			return 0;
		*word = *word << 6 | (uint32_t)value;
	}
	return digits;
}

long trace_row_decode(struct span text, uint8_t *to, size_t room)
{
	size_t used = 0, bytes;
	const char *at;

	if (!is_string(text) || (text.bytes - 2) % 4)
		return -1;
	at = text.at + 1;
	bytes = text.bytes - 2;
	for (size_t i = 0; i < bytes; i += 4) {
		uint32_t word;
		unsigned digits = read_four(at + i, i + 4 == bytes, &word);

		if (digits == 0 || room - used < digits - 1)
			return -1;
		for (unsigned octet = 0; octet < digits - 1; octet++)
			to[used++] = (uint8_t)(word >> (16 - 8 * octet));
	}
	return (long)used;
}

/* Puts headers in front of a message; `octets` has room for them before it. */
static void put_headers(const struct trace_row *row, bool reply, struct trace_streams *streams,
	uint8_t *octets, struct pcapng_packet *packet)
{
	uint8_t headers[PCAPNG_HEADERS_BYTES];
	uint32_t *own = reply ? &streams->server : &streams->client;
	const struct pcapng_message message = {
		.family = row->family,
		.tcp = row->tcp,
		.source = reply ? row->server : row->client,
		.destination = reply ? row->client : row->server,
		.source_port = reply ? row->server_port : row->client_port,
		.destination_port = reply ? row->client_port : row->server_port,
		.octets = octets,
		.kept = packet->kept,
		.bytes = packet->bytes,
		.sequence = *own,
		.acknowledged = reply ? streams->client : streams->server,
	};
	size_t bytes = pcapng_headers_write(&message, headers);

	memcpy(octets - bytes, headers, bytes);
	*own += (uint32_t)packet->bytes + 2; /* with the length field of TCP */
	packet->octets = octets - bytes;
	packet->kept += bytes;
	packet->bytes += bytes;
}

size_t trace_row_block(const struct trace_row *row, bool reply, struct trace_streams *streams,
	uint8_t to[static TRACE_ROW_BLOCK_BYTES])
{
	uint8_t room[PCAPNG_HEADERS_BYTES + TRACE_ROW_OCTETS],
		*octets = room + PCAPNG_HEADERS_BYTES;
	struct span text = reply ? row->reply : row->query;
	struct pcapng_packet packet = {
		.interface = row->frames ? PCAPNG_FRAMES : PCAPNG_MESSAGES,
		.time_ns = row->time_ns,
		.outbound = reply,
		.octets = octets,
		.bytes = reply ? row->reply_bytes : row->query_bytes,
		.comment = row->comment,
	};
	long kept = text.at ? trace_row_decode(text, octets, TRACE_ROW_OCTETS) : -1;

	if (kept < 0 || (size_t)kept > packet.bytes || (!row->frames && packet.bytes > UINT16_MAX))
		return 0;
	packet.kept = (size_t)kept;
	if (!row->frames)
		put_headers(row, reply, streams, octets, &packet);
	return pcapng_packet_write(&packet, to);
}
