/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl trace, capture. */
#include "control/ctl/trace.h"

#include <string.h>

static const struct option_row trace_options[] = {
	{"client", "PREFIX", OPTION_TEXT, "client"},
	{"count", "N", OPTION_NUMBER, "count"},
	{"seconds", "N", OPTION_NUMBER, "seconds"},
	{"pcap", "FILE", OPTION_TEXT, NULL},
	{"force", NULL, OPTION_FLAG, NULL},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row capture_options[] = {
	{"pcap", "FILE", OPTION_TEXT, NULL},
	{"count", "N", OPTION_NUMBER, "count"},
	{"seconds", "N", OPTION_NUMBER, "seconds"},
	{"force", NULL, OPTION_FLAG, NULL},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static enum ctl_status follow(const struct ctl *ctl, struct arguments *arguments, bool lines)
{
	const char *path = json_string_value(json_object_get(arguments->own, "pcap"));
	const struct trace_output output = {
		.path = path,
		.force = verbs_flag(arguments->own, "force"),
		.lines = lines && !(path && strcmp(path, "-") == 0),
	};
	json_t *params = verbs_take(arguments);

	if (path)
		json_object_set_new(params, "packets", json_true());
	return trace_follow(ctl, params, &output);
}

static enum ctl_status trace(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	(void)verb;
	if (!json_object_get(arguments->params, "name") &&
		!json_object_get(arguments->params, "client"))
		return verbs_usage("trace lacks what to follow: an ADDRESS or PREFIX that is asked "
				   "for, or --client PREFIX");
	return follow(ctl, arguments, !ctl->quiet);
}

static enum ctl_status capture(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	(void)verb;
	if (!json_object_get(arguments->own, "pcap"))
		return verbs_usage("capture lacks --pcap FILE, where the packets go (-: standard "
				   "output)");
	return follow(ctl, arguments, false);
}

const struct verb verbs_trace[] = {
	{.object = "trace",
		.operand = {{"PREFIX", "name", OPERAND_OPTIONAL}},
		.options = trace_options,
		.help = "Prints queries about an address or the addresses of a prefix as they are "
			"answered, one a\n"
			"line: when (UTC), who asked, about what, the type, what became of it, the "
			"reply's octets.\n"
			"--client: only those of these clients. It ends after --count queries "
			"(1000) "
			"or --seconds\n"
			"(60), or by Ctrl-C. --pcap: the packets go to a file that Wireshark reads "
			"(-: standard\n"
			"output) with mode 0600; one that is there stays, but with --force.\n"
			"\n"
			"  arpactl trace 192.0.2.7\n"
			"  arpactl trace 192.0.2.0/24 --client 198.51.100.0/24 --pcap "
			"asked.pcapng\n",
		.method = "trace.follow",
		.run = trace},
	{.object = "capture",
		.options = capture_options,
		.help = "Writes packets to a file that Wireshark reads, of any query: those that "
			"are sampled\n"
			"(observe.sample in the configuration says how many are). It ends as trace "
			"does.\n"
			"\n"
			"  arpactl capture --pcap sample.pcapng --count 100\n"
			"  arpactl capture --pcap - | tshark -r -\n",
		.method = "trace.follow",
		.run = capture},
	{.object = NULL},
};
