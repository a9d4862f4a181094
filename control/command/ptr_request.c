/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parameters are met in the order of the object, once each: a lookup of every name that there
 * could be costs more than all the rest.
 */
#include "control/command/ptr_request.h"

#include "control/command/json_text.h"
#include "control/command/json_write.h"
#include "control/presentation.h"

#include <string.h>

static const char *const verb_names[] = {"ptr.set", "ptr.add", "ptr.remove", "ptr.unset"};

/* What the parameters gave, beside what is in the request. */
struct given {
	const char *address, *prefix, *name;
	json_t *names;
};

static int read_text(const char *what, json_t *value, size_t most, struct object_text *text,
	struct failure *failure)
{
	size_t bytes = json_string_length(value);

	if (bytes > most)
		return failure_set(failure, FAILURE_INVALID,
			"the %s has %zu octets, and may have %zu", what, bytes, most);
	*text = (struct object_text){json_string_value(value), (uint16_t)bytes};
	return 0;
}

static int read_tags(json_t *tags, struct details *details, struct failure *failure)
{
	const char *key;
	json_t *value;

	if (json_object_size(tags) > OBJECT_TAGS_MAX)
		return failure_set(failure, FAILURE_INVALID, "%zu tags; an object has at most %d",
			json_object_size(tags), OBJECT_TAGS_MAX);
	json_object_foreach (tags, key, value) {
		struct object_tag *tag = &details->tags[details->tag_count++];
		size_t bytes = strlen(key);

		if (bytes > OBJECT_TAG_KEY_MAX_BYTES)
			return failure_set(failure, FAILURE_INVALID,
				"the key %.64s... of a tag has %zu octets, and may have %d", key,
				bytes, OBJECT_TAG_KEY_MAX_BYTES);
		tag->key = (struct object_text){key, (uint16_t)bytes};
		if (read_text("value of a tag", value, OBJECT_TAG_VALUE_MAX_BYTES, &tag->value,
			    failure) != 0)
			return -1;
	}
	return 0;
}

static int read_sequence(json_t *value, int64_t *sequence, struct failure *failure)
{
	*sequence = json_integer_value(value);
	if (*sequence >= 0)
		return 0;
	return failure_set(failure, FAILURE_INVALID,
		"if_seq is %lld; it is the seq of the object, or 0 where none may be there",
		(long long)*sequence);
}

/* What is neither address nor names. Those of the transaction are read by who stages. */
static int read_other(
	const char *key, json_t *value, struct ptr_request *request, struct failure *failure)
{
	struct details *details = &request->details;

	if (strcmp(key, "ttl") == 0) {
		request->change.ttl = json_integer_value(value);
		return presentation_check_ttl(request->change.ttl, failure);
	}
	if (strcmp(key, "if_seq") == 0)
		return read_sequence(value, &request->change.if_sequence, failure);
	if (strcmp(key, "expect") == 0) {
		request->expect = json_integer_value(value);
		return request->expect >= 0 ? 0
					    : failure_set(failure, FAILURE_INVALID,
						      "expect is %lld; it is a count of objects",
						      (long long)request->expect);
	}
	if (strcmp(key, "description") == 0) {
		request->change.details_given |= PTR_DESCRIPTION;
		return read_text("description", value, OBJECT_DESCRIPTION_MAX_BYTES,
			&details->description, failure);
	}
	if (strcmp(key, "tenant") == 0) {
		request->change.details_given |= PTR_TENANT;
		return read_text(
			"tenant", value, OBJECT_TENANT_MAX_BYTES, &details->tenant, failure);
	}
	if (strcmp(key, "tags") == 0) {
		request->change.details_given |= PTR_TAGS;
		return read_tags(value, details, failure);
	}
	return 0;
}

static int read_params(
	json_t *params, struct ptr_request *request, struct given *given, struct failure *failure)
{
	const char *key;
	json_t *value;

	json_object_foreach (params, key, value) {
		if (strcmp(key, "address") == 0)
			given->address = json_string_value(value);
		else if (strcmp(key, "name") == 0)
			given->name = json_string_value(value);
		else if (strcmp(key, "names") == 0)
			given->names = value;
		else if (strcmp(key, "prefix") == 0)
			given->prefix = json_string_value(value);
		else if (read_other(key, value, request, failure) != 0)
			return -1;
	}
	return 0;
}

static int add_name(struct ptr_request *request, const char *text, struct failure *failure)
{
	struct wire_name *name = &request->names[request->change.count];
	int bytes = presentation_parse_name(text, name->wire, failure);
	const char *rule;

	if (bytes < 0)
		return -1;
	name->bytes = (uint16_t)bytes;
	request->change.count++;
	/* What breaks a rule may be there from before, and must be able to go. */
	if (request->syntax != NAME_SYNTAX_ENFORCE || request->verb == PTR_VERB_REMOVE)
		return 0;
	rule = name_syntax_broken(name->wire);
	return rule ? failure_set(failure, FAILURE_INVALID,
			      "the name \"%.100s\" %s (names.syntax of the configuration is "
			      "enforce)",
			      text, rule)
		    : 0;
}

static int read_names(
	struct ptr_request *request, const struct given *given, struct failure *failure)
{
	const char *method = verb_names[request->verb];
	size_t count = json_array_size(given->names);

