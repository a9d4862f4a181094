/* SPDX-License-Identifier: BSD-3-Clause */
/* What several verbs share: one call, one list, one way to complain. */
#include "control/ctl/verbs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TIMEOUT_S = 30 };

enum ctl_status verbs_connect(const struct ctl *ctl, int default_s, struct client *client)
{
	int seconds = ctl->timeout_s ? ctl->timeout_s : default_s;
	enum ctl_status status = client_open(client, ctl->socket, seconds * 1000);

	if (status != CTL_OK)
		client_close(client);
	return status;
}

enum ctl_status verbs_usage(const char *format, ...)
{
	va_list arguments;

	fputs("arpactl: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputs("\nTry \"arpactl --help\".\n", stderr);
	return CTL_USAGE;
}

bool verbs_set_number(json_t *params, const char *key, const char *text)
{
	size_t length = strlen(text);

	/* 10 figures hold every value of the protocol, and no 64-bit overflow. */
	if (!length || length > 10 || strspn(text, "0123456789") != length)
		return false;
	return json_object_set_new(params, key, json_integer(atoll(text))) == 0;
}

enum ctl_status verbs_call(
	const struct ctl *ctl, const char *method, json_t *params, json_t **result)
{
	struct client client;
	enum ctl_status status = verbs_connect(ctl, DEFAULT_TIMEOUT_S, &client);

	*result = NULL;
	if (status != CTL_OK) {
		json_decref(params);
		return status;
	}
	status = client_call(&client, method, params, ctl->json, result);
	client_close(&client);
	return status;
}

static void print_items(const struct ctl *ctl, json_t *items, bool *first, void (*print)(json_t *))
{
	size_t index;
	json_t *item;

	json_array_foreach (items, index, item) {
		if (ctl->json) {
			fputs(*first ? "[" : ",\n", stdout);
			json_dumpf(item, stdout, JSON_COMPACT);
		} else {
			print(item);
		}
		*first = false;
	}
}

static enum ctl_status receive_pages(
	const struct ctl *ctl, struct client *client, void (*print)(json_t *))
{
	bool first = true, more = true;

	while (more) {
		json_t *reply;
		enum ctl_status status = client_receive(client, &reply);

		if (status == CTL_NOT_RUNNING)
			fprintf(stderr, "arpactl: arpad has closed the connection\n");
		if (status != CTL_OK)
			return status;
		status = client_check(reply, NULL, ctl->json && first);
		more = json_is_true(json_object_get(reply, "more"));
		if (status == CTL_OK)
			print_items(ctl, json_object_get(reply, "result"), &first, print);
		json_decref(reply);
		if (status != CTL_OK)
			return status;
	}
	if (ctl->json)
		puts(first ? "[]" : "]");
	return CTL_OK;
}

enum ctl_status verbs_list(
	const struct ctl *ctl, const char *method, json_t *params, void (*print)(json_t *item))
{
	struct client client;
	enum ctl_status status = verbs_connect(ctl, DEFAULT_TIMEOUT_S, &client);

	if (status != CTL_OK) {
		json_decref(params);
		return status;
	}
	status = client_send(&client, 1, method, params);
	if (status == CTL_OK)
		status = receive_pages(ctl, &client, print);
	client_close(&client);
	return status;
}

void verbs_print_json(json_t *result)
{
	json_dumpf(result, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
	putchar('\n');
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
