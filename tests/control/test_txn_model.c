/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transactions that come in between one another and plain changes, at random, beside a model that
 * knows no store: what each request gets, what each diff says and what is there afterwards.
 */
#include "tests/control/command_fixture.h"
#include "tests/support/cmocka.h"

#include "control/command/txn.h"
#include "control/log.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESSES = 8, OPEN = 4, OPERATIONS_MAX = 40, STEPS = 6000, NAMES = 3 };

/* Of an address: which of the names a, b, c it has, in their order; none: no object. */
struct object {
	char names[NAMES + 1];
	unsigned long long sequence;
};

static struct object objects[ADDRESSES];
static unsigned long long sequence; /* of the last change */

enum verb { SET, ADD, REMOVE, UNSET, UNSET_HALF, VERBS };

struct operation {
	enum verb verb;
	unsigned at; /* an address; of UNSET_HALF 0 or 4, the first of four */
	char name;
};

struct model {
	char id[TXN_ID_BYTES + 1]; /* empty: not open */
	unsigned count;
	struct operation operations[OPERATIONS_MAX];
	bool touched[ADDRESSES];
	unsigned long long base[ADDRESSES];
	unsigned halves;
	struct {
		unsigned at, count;
	} half[OPERATIONS_MAX];
};

static struct model open[OPEN];

/* ---- What one operation does: 1 it changed something, 0 it was so, -1 it can't be done. ---- */

static int apply(char *names, const struct operation *operation)
{
	char *found = names[0] ? strchr(names, operation->name) : NULL;
	size_t count = strlen(names);

	switch (operation->verb) {
	case SET:
		if (count == 1 && found)
			return 0;
		names[0] = operation->name;
		names[1] = '\0';
		return 1;
	case ADD:
		if (found)
			return 0;
		names[count] = operation->name;
		names[count + 1] = '\0';
		return 1;
	case REMOVE:
		if (!found)
			return -1;
		memmove(found, found + 1, strlen(found));
		return 1;
	default:
		if (!count)
			return -1;
		names[0] = '\0';
		return 1;
	}
}

static bool concerns(const struct operation *operation, unsigned at)
{
	return operation->verb == UNSET_HALF ? at / 4 * 4 == operation->at : at == operation->at;
}

/* What the transaction makes of one address; -1: some operation can't be done. */
static int replay(const struct model *txn, unsigned at, char *names)
{
	for (unsigned i = 0; i < txn->count; i++) {
		if (!concerns(&txn->operations[i], at))
			continue;
		if (txn->operations[i].verb == UNSET_HALF)
			names[0] = '\0';
		else if (apply(names, &txn->operations[i]) < 0)
			return -1;
	}
	return 0;
}

static unsigned count_half(const struct object *in, unsigned at)
{
	unsigned count = 0;

	for (unsigned i = at; i < at + 4; i++)
		count += in[i].names[0] != '\0';
	return count;
}

/* ---- Requests ---- */

static void write_operation(
	const struct operation *operation, const char *id, char *method, char *params)
{
	static const char *const methods[] = {
		"ptr.set", "ptr.add", "ptr.remove", "ptr.unset", "ptr.unset"};
	size_t used;

	strcpy(method, methods[operation->verb]);
	used = (size_t)sprintf(params,
		operation->verb == UNSET_HALF ? "{'prefix':'192.0.2.%u/30'"
					      : "{'address':'192.0.2.%u'",
		operation->at);
	if (operation->verb < UNSET)
		used += (size_t)sprintf(params + used, ",'name':'%c.'", operation->name);
	if (id)
		used += (size_t)sprintf(params + used, ",'txn':'%s'", id);
	sprintf(params + used, "}");
}

/* Runs it; whether there was a result. */
static bool done(const char *method, const char *params)
{
	char *reply = call(method, params);
	bool result = strstr(reply, "\"result\":") != NULL;

	free(reply);
	return result;
}

static void expect_done(bool wanted, const char *method, const char *params, unsigned step)
{
	if (done(method, params) != wanted)
		fail_msg("step %u: %s %s was%s to succeed", step, method, params,
			wanted ? "" : " not");
}

/* ---- Steps ---- */

static struct operation any_operation(void)
{
	struct operation operation = {.verb = (enum verb)(rand() % 16),
		.at = (unsigned)rand() % ADDRESSES,
		.name = (char)('a' + rand() % NAMES)};

