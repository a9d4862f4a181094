/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers the C cases with Google Benchmark: the only C++ file. A case is built when it first
 * runs and kept, so that repetitions can be interleaved; one operation is one iteration.
 */
#include "bench/bench_case.h"
#include "bench/proc.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <deque>
#include <string>

/* A case with one population, or a case that needs none. */
struct instance {
	const bench_case *c;
	const population *records; /* or nullptr */
	std::string name, references;
	void *context;
	bool tried;
};

static std::deque<instance> instances; /* stays where it is when it grows */
static bool failed;

static void fail(benchmark::State &state, const instance &i, const char *why)
{
	std::fprintf(stderr, "bench: %s: %s\n", i.name.c_str(), why);
	state.SkipWithError(why);
	failed = true;
}

/* Whether the machine has what the case takes, and something over. */
static bool fits(benchmark::State &state, const instance &i)
{
	const uint64_t reserve = UINT64_C(512) << 20;
	uint64_t need = i.c->need == nullptr ? 0 : i.c->need(i.records);
	uint64_t available = proc_memory_available();

	if (need < reserve || need + reserve <= available)
		return true;
	state.SkipWithError(("skipped: it takes up to " + std::to_string(need >> 20) +
		" MiB, and of " + std::to_string(available >> 20) + " MiB some must stay free")
				    .c_str());
	return false;
}

static void measure(benchmark::State &state, instance *i)
{
	const bench_case *c = i->c;
	const char *wrong = nullptr;

	if (i->context == nullptr && !i->tried) {
		if (!fits(state, *i))
			return;
		i->tried = true;
		i->context = c->setup(c->args, i->records);
	}
	if (i->context == nullptr) {
		fail(state, *i, "it could not be set up");
		return;
	}
	while (wrong == nullptr && state.KeepRunningBatch(BENCH_STEP))
		wrong = c->run(i->context);
	if (wrong != nullptr)
		fail(state, *i, wrong);
	state.SetLabel(i->references);
	if (c->held != nullptr)
		state.counters["bytes_per_record"] =
			double(c->held(i->records)) / double(i->records->records);
}

/* A name that ends in '/' goes on with the population's size. */
static std::string full_name(const char *name, const population *records)
{
	std::string text = name;

	return text.back() == '/' ? text + records->size : text;
}

static void add(const bench_case *c, const population *records)
{
	instance i = {c, records, full_name(c->name, records), "", nullptr, false};

	for (const char *reference : c->references)
		if (reference != nullptr)
			i.references += (i.references.empty() ? "" : " ") +
				full_name(reference, records);
	instances.push_back(i);
	benchmark::RegisterBenchmark(i.name.c_str(), measure, &instances.back());
}

static void add_all(const bench_case *list)
{
	for (const bench_case *c = list; c->name != nullptr; c++) {
		if (c->populations == nullptr)
			add(c, nullptr);
		else
			for (const population *p = c->populations; p->records != 0; p++)
				add(c, p);
	}
}

int main(int argc, char **argv)
{
	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return 2;
	for (const bench_case *list : {parse_cases, codec_cases, floor_cases, lookup_cases,
		     pipeline_cases})
		add_all(list);
#ifdef BENCH_RTE_HASH
	add_all(rte_hash_cases);
#endif
	benchmark::RunSpecifiedBenchmarks();
	for (const instance &i : instances)
		if (i.context != nullptr)
			i.c->teardown(i.context);
	return failed ? 1 : 0;
}
