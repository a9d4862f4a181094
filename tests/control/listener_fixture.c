/* SPDX-License-Identifier: BSD-3-Clause */
/* Everything through the public writer API, real sockets, no mocks. */
#include "tests/control/listener_fixture.h"

#include "dataplane/dns/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NEED(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, \
				strerror(errno)); \
			abort(); \
		} \
	} while (0)

/* Online and offline: the word becomes odd, then even. */
static void reader_toggle(void *context)
{
	struct listener_reader *reader = context;

	atomic_fetch_add(&reader->word, 1);
}

static void reader_quiescent(void *context)
{
	struct listener_reader *reader = context;

	atomic_fetch_add(&reader->word, 2);
}

static struct prefix host_prefix(uint8_t host)
{
	return (struct prefix){.high = (UINT64_C(0xc6120000) | host) << 32,
		.family = ARPA_FAMILY_IPV4,
		.bits = 32};
}

static struct record *ptr_record(unsigned serial)
{
	const struct prefix address = host_prefix(1);
	const struct owner owner = owner_from_prefix(&address);
	char label[16];
	uint8_t rdata[32];
	size_t length = (size_t)snprintf(label, sizeof(label), "host%06u", serial % 1000000);
	struct rrset set = {.type = WIRE_TYPE_PTR, .count = 1, .ttl = 300, .rdata = rdata};

	wire_put16(rdata, (uint16_t)(length + 2));
	rdata[2] = (uint8_t)length;
	memcpy(rdata + 3, label, length);
	rdata[3 + length] = 0;
	set.rdata_bytes = (uint32_t)length + 4;
	return record_new(&owner, &set, 1);
}

static struct record *large_record(void)
{
	const struct prefix address = host_prefix(2);
	const struct owner owner = owner_from_prefix(&address);
	struct rrset set = {.type = 16, .ttl = 300};
	uint8_t *rdata = malloc(65535);
	struct record *record;

	NEED(rdata);
	while (set.rdata_bytes < LISTENER_LARGE_BYTES - 1000) {
		uint8_t *item = rdata + set.rdata_bytes;

		wire_put16(item, 201);
		item[2] = 200;
		memset(item + 3, 'a', 200);
		snprintf((char *)item + 3, 8, "%u", set.count);
		set.rdata_bytes += 203;
		set.count++;
	}
	set.rdata = rdata;
	record = record_new(&owner, &set, 1);
	free(rdata);
	return record;
}

static void put(struct listener_fixture *f, struct record *record)
{
	const struct table_room room = {.owners = 1, .ancestors = 33};

	NEED(record && table_reserve(f->table, &room) == 0);
	table_put(f->table, record);
}

static struct zone *zone_make(void)
{
	/* Length, MNAME "m.", RNAME "r.", serial, refresh, retry, expire, minimum. */
	static const uint8_t rdata[] = {0, 26, 1, 'm', 0, 1, 'r', 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
		0, 1, 0, 0, 0, 1, 0, 0, 0, 60};
	const struct prefix apex = {.high = UINT64_C(0xc6120000) << 32, .family = 4, .bits = 16};
	struct rrset soa = {.type = WIRE_TYPE_SOA,
		.count = 1,
		.ttl = 60,
		.rdata = rdata,
		.rdata_bytes = sizeof(rdata)};

	const struct owner key = owner_from_prefix(&apex);
	const struct zone_special plain = {0};

	return zone_new(&key, &soa, &plain);
}

void listener_fixture_open(struct listener_fixture *f)
{
	static const uint8_t seed[TABLE_SEED_BYTES] = {1};

	memset(f, 0, sizeof(*f));
	f->table = table_new(2, seed);
	NEED(f->table);
	put(f, ptr_record(0));
	put(f, large_record());
	f->zone = zone_make();
	NEED(f->zone);
	f->zones = zones_new(&f->zone, 1);
	NEED(f->zones);
	f->serving.table = f->table;
	serving_publish_zones(&f->serving, f->zones);
	f->policy = policy_default();
	serving_publish_policy(&f->serving, &f->policy);
	f->address = listener_address("127.0.0.1", listener_free_port());
	f->config = (struct dns_listener_config){
		.addresses = &f->address,
		.address_count = 1,
		.udp = true,
		.tcp = true,
		.limits = dns_listener_limits_default,
	};
}

void listener_fixture_start(struct listener_fixture *f)
{
	struct reader reader = {&f->reader, reader_toggle, reader_quiescent, reader_toggle};
	struct failure failure;

	if (dns_listener_start(&f->config, &f->serving, &reader, &f->listener, &failure)) {
		fprintf(stderr, "%s\n", failure.text);
		abort();
	}
}

void listener_fixture_close(struct listener_fixture *f)
{
	dns_listener_stop(f->listener);
	NEED(atomic_load(&f->reader.word) % 2 == 0);
	table_free(f->table);
	zones_free(f->zones);
	zone_free(f->zone);
}

int listener_setup(void **state)
{
	static struct listener_fixture fixture;

	listener_fixture_open(&fixture);
	*state = &fixture;
	return 0;
}

int listener_setup_started(void **state)
{
	listener_setup(state);
	listener_fixture_start(*state);
	return 0;
}

int listener_teardown(void **state)
{
	listener_fixture_close(*state);
	return 0;
}

