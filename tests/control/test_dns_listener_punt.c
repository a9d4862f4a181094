/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages that workers leave to the listener's thread, from a stand-in for the workers. */
#include "tests/support/cmocka.h"

#include "dataplane/dns/wire.h"
#include "tests/control/listener_fixture.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { OPCODE_NOTIFY = 4, MESSAGES = 1000, MESSAGE_BYTES = 1232 };

/* The listener's thread takes and replies; the test adds. */
struct workers {
	pthread_mutex_t lock;
	unsigned added, taken, replied;
	unsigned takes, most; /* calls, and the longest list of one */
	bool online_while_taking;
	struct listener_reader *reader;
	uint8_t bytes[MESSAGES][MESSAGE_BYTES];
	size_t length[MESSAGES]; /* of the message, then of the reply */
};

static struct workers workers;
static const uint8_t client_address[4] = {192, 0, 2, 7};

static unsigned take(void *context, struct dataplane_message *messages, unsigned count)
{
	struct workers *w = context;
	unsigned n = 0;

	pthread_mutex_lock(&w->lock);
	w->takes++;
	if (atomic_load(&w->reader->word) % 2)
		w->online_while_taking = true;
	assert_int_equal(w->taken, w->replied);
	while (n < count && w->taken < w->added) {
		messages[n++] = (struct dataplane_message){.bytes = w->bytes[w->taken],
			.length = w->length[w->taken],
			.capacity = MESSAGE_BYTES,
			.address = client_address,
			.address_bytes = 4,
			.frame = &w->length[w->taken]};
		w->taken++;
	}
	if (n > w->most)
		w->most = n;
	pthread_mutex_unlock(&w->lock);
	return n;
}

static void reply(void *context, const struct dataplane_message *messages, unsigned count)
{
	struct workers *w = context;

	pthread_mutex_lock(&w->lock);
	for (unsigned i = 0; i < count; i++)
		*(size_t *)messages[i].frame = messages[i].length;
	w->replied += count;
	pthread_mutex_unlock(&w->lock);
}

static int set_up(void **state)
{
	static const struct punt punt = {&workers, take, reply};
	struct listener_fixture *f;

	if (listener_setup(state) != 0)
		return -1;
	f = *state;
	memset(&workers, 0, sizeof(workers));
	pthread_mutex_init(&workers.lock, NULL);
	workers.reader = &f->reader;
	f->config.punt = &punt;
	listener_fixture_start(f);
	return 0;
}

static void add(const void *bytes, size_t length)
{
	pthread_mutex_lock(&workers.lock);
	memcpy(workers.bytes[workers.added], bytes, length);
	workers.length[workers.added++] = length;
	pthread_mutex_unlock(&workers.lock);
}

static void add_notify(uint16_t id)
{
	uint8_t message[LISTENER_QUERY_MAX_BYTES];
	size_t length = listener_query(message, id, 1, 6);

	wire_put16(message + WIRE_FLAGS, OPCODE_NOTIFY << WIRE_OPCODE_SHIFT);
	add(message, length);
}

/* Waits 5 seconds at most for replies to all that was added; returns how many there are. */
static unsigned await_replies(void)
{
	unsigned replied;

	for (unsigned i = 0; i < 5000; i++) {
		pthread_mutex_lock(&workers.lock);
		replied = workers.replied;
		pthread_mutex_unlock(&workers.lock);
		if (replied == workers.added)
			break;
		usleep(1000);
	}
	return replied;
}

static void messages_are_answered_and_counted(void **state)
{
	const struct dns_listener_counters *counters = listener_counted(*state);
	uint8_t query[LISTENER_QUERY_MAX_BYTES], reply_bit[12] = {0x12, 0x34, 0x80};

	add_notify(7);
	add(query, listener_query(query, 8, 1, WIRE_TYPE_AXFR));
	add(query, listener_query(query, 9, 1, WIRE_TYPE_PTR));
	add(reply_bit, sizeof(reply_bit));
	assert_int_equal(await_replies(), 4);
	assert_int_equal(workers.length[0], WIRE_HEADER_BYTES);
	assert_int_equal(wire_get16(workers.bytes[0]), 7);
	assert_int_equal(wire_get16(workers.bytes[0] + WIRE_FLAGS),
		WIRE_QR | OPCODE_NOTIFY << WIRE_OPCODE_SHIFT | WIRE_NOTIMP);
	assert_int_equal(wire_get16(workers.bytes[1] + WIRE_FLAGS), WIRE_QR | WIRE_NOTIMP);
	assert_int_equal(wire_get16(workers.bytes[2] + WIRE_ANCOUNT), 1);
	assert_int_equal(workers.length[3], 0);
	assert_int_equal(counter_read(&counters->punted[OUTCOME_NOTIMP]), 2);
	assert_int_equal(counter_read(&counters->punted[OUTCOME_ANSWERED]), 1);
	assert_int_equal(counter_read(&counters->punted[OUTCOME_MESSAGE_IS_REPLY]), 1);
	assert_int_equal(counter_read(&counters->punt_replied), 3);
	assert_int_equal(counter_read(&counters->udp_queries), 0);
	assert_int_equal(counter_read(&counters->messages.outcome[OUTCOME_NOTIMP]), 0);
	assert_false(workers.online_while_taking);
}

static void many_are_answered_batch_by_batch_beside_tcp(void **state)
{
	int fd = listener_connect(*state, "127.0.0.1");

	for (unsigned i = 0; i < MESSAGES; i++) {
		add_notify((uint16_t)i);
		if (i % 100 == 0)
			listener_ask(fd, (uint16_t)(i + 1));
	}
	assert_int_equal(await_replies(), MESSAGES);
	for (unsigned i = 0; i < MESSAGES; i++) {
		assert_int_equal(wire_get16(workers.bytes[i]), i);
		assert_int_equal(workers.length[i], WIRE_HEADER_BYTES);
	}
	assert_in_range(workers.most, 1, DATAPLANE_PUNT_BATCH);
	listener_ask(fd, 5);
	close(fd);
}

static void nobody_looks_often_while_none_come(void **state)
{
	unsigned before;

	(void)state;
	usleep(50000);
	pthread_mutex_lock(&workers.lock);
	before = workers.takes;
	pthread_mutex_unlock(&workers.lock);
	usleep(500000);
	pthread_mutex_lock(&workers.lock);
	assert_in_range(workers.takes - before, 1, 60);
	pthread_mutex_unlock(&workers.lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, listener_teardown)
		CASE(messages_are_answered_and_counted),
		CASE(many_are_answered_batch_by_batch_beside_tcp),
		CASE(nobody_looks_often_while_none_come),
#undef CASE
	};

	return cmocka_run_group_tests_name("control/dns_listener_punt", tests, NULL, NULL);
}
