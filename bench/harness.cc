/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers the C cases with Google Benchmark: the only C++ file. A case is built when it first
 * runs and kept, so that repetitions can be interleaved; one operation is one iteration.
 */
#include "bench/bench_case.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <map>

static std::map<const bench_case *, void *> contexts;
static bool failed;

static void fail(benchmark::State &state, const bench_case *c, const char *why)
{
	std::fprintf(stderr, "bench: %s: %s\n", c->name, why);
	state.SkipWithError(why);
	failed = true;
}

static void measure(benchmark::State &state, const bench_case *c)
{
	const char *wrong = nullptr;
	auto [entry, first] = contexts.try_emplace(c, nullptr);
	void *&context = entry->second;

	if (first)
		context = c->setup(c->args);
	if (context == nullptr) {
		fail(state, c, "it could not be set up");
		return;
	}
	while (wrong == nullptr && state.KeepRunningBatch(BENCH_STEP))
		wrong = c->run(context);
	if (wrong != nullptr)
		fail(state, c, wrong);
	if (c->reference != nullptr)
		state.SetLabel(c->reference);
}

int main(int argc, char **argv)
{
	const bench_case *const lists[] = {parse_cases, codec_cases, lookup_cases, pipeline_cases};

	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return 2;
	for (const bench_case *c : lists)
		for (; c->name != nullptr; c++)
			benchmark::RegisterBenchmark(c->name, measure, c);
	benchmark::RunSpecifiedBenchmarks();
	for (const auto &entry : contexts)
		if (entry.second != nullptr)
			entry.first->teardown(entry.second);
	return failed ? 1 : 0;
}