static void await_grace(struct listener_fixture *f)
{
	/* A read-modify-write, so that it can't overtake the unlinking before it. */
	uint64_t start = atomic_fetch_add(&f->reader.word, 0);

	while (start % 2 && atomic_load(&f->reader.word) == start)
		usleep(20);
}

void listener_fixture_replace(struct listener_fixture *f, unsigned serial)
{
	struct unlinked things[16];
	size_t n;

	put(f, ptr_record(serial));
	while ((n = table_take_unlinked(f->table, things, 16)) > 0) {
		await_grace(f);
		for (size_t i = 0; i < n; i++)
			unlinked_free(&things[i]);
	}
}

struct dns_listener_address listener_address(const char *text, uint16_t port)
{
	struct dns_listener_address out = {.port = port};

	out.address.family = strchr(text, ':') ? 6 : 4;
	NEED(inet_pton(out.address.family == 6 ? AF_INET6 : AF_INET, text, out.address.bytes) == 1);
	return out;
}

static int bind_loopback(int type, struct sockaddr_in *at)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(*at);

	NEED(fd >= 0);
	if (bind(fd, (struct sockaddr *)at, sizeof(*at))) {
		close(fd);
		return -1;
	}
	NEED(getsockname(fd, (struct sockaddr *)at, &length) == 0);
	return fd;
}

uint16_t listener_free_port(void)
{
	for (;;) {
		struct sockaddr_in at = {.sin_family = AF_INET};
		int tcp, udp;

		tcp = bind_loopback(SOCK_STREAM, &at);
		NEED(tcp >= 0);
		udp = bind_loopback(SOCK_DGRAM, &at);
		close(tcp);
		if (udp < 0)
			continue;
		close(udp);
		return ntohs(at.sin_port);
	}
}

size_t listener_query(uint8_t *query, uint16_t id, uint8_t host, uint16_t type)
{
	struct prefix owner = host_prefix(host);
	size_t length = WIRE_HEADER_BYTES;

	memset(query, 0, WIRE_HEADER_BYTES);
	wire_put16(query + WIRE_ID, id);
	wire_put16(query + WIRE_QDCOUNT, 1);
	length += arpa_write(&owner, query + length);
	wire_put16(query + length, type);
	wire_put16(query + length + 2, WIRE_CLASS_IN);
	return length + 4;
}

size_t listener_tcp_query(uint8_t *query, uint16_t id, uint8_t host, uint16_t type)
{
	size_t length = listener_query(query + 2, id, host, type);

	wire_put16(query, (uint16_t)length);
	return length + 2;
}

int listener_connect(const struct listener_fixture *f, const char *source)
{
	struct timeval patience = {.tv_sec = 5};
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(f->address.port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	NEED(fd >= 0);
	NEED(inet_pton(AF_INET, source, &from.sin_addr) == 1);
	memcpy(&to.sin_addr, f->address.address.bytes, 4);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	NEED(bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0);
	NEED(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

void listener_send(int fd, const void *bytes, size_t length)
{
	NEED(send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length);
}

static ssize_t receive_all(int fd, uint8_t *bytes, size_t length)
{
	size_t have = 0;

	while (have < length) {
		ssize_t got = recv(fd, bytes + have, length - have, 0);

		if (got <= 0)
			return have == 0 ? got : -1;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

ssize_t listener_receive(int fd, uint8_t message[static 65535])
{
	uint8_t length[2];
	ssize_t got = receive_all(fd, length, sizeof(length));

	return got <= 0 ? got : receive_all(fd, message, wire_get16(length));
}

void listener_ask(int fd, uint16_t id)
{
	uint8_t query[LISTENER_QUERY_MAX_BYTES];
	static _Thread_local uint8_t reply[65535];

	listener_send(fd, query, listener_tcp_query(query, id, 1, WIRE_TYPE_PTR));
	NEED(listener_receive(fd, reply) > 12);
	NEED(wire_get16(reply) == id);
	NEED(wire_get16(reply + WIRE_ANCOUNT) == 1);
}

bool listener_closed(int fd, unsigned ms)
{
	uint64_t end = listener_now_us() + (uint64_t)ms * 1000;
	uint8_t sink[4096];

	for (;;) {
		uint64_t now = listener_now_us();
		struct pollfd wait = {.fd = fd, .events = POLLIN};

		if (now >= end || poll(&wait, 1, (int)((end - now) / 1000 + 1)) == 0)
			return false;
		errno = 0;
		if (recv(fd, sink, sizeof(sink), MSG_DONTWAIT) <= 0 && errno != EAGAIN)
			return true;
	}
}

uint64_t listener_await(const _Atomic(uint64_t) *counter, uint64_t value)
{
	for (unsigned i = 0; i < 5000 && counter_read(counter) < value; i++)
		usleep(1000);
	return counter_read(counter);
}

uint64_t listener_await_no_clients(struct listener_fixture *fixture)
{
	const _Atomic(uint64_t) *clients = &listener_counted(fixture)->tcp_clients;

	for (unsigned i = 0; i < 5000 && counter_read(clients) > 0; i++)
		usleep(1000);
	return counter_read(clients);
}

uint64_t listener_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

const char *listener_source(unsigned index, char text[static 32])
{
	snprintf(text, 32, "127.1.%u.%u", index / 250, index % 250 + 1);
	return text;
}
