/* SPDX-License-Identifier: BSD-3-Clause */
/* Queries and replies, of whatever path: worker cores ("fast") and kernel sockets ("slow"). */
#include "control/metrics/render.h"

#include "control/ratelimit_log.h"
#include "dataplane/respond.h"

#include <string.h>

/* What the reply to a message with this outcome says; NULL: there is none, or it is no DNS. */
static const char *rcode_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_ANSWERED:
	case OUTCOME_NODATA:
	case OUTCOME_REFERRAL:
	case OUTCOME_TRUNCATED:
	case OUTCOME_RATE_SLIPPED:
		return "NOERROR";
	case OUTCOME_NXDOMAIN:
		return "NXDOMAIN";
	case OUTCOME_REFUSED:
	case OUTCOME_PUNT_REFUSED:
		return "REFUSED";
	case OUTCOME_FORMERR:
		return "FORMERR";
	case OUTCOME_NOTIMP:
		return "NOTIMP";
	case OUTCOME_BADVERS:
		return "BADVERS";
	case OUTCOME_BADCOOKIE:
		return "BADCOOKIE";
	case OUTCOME_YXDOMAIN:
		return "YXDOMAIN";
	default:
		return NULL;
	}
}

static const char *const rcodes[] = {
	"NOERROR", "NXDOMAIN", "REFUSED", "FORMERR", "NOTIMP", "BADVERS", "BADCOOKIE", "YXDOMAIN"};

/* What a reply is about. */
static const struct {
	const char *source;
	enum outcome outcome;
} sources[] = {
	{"record", OUTCOME_ANSWERED},
	{"nodata", OUTCOME_NODATA},
	{"nxdomain", OUTCOME_NXDOMAIN},
	{"referral", OUTCOME_REFERRAL},
	{"truncated", OUTCOME_TRUNCATED},
	{"rate-slipped", OUTCOME_RATE_SLIPPED},
};

/* All threads' counters, each read once, so that no family contradicts another. */
struct sums {
	uint64_t fast[OUTCOMES], slow[OUTCOMES], punted[OUTCOMES];
	uint64_t family[COUNTERS_FAMILIES], type[QUERY_TYPES];
	uint64_t tx_dropped_fast, tx_dropped_slow;
	struct ratelimit_totals rate;
};

static void sum_block(
	const struct counters *counters, uint64_t outcomes[static OUTCOMES], struct sums *sums)
{
	for (unsigned i = 0; i < OUTCOMES; i++)
		outcomes[i] += counter_read(&counters->outcome[i]);
	for (unsigned i = 0; i < QUERY_TYPES; i++)
		sums->type[i] += counter_read(&counters->query_type[i]);
	for (unsigned i = 0; i < COUNTERS_FAMILIES; i++)
		sums->family[i] += counter_read(&counters->family[i]);
	ratelimit_totals_add(&sums->rate, counters);
}

static void sum_all(const struct report_facts *report, struct sums *sums)
{
	const struct dns_listener_counters *listener = report->listener;

	memset(sums, 0, sizeof(*sums));
	for (unsigned i = 0; i < report->worker_count; i++) {
		sum_block(report->workers[i].counters, sums->fast, sums);
		sums->tx_dropped_fast += counter_read(&report->workers[i].counters->tx_dropped);
	}
	if (!listener)
		return;
	sum_block(&listener->messages, sums->slow, sums);
	sums->tx_dropped_slow = counter_read(&listener->messages.tx_dropped);
	for (unsigned i = 0; i < OUTCOMES; i++)
		sums->punted[i] = counter_read(&listener->punted[i]);
}

static void queries(
	struct exposition *exposition, const struct report_facts *report, const struct sums *sums)
{
	static const char *const families[COUNTERS_FAMILIES] = {"4", "6"};
	static const char *const transports[2] = {[TRANSPORT_UDP] = "udp", [TRANSPORT_TCP] = "tcp"};

	exposition_counter(exposition, "arpad_queries_total",
		"DNS messages that came to our addresses, malformed ones included, by IP version, "
		"transport and path: fast (worker cores) or slow (kernel sockets).");
	for (unsigned f = 0; f < COUNTERS_FAMILIES; f++)
		exposition_sample(exposition, sums->family[f], "family", families[f], "transport",
			"udp", "path", "fast", NULL);
	for (unsigned t = 0; t < 2; t++)
		for (unsigned f = 0; f < COUNTERS_FAMILIES; f++)
			exposition_sample(exposition,
				report->listener ? counter_read(&report->listener->queries[t][f])
						 : 0,
				"family", families[f], "transport", transports[t], "path", "slow",
				NULL);
	exposition_counter(exposition, "arpad_queries_by_type_total",
		"The same messages by the type that they ask for; none: no question could be "
		"read.");
	for (unsigned i = 0; i < QUERY_TYPES; i++)
		exposition_sample(exposition, sums->type[i], "type", query_type_name(i), NULL);
}

