/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/complete.h"

#include "control/ctl/allowed.h"
#include "control/ctl/arguments.h"
#include "control/ctl/run.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nobody waits long for a list. */
enum { COMPLETE_TIMEOUT_S = 2, CANDIDATES_MAX = 1000 };

struct completion {
	const struct options *options;
	const char *start; /* the word so far */
	struct candidates *found;
	struct allowed allowed;
};

static bool begins_with(const char *word, const char *start)
{
	return strncmp(word, start, strlen(start)) == 0;
}

static bool is_known(const struct candidates *found, const char *word)
{
	for (size_t i = 0; i < found->count; i++)
		if (strcmp(found->word[i], word) == 0)
			return true;
	return false;
}

static void offer(struct completion *completion, const char *word)
{
	struct candidates *found = completion->found;
	char *copy;

	if (!begins_with(word, completion->start) || found->count == CANDIDATES_MAX ||
		is_known(found, word))
		return;
	if (found->count == found->room) {
		size_t room = found->room ? 2 * found->room : 16;
		char **words = realloc(found->word, room * sizeof(*words));

		if (!words)
			return;
		found->word = words;
		found->room = room;
	}
	copy = strdup(word);
	if (copy)
		found->word[found->count++] = copy;
}

/* "--NAME", or "-N" */
static void offer_option(struct completion *completion, const struct option_row *row)
{
	char word[64];

	snprintf(word, sizeof(word), "%s%s", arguments_dashes(row), row->name);
	offer(completion, word);
}

struct asked {
	struct completion *completion;
	const char *key; /* of the items */
};

static bool take_item(void *context, struct span item)
{
	struct asked *asked = context;
	struct span value = asked->key ? span_member(item, asked->key) : item;
	char *text = value.at ? malloc(value.bytes + 1) : NULL;

	if (!text)
		return true;
	text[span_text(value, text)] = '\0';
	offer(asked->completion, text);
	free(text);
	return true;
}

/* Offers a member of each item that a method lists. */
static void offer_listed(struct completion *completion, const char *method, const char *key)
{
	struct asked asked = {completion, key};
	const struct list_form form = {.take = take_item, .context = &asked};
	struct ctl ctl = completion->options->ctl;

	ctl.json = false;
	output_mute(true);
	verbs_list(&ctl, method, NULL, &form);
	output_mute(false);
}

static void offer_entry(struct completion *completion, const char *folder, size_t length,
	const struct dirent *entry)
{
	char word[4096];

	if (entry->d_name[0] == '.' && completion->start[length] != '.')
		return;
	snprintf(word, sizeof(word), "%.*s%s%s", (int)length, folder, entry->d_name,
		entry->d_type == DT_DIR ? "/" : "");
	offer(completion, word);
}

static void offer_files(struct completion *completion)
{
	const char *slash = strrchr(completion->start, '/');
	size_t length = slash ? (size_t)(slash - completion->start) + 1 : 0;
	char folder[4096];
	struct dirent *entry;
	DIR *open;

	snprintf(folder, sizeof(folder), "%.*s", (int)length, completion->start);
	open = opendir(length ? folder : ".");
	if (!open)
		return;
	while ((entry = readdir(open)) != NULL)
		offer_entry(completion, folder, length, entry);
	closedir(open);
}

/* What a word in capitals in the usage stands for: "ADDRESS|PREFIX|-". */
static void offer_meaning(struct completion *completion, const char *meaning)
{
	static const char *const values[][5] = {
		{"FORMAT", "text", "csv", "ndjson", NULL},
		{"POLICY", "increment", "unixtime", "date", NULL},
	};

	if (strstr(meaning, "ZONE") || strstr(meaning, "PREFIX"))
		offer_listed(completion, "zone.list", "zone");
	if (strstr(meaning, "TXN"))
		offer_listed(completion, "txn.list", "txn");
	if (strstr(meaning, "METHOD"))
		offer_listed(completion, "server.methods", "method");
	if (strstr(meaning, "FILE"))
		offer_files(completion);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(meaning, values[i][0]) == 0)
			for (const char *const *value = values[i] + 1; *value; value++)
				offer(completion, *value);
}

static const struct option_row *option_of(const struct verb *verb, const char *word)
{
	for (const struct option_row *row = verb->options; row && row->name; row++)
		if (begins_with(word, arguments_dashes(row)) &&
			strcmp(word + strlen(arguments_dashes(row)), row->name) == 0)
			return row;
	return NULL;
}

static void offer_options(struct completion *completion, const struct verb *verb)
{
	allowed_fetch(&completion->options->ctl, &completion->allowed);
	for (const struct option_row *row = verb->options; row && row->name; row++)
		if (!row->key || allowed_param(&completion->allowed, verb->method, row->key))
			offer_option(completion, row);
	offer(completion, "--help");
	offer(completion, "--output");
	offer(completion, "--json");
	offer(completion, "--timeout");
}

static const char *operand_meaning(const struct verb *verb, int index)
{
	int last = 0;

	while (last + 1 < VERB_OPERANDS_MAX && verb->operand[last + 1].kind)
		last++;
	if (index > last)
		return verb->operand[last].kind == OPERAND_MORE ? verb->operand[last].name : "";
	return verb->operand[index].kind ? verb->operand[index].name : "";
}

/* The values of the program's own options. */
static void offer_global_value(struct completion *completion, const char *option)
{
	static const char *const values[][6] = {
		{"--output", "text", "json", "ndjson", "csv", NULL},
		{"-o", "text", "json", "ndjson", "csv", NULL},
		{"--color", "auto", "always", "never", NULL},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(option, values[i][0]) == 0)
			for (const char *const *value = values[i] + 1; *value; value++)
				offer(completion, *value);
	if (strcmp(option, "-f") == 0 || strcmp(option, "--file") == 0 ||
		strcmp(option, "-s") == 0 || strcmp(option, "--socket") == 0)
		offer_files(completion);
}

