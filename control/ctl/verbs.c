/* SPDX-License-Identifier: BSD-3-Clause */
/* What several verbs share: one call, one list, one way to complain and to show. */
#include "control/ctl/verbs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of shares and rates as many figures are right. */
enum { DEFAULT_TIMEOUT_S = 30, MESSAGE_BYTES = 2048, REAL_FIGURES = 10 };

enum ctl_status verbs_connect(const struct ctl *ctl, int default_s, struct client *client)
{
	int seconds = ctl->timeout_s ? ctl->timeout_s : default_s;
	enum ctl_status status = client_open(client, ctl->socket, seconds * 1000);

	if (status != CTL_OK)
		client_close(client);
	return status;
}

struct client *verbs_kept(const struct ctl *ctl, int default_s, enum ctl_status *status)
{
	struct client *client = ctl->kept;

	*status = CTL_OK;
	if (client_is_usable(client)) {
		client->timeout_ms = (ctl->timeout_s ? ctl->timeout_s : default_s) * 1000;
		return client;
	}
	client_close(client);
	*status = verbs_connect(ctl, default_s, client);
	return *status == CTL_OK ? client : NULL;
}

enum ctl_status verbs_usage(const char *format, ...)
{
	char message[MESSAGE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	output_message("%s", message);
	return CTL_USAGE;
}

bool verbs_set_number(json_t *params, const char *key, const char *text)
{
	size_t length = strlen(text);

	if (!length || length > VERB_NUMBER_FIGURES_MAX || strspn(text, "0123456789") != length)
		return false;
	return json_object_set_new(params, key, json_integer(atoll(text))) == 0;
}

enum ctl_status verbs_call_within(
	const struct ctl *ctl, int default_s, const char *method, json_t *params, json_t **result)
{
	enum ctl_status status;
	struct client *client = verbs_kept(ctl, default_s, &status);

	*result = NULL;
	if (client)
		return client_call(client, method, params, ctl->json, result);
	json_decref(params);
	return status;
}

enum ctl_status verbs_call(
	const struct ctl *ctl, const char *method, json_t *params, json_t **result)
{
	return verbs_call_within(ctl, DEFAULT_TIMEOUT_S, method, params, result);
}

enum ctl_status verbs_list(
	const struct ctl *ctl, const char *method, json_t *params, const struct list_form *form)
{
	enum ctl_status status;
	struct client *client = verbs_kept(ctl, DEFAULT_TIMEOUT_S, &status);

	if (!client) {
		json_decref(params);
		return status;
	}
	if (form->follows && !ctl->timeout_s)
		client->timeout_ms = CLIENT_NO_TIMEOUT;
	status = client_send(client, 1, method, params);
	return status == CTL_OK ? list_receive(ctl->format, form, client) : status;
}

json_t *verbs_take(struct arguments *arguments)
{
	json_t *params = arguments->params;

	arguments->params = NULL;
	return params;
}

/* What the change was of. */
static const char *subject_of(json_t *result)
{
	static const char *const keys[] = {"address", "zone", "prefix", "txn", NULL};

	for (const char *const *key = keys; *key; key++)
		if (json_is_string(json_object_get(result, *key)))
			return verbs_text(result, *key);
	return "";
}

static void print_change(const struct verb *verb, json_t *result)
{
	const char *subject = subject_of(result), *gap = *subject ? " " : "";

	output_text(subject, strlen(subject));
	if (json_object_get(result, "staged"))
		printf("%sstaged (%lld %s)\n", *subject ? ": " : "", verbs_number(result, "staged"),
			verbs_number(result, "staged") == 1 ? "operation" : "operations");
	else if (json_is_false(json_object_get(result, "changed")))
		printf("%snothing changed\n", *subject ? ": " : "");
	else if (json_object_get(result, "removed"))
		printf("%s%s: %lld removed (change %lld)\n", gap, verb->done,
			verbs_number(result, "removed"), verbs_number(result, "seq"));
	else if (json_object_get(result, "seq"))
		printf("%s%s (change %lld)\n", gap, verb->done, verbs_number(result, "seq"));
	else
		printf("%s%s\n", gap, verb->done);
}

enum ctl_status verbs_show_change(const struct ctl *ctl, const struct verb *verb, json_t *result)
{
	bool nothing =
		(verb->flags & VERB_NOTHING) && json_is_false(json_object_get(result, "changed"));
	json_t *warning;
	size_t index;

	json_array_foreach (json_object_get(result, "warnings"), index, warning)
		output_message("warning: %s", json_string_value(warning));
	if (ctl->format != OUTPUT_TEXT)
		verbs_print_json(result);
	else if (!ctl->quiet)
		print_change(verb, result);
	json_decref(result);
	return nothing ? CTL_NOTHING : CTL_OK;
}

void verbs_print_json(json_t *result)
{
	char *text = json_dumps(
		result, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_FIGURES));

	if (text)
		output_lines(text, strlen(text));
	putchar('\n');
	free(text);
}

static void print_scalar(json_t *value)
{
	if (json_is_string(value))
		output_text(json_string_value(value), json_string_length(value));
	else if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		printf("%.3f", json_real_value(value));
	else
		fputs(json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "-", stdout);
}

static void print_member(const char *key, json_t *value)
{
	json_t *item;
	size_t index;
	const char *name;

	if (json_is_array(value)) {
		json_array_foreach (value, index, item)
			print_member(key, item);
		return;
	}
	if (json_is_object(value)) {
		json_object_foreach (value, name, item)
			print_member(name, item);
		return;
	}
	output_strong(key);
	fputs(": ", stdout);
	print_scalar(value);
	putchar('\n');
}

void verbs_print_members(json_t *result)
{
	const char *key;
	json_t *value;

	json_object_foreach (result, key, value)
		print_member(key, value);
}

const char *verbs_text(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

long long verbs_number(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool verbs_flag(json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}