	if (given->name && given->names)
		return failure_set(failure, FAILURE_INVALID,
			"%s takes either name, a string, or names, an array of strings, not both",
			method);
	if (given->name)
		return add_name(request, given->name, failure);
	if (given->names && (count < 1 || count > UPDATE_PTR_NAMES_MAX))
		return failure_set(failure, FAILURE_INVALID,
			"%s: %zu names; an address has 1 to %d", method, count,
			UPDATE_PTR_NAMES_MAX);
	for (size_t i = 0; i < count; i++)
		if (add_name(request, json_string_value(json_array_get(given->names, i)),
			    failure) != 0)
			return -1;
	return 0;
}

static int check_names(
	const struct ptr_request *request, const struct given *given, struct failure *failure)
{
	const struct ptr_change *change = &request->change;

	if (change->count || request->verb == PTR_VERB_UNSET)
		return 0;
	if (request->verb != PTR_VERB_SET)
		return failure_set(failure, FAILURE_INVALID,
			"%s needs either name, a string, or names, an array of strings",
			verb_names[request->verb]);
	if (change->ttl >= 0 || change->details_given)
		return 0;
	return failure_set(failure, FAILURE_INVALID,
		"ptr.set needs either name, a string, or names, an array of strings; or what else "
		"of %s shall change: ttl, description, tags or tenant",
		given->address);
}

static int read_target(
	struct ptr_request *request, const struct given *given, struct failure *failure)
{
	if (request->verb != PTR_VERB_UNSET || given->address) {
		if (given->prefix)
			return failure_set(failure, FAILURE_INVALID,
				"ptr.unset takes either address or prefix, not both");
		if (request->expect >= 0)
			return failure_set(
				failure, FAILURE_INVALID, "ptr.unset: expect goes with prefix");
		return presentation_parse_address(given->address, &request->target, failure);
	}
	if (!given->prefix)
		return failure_set(
			failure, FAILURE_INVALID, "ptr.unset needs either address or prefix");
	if (request->change.if_sequence >= 0)
		return failure_set(failure, FAILURE_INVALID,
			"ptr.unset: if_seq goes with address; for a prefix say how many objects "
			"you "
			"expect");
	request->is_prefix = true;
	return presentation_parse_prefix(given->prefix, &request->target, failure);
}

int ptr_request_parse(enum ptr_verb verb, json_t *params, enum name_syntax syntax,
	struct ptr_request *request, struct failure *failure)
{
	static const enum ptr_how hows[] = {PTR_SET, PTR_ADD, PTR_REMOVE, PTR_REMOVE};
	struct given given = {.address = NULL};

	/* Not all of it: the names alone are 2 KiB. */
	request->verb = verb;
	request->is_prefix = false;
	request->expect = -1;
	request->syntax = syntax;
	request->change = (struct ptr_change){
		.how = hows[verb],
		.names = request->names,
		.ttl = -1,
		.details = &request->details,
		.if_sequence = -1,
	};
	request->details.description = request->details.tenant = (struct object_text){NULL, 0};
	request->details.tag_count = 0;
	if (read_params(params, request, &given, failure) != 0 ||
		read_target(request, &given, failure) != 0 ||
		read_names(request, &given, failure) != 0 ||
		check_names(request, &given, failure) != 0)
		return -1;
	return request->change.details_given ? details_settle(&request->details, failure) : 0;
}

static int check_expected(
	struct update *update, const struct ptr_request *request, struct failure *failure)
{
	char text[PRESENTATION_PREFIX_BYTES];
	size_t count;

	if (request->expect < 0)
		return 0;
	if (update_count_prefix(update, &request->target, &count, failure) != 0)
		return -1;
	if (count == (size_t)request->expect)
		return 0;
	return failure_set(failure, FAILURE_CONFLICT,
		"%s has %zu PTR objects, not the %lld that were expected; look again and ask again",
		presentation_write_prefix(&request->target, text), count,
		(long long)request->expect);
}

int ptr_request_run(struct update *update, const struct ptr_request *request,
	struct ptr_outcome *outcome, struct failure *failure)
{
	outcome->removed = 0;
	if (request->is_prefix)
		return check_expected(update, request, failure) != 0
			? -1
			: update_unset_prefix(update, &request->target, PTR_UNSET_MAX,
				  &outcome->removed, &outcome->result, failure);
	if (request->verb == PTR_VERB_UNSET)
		return update_unset_ptr(update, &request->target, request->change.if_sequence,
			&outcome->result, failure);
	return update_change_ptr(
		update, &request->target, &request->change, &outcome->result, failure);
}

void ptr_request_write_target(struct text *text, const struct ptr_request *request)
{
	if (request->is_prefix)
		json_text_literal(text, "\"prefix\":");
	else
		json_text_literal(text, "\"address\":");
	json_text_prefix(text, &request->target);
}

void ptr_request_add_warnings(struct text *list, const struct ptr_request *request)
{
	char name[PRESENTATION_NAME_BYTES];

	if (request->syntax != NAME_SYNTAX_WARN || request->verb == PTR_VERB_REMOVE)
		return;
	for (size_t i = 0; i < request->change.count; i++) {
		const char *rule = name_syntax_broken(request->names[i].wire);
		struct failure sentence;

		if (!rule)
			continue;
		failure_set(&sentence, FAILURE_NONE, "the name %.255s %s",
			presentation_write_name(request->names[i].wire, name), rule);
		if (list->bytes)
			json_text_literal(list, ",");
		json_write_string(list, sentence.text, strlen(sentence.text));
	}
}

void ptr_request_write_warnings(struct text *text, const struct text *list)
{
	if (list->failed)
		text->failed = true;
	if (list->bytes == 0)
		return;
	json_text_literal(text, ",\"warnings\":[");
	text_add(text, list->octets, list->bytes);
	json_text_literal(text, "]");
}
