/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/arguments.h"

#include "control/nearest.h"

#include <string.h>

const char *arguments_verb_name(const struct verb *verb)
{
	static char name[64];

	snprintf(name, sizeof(name), "%s%s%s", verb->object, verb->name ? " " : "",
		verb->name ? verb->name : "");
	return name;
}

const char *arguments_dashes(const struct option_row *row)
{
	return row->name[1] ? "--" : "-";
}

void arguments_print_usage(const struct verb *verb, FILE *out)
{
	fputs(arguments_verb_name(verb), out);
	for (int i = 0; i < VERB_OPERANDS_MAX && verb->operand[i].kind; i++) {
		enum operand_kind kind = verb->operand[i].kind;

		fprintf(out,
			kind == OPERAND_ONE	       ? " %s"
				: kind == OPERAND_MORE ? " [%s...]"
						       : " [%s]",
			verb->operand[i].name);
	}
	for (const struct option_row *row = verb->options; row && row->name; row++)
		fprintf(out, " [%s%s%s%s]%s", arguments_dashes(row), row->name,
			row->value ? " " : "", row->value ? row->value : "",
			row->kind == OPTION_TEXTS || row->kind == OPTION_TAGS ? "..." : "");
}

/* Adds text to a list in `object`; false: it is no UTF-8. */
static bool append(json_t *object, const char *key, const char *text)
{
	json_t *list = json_object_get(object, key);

	if (!list) {
		list = json_array();
		json_object_set_new(object, key, list);
	}
	return json_array_append_new(list, json_string(text)) == 0;
}

static bool set_tag(json_t *object, const char *key, const char *text)
{
	const char *equals = strchr(text, '=');
	json_t *tags = json_object_get(object, key), *name;
	bool done;

	if (!equals || equals == text)
		return false;
	if (!tags) {
		tags = json_object();
		json_object_set_new(object, key, tags);
	}
	name = json_stringn(text, (size_t)(equals - text));
	done = name &&
		json_object_set_new(tags, json_string_value(name), json_string(equals + 1)) == 0;
	json_decref(name);
	return done;
}

static enum ctl_status set_option(
	const struct option_row *row, const char *text, struct arguments *arguments)
{
	json_t *object = row->key ? arguments->params : arguments->own;
	const char *key = row->key ? row->key : row->name;

	switch (row->kind) {
	case OPTION_FLAG:
		json_object_set_new(object, key, json_true());
		return CTL_OK;
	case OPTION_NUMBER:
		if (verbs_set_number(object, key, text))
			return CTL_OK;
		return verbs_usage(
			"%s%s takes a number, not \"%s\"", arguments_dashes(row), row->name, text);
	case OPTION_TAGS:
		if (set_tag(object, key, text))
			return CTL_OK;
		return verbs_usage("--%s takes KEY=VALUE in UTF-8", row->name);
	case OPTION_TEXTS:
		if (append(object, key, text))
			return CTL_OK;
		break;
	case OPTION_TEXT:
		if (json_object_set_new(object, key, json_string(text)) == 0)
			return CTL_OK;
		break;
	}
	return verbs_usage("what %s%s is given is not UTF-8; write other octets of a name as \\DDD",
		arguments_dashes(row), row->name);
}

static const struct option_row *find_option(
	const struct verb *verb, const char *name, size_t length)
{
	for (const struct option_row *row = verb->options; row && row->name; row++)
		if (strlen(row->name) == length && strncmp(row->name, name, length) == 0)
			return row;
	return NULL;
}

/* The row that a word names, and where the value begins that is part of the word, or NULL. */
static const struct option_row *named_option(
	const struct verb *verb, const char *word, const char **value)
{
	const char *name = word + 1 + (word[1] == '-'), *equals = strchr(name, '=');
	const struct option_row *row;

	if (word[1] != '-') {
		row = find_option(verb, name, 1);
		*value = name[1] ? name + 1 : NULL;
		return row;
	}
	row = find_option(verb, name, equals ? (size_t)(equals - name) : strlen(name));
	*value = equals ? equals + 1 : NULL;
	return row && row->name[1] ? row : NULL;
}

