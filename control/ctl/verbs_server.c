/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl status, stats, stop. */
#include "control/ctl/verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* A stop ends when the store is closed, which waits for the disk. */
enum { STOP_TIMEOUT_S = 30 };

static enum ctl_status no_arguments(int argc, char **argv)
{
	return argc == 1 ? CTL_OK : verbs_usage("%s takes no argument", argv[0]);
}

static void print_limit(const char *what, const char *name, json_t *limit)
{
	if (json_is_true(json_object_get(limit, "on")))
		printf("%s: limited (%s)\n", what, name);
	else
		printf("%s: not limited (%s: %s)\n", what, name, verbs_text(limit, "why"));
}

static void print_privileges(json_t *privileges)
{
	const char *capabilities = verbs_text(privileges, "capabilities");

	printf("user: %s\ncapabilities of the control thread: %s\n", verbs_text(privileges, "user"),
		*capabilities ? capabilities : "none");
	print_limit("system calls", "seccomp", json_object_get(privileges, "seccomp"));
	print_limit("files", "Landlock", json_object_get(privileges, "landlock"));
}

static void print_status(json_t *result)
{
	json_t *workers = json_object_get(result, "workers"), *worker, *port;
	size_t index;

	printf("arpad %s, pid %lld, %s for %lld s\n", verbs_text(result, "version"),
		verbs_number(result, "pid"),
		json_is_true(json_object_get(result, "ready")) ? "serving" : "starting",
		verbs_number(result, "uptime_s"));
	printf("zones: %lld\nowners: %lld\nrrsets: %lld\nlast change: %lld\nwaiting to be freed: "
	       "%lld\n",
		verbs_number(result, "zones"), verbs_number(result, "owners"),
		verbs_number(result, "rrsets"), verbs_number(result, "seq"),
		verbs_number(result, "waiting"));
	printf("addresses: %lld\n", verbs_number(result, "addresses"));
	if (strcmp(verbs_text(result, "steering"), "none") != 0)
		printf("steering: %s\n", verbs_text(result, "steering"));
	if (json_array_size(workers))
		printf("hugepages: %s\n",
			json_is_true(json_object_get(result, "hugepages")) ? "yes" : "no (slower)");
	if (json_object_get(result, "privileges"))
		print_privileges(json_object_get(result, "privileges"));
	if (json_object_get(result, "tcp_clients"))
		printf("tcp clients: %lld of at most %lld\n", verbs_number(result, "tcp_clients"),
			verbs_number(result, "tcp_clients_max"));
	json_array_foreach (workers, index, worker)
		printf("worker %zu: port %s, queue %lld, core %lld\n", index,
			verbs_text(worker, "port"), verbs_number(worker, "queue"),
			verbs_number(worker, "core"));
	json_array_foreach (json_object_get(result, "ports"), index, port)
		printf("port %s: link %s, %lld Mb/s, MTU %lld\n", verbs_text(port, "port"),
			verbs_text(port, "link"), verbs_number(port, "speed_mbps"),
			verbs_number(port, "mtu"));
}

static enum ctl_status status(const struct ctl *ctl, int argc, char **argv)
{
	json_t *result;
	enum ctl_status outcome = no_arguments(argc, argv);

	if (outcome == CTL_OK)
		outcome = verbs_call(ctl, "server.status", NULL, &result);
	if (outcome != CTL_OK)
		return outcome;
	if (ctl->json)
		verbs_print_json(result);
	else
		print_status(result);
	json_decref(result);
	return CTL_OK;
}

/*
 * "PREFIX.KEY VALUE" for every number, so that a line can be cut out by its name, and the sentence
 * behind it where `explain` has one.
 */
static void print_explained(const char *prefix, json_t *object, json_t *explain)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		const char *sentence = verbs_text(explain, key);

		if (json_is_integer(value))
			printf("%s%s%s %lld%s%s\n", prefix, *prefix ? "." : "", key,
				(long long)json_integer_value(value), *sentence ? "  # " : "",
				sentence);
		if (json_is_real(value))
			printf("%s%s%s %.3f\n", prefix, *prefix ? "." : "", key,
				json_real_value(value));
	}
}

