/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/pcapng.h"

#include <string.h>

/* Blocks and options by their numbers in the draft, section 4. */
enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	BYTE_ORDER = 0x1a2b3c4d,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_SECTION_PROGRAM = 4,
	OPTION_INTERFACE_NAME = 2,
	OPTION_INTERFACE_RESOLUTION = 9,
	OPTION_PACKET_FLAGS = 2,
	FLAGS_INBOUND = 1,
	FLAGS_OUTBOUND = 2,
	RESOLUTION_NS = 9,
};

/* tcpdump.org's numbers of link types. */
enum { LINK_ETHERNET = 1, LINK_RAW_IP = 101 };

enum {
	IPV4_BYTES = 20,
	IPV6_BYTES = 40,
	UDP_BYTES = 8,
	TCP_BYTES = 20,
	TCP_LENGTH_BYTES = 2,
	TTL = 64,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	FLAGS_PSH_ACK = 0x18,
	NAME_MAX_BYTES = 255,
};

static uint8_t *put16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

/* Octets and zeroes up to the next multiple of four. */
static uint8_t *put_padded(uint8_t *at, const void *octets, size_t bytes)
{
	size_t padding = -bytes & 3;

	if (bytes)
		memcpy(at, octets, bytes);
	memset(at + bytes, 0, padding);
	return at + bytes + padding;
}

static uint8_t *put_option(uint8_t *at, uint16_t option, const void *octets, size_t bytes)
{
	at = put16(put16(at, option), (uint16_t)bytes);
	return put_padded(at, octets, bytes);
}

/* A block's length stands behind its type and at its end. Returns where the next begins. */
static uint8_t *end_block(uint8_t *start, uint8_t *at)
{
	uint32_t length = (uint32_t)(at - start) + 4;

	put32(start + 4, length);
	return put32(at, length);
}

static uint8_t *put_section(uint8_t *start, const char *program)
{
	const uint32_t unknown = UINT32_MAX;
	uint8_t *at = put32(start, BLOCK_SECTION) + 4;

	at = put32(at, BYTE_ORDER);
	at = put16(put16(at, 1), 0); /* version 1.0 */
	at = put32(put32(at, unknown), unknown);
	at = put_option(at, OPTION_SECTION_PROGRAM, program, strnlen(program, NAME_MAX_BYTES));
	return end_block(start, put_option(at, OPTION_END, NULL, 0));
}

static uint8_t *put_interface(uint8_t *start, uint16_t link, const char *name)
{
	const uint8_t resolution = RESOLUTION_NS;
	uint8_t *at = put32(start, BLOCK_INTERFACE) + 4;

	at = put16(put16(at, link), 0);
	at = put32(at, 0); /* what is cut says so itself */
	at = put_option(at, OPTION_INTERFACE_NAME, name, strlen(name));
	at = put_option(at, OPTION_INTERFACE_RESOLUTION, &resolution, 1);
	return end_block(start, put_option(at, OPTION_END, NULL, 0));
}

size_t pcapng_start(uint8_t to[static PCAPNG_START_BYTES], const char *program)
{
	uint8_t *at = put_section(to, program);

	at = put_interface(at, LINK_ETHERNET, "arpad workers");
	at = put_interface(at, LINK_RAW_IP, "arpad kernel sockets");
	return (size_t)(at - to);
}

size_t pcapng_packet_write(const struct pcapng_packet *packet, uint8_t *to)
{
	const uint32_t flags = packet->outbound ? FLAGS_OUTBOUND : FLAGS_INBOUND;
	uint8_t *at = put32(to, BLOCK_PACKET) + 4;

	at = put32(at, packet->interface);
	at = put32(at, (uint32_t)(packet->time_ns >> 32));
	at = put32(at, (uint32_t)packet->time_ns);
	at = put32(at, (uint32_t)packet->kept);
	at = put32(at, (uint32_t)packet->bytes);
	at = put_padded(at, packet->octets, packet->kept);
	at = put_option(at, OPTION_COMMENT, packet->comment,
		strnlen(packet->comment, PCAPNG_COMMENT_MAX_BYTES));
	at = put_option(at, OPTION_PACKET_FLAGS, &flags, sizeof(flags));
	at = end_block(to, put_option(at, OPTION_END, NULL, 0));
	return (size_t)(at - to);
}