static enum ctl_status refuse_option(const struct verb *verb, const char *word)
{
	for (const struct option_row *row = verb->options; row && row->name; row++)
		if (word[1] == '-' && nearest_is_slip(word + 2, row->name))
			return verbs_usage("%s has no option %s; did you mean --%s?",
				arguments_verb_name(verb), word, row->name);
	return verbs_usage("%s has no option %s; see \"arpactl %s --help\"",
		arguments_verb_name(verb), word, arguments_verb_name(verb));
}

/* Reads an option; *used is the count of its words. */
static enum ctl_status take_option(const struct verb *verb, char **words, struct options *options,
	struct arguments *arguments, int *used)
{
	const char *value = NULL;
	const struct option_row *row = named_option(verb, words[0], &value);

	*used = row ? 1 : options_take(options, words, true);
	if (*used < 0)
		return CTL_USAGE;
	if (!*used)
		return refuse_option(verb, words[0]);
	if (!row)
		return CTL_OK;
	if (row->kind == OPTION_FLAG && value)
		return verbs_usage("%s%s takes no value", arguments_dashes(row), row->name);
	if (row->kind != OPTION_FLAG && !value) {
		value = words[1];
		*used = 2;
		if (!value)
			return verbs_usage("%s%s takes a value, %s", arguments_dashes(row),
				row->name, row->value);
	}
	return set_option(row, value, arguments);
}

static const struct operand *operand_at(const struct verb *verb, int index)
{
	int last = -1;

	for (int i = 0; i < VERB_OPERANDS_MAX && verb->operand[i].kind; i++)
		last = i;
	if (index <= last)
		return &verb->operand[index];
	return last >= 0 && verb->operand[last].kind == OPERAND_MORE ? &verb->operand[last] : NULL;
}

static enum ctl_status set_operand(
	const struct verb *verb, const struct operand *operand, char *word, json_t *params)
{
	bool done = true;

	if (!operand)
		return verbs_usage("%s: \"%s\" is too much; see \"arpactl %s --help\"",
			arguments_verb_name(verb), word, arguments_verb_name(verb));
	if (operand->key && operand->kind == OPERAND_MORE)
		done = append(params, operand->key, word);
	else if (operand->key)
		done = json_object_set_new(params, operand->key, json_string(word)) == 0;
	if (done)
		return CTL_OK;
	return verbs_usage("\"%s\" is not UTF-8; write other octets of a name as \\DDD", word);
}

static enum ctl_status check_count(const struct verb *verb, int count)
{
	const struct operand *next = &verb->operand[count];

	if (count >= VERB_OPERANDS_MAX || next->kind != OPERAND_ONE)
		return CTL_OK;
	return verbs_usage("%s lacks its %s; see \"arpactl %s --help\"", arguments_verb_name(verb),
		next->name, arguments_verb_name(verb));
}

enum ctl_status arguments_read(
	const struct verb *verb, char **words, struct options *options, struct arguments *arguments)
{
	enum ctl_status status = CTL_OK;
	bool only_operands = false;
	int used = 1;

	*arguments = (struct arguments){json_object(), json_object(), words, 0};
	for (char **word = words; status == CTL_OK && *word; word += used) {
		used = 1;
		if (!only_operands && strcmp(*word, "--") == 0) {
			only_operands = true;
		} else if (!only_operands && (*word)[0] == '-' && (*word)[1]) {
			status = take_option(verb, word, options, arguments, &used);
		} else {
			status = set_operand(
				verb, operand_at(verb, arguments->count), *word, arguments->params);
			words[arguments->count++] = *word;
		}
	}
	if (status == CTL_OK && !options->help)
		status = check_count(verb, arguments->count);
	return status;
}

void arguments_release(struct arguments *arguments)
{
	json_decref(arguments->params);
	json_decref(arguments->own);
	*arguments = (struct arguments){NULL, NULL, NULL, 0};
}