static void print_numbers(const char *prefix, json_t *object)
{
	print_explained(prefix, object, NULL);
}

static void print_rate_limit(const char *prefix, json_t *entry)
{
	json_t *rate = json_object_get(entry, "rate_limit");
	char name[300];

	snprintf(name, sizeof(name), "%srate_limit", prefix);
	print_numbers(name, rate);
	snprintf(name, sizeof(name), "%srate_limit.limited", prefix);
	print_numbers(name, json_object_get(rate, "limited"));
}

static void print_stats(json_t *result)
{
	char prefix[256];
	json_t *entry;
	size_t index;

	print_explained(
		"outcome", json_object_get(result, "outcomes"), json_object_get(result, "explain"));
	print_numbers("", result);
	print_rate_limit("", result);
	print_numbers("table", json_object_get(result, "table"));
	json_array_foreach (json_object_get(result, "workers"), index, entry) {
		snprintf(prefix, sizeof(prefix), "worker.%zu", index);
		print_numbers(prefix, entry);
		snprintf(prefix, sizeof(prefix), "worker.%zu.", index);
		print_rate_limit(prefix, entry);
		snprintf(prefix, sizeof(prefix), "worker.%zu.outcome", index);
		print_numbers(prefix, json_object_get(entry, "outcomes"));
	}
	entry = json_object_get(result, "listener");
	print_numbers("listener", entry);
	print_rate_limit("listener.", entry);
	print_numbers("listener.outcome", json_object_get(entry, "outcomes"));
	print_numbers("listener.punted", json_object_get(entry, "punted"));
	json_array_foreach (json_object_get(result, "ports"), index, entry) {
		snprintf(prefix, sizeof(prefix), "port.%s", verbs_text(entry, "port"));
		print_numbers(prefix, entry);
	}
	json_array_foreach (json_object_get(result, "steer"), index, entry) {
		snprintf(prefix, sizeof(prefix), "steer.%s", verbs_text(entry, "interface"));
		print_explained(prefix, json_object_get(entry, "verdicts"),
			json_object_get(result, "explain_steer"));
	}
}

static enum ctl_status stats(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
		{"explain", no_argument, NULL, 'e'}, {NULL, 0, NULL, 0}};
	json_t *params = NULL, *result;
	enum ctl_status outcome;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'e' || params) {
			json_decref(params);
			return CTL_USAGE;
		}
		params = json_pack("{s:b}", "explain", 1);
	}
	if (optind != argc) {
		json_decref(params);
		return verbs_usage("stats takes no argument");
	}
	outcome = verbs_call(ctl, "server.stats", params, &result);
	if (outcome != CTL_OK)
		return outcome;
	if (ctl->json)
		verbs_print_json(result);
	else
		print_stats(result);
	json_decref(result);
	return CTL_OK;
}

/* arpad closes the connection when its store is closed: then another one may start. */
static enum ctl_status stop(const struct ctl *ctl, int argc, char **argv)
{
	struct client client;
	json_t *result;
	enum ctl_status outcome = no_arguments(argc, argv);

	if (outcome == CTL_OK)
		outcome = verbs_connect(ctl, STOP_TIMEOUT_S, &client);
	if (outcome != CTL_OK)
		return outcome;
	outcome = client_call(&client, "server.stop", NULL, ctl->json, &result);
	if (outcome == CTL_OK)
		outcome = client_wait_end(&client);
	if (outcome == CTL_OK && ctl->json)
		verbs_print_json(result);
	else if (outcome == CTL_OK)
		puts("stopped");
	json_decref(result);
	client_close(&client);
	return outcome;
}

const struct verb verbs_server[] = {
	{"status", NULL, "",
		"What runs: version, zones, names, workers.\n"
		"\n"
		"  arpactl status\n",
		status},
	{"stats", NULL, "[--explain]",
		"All counters, one \"NAME VALUE\" a line. --explain adds what each outcome\n"
		"and each verdict of the steering program means.\n"
		"\n"
		"  arpactl stats | grep ^outcome\n",
		stats},
	{"stop", NULL, "",
		"Stops arpad and waits for its end. The kernel gets the packets back first.\n"
		"\n"
		"  arpactl stop\n",
		stop},
	{.object = NULL},
};