	if (operation.verb > UNSET_HALF)
		operation.verb = (enum verb)(rand() % 3);
	if (operation.verb == UNSET_HALF)
		operation.at = operation.at / 4 * 4;
	return operation;
}

static void change_directly(unsigned step)
{
	struct operation operation = any_operation();
	struct object was[ADDRESSES];
	char method[16], params[100];
	int result = -1;

	memcpy(was, objects, sizeof(was));
	if (operation.verb == UNSET_HALF) {
		result = count_half(objects, operation.at) ? 1 : -1;
		for (unsigned i = operation.at; i < operation.at + 4; i++)
			objects[i].names[0] = '\0';
	} else {
		result = apply(objects[operation.at].names, &operation);
	}
	if (result == 1)
		sequence++;
	for (unsigned i = 0; i < ADDRESSES; i++)
		if (strcmp(was[i].names, objects[i].names) != 0)
			objects[i].sequence = objects[i].names[0] ? sequence : 0;
	write_operation(&operation, NULL, method, params);
	expect_done(result >= 0, method, params, step);
}

static void begin(struct model *txn)
{
	char *reply = call("txn.begin", "{}");
	const char *id = strstr(reply, "\"txn\":\"");

	assert_non_null(id);
	memset(txn, 0, sizeof(*txn));
	memcpy(txn->id, id + 7, TXN_ID_BYTES);
	free(reply);
}

static void touch(struct model *txn, unsigned at)
{
	if (!txn->touched[at])
		txn->base[at] = objects[at].sequence;
	txn->touched[at] = true;
}

/* Whether it can be staged, and then it is. */
static bool stage_half(struct model *txn, const struct operation *operation)
{
	bool any = false;

	for (unsigned i = operation->at; i < operation->at + 4; i++)
		any |= objects[i].names[0] || txn->touched[i];
	if (!any)
		return false;
	for (unsigned i = operation->at; i < operation->at + 4; i++)
		if (objects[i].names[0] || txn->touched[i])
			touch(txn, i);
	txn->half[txn->halves].at = operation->at;
	txn->half[txn->halves++].count = count_half(objects, operation->at);
	return true;
}

static void stage(struct model *txn, unsigned step)
{
	struct operation operation = any_operation();
	char method[16], params[100], names[NAMES + 1];
	bool wanted;

	if (txn->count == OPERATIONS_MAX)
		return;
	if (operation.verb == UNSET_HALF) {
		wanted = stage_half(txn, &operation);
	} else {
		strcpy(names, objects[operation.at].names);
		wanted = replay(txn, operation.at, names) == 0 && apply(names, &operation) >= 0;
		if (wanted)
			touch(txn, operation.at);
	}
	if (wanted)
		txn->operations[txn->count++] = operation;
	write_operation(&operation, txn->id, method, params);
	expect_done(wanted, method, params, step);
}

static bool conflicts(const struct model *txn)
{
	for (unsigned i = 0; i < ADDRESSES; i++)
		if (txn->touched[i] && txn->base[i] != objects[i].sequence)
			return true;
	for (unsigned i = 0; i < txn->halves; i++)
		if (count_half(objects, txn->half[i].at) != txn->half[i].count)
			return true;
	return false;
}

/* All of it on a copy. False: an operation can't be done. */
static bool apply_all(const struct model *txn, struct object *to, bool *changed)
{
	bool written[ADDRESSES] = {false};

	*changed = false;
	for (unsigned i = 0; i < txn->count; i++) {
		const struct operation *operation = &txn->operations[i];
		int result;

		if (operation->verb == UNSET_HALF) {
			if (count_half(to, operation->at) == 0)
				return false;
			for (unsigned at = operation->at; at < operation->at + 4; at++) {
				written[at] |= to[at].names[0] != '\0';
				to[at].names[0] = '\0';
			}
			continue;
		}
		result = apply(to[operation->at].names, operation);
		if (result < 0)
			return false;
		written[operation->at] |= result == 1;
	}
	for (unsigned i = 0; i < ADDRESSES; i++)
		*changed |= written[i];
	for (unsigned i = 0; i < ADDRESSES; i++)
		if (written[i])
			to[i].sequence = to[i].names[0] ? sequence + 1 : 0;
	return true;
}

static unsigned commits, refused;