/* ---- Headers, in network order ---- */

static uint8_t *put16_be(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint8_t *put32_be(uint8_t *at, uint32_t value)
{
	return put16_be(put16_be(at, value >> 16), value);
}

/* RFC 1071, as a sum to go on with. */
static uint32_t add_up(uint32_t sum, const uint8_t *octets, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		sum += (uint32_t)octets[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static size_t address_bytes(const struct pcapng_message *message)
{
	return message->family == 4 ? 4 : 16;
}

/* A datagram can't be longer, however long the message is. */
static uint32_t at_most(size_t bytes)
{
	return bytes < UINT16_MAX ? (uint32_t)bytes : UINT16_MAX;
}

static uint8_t *put_ipv4(const struct pcapng_message *message, size_t payload, uint8_t *start)
{
	uint8_t *at = start;

	at = put16_be(at, 0x4500);
	at = put16_be(at, at_most(IPV4_BYTES + payload));
	at = put32_be(at, 0x4000); /* number 0, not to be fragmented */
	*at++ = TTL;
	*at++ = message->tcp ? PROTOCOL_TCP : PROTOCOL_UDP;
	at = put16_be(at, 0);
	memcpy(at, message->source, 4);
	memcpy(at + 4, message->destination, 4);
	put16_be(start + 10, ~add_up(0, start, IPV4_BYTES));
	return at + 8;
}

static uint8_t *put_ipv6(const struct pcapng_message *message, size_t payload, uint8_t *at)
{
	at = put32_be(at, 0x60000000);
	at = put16_be(at, at_most(payload));
	*at++ = message->tcp ? PROTOCOL_TCP : PROTOCOL_UDP;
	*at++ = TTL;
	memcpy(at, message->source, 16);
	memcpy(at + 16, message->destination, 16);
	return at + 32;
}

/* Of the pseudo-header, the transport's header and the message. */
static uint16_t checksum(const struct pcapng_message *message, const uint8_t *transport,
	size_t header, size_t payload)
{
	uint32_t sum = (uint32_t)(message->tcp ? PROTOCOL_TCP : PROTOCOL_UDP) + at_most(payload);

	sum = add_up(sum, message->source, address_bytes(message));
	sum = add_up(sum, message->destination, address_bytes(message));
	sum = add_up(sum, transport, header);
	sum = add_up(sum, message->octets, message->kept);
	return (uint16_t)~sum;
}

static uint8_t *put_udp(const struct pcapng_message *message, size_t payload, uint8_t *at)
{
	at = put16_be(at, message->source_port);
	at = put16_be(at, message->destination_port);
	at = put16_be(at, at_most(payload));
	return put16_be(at, 0);
}

static uint8_t *put_tcp(const struct pcapng_message *message, uint8_t *at)
{
	at = put16_be(at, message->source_port);
	at = put16_be(at, message->destination_port);
	at = put32_be(at, message->sequence);
	at = put32_be(at, message->acknowledged);
	*at++ = TCP_BYTES / 4 << 4;
	*at++ = FLAGS_PSH_ACK;
	at = put16_be(at, UINT16_MAX); /* the window */
	at = put32_be(at, 0);
	return put16_be(at, (uint32_t)message->bytes);
}

size_t pcapng_headers_write(
	const struct pcapng_message *message, uint8_t to[static PCAPNG_HEADERS_BYTES])
{
	size_t header = message->tcp ? TCP_BYTES + TCP_LENGTH_BYTES : UDP_BYTES;
	size_t payload = header + message->bytes;
	uint8_t *transport = message->family == 4 ? put_ipv4(message, payload, to)
						  : put_ipv6(message, payload, to);
	uint8_t *end =
		message->tcp ? put_tcp(message, transport) : put_udp(message, payload, transport);
	uint16_t sum = checksum(message, transport, header, payload);

	/* As a sum, 0 would mean that there is none (RFC 768). */
	if (!message->tcp && sum == 0)
		sum = UINT16_MAX;
	put16_be(transport + (message->tcp ? 16 : 6), sum);
	return (size_t)(end - to);
}
