/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl zone add, list, show, remove, import, export. A zone is written as its prefix. */
#include "control/ctl/import.h"
#include "control/ctl/verbs.h"

#include <getopt.h>
#include <stdio.h>

/* Reads the options of zone add into `params`. */
static enum ctl_status add_options(json_t *params, int argc, char **argv)
{
	static const struct option options[] = {
		{"ns", required_argument, NULL, 'n'},
		{"mname", required_argument, NULL, 'm'},
		{"rname", required_argument, NULL, 'r'},
		{"ttl", required_argument, NULL, 't'},
		{NULL, 0, NULL, 0},
	};
	json_t *servers = json_array();
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		bool good = true;

		if (option == 'n')
			good = json_array_append_new(servers, json_string(optarg)) == 0;
		else if (option == 'm')
			good = json_object_set_new(params, "mname", json_string(optarg)) == 0;
		else if (option == 'r')
			good = json_object_set_new(params, "rname", json_string(optarg)) == 0;
		else
			good = option == 't' && verbs_set_number(params, "ttl", optarg);
		if (!good) {
			json_decref(servers);
			return verbs_usage("zone add: a bad option");
		}
	}
	if (json_array_size(servers))
		json_object_set(params, "ns", servers);
	json_decref(servers);
	return CTL_OK;
}

static enum ctl_status add(const struct ctl *ctl, int argc, char **argv)
{
	json_t *params = json_object(), *result;
	enum ctl_status status = add_options(params, argc, argv);

	if (status == CTL_OK && argc - optind != 1)
		status = verbs_usage("zone add takes one zone, such as 192.0.2.0/24");
	if (status != CTL_OK) {
		json_decref(params);
		return status;
	}
	json_object_set_new(params, "zone", json_string(argv[optind]));
	status = verbs_call(ctl, "zone.add", params, &result);
	if (status != CTL_OK)
		return status;
	if (ctl->json)
		verbs_print_json(result);
	else
		printf("%s added (change %lld)\n", verbs_text(result, "zone"),
			verbs_number(result, "seq"));
	json_decref(result);
	return CTL_OK;
}

static void print_zone_name(json_t *item)
{
	puts(verbs_text(item, "zone"));
}

static enum ctl_status list(const struct ctl *ctl, int argc, char **argv)
{
	(void)argv;
	if (argc != 1)
		return verbs_usage("zone list takes no argument");
	return verbs_list(ctl, "zone.list", NULL, print_zone_name);
}

static void print_zone(json_t *zone)
{
	json_t *soa = json_object_get(zone, "soa"), *name;
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
}

/* zone show and zone remove: one zone, one call. */
static enum ctl_status call_with_zone(
	const struct ctl *ctl, const char *method, int argc, char **argv, json_t **result)
{
	if (argc != 2)
		return verbs_usage("zone %s takes one zone, such as 192.0.2.0/24", argv[0]);
	return verbs_call(ctl, method, json_pack("{s:s}", "zone", argv[1]), result);
}

static enum ctl_status show(const struct ctl *ctl, int argc, char **argv)
{
	json_t *result;
	enum ctl_status status = call_with_zone(ctl, "zone.show", argc, argv, &result);

	if (status != CTL_OK)
		return status;
	if (ctl->json)
		verbs_print_json(result);
	else
		print_zone(result);
	json_decref(result);
	return CTL_OK;
}

static enum ctl_status remove_zone(const struct ctl *ctl, int argc, char **argv)
{
	json_t *result;
	enum ctl_status status = call_with_zone(ctl, "zone.remove", argc, argv, &result);

	if (status != CTL_OK)
		return status;
	if (ctl->json)
		verbs_print_json(result);
	else
		printf("%s removed with %lld RRsets (change %lld)\n", verbs_text(result, "zone"),
			verbs_number(result, "removed"), verbs_number(result, "seq"));
	json_decref(result);
	return CTL_OK;
}

static enum ctl_status import(const struct ctl *ctl, int argc, char **argv)
{
	if (argc != 3)
		return verbs_usage("zone import takes a zone and a file (- for standard input)");
	return import_run(ctl, &(struct import_options){.zone = argv[1], .path = argv[2]});
}

static void print_text(json_t *item)
{
	fwrite(json_string_value(item), 1, json_string_length(item), stdout);
}

static enum ctl_status export_zone(const struct ctl *ctl, int argc, char **argv)
{
	json_t *params;

	if (argc != 2)
		return verbs_usage("zone export takes one zone, such as 192.0.2.0/24");
	params = json_object();
	json_object_set_new(params, "zone", json_string(argv[1]));
	return verbs_list(ctl, "zone.export", params, print_text);
}

const struct verb verbs_zone[] = {
	{"zone", "add", "ZONE [--ns NAME]... [--mname NAME] [--rname NAME] [--ttl N]",
		"Adds a zone with a SOA and name servers; what is not given comes from the\n"
		"configuration's zones section. ZONE is a prefix: a multiple of 8 bits for IPv4,\n"
		"of 4 for IPv6.\n"
		"\n"
		"  arpactl zone add 192.0.2.0/24 --ns ns1.example.net. --ns ns2.example.net.\n",
		add},
	{"zone", "list", "",
		"Prints the zones, one a line, in address order.\n"
		"\n"
		"  arpactl zone list\n",
		list},
	{"zone", "show", "ZONE",
		"Prints a zone's SOA and name servers. Exit 6: there is no such zone.\n"
		"\n"
		"  arpactl zone show 2001:db8::/32\n",
		show},
	{"zone", "remove", "ZONE",
		"Removes a zone with everything in it. Exit 6: there is no such zone.\n"
		"\n"
		"  arpactl zone remove 192.0.2.0/24\n",
		remove_zone},
	{"zone", "import", "ZONE FILE|-",
		"Replaces the zone's contents by a zone file, as one change; the zone is added "
		"when it\n"
		"is new. A file with a bad line changes nothing. Progress goes to standard error.\n"
		"\n"
		"  arpactl zone import 192.0.2.0/24 2.0.192.in-addr.arpa.zone\n",
		import},
	{"zone", "export", "ZONE",
		"Prints the zone as a zone file: what import reads, and other servers too. Exit "
		"6:\n"
		"there is no such zone.\n"
		"\n"
		"  arpactl zone export 192.0.2.0/24 > 2.0.192.in-addr.arpa.zone\n",
		export_zone},
	{.object = NULL},
};
