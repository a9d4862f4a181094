# SPDX-License-Identifier: BSD-3-Clause
"""What programs print, as counts; and what was counted between two looks. Nothing here runs anything."""

import json


def of_link(text):
    """`ip -s -j link show` of one interface: {rx, tx, rx_dropped, tx_dropped} in frames."""
    stats = json.loads(text)[0]["stats64"]
    return {"rx": stats["rx"]["packets"], "tx": stats["tx"]["packets"],
            "rx_dropped": stats["rx"]["dropped"], "tx_dropped": stats["tx"]["dropped"]}


def of_server(stats):
    """`arpactl -j stats`, summed over ports and workers.

    received: frames that the workers' queues gave; missed: those that they had no room for; sent:
    frames that left; cycles: spent on bursts. One key more for each outcome that occurred.
    """
    ports, workers = stats["ports"], stats["workers"]
    found = {
        "received": sum(port["rx_packets"] for port in ports),
        "missed": sum(port["rx_missed"] + port["rx_no_buffer"] for port in ports),
        "sent": sum(port["tx_packets"] for port in ports),
        "cycles": sum(worker["busy_cycles"] for worker in workers),
    }
    for worker in workers:
        for outcome, count in worker["outcomes"].items():
            if count:
                found[outcome] = found.get(outcome, 0) + count
    return found


def between(before, after):
    """after - before, key by key; what was not there before was 0."""
    return {key: value - before.get(key, 0) for key, value in after.items()}


def share(part, whole):
    return part / whole if whole else 0.0


def lost(clients):
    """The share of bench/clients' queries without a right reply in time."""
    return 1 - share(clients["answered"], clients["sent"])


def fault_of_clients(clients, wanted):
    """Why a run of bench/clients of `wanted` queries says nothing of the server, or None."""
    if clients["own_drops"]:
        return f"the client's own sockets dropped {clients['own_drops']} replies"
    if clients["wrong"]:
        return f"{clients['wrong']} wrong replies"
    if clients["sent"] < 0.8 * wanted:
        return f"only {clients['sent']} of {wanted:.0f} queries were sent in time"
    return None