static void commit(struct model *txn, unsigned step)
{
	struct object next[ADDRESSES];
	bool force = rand() % 4 == 0, changed, good;
	char params[64];

	memcpy(next, objects, sizeof(next));
	good = apply_all(txn, next, &changed) && (force || !conflicts(txn));
	sprintf(params, force ? "{'txn':'%s','force':true}" : "{'txn':'%s'}", txn->id);
	expect_done(good, "txn.commit", params, step);
	commits += good;
	refused += !good;
	if (!good)
		return;
	memcpy(objects, next, sizeof(next));
	sequence += changed;
	txn->id[0] = '\0';
}

/* What the diff has to say of one address, or nothing. */
static void write_difference(const struct model *txn, unsigned at, char *text)
{
	char after[NAMES + 1];

	text[0] = '\0';
	strcpy(after, objects[at].names);
	if (replay(txn, at, after) < 0)
		sprintf(text, "%u:%s>error ", at, objects[at].names);
	else if (strcmp(after, objects[at].names) != 0)
		sprintf(text, "%u:%s>%s ", at, objects[at].names, after);
}

static void write_names(json_t *object, char *text)
{
	json_t *name;
	size_t index;

	json_array_foreach (json_object_get(object, "names"), index, name)
		strncat(text, json_string_value(name), 1);
}

static void diff(const struct model *txn, unsigned step)
{
	char params[64], wanted[400] = "", got[400] = "", part[80];
	char *text;
	json_t *reply, *row;
	size_t index;

	for (unsigned i = 0; i < ADDRESSES; i++)
		if (txn->touched[i]) {
			write_difference(txn, i, part);
			strcat(wanted, part);
		}
	sprintf(params, "{'txn':'%s'}", txn->id);
	text = call("txn.diff", params);
	reply = json_loads(text, 0, NULL);
	json_array_foreach (json_object_get(reply, "result"), index, row) {
		const char *address = json_string_value(json_object_get(row, "address"));

		sprintf(got + strlen(got), "%s:", address + strlen("192.0.2."));
		write_names(json_object_get(row, "before"), got);
		strcat(got, ">");
		write_names(json_object_get(row, "after"), got);
		strcat(got, json_object_get(row, "error") ? "error " : " ");
	}
	if (strcmp(wanted, got) != 0)
		fail_msg("step %u: \"%s\", not \"%s\": %s", step, got, wanted, text);
	json_decref(reply);
	free(text);
}

/* All that is there, with its sequence numbers. */
static void expect_objects(unsigned step)
{
	char wanted[400] = "", got[400] = "", *text = call("ptr.list", "{}");
	json_t *reply = json_loads(text, 0, NULL), *row;
	size_t index;

	for (unsigned i = 0; i < ADDRESSES; i++)
		if (objects[i].names[0])
			sprintf(wanted + strlen(wanted), "%u:%s@%llu ", i, objects[i].names,
				objects[i].sequence);
	json_array_foreach (json_object_get(reply, "result"), index, row) {
		const char *address = json_string_value(json_object_get(row, "address"));

		sprintf(got + strlen(got), "%s:", address + strlen("192.0.2."));
		write_names(row, got);
		sprintf(got + strlen(got), "@%lld ",
			(long long)json_integer_value(json_object_get(row, "seq")));
	}
	if (strcmp(wanted, got) != 0)
		fail_msg("step %u: \"%s\", not \"%s\"", step, got, wanted);
	json_decref(reply);
	free(text);
}

static void step_of(struct model *txn, unsigned step)
{
	char params[64];

	if (!txn->id[0]) {
		begin(txn);
		return;
	}
	switch (rand() % 12) {
	case 0:
		commit(txn, step);
		break;
	case 1:
		diff(txn, step);
		break;
	case 2:
		if (rand() % 4 == 0) {
			sprintf(params, "{'txn':'%s'}", txn->id);
			expect_done(true, "txn.abort", params, step);
			txn->id[0] = '\0';
		}
		break;
	default:
		stage(txn, step);
	}
}

static void interleaved_transactions_are_as_the_model_has_them(void **state)
{
	(void)state;
	add_zone();
	sequence = 1;
	log_set_level(LOG_ERROR);
	srand(20);
	for (unsigned step = 0; step < STEPS; step++) {
		if (rand() % 5 == 0)
			change_directly(step);
		else
			step_of(&open[rand() % OPEN], step);
		expect_objects(step);
	}
	assert_in_range(commits, 50, STEPS);
	assert_in_range(refused, 50, STEPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			interleaved_transactions_are_as_the_model_has_them, open_all, close_all),
	};

	return cmocka_run_group_tests_name("txn_model", tests, NULL, NULL);
}
