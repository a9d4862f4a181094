/* SPDX-License-Identifier: BSD-3-Clause */
/* How to answer, as struct policy wants it. */
#include "control/config/config_answers.h"

#include <stdio.h>
#include <string.h>

/* RFC 6891 6.2.3: no less than 512; 4096 is the most that its 6.2.5 suggests. */
enum { UDP_LEAST_BYTES = 512, UDP_MOST_BYTES = 4096 };

static int text(const struct config_check *check, const char *key, const char *given,
	uint8_t *octets, size_t most, uint8_t *bytes)
{
	size_t length = given ? strlen(given) : 0;

	if (length > most)
		return config_value_refuse(
			check, key, "the text has %zu octets and may have %zu", length, most);
	if (length)
		memcpy(octets, given, length);
	*bytes = (uint8_t)length;
	return 0;
}

static bool hexadecimal(const char *digits, uint8_t *octets, size_t bytes)
{
	if (strlen(digits) != 2 * bytes || strspn(digits, "0123456789abcdefABCDEF") != 2 * bytes)
		return false;
	for (size_t i = 0; i < bytes; i++)
		sscanf(digits + 2 * i, "%2hhx", &octets[i]);
	return true;
}

/* The secret itself is never repeated: what is refused goes to a log. */
static int check_secrets(const struct config_check *check, const struct config_raw_answers *raw)
{
	struct cookie_secrets *secrets = &check->config->policy.secrets;
	char key[CONFIG_KEY_BYTES];
	int result = 0;

	for (unsigned i = 0; i < raw->cookie_secrets_count; i++) {
		snprintf(key, sizeof(key), "answers.cookie-secrets[%u]", i);
		if (!hexadecimal(raw->cookie_secrets[i], secrets->key[i], sizeof(secrets->key[i])))
			result = config_value_refuse(check, key,
				"a secret is %zu hexadecimal digits, as \"openssl rand -hex %zu\" "
				"makes them",
				2 * sizeof(secrets->key[i]), sizeof(secrets->key[i]));
	}
	secrets->count = raw->cookie_secrets_count;
	return result;
}

static int check_choices(const struct config_check *check, const struct config_raw_answers *raw)
{
	static const char *const any[] = {"minimal", "all", NULL};
	static const char *const cookies[] = {
		[POLICY_COOKIES_OFF] = "off",
		[POLICY_COOKIES_ON] = "on",
		[POLICY_COOKIES_ENFORCE] = "enforce",
		[POLICY_COOKIES_ENFORCE + 1] = NULL,
	};
	struct policy *policy = &check->config->policy;
	unsigned whole = policy->any_whole, mode = POLICY_COOKIES_ON;
	int result = config_value_word(check, "answers.any", raw->any, any, &whole) |
		config_value_word(check, "answers.cookies", raw->cookies, cookies, &mode);

	policy->any_whole = whole == 1;
	policy->cookies = (enum policy_cookies)mode;
	return result;
}

int config_answers_check(const struct config_check *check)
{
	static const struct config_raw_answers empty;
	const struct config_raw_answers *raw = check->raw->answers ? check->raw->answers : &empty;
	struct policy *policy = &check->config->policy;
	long udp;
	int result;

	*policy = policy_default();
	udp = policy->udp_bytes;
	result = config_value_number(check, "answers.udp-size", raw->udp_size, UDP_LEAST_BYTES,
			 UDP_MOST_BYTES, &udp) |
		check_choices(check, raw) | check_secrets(check, raw) |
		text(check, "answers.nsid", raw->nsid, policy->nsid, sizeof(policy->nsid),
			&policy->nsid_bytes) |
		text(check, "answers.identity", raw->identity, policy->identity.text,
			sizeof(policy->identity.text), &policy->identity.bytes) |
		text(check, "answers.version", raw->version, policy->version.text,
			sizeof(policy->version.text), &policy->version.bytes);
	policy->udp_bytes = (uint16_t)udp;
	return result;
}
