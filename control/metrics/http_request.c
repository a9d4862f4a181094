/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/metrics/http_request.h"

#include <string.h>

/* A part of the request. */
struct piece {
	const char *octets;
	size_t bytes;
};

static bool is(struct piece piece, const char *text)
{
	return piece.bytes == strlen(text) && memcmp(piece.octets, text, piece.bytes) == 0;
}

static bool begins(struct piece piece, const char *text)
{
	return piece.bytes >= strlen(text) && memcmp(piece.octets, text, strlen(text)) == 0;
}

/* Cuts what stands before the first of `end` off the rest; false: there is none. */
static bool cut(struct piece *rest, char end, struct piece *before)
{
	const char *at = rest->bytes ? memchr(rest->octets, end, rest->bytes) : NULL;

	if (!at)
		return false;
	*before = (struct piece){rest->octets, (size_t)(at - rest->octets)};
	rest->bytes -= before->bytes + 1;
	rest->octets = at + 1;
	return true;
}

/* A line without its end: CRLF, or LF alone (RFC 9112 2.2). */
static bool cut_line(struct piece *rest, struct piece *line)
{
	if (!cut(rest, '\n', line))
		return false;
	if (line->bytes && line->octets[line->bytes - 1] == '\r')
		line->bytes--;
	return true;
}

static bool is_visible(struct piece piece)
{
	for (size_t i = 0; i < piece.bytes; i++)
		if (piece.octets[i] <= ' ' || piece.octets[i] >= 0x7f)
			return false;
	return piece.bytes > 0;
}

/* The forms that a server must take: /path and http://host/path (RFC 9112 3.2). */
static bool read_path(struct piece target, char path[static HTTP_PATH_BYTES])
{
	static const char scheme[] = "http://";
	size_t bytes = 0;

	if (begins(target, scheme)) {
		struct piece host;

		target.octets += strlen(scheme);
		target.bytes -= strlen(scheme);
		if (!cut(&target, '/', &host))
			return false;
		target.octets--;
		target.bytes++;
	}
	if (!begins(target, "/"))
		return false;
	while (bytes < target.bytes && bytes < HTTP_PATH_BYTES - 1 && target.octets[bytes] != '?' &&
		target.octets[bytes] != '#') {
		path[bytes] = target.octets[bytes];
		bytes++;
	}
	path[bytes] = '\0';
	return true;
}

static enum http_verdict read_line(struct piece line, char path[static HTTP_PATH_BYTES])
{
	struct piece method, target;

	if (!cut(&line, ' ', &method) || !cut(&line, ' ', &target) || !is_visible(method) ||
		!is_visible(target) || !begins(line, "HTTP/") || !is_visible(line))
		return HTTP_BAD_REQUEST;
	if (!is(line, "HTTP/1.1") && !is(line, "HTTP/1.0"))
		return HTTP_BAD_VERSION;
	if (!is(method, "GET") && !is(method, "HEAD"))
		return HTTP_BAD_METHOD;
	if (!read_path(target, path))
		return HTTP_BAD_REQUEST;
	return is(method, "GET") ? HTTP_GET : HTTP_HEAD;
}

enum http_verdict http_request_read(
	const char *octets, size_t bytes, char path[static HTTP_PATH_BYTES])
{
	struct piece rest = {octets, bytes}, line, field;
	enum http_verdict more = bytes >= HTTP_REQUEST_MAX_BYTES ? HTTP_TOO_LARGE : HTTP_MORE;
	enum http_verdict verdict;

	path[0] = '\0';
	if (!cut_line(&rest, &line))
		return more;
	verdict = read_line(line, path);
	/* Nothing that follows would make it better. */
	if (verdict != HTTP_GET && verdict != HTTP_HEAD)
		return verdict;
	do {
		if (!cut_line(&rest, &field))
			return more;
	} while (field.bytes);
	return verdict;
}
