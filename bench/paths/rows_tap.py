# SPDX-License-Identifier: BSD-3-Clause
"""A port that DPDK owns: net_tap is the wire, whose other end is the client's interface."""

import json
import time
import types

from lab import machine
from lab.daemon import Arpad
from lab.machine import LabError
from lab.namespaces import CLIENT_4, CLIENT_INTERFACE, SERVER_4, SERVER_6, Pair, add_address

import rows_paced

WIRE, KERNEL_INTERFACE = "wire0", "arpad0"
CLIENT_MAC = "02:00:00:00:00:66"  # both ends of a net_tap begin with one
APPEAR_SECONDS = 30

OPTIONS = """\
ports:
  - device: "net_tap0,iface={wire}"
    kernel:
      interface: {kernel}
      addresses: [{address}/24]
      rate: {rate}
dpdk:
  control-core: {control}
  worker-cores: [{worker}]
  hugepages: {hugepages}
"""


class Tap:
    """arpad with the zone of `lab` on such a port; start() and stop() as often as one likes."""

    name = "arpad"

    def __init__(self, lab):
        self.pair = Pair()
        self.pair.client.run("ip", "link", "del", CLIENT_INTERFACE)
        self.arpad = Arpad(self.pair, interfaces=())
        self.arpad.store = lab.arpad.arpad.store  # one at a time has it
        control, workers = machine.cores()
        self.options = types.SimpleNamespace(
            wire=WIRE, kernel=KERNEL_INTERFACE, address=SERVER_4, control=control,
            worker=workers[0], hugepages="yes" if lab.hugepages else "no")
        self.mac = None

    def start_with(self, rate):
        self.arpad.options = OPTIONS.format(**vars(self.options), rate=rate)
        self.arpad.configure((SERVER_4, SERVER_6))
        self.arpad.start()
        shown = self._wire()
        self.mac = shown["address"]
        inside = self.pair.client
        self.pair.server.run("ip", "link", "set", WIRE, "netns", inside.name)
        inside.run("ip", "link", "set", WIRE, "address", CLIENT_MAC, "up")
        inside.run("ethtool", "-K", WIRE, "tx", "off")
        add_address(inside, WIRE, CLIENT_4)

    def _wire(self):
        deadline = time.monotonic() + APPEAR_SECONDS
        while time.monotonic() < deadline:
            shown = self.pair.server.run("ip", "-j", "link", "show", WIRE, check=False)
            if shown.returncode == 0:
                return json.loads(shown.stdout)[0]
            time.sleep(0.05)
        raise LabError(f"net_tap made no interface {WIRE}.")

    def stats(self):
        return self.arpad.ctl_json("stats")

    def stop(self):
        self.arpad.stop()

    def remove(self):
        self.arpad.remove()
        self.pair.remove()


def exception(lab, number):
    """A flood of what is the kernel's, of several times the rate bound of the exception path."""
    tap = Tap(lab)
    beside = types.SimpleNamespace(pair=tap.pair, arpad=tap, load=lab.load, seconds=lab.seconds)
    try:
        with lab.noted("exception", "arpad", number) as note:
            try:
                tap.start_with(rate=lab.kernel_rate // 4)
                if lab.tap_most is None:
                    lab.tap_most = rows_paced.most(beside, "kernel", lab.kernel_rate, WIRE)
                rows_paced.beside(beside, note, "kernel", int(0.8 * lab.tap_most), lab.kernel_rate,
                                  cookies=False, interface=WIRE, mac=tap.mac)
            finally:
                tap.stop()
    finally:
        tap.remove()
