# SPDX-License-Identifier: BSD-3-Clause
# A thin front door: packages, meson, ninja. `make help` lists what there is.

BUILD ?= build
support = tests/support
TIME ?= 60

.PHONY: all help packages run package test durability fuzz bench bench-full replay seen compare paths changes report lint clean

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

help:
	@echo 'make              install what is missing, build the release into $(BUILD)/'
	@echo 'make run          a lab on this machine: arpad over AF_XDP, queries, an update, a load'
	@echo 'make run FOR=10   the same, and end 10 seconds after the tour; HUGE=no: without hugepages'
	@echo 'make package      Debian packages into $(BUILD)/package/, and how to install them'
	@echo 'make test         every suite; the last line is the count'
	@echo 'make durability   kill -9, power cuts, failing disks: hundreds of rounds, and what was lost'
	@echo 'make fuzz TIME=60 every fuzz target for so many seconds'
	@echo 'make bench        what queries and updates cost in memory, 1 and 10 million records'
	@echo 'make bench-full   the same at 100 million records too, and the real arpad with as many'
	@echo 'make replay       the real arpad and testpmd on the same queries, from memory, 10 million records'
	@echo 'make seen         what metrics and samples cost the real arpad, on queries from memory'
	@echo 'make compare      arpad and Knot DNS (XDP mode) side by side over the same veth pair'
	@echo 'make paths        floods, latency, hostile traffic, changes: $(BUILD)/paths.json and a table'
	@echo 'make changes      what changes cost, beside BIND: $(BUILD)/changes.json and a table'
	@echo 'make report       arpad, Knot, NSD, BIND and gdnsd compared: $(BUILD)/report.html'
	@echo 'make lint         formatting of C, syntax of shell and Python, cppcheck'
	@echo 'make clean        remove every build tree'

packages:
	@$(support)/install-packages

$(BUILD)/build.ninja: | packages
	@meson setup $(BUILD)

# Only what the lab starts: tests and benchmarks take several times as long to build.
run: $(BUILD)/build.ninja
	@ninja -C $(BUILD) control/arpad control/arpactl bpf/steer.bpf.o
	@BUILD=$(BUILD) $(support)/run-lab

package:
	@BUILD=$(BUILD) $(support)/make-package

# The script sets up and builds its own trees: release, ASan+UBSan, TSan.
test: packages
	@BUILD=$(BUILD) $(support)/run-tests

durability: all
	@ARPAD_BUILD=$(abspath $(BUILD)) tests/durability/run

fuzz: packages
	@BUILD=$(BUILD) TIME=$(TIME) tests/fuzz/run

bench: all
	@bench/run $(BUILD)/bench/bench
	@$(BUILD)/bench/updates

bench-full: all
	@bench/run $(BUILD)/bench/bench --sizes 1M,10M,100M
	@$(BUILD)/bench/updates --grow 100000000
	@BUILD=$(BUILD) bench/large

replay: all
	@ARPAD_BUILD=$(abspath $(BUILD)) bench/replay

seen: all
	@ARPAD_BUILD=$(abspath $(BUILD)) bench/seen

compare: all
	@ARPAD_BUILD=$(abspath $(BUILD)) bench/compare/run

paths: all
	@ARPAD_BUILD=$(abspath $(BUILD)) bench/paths/run --json $(BUILD)/paths.json

changes: all
	@ARPAD_BUILD=$(abspath $(BUILD)) bench/control/run --json $(BUILD)/changes.json

# BENCH=FILE is what `bench/run --json FILE` kept; without it the benchmarks run first.
report: export SERVERS ?= arpad,knot,nsd,bind,gdnsd
report: export RECORDS ?= 100k,1M
report: export SWEEP ?= 25000,50000,100000,150000,200000,300000,400000,600000
report: all
ifndef BENCH
	@bench/run $(BUILD)/bench/bench --json $(BUILD)/bench.json
endif
	@ARPAD_BUILD=$(abspath $(BUILD)) bench/compare/run --report $(BUILD)/report.html \
		--json $(BUILD)/report.json --bench $(or $(BENCH),$(BUILD)/bench.json)

lint: packages
	@$(support)/lint

clean:
	@rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-coverage $(BUILD)-fuzz $(BUILD)-tsan
