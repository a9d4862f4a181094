# SPDX-License-Identifier: BSD-3-Clause
"""What is measured of a server that runs: each measurement says why it can't count, if it can't."""

import pathlib
import re
import time

from lab import machine, message, oracle
from lab.machine import LabError
from lab.message import Client
from lab.namespaces import CLIENT_INTERFACE, SERVER_4

import figures
import workload

ANSWER_SECONDS = 900   # BIND takes more than a minute for ten million names on a busy machine
POLL_SECONDS = 0.01    # the resolution of load times
ATTEMPTS = 5           # a sample may be lost just after an overload; a wrong reply is wrong at once


def seconds_to_answer(pair, server):
    """Starts it; the time to the first right reply over the wire, to a question for the last record."""
    number = int(workload.FIRST) + server.load.samples[0]
    started = time.monotonic()
    server.start()
    while time.monotonic() < started + ANSWER_SECONDS:
        client = Client(pair, SERVER_4, timeout=0.2)
        try:
            if is_right(client.ask(workload.arpa(number)), number):
                return time.monotonic() - started
        except OSError:
            pass
        finally:
            client.close()
        server.check_running()
        time.sleep(POLL_SECONDS)
    raise LabError(f"{server.title} did not answer within {ANSWER_SECONDS} s.")


def is_right(reply, number):
    question = workload.arpa(number)
    return (reply.rcode == message.NOERROR and bool(reply.flags & message.AA)
            and [name for name, *_ in reply.questions] == [question]
            and reply.names() == [workload.name(number)]
            and reply.answer[0][0] == question)


def ask(client, question):
    for _ in range(ATTEMPTS):
        try:
            return client.ask(question)
        except TimeoutError:
            continue
    return None


def fault_of_samples(pair, load):
    """None when all samples, and a name without a record, get the right reply; else a sentence."""
    client = Client(pair, SERVER_4, timeout=0.5)
    try:
        for index in load.samples:
            number = int(workload.FIRST) + index
            reply = ask(client, workload.arpa(number))
            if reply is None:
                return f"no reply to {workload.arpa(number)}"
            if not is_right(reply, number):
                return f"a wrong reply to {workload.arpa(number)}: {reply.wire.hex()}"
        reply = ask(client, load.missing())
        if reply is None or reply.rcode != message.NXDOMAIN:
            return f"no NXDOMAIN for {load.missing()}"
    finally:
        client.close()
    return None


def memory(server):
    """Bytes of all its processes: anonymous, huge and file-backed pages; its store on disk."""
    parts = [figures.read_smaps(pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text())
             for pid in server.processes()]
    return {**figures.add_up(parts), "store": server.store_bytes(), "processes": len(parts)}


def flood(pair, load, rate, seconds):
    """kxdpgun, which does not wait for replies: what it offered and what was answered, a second."""
    done = pair.client.run(
        "taskset", "-c", machine.cores()[0], "kxdpgun", "-I", CLIENT_INTERFACE, "-t", seconds,
        "-Q", rate, "-i", load.queries, SERVER_4, check=False, timeout=seconds + 60)
    try:
        run = figures.read_kxdpgun(done.stdout + done.stderr)
    except figures.NoFigures as error:
        return {"wanted": rate, "fault": str(error)}
    return {"wanted": rate, "offered": run["sent_rate"], "answered": run["rate"],
            "loss": figures.loss(run["sent"], run["replies"]),
            "fault": figures.fault_of_flood(run, load.reply_octets) or samples_after(pair, load)}


def paced(pair, load, rate, seconds):
    """dnsperf at a rate that all can bear: the latency of every reply, what is lost."""
    run = oracle.Dnsperf(pair, SERVER_4, load.queries, seconds, rate,
                         cpus=machine.cores()[0], verbose=True)
    measured = {"wanted": rate, "answered": run.rate, "loss": figures.loss(run.sent, run.completed),
                "lost": run.lost, "fault": fault_of_dnsperf(run) or samples_after(pair, load)}
    return {**measured, **figures.latency_figures(run.latencies)} if run.latencies else measured


def closed(pair, load, seconds):
    """dnsperf as fast as replies come back; it may itself be the limit."""
    run = oracle.Dnsperf(pair, SERVER_4, load.queries, seconds, cpus=machine.cores()[0])
    return {"answered": run.rate, "mean": run.latency * 1e6,
            "loss": figures.loss(run.sent, run.completed), "lost": run.lost,
            "fault": fault_of_dnsperf(run) or samples_after(pair, load)}


def fault_of_dnsperf(run):
    rcodes = re.findall(r"([A-Z]+) \d+", run.rcodes)
    return None if rcodes == ["NOERROR"] else f"rcodes {run.rcodes.strip() or 'none'}"


def samples_after(pair, load):
    fault = fault_of_samples(pair, load)
    return f"after the load: {fault}" if fault else None
