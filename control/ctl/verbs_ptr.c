/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl ptr set, show, list, unset. */
#include "control/ctl/bulk.h"
#include "control/ctl/verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* "ADDRESS NAME TTL" lines: what "ptr set -" reads. */
static void print_row(json_t *row)
{
	json_t *name;
	size_t index;

	json_array_foreach (json_object_get(row, "names"), index, name)
		printf("%s %s %lld\n", verbs_text(row, "address"), json_string_value(name),
			verbs_number(row, "ttl"));
}

/* Prints the result in the way that was asked for, and frees it. */
static void print_change(const struct ctl *ctl, const char *what, json_t *result)
{
	if (ctl->json)
		verbs_print_json(result);
	else
		printf("%s %s (change %lld)\n", verbs_text(result, "address"), what,
			verbs_number(result, "seq"));
	json_decref(result);
}

static enum ctl_status set_one(const struct ctl *ctl, json_t *params, int argc, char **argv)
{
	json_t *names = json_array(), *result;
	enum ctl_status status;

	for (int i = 1; i < argc; i++)
		json_array_append_new(names, json_string(argv[i]));
	json_object_set_new(params, "address", json_string(argv[0]));
	json_object_set_new(params, "names", names);
	if (json_array_size(names) != (size_t)argc - 1) {
		json_decref(params);
		return verbs_usage("a name is not UTF-8; write other octets as \\DDD");
	}
	status = verbs_call(ctl, "ptr.set", params, &result);
	if (status == CTL_OK)
		print_change(ctl, "set", result);
	return status;
}

static enum ctl_status set(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
		{"ttl", required_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
	json_t *params = json_object();
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option != 't' || !verbs_set_number(params, "ttl", optarg)) {
			json_decref(params);
			return verbs_usage("--ttl takes a number of seconds");
		}
	argc -= optind;
	argv += optind;
	if (argc >= 2)
		return set_one(ctl, params, argc, argv);
	if (argc == 1 && strcmp(argv[0], "-") == 0)
		return bulk_set(ctl, params);
	json_decref(params);
	return verbs_usage("ptr set takes ADDRESS NAME..., or - to read them");
}

/* The one argument of a verb without options, or NULL after a complaint. */
static const char *one_argument(int argc, char **argv, const char *what)
{
	if (argc == 2)
		return argv[1];
	verbs_usage("ptr %s takes one %s", argv[0], what);
	return NULL;
}

static enum ctl_status show(const struct ctl *ctl, int argc, char **argv)
{
	const char *address = one_argument(argc, argv, "address");
	enum ctl_status status;
	json_t *result;

	if (!address)
		return CTL_USAGE;
	status = verbs_call(ctl, "ptr.show", json_pack("{s:s}", "address", address), &result);
	if (status != CTL_OK)
		return status;
	if (ctl->json)
		verbs_print_json(result);
	else
		print_row(result);
	json_decref(result);
	return CTL_OK;
}

static enum ctl_status unset(const struct ctl *ctl, int argc, char **argv)
{
	const char *address = one_argument(argc, argv, "address");
	enum ctl_status status;
	json_t *result;

	if (!address)
		return CTL_USAGE;
	status = verbs_call(ctl, "ptr.unset", json_pack("{s:s}", "address", address), &result);
	if (status == CTL_OK)
		print_change(ctl, "unset", result);
	return status;
}

static enum ctl_status list(const struct ctl *ctl, int argc, char **argv)
{
	json_t *params = json_object();

	if (argc > 2) {
		json_decref(params);
		return verbs_usage("ptr list takes at most one prefix");
	}
	if (argc == 2)
		json_object_set_new(params, "prefix", json_string(argv[1]));
	return verbs_list(ctl, "ptr.list", params, print_row);
}

const struct verb verbs_ptr[] = {
	{"ptr", "set", "ADDRESS NAME... [--ttl N] | -",
		"Sets the 1 to 10 names of an address. When it returns, the change is on disk and "
		"in\n"
		"every answer. TTL in seconds, 1 to 2147483647; default: zones.ttl.\n"
		"With - it reads \"ADDRESS NAME [TTL]\" lines from standard input, sends them "
		"without\n"
		"waiting for each, and prints each address once its change is on disk.\n"
		"\n"
		"  arpactl ptr set 192.0.2.7 mx.example.net. --ttl 300\n"
		"  arpactl ptr set - < names.txt\n",
		set},
	{"ptr", "show", "ADDRESS",
		"Prints the names of an address, one \"ADDRESS NAME TTL\" a line. Exit 6: none.\n"
		"\n"
		"  arpactl ptr show 2001:db8::7\n",
		show},
	{"ptr", "list", "[PREFIX]",
		"Prints all names at and below a prefix, in address order, as \"ptr set -\" reads "
		"them.\n"
		"\n"
		"  arpactl ptr list 192.0.2.0/24\n",
		list},
	{"ptr", "unset", "ADDRESS",
		"Removes the names of an address. Exit 6: there were none.\n"
		"\n"
		"  arpactl ptr unset 192.0.2.7\n",
		unset},
	{.object = NULL},
};
