/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/run.h"

#include "control/ctl/arguments.h"
#include "control/ctl/words.h"
#include "control/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct verb *const run_tables[] = {verbs_server, verbs_runtime, verbs_address, verbs_ptr,
	verbs_zone, verbs_import, verbs_txn, verbs_journal, verbs_store, verbs_config, verbs_trace,
	verbs_preflight, verbs_observe, NULL};

/* Calls `visit` with every verb until it returns true; returns that one, or NULL. */
static const struct verb *each_verb(
	bool (*visit)(const struct verb *verb, char **words), char **words)
{
	for (const struct verb *const *table = run_tables; *table; table++)
		for (const struct verb *verb = *table; verb->object; verb++)
			if (visit(verb, words))
				return verb;
	return NULL;
}

static bool is_object(const struct verb *verb, char **words)
{
	return strcmp(verb->object, words[0]) == 0;
}

static bool is_named(const struct verb *verb, char **words)
{
	return is_object(verb, words) &&
		(!verb->name || (words[1] && strcmp(verb->name, words[1]) == 0));
}

const struct verb *run_find(char **words, int *used)
{
	const struct verb *verb = words[0] ? each_verb(is_named, words) : NULL;

	*used = 0;
	if (verb)
		*used = verb->name ? 2 : 1;
	else if (words[0] && each_verb(is_object, words))
		*used = 1;
	return verb;
}

static bool is_near_object(const struct verb *verb, char **words)
{
	return nearest_is_slip(words[0], verb->object);
}

static bool is_near_verb(const struct verb *verb, char **words)
{
	return is_object(verb, words) && verb->name && words[1] &&
		nearest_is_slip(words[1], verb->name);
}

/* Says what there is instead of what was typed. */
static enum ctl_status refuse_words(char **words, bool object)
{
	const struct verb *near = each_verb(object ? is_near_verb : is_near_object, words);
	const char *second = words[1] && words[1][0] != '-' ? words[1] : "";

	if (object && !*second)
		return verbs_usage(
			"%s lacks its verb; see \"arpactl %s --help\"", words[0], words[0]);
	if (near)
		return verbs_usage("there is no \"%s%s%s\"; did you mean \"%s%s%s\"?", words[0],
			*second ? " " : "", second, near->object,
			object		  ? " "
				: *second ? " "
					  : "",
			object ? near->name : second);
	return verbs_usage("there is no \"%s%s%s\"; see \"arpactl%s%s --help\"", words[0],
		*second ? " " : "", second, object ? " " : "", object ? words[0] : "");
}

static bool print_usage_line(const struct verb *verb, char **words)
{
	if (words && !is_object(verb, words))
		return false;
	fputs("  ", stdout);
	arguments_print_usage(verb, stdout);
	putchar('\n');
	return false;
}

void run_print_usage(FILE *out)
{
	fprintf(out,
		"Usage: arpactl [OPTIONS] OBJECT VERB ARGUMENTS\n"
		"       arpactl                      a shell, on a terminal\n\n");
	for (const struct verb *const *table = run_tables; *table; table++)
		for (const struct verb *verb = *table; verb->object; verb++) {
			fputs("  ", out);
			arguments_print_usage(verb, out);
			fputc('\n', out);
		}
	fprintf(out,
		"\n%s\n"
		"Options may stand behind the verb too, but for -f, -e, -x. ADDRESS is 192.0.2.7 "
		"or\n"
		"2001:db8::7; PREFIX and ZONE 192.0.2.0/24 or 2001:db8::/32.\n"
		"\n"
		"Exit status: 0 done, 1 failed, 2 wrong usage, 3 arpad is not running, 4 no answer "
		"in\n"
		"time, 5 not permitted, 6 not found or nothing changed.\n",
		options_help);
}

static void print_verb_help(const struct verb *verb)
{
	fputs("Usage: arpactl ", stdout);
	arguments_print_usage(verb, stdout);
	printf("\n\n%s", verb->help);
}

enum ctl_status run_help(char **words)
{
	int used;
	const struct verb *verb = run_find(words, &used);

	if (!words[0])
		run_print_usage(stdout);
	else if (verb)
		print_verb_help(verb);
	else if (used == 1 && (!words[1] || words[1][0] == '-'))
		each_verb(print_usage_line, words);
	else
		return refuse_words(words, used == 1);
	return CTL_OK;
}

