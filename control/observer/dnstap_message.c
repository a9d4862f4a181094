/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/observer/dnstap_message.h"

#include "control/dnstap.pb-c.h"
#include "dataplane/dns/wire.h"

#include <string.h>

enum { NS_A_SECOND = 1000000000 };

const char dnstap_content_type[DNSTAP_CONTENT_TYPE_BYTES + 1] = "protobuf:dnstap.Dnstap";

static ProtobufCBinaryData octets(const uint8_t *at, size_t bytes)
{
	/* The library reads it alone, but its type does not say so. */
	return (ProtobufCBinaryData){.len = bytes, .data = (uint8_t *)(uintptr_t)at};
}

/* A DNS message that was kept whole. */
static bool is_whole(const struct observation *seen, uint16_t kept, uint32_t bytes, uint16_t start)
{
	return seen->family && kept == bytes && start <= kept && kept - start >= WIRE_HEADER_BYTES;
}

static bool set_query(Dnstap__Message *message, const struct observation *seen)
{
	if (!is_whole(seen, seen->query_kept, seen->query_bytes, seen->query_message))
		return false;
	message->type = DNSTAP__MESSAGE__TYPE__AUTH_QUERY;
	message->has_query_message = true;
	message->query_message = octets(
		seen->query + seen->query_message, (size_t)seen->query_kept - seen->query_message);
	return true;
}

static bool set_response(Dnstap__Message *message, const struct observation *seen, uint64_t when_ns)
{
	if (seen->outcome < OUTCOME_REPLIED_FIRST ||
		!is_whole(seen, seen->reply_kept, seen->reply_bytes, seen->reply_message))
		return false;
	message->type = DNSTAP__MESSAGE__TYPE__AUTH_RESPONSE;
	message->has_response_message = true;
	message->response_message = octets(
		seen->reply + seen->reply_message, (size_t)seen->reply_kept - seen->reply_message);
	message->has_response_time_sec = message->has_response_time_nsec = true;
	message->response_time_sec = when_ns / NS_A_SECOND;
	message->response_time_nsec = (uint32_t)(when_ns % NS_A_SECOND);
	return true;
}

static void set_ends(Dnstap__Message *message, const struct observation *seen, uint64_t when_ns)
{
	size_t bytes = seen->family == 4 ? 4 : 16;

	message->has_socket_family = message->has_socket_protocol = true;
	message->socket_family =
		seen->family == 4 ? DNSTAP__SOCKET_FAMILY__INET : DNSTAP__SOCKET_FAMILY__INET6;
	message->socket_protocol = seen->path == OBSERVE_TCP ? DNSTAP__SOCKET_PROTOCOL__TCP
							     : DNSTAP__SOCKET_PROTOCOL__UDP;
	message->has_query_address = message->has_response_address = true;
	message->query_address = octets(seen->client, bytes);
	message->response_address = octets(seen->server, bytes);
	message->has_query_port = message->has_response_port = true;
	message->query_port = seen->client_port;
	message->response_port = seen->server_port;
	message->has_query_time_sec = message->has_query_time_nsec = true;
	message->query_time_sec = when_ns / NS_A_SECOND;
	message->query_time_nsec = (uint32_t)(when_ns % NS_A_SECOND);
}

static void set_text(protobuf_c_boolean *has, ProtobufCBinaryData *field, const char *text)
{
	if (!text)
		return;
	*has = true;
	*field = octets((const uint8_t *)text, strnlen(text, DNSTAP_TEXT_MAX_BYTES));
}

size_t dnstap_message_write(const struct dnstap_source *source, enum dnstap_kind kind,
	const struct observation *seen, uint64_t when_ns, uint8_t to[static DNSTAP_MESSAGE_BYTES])
{
	Dnstap__Message message = DNSTAP__MESSAGE__INIT;
	Dnstap__Dnstap frame = DNSTAP__DNSTAP__INIT;

	if (kind == DNSTAP_QUERY ? !set_query(&message, seen)
				 : !set_response(&message, seen, when_ns))
		return 0;
	set_ends(&message, seen, when_ns);
	set_text(&frame.has_identity, &frame.identity, source->identity);
	set_text(&frame.has_version, &frame.version, source->version);
	frame.type = DNSTAP__DNSTAP__TYPE__MESSAGE;
	frame.message = &message;
	return dnstap__dnstap__pack(&frame, to);
}
