/* SPDX-License-Identifier: BSD-3-Clause */
/* arpactl store backup|restore|verify|compact, and call. */
#include "control/ctl/backup.h"
#include "control/ctl/confirm.h"
#include "control/ctl/screen.h"
#include "control/ctl/verbs.h"

#include <stdio.h>
#include <string.h>

/* They look at every record. */
enum { SLOW_TIMEOUT_S = 600 };

static const struct option_row restore_options[] = {
	{"dry-run", NULL, OPTION_FLAG, NULL},
	{"yes", NULL, OPTION_FLAG, NULL},
	{NULL, NULL, OPTION_FLAG, NULL},
};

static enum ctl_status backup(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	(void)verb;
	return backup_write(ctl, arguments->word[0]);
}

static enum ctl_status restore(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	bool dry_run = verbs_flag(arguments->own, "dry-run");
	enum ctl_status status = CTL_OK;

	(void)verb;
	if (!dry_run)
		status = confirm(arguments,
			"All zones and records are replaced by those of the "
			"backup; what is not in it goes.");
	return status == CTL_OK ? backup_restore(ctl, arguments->word[0], dry_run) : status;
}

static bool keep_item(void *context, struct span item)
{
	json_t *items = context, *value = json_loadb(item.at, item.bytes, JSON_DECODE_ANY, NULL);

	if (value && json_array_append_new(items, value) == 0)
		return true;
	output_message(value ? "out of memory" : "arpad's reply is not JSON");
	return false;
}

/* All items of the list that the method gives, when it is over. */
static enum ctl_status collect(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments, json_t *items)
{
	const struct list_form form = {.take = keep_item, .context = items};
	struct ctl patient = *ctl;

	patient.timeout_s = ctl->timeout_s ? ctl->timeout_s : SLOW_TIMEOUT_S;
	return verbs_list(&patient, verb->method, verbs_take(arguments), &form);
}

static void print_verified(json_t *items)
{
	json_t *last = json_array_get(items, json_array_size(items) - 1), *item;
	long long problems = verbs_number(last, "problems");
	size_t index;

	json_array_foreach (items, index, item)
		if (json_object_get(item, "problem"))
			verbs_print_members(item);
	if (problems)
		printf("%lld %s; \"arpactl store restore\" brings a backup back\n", problems,
			problems == 1 ? "problem" : "problems");
	else
		printf("the store is sound (RRsets: %lld, zones: %lld, journal entries: %lld)\n",
			verbs_number(last, "rrsets"), verbs_number(last, "zones"),
			verbs_number(last, "journal"));
}

static enum ctl_status verify(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *items = json_array(), *last;
	enum ctl_status status = collect(ctl, verb, arguments, items);

	if (status == CTL_OK) {
		if (ctl->format == OUTPUT_TEXT)
			print_verified(items);
		else
			verbs_print_json(items);
		last = json_array_get(items, json_array_size(items) - 1);
		status = verbs_number(last, "problems") ? CTL_FAILED : CTL_OK;
	}
	json_decref(items);
	return status;
}

static void print_compacted(json_t *result)
{
	char before[SCREEN_NUMBER_BYTES], after[SCREEN_NUMBER_BYTES];

	printf("compacted: data.mdb has %s, it had %s\n",
		screen_bytes((uint64_t)verbs_number(result, "after_bytes"), after),
		screen_bytes((uint64_t)verbs_number(result, "before_bytes"), before));
}

static enum ctl_status compact(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	json_t *items = json_array();
	enum ctl_status status = collect(ctl, verb, arguments, items);

	if (status == CTL_OK && ctl->format == OUTPUT_TEXT)
		print_compacted(json_array_get(items, 0));
	else if (status == CTL_OK)
		verbs_print_json(items);
	json_decref(items);
	return status;
}

static enum ctl_status call(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	static const struct list_form form = {.columns = NULL};
	const char *text = arguments->count > 1 ? arguments->word[1] : "{}";
	json_t *params = json_loads(text, 0, NULL);
	struct ctl plain = *ctl;

	(void)verb;
	if (!json_is_object(params)) {
		json_decref(params);
		return verbs_usage("PARAMETERS are a JSON object, such as '{\"address\": "
				   "\"192.0.2.7\"}'");
	}
	if (plain.format == OUTPUT_TEXT || plain.format == OUTPUT_CSV)
		plain.format = OUTPUT_NDJSON;
	plain.json = true;
	return verbs_list(&plain, arguments->word[0], params, &form);
}

const struct verb verbs_store[] = {
	{.object = "store",
		.name = "backup",
		.operand = {{"FILE", NULL, OPERAND_ONE}},
		.help = "Writes all zones, records and settings as of one moment to a file (- for "
			"standard\n"
			"output), while changes go on. The file is there when it is whole and on "
			"disk.\n"
			"\n"
			"  arpactl store backup /var/backups/arpad.ndjson\n",
		.method = "store.backup",
		.run = backup},
	{.object = "store",
		.name = "restore",
		.operand = {{"FILE", NULL, OPERAND_ONE}},
		.options = restore_options,
		.help = "Replaces all zones, records and settings by those of a backup, as one "
			"change; a\n"
			"file that is not whole changes nothing. It asks before; --yes answers. "
			"--dry-run\n"
			"only reads and checks the file.\n"
			"\n"
			"  arpactl store restore /var/backups/arpad.ndjson\n",
		.method = "store.restore.begin",
		.run = restore},
	{.object = "store",
		.name = "verify",
		.help = "Reads everything in the store and checks it. Exit 1: something is wrong "
			"with it.\n"
			"\n"
			"  arpactl store verify\n",
		.method = "store.verify",
		.run = verify},
	{.object = "store",
		.name = "compact",
		.help = "Gives the disk back what the store no longer needs.\n"
			"\n"
			"  arpactl store compact\n",
		.method = "store.compact",
		.run = compact},
	{.object = "call",
		.operand = {{"METHOD", NULL, OPERAND_ONE}, {"PARAMETERS", NULL, OPERAND_OPTIONAL}},
		.help = "Calls any method of the protocol with a JSON object of parameters, and "
			"prints its\n"
			"result as JSON. \"arpactl call server.methods\" tells which there are.\n"
			"\n"
			"  arpactl call ptr.show '{\"address\": \"192.0.2.7\"}'\n",
		.run = call},
	{.object = NULL},
};