static uint64_t of_outcome(const struct sums *sums, enum outcome outcome)
{
	return sums->fast[outcome] + sums->slow[outcome] + sums->punted[outcome];
}

static void responses(struct exposition *exposition, const struct sums *sums)
{
	exposition_counter(exposition, "arpad_responses_total", "DNS replies by response code.");
	for (unsigned r = 0; r < sizeof(rcodes) / sizeof(rcodes[0]); r++) {
		uint64_t count = 0;

		for (enum outcome i = 0; i < OUTCOMES; i++)
			if (rcode_of(i) && strcmp(rcode_of(i), rcodes[r]) == 0)
				count += of_outcome(sums, i);
		exposition_sample(exposition, count, "rcode", rcodes[r], NULL);
	}
	exposition_counter(exposition, "arpad_answers_total",
		"DNS replies from what we serve: a record, its absence, a referral, or a short "
		"reply.");
	for (unsigned i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		exposition_sample(exposition, of_outcome(sums, sources[i].outcome), "source",
			sources[i].source, NULL);
}

static void outcomes(struct exposition *exposition, const struct sums *sums)
{
	exposition_counter(exposition, "arpad_outcomes_total",
		"Frames and messages by how they ended (docs/outcomes.md) and path; punted: on "
		"worker "
		"cores, then answered by the listener's thread.");
	for (unsigned i = 0; i < OUTCOMES; i++) {
		const char *name = outcome_name(i);

		exposition_sample(exposition, sums->fast[i], "outcome", name, "path", "fast", NULL);
		exposition_sample(exposition, sums->slow[i], "outcome", name, "path", "slow", NULL);
		exposition_sample(
			exposition, sums->punted[i], "outcome", name, "path", "punted", NULL);
	}
	exposition_counter(exposition, "arpad_dropped_total",
		"What got no reply, by reason: an outcome that is silence, or tx-full: the port or "
		"socket did not take the reply.");
	for (enum outcome i = 0; i < OUTCOME_REPLIED_FIRST; i++)
		if (i != OUTCOME_PUNTED && i != OUTCOME_TO_KERNEL)
			exposition_sample(
				exposition, of_outcome(sums, i), "reason", outcome_name(i), NULL);
	exposition_sample(exposition, sums->tx_dropped_fast + sums->tx_dropped_slow, "reason",
		"tx-full", NULL);
}

static void rate_limit(struct exposition *exposition, const struct sums *sums)
{
	exposition_counter(exposition, "arpad_ratelimit_limited_total",
		"Replies above their client's rate, by class; in the mode log they left "
		"nevertheless.");
	for (unsigned c = RATELIMIT_NONE + 1; c < RATELIMIT_CLASSES; c++)
		exposition_sample(exposition, sums->rate.limited[c], "class",
			ratelimit_class_name((enum ratelimit_class)c), NULL);
	exposition_counter(exposition, "arpad_ratelimit_exempt_total",
		"Replies above their client's rate that left for its cookie or its prefix.");
	exposition_sample(exposition, sums->rate.exempt_cookie, "by", "cookie", NULL);
	exposition_sample(exposition, sums->rate.exempt_prefix, "by", "prefix", NULL);
}

static void dnstap(struct exposition *exposition, const struct report_facts *report)
{
	if (!report->has_dnstap)
		return;
	exposition_counter(exposition, "arpad_dnstap_messages_total",
		"Messages for dnstap: sent, or dropped since its reader was slow or not there.");
	exposition_sample(exposition, report->dnstap.sent, "result", "sent", NULL);
	exposition_sample(exposition, report->dnstap.dropped, "result", "dropped", NULL);
}

void metrics_render_traffic(struct exposition *exposition, const struct metrics_view *view)
{
	const struct report_facts *report = &view->facts->report;
	struct sums sums;

	sum_all(report, &sums);
	queries(exposition, report, &sums);
	responses(exposition, &sums);
	outcomes(exposition, &sums);
	rate_limit(exposition, &sums);
	dnstap(exposition, report);
}
