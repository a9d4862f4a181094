/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl import, zone import|check|diff: one engine, asked in different ways. */
#include "control/ctl/import.h"
#include "control/ctl/verbs.h"

#include <string.h>

#define HOW_OPTIONS \
	{"format", "FORMAT", OPTION_TEXT, NULL}, {"merge", NULL, OPTION_FLAG, NULL}, \
		{"replace", NULL, OPTION_FLAG, NULL}, {"dry-run", NULL, OPTION_FLAG, NULL}, \
	{ \
		"diff", NULL, OPTION_FLAG, NULL \
	}

static const struct option_row zone_options[] = {
	HOW_OPTIONS,
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row import_options[] = {
	HOW_OPTIONS,
	{"zone", "ZONE", OPTION_TEXT, NULL},
	{"prefix", "PREFIX", OPTION_TEXT, NULL},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const char *own_text(const struct arguments *arguments, const char *name)
{
	return json_string_value(json_object_get(arguments->own, name));
}

/* What the options say; CTL_USAGE: they contradict each other. */
static enum ctl_status read_options(
	const struct arguments *arguments, struct import_options *options)
{
	bool merge = verbs_flag(arguments->own, "merge");
	bool replace = verbs_flag(arguments->own, "replace");

	*options = (struct import_options){
		.format = own_text(arguments, "format"),
		.mode = merge	  ? "merge"
			: replace ? "replace"
				  : NULL,
		.zone = own_text(arguments, "zone"),
		.prefix = own_text(arguments, "prefix"),
		.dry_run = verbs_flag(arguments->own, "dry-run"),
		.diff = verbs_flag(arguments->own, "diff"),
	};
	if (merge && replace)
		return verbs_usage("--merge and --replace contradict each other; leave one out");
	if (options->format && strcmp(options->format, "zone") != 0 &&
		strcmp(options->format, "csv") != 0 && strcmp(options->format, "ndjson") != 0)
		return verbs_usage(
			"--format takes zone, csv or ndjson, not \"%s\"", options->format);
	return CTL_OK;
}

static enum ctl_status import_file(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	struct import_options options;
	enum ctl_status status = read_options(arguments, &options);

	(void)verb;
	options.path = arguments->word[0];
	return status == CTL_OK ? import_run(ctl, &options) : status;
}

/* zone import ZONE FILE; check does all but the change, and diff shows it too. */
static enum ctl_status import_zone(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	struct import_options options;
	enum ctl_status status = read_options(arguments, &options);

	options.zone = arguments->word[0];
	options.path = arguments->word[1];
	options.diff |= strcmp(verb->name, "diff") == 0;
	options.dry_run |= strcmp(verb->name, "import") != 0;
	return status == CTL_OK ? import_run(ctl, &options) : status;
}

const struct verb verbs_import[] = {
	{.object = "import",
		.operand = {{"FILE", NULL, OPERAND_ONE}},
		.options = import_options,
		.help = "Takes a file (- for standard input) into the zones that there are, as one "
			"change; a\n"
			"bad line, which it names, changes nothing. --format, if the file's "
			"name does not\n"
			"tell: csv (address,name[,ttl[,description[,tenant[,tags]]]]), ndjson "
			"(as \"ptr list\n"
			"-o ndjson\") or zone (with --zone). --merge, as usual for csv and "
			"ndjson: what is\n"
			"not in the file stays; --replace, as usual for zone: it goes, from "
			"--zone or --prefix.\n"
			"--dry-run says what would change, --diff shows it. Progress goes to "
			"standard error.\n"
			"\n"
			"  arpactl import names.csv --dry-run\n"
			"  arpactl import names.csv --replace --prefix 192.0.2.0/25 --diff\n",
		.method = "import.begin",
		.run = import_file},
	{.object = "zone",
		.name = "import",
		.operand = {{"ZONE", NULL, OPERAND_ONE}, {"FILE", NULL, OPERAND_ONE}},
		.options = zone_options,
		.help = "Replaces the zone's contents by a zone file (- for standard input), as "
			"one change;\n"
			"the zone is added when it is new. A file with a bad line changes "
			"nothing. --dry-run\n"
			"says what would change, --diff shows it. For the other options see "
			"\"import\".\n"
			"Progress goes to standard error.\n"
			"\n"
			"  arpactl zone import 192.0.2.0/24 2.0.192.in-addr.arpa.zone\n",
		.method = "import.begin",
		.run = import_zone},
	{.object = "zone",
		.name = "check",
		.operand = {{"ZONE", NULL, OPERAND_ONE}, {"FILE", NULL, OPERAND_ONE}},
		.options = zone_options,
		.help = "Reads a zone file as \"zone import\" does, names its first bad line, and "
			"changes\n"
			"nothing.\n"
			"\n"
			"  arpactl zone check 192.0.2.0/24 2.0.192.in-addr.arpa.zone\n",
		.method = "import.begin",
		.run = import_zone},
	{.object = "zone",
		.name = "diff",
		.operand = {{"ZONE", NULL, OPERAND_ONE}, {"FILE", NULL, OPERAND_ONE}},
		.options = zone_options,
		.help = "Shows what \"zone import\" of the file would change: lines with - go, "
			"lines with +\n"
			"come. Nothing is changed.\n"
			"\n"
			"  arpactl zone diff 192.0.2.0/24 2.0.192.in-addr.arpa.zone\n",
		.method = "import.begin",
		.run = import_zone},
	{.object = NULL},
};