/* `words` are behind the verb; the last of them is what is to be completed. */
static void complete_arguments(
	struct completion *completion, const struct verb *verb, char **words, int count)
{
	const char *previous = count > 1 ? words[count - 2] : "";
	const struct option_row *row = option_of(verb, previous);
	int operands = 0;

	for (int i = 0; i + 1 < count; i++) {
		const struct option_row *taken = option_of(verb, words[i]);

		if ((taken && taken->value) || options_has_value(words[i]))
			i++;
		else if (words[i][0] != '-' || !words[i][1])
			operands++;
	}
	if (row && row->value)
		offer_meaning(completion, row->value);
	else if (options_has_value(previous))
		offer_global_value(completion, previous);
	else if (completion->start[0] == '-')
		offer_options(completion, verb);
	else
		offer_meaning(completion, operand_meaning(verb, operands));
}

/* The objects, or the verbs of one: what arpad has and lets this user do. */
static void offer_verbs(struct completion *completion, const char *object)
{
	allowed_fetch(&completion->options->ctl, &completion->allowed);
	for (const struct verb *const *table = run_tables; *table; table++)
		for (const struct verb *verb = *table; verb->object; verb++) {
			if (!allowed_method(&completion->allowed, verb->method))
				continue;
			if (!object)
				offer(completion, verb->object);
			else if (verb->name && strcmp(verb->object, object) == 0)
				offer(completion, verb->name);
		}
}

static void complete_command(struct completion *completion, char **words, int count)
{
	int used;
	const struct verb *verb;

	if (count > 1 && strcmp(words[0], "help") == 0) {
		words++;
		count--;
	}
	if (count == 1) {
		offer_verbs(completion, NULL);
		offer(completion, "help");
		return;
	}
	verb = run_find(words, &used);
	if (verb && count > used)
		complete_arguments(completion, verb, words + used, count - used);
	else if (count == 2)
		offer_verbs(completion, words[0]);
}

static int compare(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

/* Takes the program's options at the front; false: what is typed belongs to one of them. */
static bool skip_options(
	struct completion *completion, struct options *options, char ***words, int *count)
{
	while (*count > 1 && (**words)[0] == '-') {
		int used = options_has_value(**words) && *count == 2 ? 2 : 0;

		if (!used) {
			output_mute(true);
			used = options_take(options, *words, false);
			output_mute(false);
		}
		if (used >= *count) {
			offer_global_value(completion, **words);
			return false;
		}
		used = used > 0 ? used : 1;
		*words += used;
		*count -= used;
	}
	return true;
}

void complete_line(
	const struct options *options, const char *line, bool shell, struct candidates *candidates)
{
	struct options own = *options;
	struct completion completion = {.options = &own, .start = "", .found = candidates};
	struct words words;
	char **word;
	int count;

	own.ctl.timeout_s = COMPLETE_TIMEOUT_S;
	if (words_split(line, &words) == WORDS_NO_MEMORY)
		return;
	if (!words.open)
		words.word[words.count++] = words.text + strlen(line) + 2;
	words.word[words.count] = NULL;
	word = words.word;
	count = words.count;
	completion.start = word[count - 1];
	if (shell || skip_options(&completion, &own, &word, &count)) {
		if (!shell && count == 1 && completion.start[0] == '-')
			for (const char *const *name = options_names; *name; name++)
				offer(&completion, *name);
		else
			complete_command(&completion, word, count);
	}
	allowed_release(&completion.allowed);
	if (candidates->count)
		qsort(candidates->word, candidates->count, sizeof(*candidates->word), compare);
	words_release(&words);
}

void complete_release(struct candidates *candidates)
{
	for (size_t i = 0; i < candidates->count; i++)
		free(candidates->word[i]);
	free(candidates->word);
	*candidates = (struct candidates){NULL, 0, 0};
}

size_t complete_common(const struct candidates *candidates)
{
	size_t common = candidates->count ? strlen(candidates->word[0]) : 0;

	for (size_t i = 1; i < candidates->count; i++) {
		size_t at = 0;

		while (at < common && candidates->word[i][at] == candidates->word[0][at])
			at++;
		common = at;
	}
	return common;
}

/*
 * Bash cuts words at its own marks too, such as ':' and '=': what it is given is only what stands
 * in the place of the part that it sees (words[1]).
 */
enum ctl_status complete_for_bash(struct options *options, char **words)
{
	const char *line = getenv("COMP_LINE"), *point = getenv("COMP_POINT");
	const char *seen = words[0] && words[1] ? words[1] : "";
	struct candidates candidates = {NULL, 0, 0};
	char *typed, *program_end;
	size_t length, whole, part;

	if (!line)
		return verbs_usage("--bash-complete is for bash: complete -C 'arpactl "
				   "--bash-complete' arpactl");
	length = point ? strtoul(point, NULL, 10) : strlen(line);
	typed = strndup(line, length);
	if (!typed)
		return CTL_FAILED;
	program_end = typed + strcspn(typed, " \t");
	complete_line(options, program_end, false, &candidates);
	whole = strlen(strrchr(typed, ' ') ? strrchr(typed, ' ') + 1 : typed);
	part = strlen(seen) < whole ? whole - strlen(seen) : 0;
	for (size_t i = 0; i < candidates.count; i++)
		if (strlen(candidates.word[i]) > part)
			puts(candidates.word[i] + part);
	complete_release(&candidates);
	free(typed);
	return CTL_OK;
}
