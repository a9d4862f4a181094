/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl status, stats, stop, drain, undrain. */
#include "control/ctl/stats.h"
#include "control/ctl/verbs.h"

#include <stdio.h>
#include <string.h>

/* A stop ends when the store is closed, which waits for the disk. */
enum { STOP_TIMEOUT_S = 30 };

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
	json_t *workers = json_object_get(result, "workers"), *worker, *port, *reason;
	size_t index;

	printf("arpad %s, pid %lld, %s for %lld s\n", verbs_text(result, "version"),
		verbs_number(result, "pid"),
		json_is_true(json_object_get(result, "ready")) ? "serving" : "up and not ready",
		verbs_number(result, "uptime_s"));
	json_array_foreach (json_object_get(result, "reasons"), index, reason)
		printf("not ready: %s\n", json_string_value(reason));
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

static const struct option_row stats_options[] = {
	{"explain", NULL, OPTION_FLAG, "explain"},
	{"since", "FILE|SECONDS", OPTION_TEXT, NULL},
	{NULL, NULL, OPTION_FLAG, NULL},
};

/* arpad closes the connection when its store is closed: then another one may start. */
static enum ctl_status stop(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *result;
	enum ctl_status status = verbs_call_within(
		ctl, STOP_TIMEOUT_S, verb->method, verbs_take(arguments), &result);

	if (status == CTL_OK)
		status = client_wait_end(ctl->kept);
	if (status == CTL_OK && ctl->format != OUTPUT_TEXT)
		verbs_print_json(result);
	else if (status == CTL_OK && !ctl->quiet)
		puts("stopped");
	json_decref(result);
	return status;
}

/* The exit status is the answer: a script needs no more. */
static enum ctl_status health(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *result, *reason;
	size_t index;
	enum ctl_status status = verbs_call(ctl, verb->method, verbs_take(arguments), &result);

	if (status != CTL_OK)
		return status;
	status = verbs_flag(result, "ready") ? CTL_OK : CTL_FAILED;
	if (ctl->format != OUTPUT_TEXT)
		verbs_print_json(result);
	else if (status == CTL_OK && !ctl->quiet)
		puts("ready");
	else if (!ctl->quiet)
		json_array_foreach (json_object_get(result, "reasons"), index, reason)
			printf("not ready: %s: %s\n", verbs_text(reason, "reason"),
				verbs_text(reason, "why"));
	json_decref(result);
	return status;
}

static void print_steering(json_t *result)
{
	bool draining = strcmp(verbs_text(result, "steering"), "draining") == 0;
	bool changed = verbs_flag(result, "changed");

	if (strcmp(verbs_text(result, "steering"), "none") == 0)
		puts(changed ? "done: no port is steered, so queries are answered as before"
			     : "it was so before");
	else if (draining && verbs_number(result, "delay_ms"))
		printf("draining: not ready; in %lld ms the kernel gets all packets, and its "
		       "sockets answer\n",
			verbs_number(result, "delay_ms"));
	else if (draining)
		printf("%s: the kernel gets all packets, and its sockets answer\n",
			changed ? "draining" : "was draining before");
	else
		printf("%s: the workers answer\n",
			changed ? "no longer draining" : "was not draining");
}

const struct verb verbs_server[] = {
	{.object = "status",
		.help = "What runs: version, zones, names, workers.\n"
			"\n"
			"  arpactl status\n",
		.method = "server.status",
		.print = print_status},
	{.object = "stats",
		.options = stats_options,
		.help = "All counters, one \"NAME VALUE\" a line. --explain adds what each "
			"outcome\n"
			"and each verdict of the steering program means. --since prints what "
			"changed, by how\n"
			"much and how much a second: since a file that \"arpactl -j stats\" "
			"wrote, or while so\n"
			"many seconds go by. Nothing is ever reset.\n"
			"\n"
			"  arpactl stats | grep ^outcome\n"
			"  arpactl stats --since 10\n"
			"  arpactl -j stats > before; sleep 600; arpactl stats --since before\n",
		.method = "server.stats",
		.run = stats_run},
	{.object = "health",
		.help = "Whether arpad should be asked. Exit status 0: ready. 1: not, with a line "
			"for each\n"
			"reason. 3: it does not run. 4: no answer in time.\n"
			"\n"
			"  arpactl health || echo \"take the route away\"\n",
		.method = "server.health",
		.run = health},
	{.object = "stop",
		.help = "Stops arpad and waits for its end. The kernel gets the packets back "
			"first.\n"
			"\n"
			"  arpactl stop\n",
		.method = "server.stop",
		.run = stop},
	{.object = "drain",
		.help = "Makes arpad not ready, so that who follows \"arpactl health\" sends no "
			"more queries.\n"
			"After health.drain-delay-ms all packets of shared interfaces go to the "
			"kernel, whose\n"
			"sockets go on answering, slower; no query is lost. It lasts over a "
			"reload, until\n"
			"undrain or the end of arpad. Exit status 6: it was so before.\n"
			"\n"
			"  arpactl drain\n",
		.method = "server.drain",
		.flags = VERB_NOTHING,
		.print = print_steering},
	{.object = "undrain",
		.help = "Lets the workers answer again, then arpad is ready. Exit status 6: arpad "
			"was not draining.\n"
			"\n"
			"  arpactl undrain\n",
		.method = "server.undrain",
		.flags = VERB_NOTHING,
		.print = print_steering},
	{.object = NULL},
};
