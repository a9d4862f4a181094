/* SPDX-License-Identifier: BSD-3-Clause */
/* struct request, run -> reply lines: {"id":...,"result":...} or {"id":...,"error":...}. */
#include "control/command/json_write.h"
#include "control/command/request.h"

/* What programs need to try again: the object as it is now, and what they took it for. */
static void write_conflict(const struct request *request, struct text *out)
{
	const char *address = param_text(request->params, "address");
	json_t *expected = json_object_get(request->params, "if_seq");

	text_add_string(out, ",\"data\":{");
	if (address) {
		text_add_string(out, "\"address\":");
		json_write_string(out, address, strlen(address));
		text_add(out, ",", 1);
	}
	text_add_string(out, "\"seq\":");
	text_add_number(out, (long long)request->failure.sequence);
	if (expected) {
		text_add_string(out, ",\"expected\":");
		json_write_value(out, expected);
	}
	text_add(out, "}", 1);
}

static void write_error(const struct request *request, struct text *out)
{
	const struct failure *failure = &request->failure;

	text_add_string(out, "\"error\":{\"code\":");
	text_add_number(out, failure->code);
	text_add_string(out, ",\"name\":\"");
	text_add_string(out, failure_name(failure->code));
	text_add_string(out, "\",\"message\":");
	json_write_string(out, failure->text, strlen(failure->text));
	if (failure->sequence)
		write_conflict(request, out);
	text_add(out, "}", 1);
}

static void write_start(const struct request *request, struct text *out)
{
	text_add_string(out, "{\"id\":");
	if (request->id)
		json_write_value(out, request->id);
	else
		text_add(out, "null", 4);
	text_add(out, ",", 1);
}

static void write_all_of(const json_t *items, struct text *out)
{
	for (size_t i = 0; i < json_array_size(items); i++) {
		if (i)
			text_add(out, ",", 1);
		json_write_value(out, json_array_get(items, i));
	}
}

static int read_page(struct request *request, struct text *out)
{
	const struct method *method = request->method;
	json_t *items;
	int result;

	if (method->write)
		return method->write(
			request->session, request->params, &request->page, out, &request->failure);
	items = json_array();
	result = method->page(
		request->session, request->params, &request->page, items, &request->failure);
	if (result >= 0)
		write_all_of(items, out);
	json_decref(items);
	return result;
}

/* Adds a page's items. PAGE_..., or -1 and the failure. */
static int write_items(struct request *request, struct text *out)
{
	int result;

	/* The role may be another one than when the list began. */
	if (command_may(request->session, request->method, &request->failure) != 0)
		return -1;
	command_act_as(request->session);
	result = read_page(request, out);
	command_act_as_self(request->session);
	return result;
}

/* The line is begun for a page that is not the last; when it is, that is taken out again. */
static int write_page(struct request *request, struct text *out)
{
	static const char more[] = "\"more\":true,", start[] = "\"result\":[";
	size_t line = out->bytes, rows;
	int result;

	text_add(out, more, sizeof(more) - 1);
	text_add(out, start, sizeof(start) - 1);
	rows = out->bytes;
	result = write_items(request, out);
	request->page.started = true;
	if (out->failed)
		return result;
	if (result < 0) {
		out->bytes = line;
		write_error(request, out);
		return PAGE_LAST;
	}
	if (result == PAGE_WAIT && out->bytes == rows) {
		out->bytes = line;
		return result;
	}
	text_add(out, "]", 1);
	if (result == PAGE_LAST && !out->failed) {
		out->bytes -= sizeof(more) - 1;
		memmove(out->octets + line, out->octets + line + sizeof(more) - 1,
			out->bytes - line);
	}
	return result;
}

static enum request_progress progress_of(int page)
{
	return page == PAGE_MORE ? REQUEST_MORE : page == PAGE_WAIT ? REQUEST_WAIT : REQUEST_DONE;
}

static int write_result(struct request *request, struct text *out)
{
	if (request_failed(request)) {
		write_error(request, out);
		return PAGE_LAST;
	}
	text_add_string(out, "\"result\":");
	if (request->result)
		json_write_value(out, request->result);
	else
		text_add(out, request->answer.octets, request->answer.bytes);
	return PAGE_LAST;
}

enum request_progress request_reply(struct request *request, struct text *out)
{
	size_t start = out->bytes, body;
	int page;

	write_start(request, out);
	body = out->bytes;
	page = request_streams(request) ? write_page(request, out) : write_result(request, out);
	if (page == PAGE_WAIT && out->bytes == body) {
		out->bytes = start;
		return REQUEST_WAIT;
	}
	text_add(out, "}\n", 2);
	if (out->failed)
		out->bytes = start;
	return progress_of(page);
}
