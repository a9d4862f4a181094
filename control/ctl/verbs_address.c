/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl address add|remove|list, drain, undrain. */
#include "control/ctl/verbs.h"

#include <stdio.h>
#include <string.h>

/* "configuration, interface lo" */
static void print_sources(json_t *object)
{
	json_t *sources = json_object_get(object, "sources"), *source;
	size_t index;

	json_array_foreach (sources, index, source)
		printf("%s%s", index ? ", " : "", json_string_value(source));
}

static void print_address(json_t *item)
{
	printf("%s port %lld: ", verbs_text(item, "address"), verbs_number(item, "port"));
	print_sources(item);
	putchar('\n');
}

/* Prints a result as JSON, or has it printed; CTL_NOTHING where nothing has changed. */
static enum ctl_status show(const struct ctl *ctl, json_t *result, void (*print)(json_t *result))
{
	bool changed = json_is_true(json_object_get(result, "changed"));

	if (ctl->json)
		verbs_print_json(result);
	else
		print(result);
	json_decref(result);
	return changed ? CTL_OK : CTL_NOTHING;
}

static void print_added(json_t *result)
{
	if (!json_is_true(json_object_get(result, "changed"))) {
		printf("%s: was added before\n", verbs_text(result, "address"));
		return;
	}
	printf("%s: answering, %s\n", verbs_text(result, "address"), verbs_text(result, "kept"));
}

static void print_removed(json_t *result)
{
	printf("%s: ", verbs_text(result, "address"));
	if (!json_is_true(json_object_get(result, "changed"))) {
		puts("is no address that arpad answers on");
	} else if (json_array_size(json_object_get(result, "sources"))) {
		fputs("still answering, for it is also of: ", stdout);
		print_sources(result);
		putchar('\n');
	} else {
		puts("no longer answering");
	}
}

static enum ctl_status change(const struct ctl *ctl, int argc, char **argv, const char *method,
	void (*print)(json_t *result))
{
	enum ctl_status outcome;
	json_t *result;

	if (argc != 2)
		return verbs_usage("address %s takes one address", argv[0]);
	outcome = verbs_call(ctl, method, json_pack("{s:s}", "address", argv[1]), &result);
	return outcome == CTL_OK ? show(ctl, result, print) : outcome;
}

static enum ctl_status add(const struct ctl *ctl, int argc, char **argv)
{
	return change(ctl, argc, argv, "address.add", print_added);
}

static enum ctl_status remove_one(const struct ctl *ctl, int argc, char **argv)
{
	return change(ctl, argc, argv, "address.remove", print_removed);
}

static enum ctl_status list(const struct ctl *ctl, int argc, char **argv)
{
	if (argc != 1)
		return verbs_usage("address %s takes no argument", argv[0]);
	return verbs_list(ctl, "address.list", NULL, print_address);
}

static void print_steering(json_t *result)
{
	bool draining = strcmp(verbs_text(result, "steering"), "draining") == 0;
	bool changed = json_is_true(json_object_get(result, "changed"));

	if (draining)
		printf("%s: the kernel gets all packets, and its sockets answer\n",
			changed ? "draining" : "was draining before");
	else
		printf("%s: the workers answer\n",
			changed ? "no longer draining" : "was not draining");
}

static enum ctl_status steer(const struct ctl *ctl, int argc, char **argv, const char *method)
{
	enum ctl_status outcome;
	json_t *result;

	if (argc != 1)
		return verbs_usage("%s takes no argument", argv[0]);
	outcome = verbs_call(ctl, method, NULL, &result);
	return outcome == CTL_OK ? show(ctl, result, print_steering) : outcome;
}

static enum ctl_status drain(const struct ctl *ctl, int argc, char **argv)
{
	return steer(ctl, argc, argv, "server.drain");
}

static enum ctl_status undrain(const struct ctl *ctl, int argc, char **argv)
{
	return steer(ctl, argc, argv, "server.undrain");
}

const struct verb verbs_address[] = {
	{"address", "add", "ADDRESS",
		"Answers on one more address, at once, over UDP and TCP, until arpad ends. What "
		"shall\n"
		"stay belongs into listen.addresses of the configuration. Without \"ports\" "
		"there,\n"
		"ADDRESS@PORT is allowed. Exit status 6: it was added before.\n"
		"\n"
		"  arpactl address add 192.0.2.53\n",
		add},
	{"address", "remove", "ADDRESS",
		"Gives up an address that \"address add\" added. Those of the configuration and "
		"of\n"
		"followed interfaces are refused, with what to do. Exit status 6: there is no "
		"such\n"
		"address.\n"
		"\n"
		"  arpactl address remove 192.0.2.53\n",
		remove_one},
	{"address", "list", "",
		"Every address that is answered on, its port, and who wants it: the configuration, "
		"an\n"
		"interface, arpactl.\n"
		"\n"
		"  arpactl address list\n",
		list},
	{"drain", NULL, "",
		"Gives all packets of shared interfaces to the kernel, whose sockets go on "
		"answering,\n"
		"slower; no query is lost. It lasts over a reload, until undrain or the end of "
		"arpad.\n"
		"Exit status 6: it was so before.\n"
		"\n"
		"  arpactl drain\n",
		drain},
	{"undrain", NULL, "",
		"Lets the workers answer again. Exit status 6: arpad was not draining.\n"
		"\n"
		"  arpactl undrain\n",
		undrain},
	{.object = NULL},
};
