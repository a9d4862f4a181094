/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl zone add|remove|list|show|set|freeze|thaw|export. */
#include "control/ctl/verbs.h"

#include <stdio.h>

static const struct option_row add_options[] = {
	{"ns", "NAME", OPTION_TEXTS, "ns"},
	{"mname", "NAME", OPTION_TEXT, "mname"},
	{"rname", "NAME", OPTION_TEXT, "rname"},
	{"refresh", "SECONDS", OPTION_NUMBER, "refresh"},
	{"retry", "SECONDS", OPTION_NUMBER, "retry"},
	{"expire", "SECONDS", OPTION_NUMBER, "expire"},
	{"minimum", "SECONDS", OPTION_NUMBER, "minimum"},
	{"ttl", "SECONDS", OPTION_NUMBER, "ttl"},
	{"txn", "TXN", OPTION_TEXT, "txn"},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row remove_options[] = {
	{"txn", "TXN", OPTION_TEXT, "txn"},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct option_row set_options[] = {
	{"serial", "POLICY", OPTION_TEXT, "serial"},
	{"ttl", "SECONDS", OPTION_NUMBER, "ttl"},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static const struct column list_columns[] = {
	{"ZONE", "zone", COLUMN_TEXT, false},
	{"SERIAL", "serial", COLUMN_NUMBER, true},
	{"RECORDS", "records", COLUMN_NUMBER, true},
	{NULL, NULL, COLUMN_TEXT, false},
};
static const struct list_form list_form = {.columns = list_columns};
/* For people. */
static const struct column detailed_columns[] = {
	{"ZONE", "zone", COLUMN_TEXT, false},
	{"SERIAL", "serial", COLUMN_NUMBER, true},
	{"RECORDS", "records", COLUMN_NUMBER, true},
	{"FROZEN", "frozen", COLUMN_TEXT, true},
	{"LAST CHANGE", "modified", COLUMN_TEXT, true},
	{NULL, NULL, COLUMN_TEXT, false},
};
static const struct list_form detailed_form = {.columns = detailed_columns};
static const struct list_form text_form = {.columns = NULL};

/* The first of these lines have been what scripts read since there is a zone show. */
static void print_zone(json_t *zone)
{
	json_t *soa = json_object_get(zone, "soa"), *settings, *name;
	size_t index;

	printf("zone: %s\nmname: %s\nrname: %s\nserial: %lld\nrefresh: %lld\nretry: %lld\n"
	       "expire: %lld\nminimum: %lld\nsoa-ttl: %lld\nns-ttl: %lld\n",
		verbs_text(zone, "zone"), verbs_text(soa, "mname"), verbs_text(soa, "rname"),
		verbs_number(soa, "serial"), verbs_number(soa, "refresh"),
		verbs_number(soa, "retry"), verbs_number(soa, "expire"),
		verbs_number(soa, "minimum"), verbs_number(soa, "ttl"),
		verbs_number(zone, "ns_ttl"));
	json_array_foreach (json_object_get(zone, "ns"), index, name)
		printf("ns: %s\n", json_string_value(name));
	if (json_object_get(zone, "records"))
		printf("records: %lld\n", verbs_number(zone, "records"));
	settings = json_object_get(zone, "settings");
	if (!settings)
		return;
	printf("serial-policy: %s\nfrozen: %s\n", verbs_text(settings, "serial"),
		verbs_flag(settings, "frozen") ? "yes" : "no");
	if (verbs_number(settings, "ttl"))
		printf("ttl: %lld\n", verbs_number(settings, "ttl"));
}

/* Programs read the zones alone; to a person nothing at all would say nothing. */
static enum ctl_status list_zones(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *params = verbs_take(arguments), *result;
	enum ctl_status status;

	if (ctl->format != OUTPUT_TEXT || !output_is_terminal())
		return verbs_list(ctl, verb->method, params, &list_form);
	status = verbs_call(ctl, "server.status", NULL, &result);
	if (status != CTL_OK) {
		json_decref(params);
		return status;
	}
	if (!verbs_number(result, "zones") && !ctl->quiet)
		puts("there are no zones; \"arpactl zone add PREFIX\" adds one");
	json_decref(result);
	json_object_set_new(params, "details", json_true());
	return verbs_list(ctl, verb->method, params, &detailed_form);
}

static enum ctl_status set(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *result;
	enum ctl_status status;

	if (json_object_size(arguments->params) < 2)
		return verbs_usage("zone set lacks what to set; see \"arpactl zone set --help\"");
	status = verbs_call(ctl, verb->method, verbs_take(arguments), &result);
	return status == CTL_OK ? verbs_show_change(ctl, verb, result) : status;
}

/* zone remove tells how much went. */
static enum ctl_status remove_zone(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *result;
	enum ctl_status status = verbs_call(ctl, verb->method, verbs_take(arguments), &result);

	if (status != CTL_OK)
		return status;
	if (ctl->format != OUTPUT_TEXT || !json_object_get(result, "removed"))
		return verbs_show_change(ctl, verb, result);
	if (!ctl->quiet)
		printf("%s removed with %lld RRsets (change %lld)\n", verbs_text(result, "zone"),
			verbs_number(result, "removed"), verbs_number(result, "seq"));
	json_decref(result);
	return CTL_OK;
}

const struct verb verbs_zone[] = {
	{.object = "zone",
		.name = "add",
		.operand = {{"ZONE", "zone", OPERAND_ONE}},
		.options = add_options,
		.help = "Adds a zone with a SOA and name servers; what is not given comes from "
			"the\n"
			"configuration's zones section. ZONE is a prefix: a multiple of 8 bits "
			"for IPv4, of\n"
			"4 for IPv6.\n"
			"\n"
			"  arpactl zone add 192.0.2.0/24 --ns ns1.example.net. --ns "
			"ns2.example.net.\n",
		.method = "zone.add",
		.flags = VERB_STAGES,
		.done = "added"},
	{.object = "zone",
		.name = "remove",
		.operand = {{"ZONE", "zone", OPERAND_ONE}},
		.options = remove_options,
		.help = "Removes a zone with everything in it. Exit 6: there is no such zone.\n"
			"\n"
			"  arpactl zone remove 192.0.2.0/24\n",
		.method = "zone.remove",
		.flags = VERB_STAGES,
		.done = "removed",
		.run = remove_zone},
	{.object = "zone",
		.name = "list",
		.help = "Prints the zones, one a line, in address order; on a terminal with "
			"serial, records,\n"
			"whether it is frozen, and the time of the last change.\n"
			"\n"
			"  arpactl zone list\n",
		.method = "zone.list",
		.run = list_zones},
	{.object = "zone",
		.name = "show",
		.operand = {{"ZONE", "zone", OPERAND_ONE}},
		.help = "Prints a zone's SOA, name servers, size and settings. Exit 6: there is no "
			"such\n"
			"zone.\n"
			"\n"
			"  arpactl zone show 2001:db8::/32\n",
		.method = "zone.show",
		.print = print_zone},
	{.object = "zone",
		.name = "set",
		.operand = {{"ZONE", "zone", OPERAND_ONE}},
		.options = set_options,
		.help = "Changes a zone's settings. --serial: how its serial grows, increment, "
			"unixtime or\n"
			"date (YYYYMMDDnn). --ttl: of addresses set without one; 0: as "
			"configured.\n"
			"\n"
			"  arpactl zone set 192.0.2.0/24 --serial date --ttl 3600\n",
		.method = "zone.set",
		.done = "set",
		.run = set},
	{.object = "zone",
		.name = "freeze",
		.operand = {{"ZONE", "zone", OPERAND_ONE}},
		.help = "Refuses every change of a zone's contents until \"zone thaw\". It is "
			"served on.\n"
			"Exit 6: it was frozen.\n"
			"\n"
			"  arpactl zone freeze 192.0.2.0/24\n",
		.method = "zone.freeze",
		.flags = VERB_NOTHING,
		.done = "frozen"},
	{.object = "zone",
		.name = "thaw",
		.operand = {{"ZONE", "zone", OPERAND_ONE}},
		.help = "Takes changes of a frozen zone again. Exit 6: it was not frozen.\n"
			"\n"
			"  arpactl zone thaw 192.0.2.0/24\n",
		.method = "zone.thaw",
		.flags = VERB_NOTHING,
		.done = "thawed"},
	{.object = "zone",
		.name = "export",
		.operand = {{"ZONE", "zone", OPERAND_ONE}},
		.help = "Prints the zone as a zone file: what import reads, and other servers too. "
			"Exit 6:\n"
			"there is no such zone. For CSV and NDJSON see \"ptr list\".\n"
			"\n"
			"  arpactl zone export 192.0.2.0/24 > 2.0.192.in-addr.arpa.zone\n",
		.method = "zone.export",
		.form = &text_form},
	{.object = NULL},
};
