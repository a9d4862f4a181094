/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config/config_dnstap.h"

#include <limits.h>
#include <string.h>
#include <sys/un.h>

enum { MIB_DEFAULT = 1024, MIB_MAX = 1 << 20, OLD_BYTES = sizeof(".old") };

static int check_path(
	const struct config_check *check, const char *key, const char *path, size_t most)
{
	if (!path || (path[0] == '/' && path[1] && strlen(path) <= most))
		return 0;
	return config_value_refuse(
		check, key, "\"%s\" is not an absolute path of at most %zu bytes", path, most);
}

static int check_text(const struct config_check *check, const char *key, const char *text)
{
	if (!text || strlen(text) <= DNSTAP_TEXT_MAX_BYTES)
		return 0;
	return config_value_refuse(
		check, key, "the text is longer than %d octets", DNSTAP_TEXT_MAX_BYTES);
}

static int check_where(const struct config_check *check, const struct config_raw_dnstap *raw)
{
	enum { SOCKET_MOST = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1 };

	if ((check_path(check, "dnstap.socket", raw->socket, SOCKET_MOST) |
		    check_path(check, "dnstap.file", raw->file, PATH_MAX - OLD_BYTES)) != 0)
		return -1;
	if (raw->socket && raw->file)
		return config_value_refuse(check, "dnstap.file",
			"there is a socket too, and only one of them can be; leave one out");
	return 0;
}

static int check_what(const struct config_check *check, const struct config_raw_dnstap *raw,
	struct dnstap_settings *dnstap)
{
	static const char *const words[] = {"no", "yes", NULL};
	unsigned queries = 1, responses = 1;

	if ((config_value_word(check, "dnstap.queries", raw->queries, words, &queries) |
		    config_value_word(
			    check, "dnstap.responses", raw->responses, words, &responses)) != 0)
		return -1;
	if (!queries && !responses)
		return config_value_refuse(check, "dnstap.responses",
			"neither queries nor responses are to be told; leave dnstap out instead");
	dnstap->queries = queries;
	dnstap->responses = responses;
	return 0;
}

int config_dnstap_check(const struct config_check *check)
{
	static const struct config_raw_dnstap empty;
	const struct config_raw_dnstap *raw = check->raw->dnstap ? check->raw->dnstap : &empty;
	struct dnstap_settings *dnstap = &check->config->dnstap;
	long mib = MIB_DEFAULT;
	int result = check_where(check, raw) | check_what(check, raw, dnstap) |
		check_text(check, "dnstap.identity", raw->identity) |
		check_text(check, "dnstap.version", raw->version) |
		config_value_number(check, "dnstap.file-mib", raw->file_mib, 1, MIB_MAX, &mib);

	dnstap->socket = raw->socket;
	dnstap->file = raw->file;
	dnstap->file_max_bytes = (uint64_t)mib << 20;
	dnstap->source.identity = raw->identity;
	dnstap->source.version = raw->version ? raw->version : "arpad " ARPAD_VERSION;
	return result;
}