static enum ctl_status call(const struct ctl *ctl, const struct verb *verb, json_t *params)
{
	json_t *result;
	enum ctl_status status = verbs_call(ctl, verb->method, params, &result);

	if (status != CTL_OK)
		return status;
	if (verb->done)
		return verbs_show_change(ctl, verb, result);
	if (ctl->format == OUTPUT_TEXT)
		verb->print(result);
	else
		verbs_print_json(result);
	if ((verb->flags & VERB_NOTHING) && !verbs_flag(result, "changed"))
		status = CTL_NOTHING;
	json_decref(result);
	return status;
}

static enum ctl_status run_verb(
	const struct ctl *ctl, const struct verb *verb, struct arguments *arguments)
{
	enum ctl_status status;

	if (verb->run)
		status = verb->run(ctl, verb, arguments);
	else if (verb->form)
		status = verbs_list(ctl, verb->method, verbs_take(arguments), verb->form);
	else
		status = call(ctl, verb, verbs_take(arguments));
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	clearerr(stdout);
	output_message("standard output can't be written: %s", strerror(errno));
	return CTL_FAILED;
}

/* Commands that come from standard input can't read it too. */
static enum ctl_status check_input(const struct ctl *ctl, const struct arguments *arguments)
{
	for (int i = 0; ctl->input_taken && i < arguments->count; i++)
		if (strcmp(arguments->word[i], "-") == 0)
			return verbs_usage("standard input holds the commands; name a file instead "
					   "of -, or put the commands into one");
	return CTL_OK;
}

enum ctl_status run_words(const struct options *options, char **words)
{
	struct options own = *options;
	struct arguments arguments;
	enum ctl_status status;
	const struct verb *verb;
	int used;

	if (strcmp(words[0], "help") == 0)
		return run_help(words + 1);
	verb = run_find(words, &used);
	if (!verb && used == 1 && words[1] &&
		(strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0))
		return run_help(words);
	if (!verb)
		return refuse_words(words, used == 1);
	status = arguments_read(verb, words + used, &own, &arguments);
	output_setup(own.ctl.color);
	if (status == CTL_OK && own.help) {
		print_verb_help(verb);
	} else if (status == CTL_OK) {
		status = check_input(&own.ctl, &arguments);
		if (status == CTL_OK)
			status = run_verb(&own.ctl, verb, &arguments);
	}
	arguments_release(&arguments);
	output_setup(options->ctl.color);
	return status;
}

enum ctl_status run_line(const struct options *options, const char *line)
{
	enum ctl_status status = CTL_OK;
	struct words words;

	switch (words_split(line, &words)) {
	case WORDS_NO_MEMORY:
		output_message("out of memory");
		return CTL_FAILED;
	case WORDS_QUOTE:
		status = verbs_usage("a quote has no end");
		break;
	case WORDS_OK:
		if (words.count)
			status = run_words(options, words.word);
		break;
	}
	words_release(&words);
	return status;
}

static enum ctl_status run_lines(const struct options *given, FILE *in, const char *name)
{
	struct options options = *given;
	enum ctl_status first = CTL_OK;
	unsigned long number = 0;
	char *line = NULL;
	size_t room = 0;

	options.ctl.input_taken = in == stdin;
	while (getline(&line, &room, in) > 0) {
		enum ctl_status status;

		line[strcspn(line, "\n")] = '\0';
		if (options.echo && line[strspn(line, " \t\r")])
			fprintf(stderr, "+ %s\n", line);
		output_from(name, ++number);
		status = run_line(&options, line);
		first = first == CTL_OK ? status : first;
		if (status != CTL_OK && options.stop)
			break;
	}
	output_from(NULL, 0);
	free(line);
	if (ferror(in)) {
		output_message("%s can't be read: %s", name, strerror(errno));
		return CTL_FAILED;
	}
	return first;
}

enum ctl_status run_file(const struct options *options)
{
	bool standard = strcmp(options->file, "-") == 0;
	FILE *in = standard ? stdin : fopen(options->file, "re");
	enum ctl_status status;

	if (!in) {
		output_message("%s can't be opened: %s", options->file, strerror(errno));
		return CTL_FAILED;
	}
	status = run_lines(options, in, standard ? "standard input" : options->file);
	if (!standard)
		fclose(in);
	return status;
}
