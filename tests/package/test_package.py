# SPDX-License-Identifier: BSD-3-Clause
"""The Debian packages: built, judged by lintian, installed under a booted systemd on a machine that has
nothing else, used, upgraded and purged. The cases are one story, in the order of their numbers.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import sys
import time

import clean_machine
import tap
from lab import machine, unit_limits
from lab.machine import run
from lab.message import Client
from lab.namespaces import SERVER_4, SERVER_INTERFACE, Pair

WORK = machine.BUILD / "tests" / "package" / "work"
ROOT = WORK / "root"
READY_SECONDS = 30
SOURCE = machine.ROOT / "debian"
# Of what a machine has that arpad does not ask for: who reads manuals, completes commands, and asks.
BESIDE = ("bash-completion", "bind9-dnsutils", "ethtool", "iproute2", "man-db", "systemd-sysv")
PROGRAMS = {"arpad": "usr/sbin/arpad", "arpactl": "usr/bin/arpactl"}
NAME = "7.2.0.192.in-addr.arpa."
CONFFILE = "/etc/arpad/arpad.yaml"
CONFIGURATION = ROOT / CONFFILE.lstrip("/")
OURS = re.compile(r"arpad|arpactl")
# What policy leaves behind a purge: the logs of others, and what dpkg and apt keep for themselves.
# The unit's addition and what is in /root are this test's.
KEPT = ("/var/log/", "/var/lib/dpkg/", "/var/cache/", "/var/lib/apt/",
        "/etc/systemd/system/arpad.service.d", "/root/")
FAST_PATH = f"""
listen: {{addresses: [127.0.0.1, {SERVER_4}]}}
ports: [{{interface: {SERVER_INTERFACE}, queues: 1}}]
dpdk: {{hugepages: no, idle: adaptive}}
"""


def build():
    environment = {**os.environ, "BUILD": str(WORK), "DEB_BUILD_OPTIONS": "nocheck terse"}
    done = subprocess.run([machine.ROOT / "tests/support/make-package"], env=environment, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=540)
    if done.returncode != 0:
        raise machine.LabError(f"make package failed:\n{done.stdout}{done.stderr}")
    packages = WORK / "package"
    return {name: next(packages.glob(f"{name}_*.deb")) for name in PROGRAMS}


def allow_locked_memory():
    """Where even root may not raise LimitMEMLOCK, the unit gets the capability that stands above it."""
    for name in unit_limits.lock_memory():
        more = ROOT / "etc/systemd/system/arpad.service.d/locked-memory.conf"
        more.parent.mkdir(parents=True)
        more.write_text(f"[Service]\nAmbientCapabilities={name}\nCapabilityBoundingSet={name}\n")


def in_readme():
    """The first commands that README has for who has installed arpad."""
    text = (machine.ROOT / "README.md").read_text()
    return re.search(r"^## Install it$.*?An answer in a minute:\n+```\n(.*?)^```", text,
                     re.M | re.S).group(1)


def in_conffile():
    """The same in the configuration's first lines."""
    lines = (SOURCE / "arpad.yaml").read_text().splitlines()
    return "\n".join(line[4:] for line in lines if line.startswith("#   ")
                     and line[4:].split()[0] in ("arpactl", "dig"))


def with_version(package, version):
    """The same package under another version, as an upgrade brings it."""
    unpacked = WORK / "unpacked"
    run("dpkg-deb", "--raw-extract", package, unpacked)
    control = unpacked / "DEBIAN" / "control"
    old = re.search(r"^Version: (.*)$", control.read_text(), re.M).group(1)
    control.write_text(control.read_text().replace(f"Version: {old}", f"Version: {version}")
                       .replace(f"(= {old})", f"(= {version})"))
    made = ROOT / "root" / re.sub("_.*_", f"_{version}_", package.name)
    run("dpkg-deb", "--build", unpacked, made)
    shutil.rmtree(unpacked)
    return f"/root/{made.name}"


class Package(tap.LabCase):
    seconds = 600

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        cls.addClassCleanup(shutil.rmtree, WORK, ignore_errors=True)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            making = pool.submit(clean_machine.make_root, ROOT, BESIDE)
            cls.packages = build()
            making.result()
        cls.pair = Pair("arpad-package")
        cls.addClassCleanup(cls.pair.remove)
        allow_locked_memory()
        cls.machine = clean_machine.CleanMachine(ROOT, cls.pair.server)
        cls.addClassCleanup(lambda: cls.machine.remove())
        for package in cls.packages.values():
            shutil.copy(package, ROOT / "root")
        cls.unpacked = {name: WORK / name for name in PROGRAMS}
        for name, package in cls.packages.items():
            run("dpkg-deb", "--extract", package, cls.unpacked[name])

    def install(self, *packages, **options):
        done = self.machine.apt("install", *packages, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def ctl(self, *words, **options):
        return self.machine.run("arpactl", *words, **options)

    def asked(self, server="127.0.0.1", port=5300, name=NAME):
        """What dig gets on the machine itself: (code, answers)."""
        shown = run(*self.pair.server.command(
            "dig", f"@{server}", "-p", port, "+tries=1", "+time=5", "+noall", "+answer", "+comments",
            name, "PTR")).stdout
        answers = [line.split()[-1] for line in shown.splitlines() if line.startswith(name)]
        return re.search(r"status: (\w+)", shown).group(1), answers

    def wait_for(self, condition):
        """Until it holds; the unit's journal where it never does."""
        deadline = time.monotonic() + READY_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                self.fail("\n".join(self.machine.journal("arpad").splitlines()[-20:]))
            time.sleep(0.1)

    def served(self):
        return self.ctl("status", check=False).returncode == 0

    def test_01_lintian_has_nothing_to_say(self):
        done = run("lintian", "--allow-root", "--fail-on", "error,warning",
                   *(WORK / "package").glob("**/*.deb"), check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_02_programs_are_hardened_and_arpactl_needs_no_dpdk(self):
        for name, path in PROGRAMS.items():
            program = self.unpacked[name] / path
            shown = run("readelf", "--wide", "--headers", "--dynamic", program).stdout
            self.assertRegex(shown, r"Type:\s+DYN \(Position-Independent Executable")
            self.assertRegex(shown, r"\(FLAGS\)\s+BIND_NOW")
            self.assertIn("GNU_RELRO", shown)
        depends = run("dpkg-deb", "--field", self.packages["arpactl"], "Depends").stdout
        self.assertNotIn("librte", depends)
        self.assertIn("librte-net-af-xdp23",
                      run("dpkg-deb", "--field", self.packages["arpad"], "Depends").stdout)

    def test_03_an_old_cpu_is_told_so(self):
        for name, path in PROGRAMS.items():
            program = self.unpacked[name] / path
            old = run("qemu-x86_64", "-cpu", "kvm64", program, "--version", check=False)
            self.assertEqual(old.returncode, 1)
            self.assertIn("needs a CPU with SSE4.2", old.stderr)

    def test_04_installed_it_serves_at_once(self):
        self.install(*(f"/root/{package.name}" for package in self.packages.values()))
        self.assertEqual(self.machine.show("arpad", "ActiveState", "UnitFileState", "User"),
                         ["active", "enabled", "arpad"], self.machine.journal("arpad"))
        self.wait_for(self.served)
        self.assertEqual(self.asked(), ("REFUSED", []))
        for commands in (in_readme(), in_conffile()):
            shown = self.machine.run("bash", "-euc", commands).stdout
            self.assertRegex(shown, r"7\.2\.0\.192\.in-addr\.arpa\.\s+3600\s+IN\s+PTR\s+mail\.example\.com\.")
            self.ctl("zone", "remove", "192.0.2.0/24")
        self.machine.run("bash", "-euc", in_readme())
        self.assertEqual(self.asked(), ("NOERROR", ["mail.example.com."]))
        self.machine.run("arpad", "--check", CONFFILE)

    def test_05_files_have_the_owners_and_modes_that_they_need(self):
        user = int(self.machine.run("id", "--user", "arpad").stdout)
        group = int(self.machine.run("id", "--group", "arpad").stdout)
        for path, mode, owner in (("etc/arpad", 0o750, 0), ("etc/arpad/arpad.yaml", 0o640, 0),
                                  ("var/lib/arpad", 0o750, user)):
            about = (ROOT / path).stat()
            self.assertEqual((stat.S_IMODE(about.st_mode), about.st_uid, about.st_gid),
                             (mode, owner, group), path)

    def test_06_prometheus_finds_metrics_on_loopback(self):
        ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:10153/metrics').read().decode())"
        shown = run(*self.pair.server.command(sys.executable, "-c", ask)).stdout
        self.assertRegex(shown, r"(?m)^arpad_ready 1$")

    def test_07_who_is_in_the_group_may_change_records(self):
        for user, groups in (("alice", "arpad"), ("bob", "")):
            self.machine.run("useradd", "--groups", groups, user)
        # The socket's users are looked up when a connection comes; groups made later need a reload.
        self.machine.run("systemctl", "reload", "arpad")
        done = self.machine.run("runuser", "-u", "alice", "--", "arpactl", "ptr", "set", "192.0.2.8",
                                "web.example.com.", check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        refused = self.machine.run("runuser", "-u", "bob", "--", "arpactl", "ptr", "unset", "192.0.2.8",
                                   check=False)
        self.assertEqual(refused.returncode, 5, refused.stderr)

    def test_08_manual_and_completion(self):
        for section, page in (("8", "arpad"), ("1", "arpactl"), ("5", "arpad.yaml")):
            done = self.machine.run("man", "--warnings", section, page, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertGreater(len(done.stdout.splitlines()), 30, page)
        loaded = self.machine.run("bash", "-c", ". /usr/share/bash-completion/bash_completion; "
                                  "_completion_loader arpactl; complete -p arpactl").stdout
        self.assertIn("arpactl --bash-complete", loaded)

    def test_09_what_the_autopkgtest_does(self):
        shutil.copy(SOURCE / "tests" / "veth", ROOT / "root" / "veth")
        done = self.machine.run("bash", "/root/veth", check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_10_over_af_xdp_under_the_unit(self):
        installed = CONFIGURATION.read_text()
        listen = "listen:\n  addresses:\n    - 127.0.0.1@5300\n"
        self.assertIn(listen, installed)
        CONFIGURATION.write_text(installed.replace(listen, FAST_PATH))
        self.machine.run("systemctl", "restart", "arpad")
        self.wait_for(self.served)
        client = Client(self.pair, SERVER_4)
        self.addCleanup(client.close)
        self.assertEqual(client.ask(NAME).names(), ["mail.example.com."])
        steer = json.loads(self.ctl("-j", "stats").stdout)["steer"][0]
        self.assertGreaterEqual(steer["verdicts"]["redirected"], 1)
        self.machine.run("systemctl", "reload", "arpad")
        self.assertEqual(client.ask(NAME).names(), ["mail.example.com."])

    def test_11_an_upgrade_keeps_records_and_configuration_and_restarts(self):
        before = self.machine.show("arpad", "MainPID")
        mine = CONFIGURATION.read_text()
        self.install(*(with_version(package, "0.1.1~test") for package in self.packages.values()))
        self.assertEqual(CONFIGURATION.read_text(), mine)
        self.wait_for(self.served)
        self.assertNotEqual(self.machine.show("arpad", "MainPID"), before)
        self.assertEqual(self.asked(SERVER_4, 53), ("NOERROR", ["mail.example.com."]))

    def test_12_a_port_that_is_taken_fails_no_installation(self):
        self.machine.run("systemctl", "stop", "arpad")
        with self.pair.server.entered():
            holder = socket.create_server(("127.0.0.1", 53))
        self.addCleanup(holder.close)
        again = (f"/root/{path.name}" for path in (ROOT / "root").glob("*test_*.deb"))
        self.install("--reinstall", *again)
        self.wait_for(lambda: "in use" in self.machine.journal("arpad"))
        self.assertFalse(self.served())
        holder.close()
        self.machine.run("systemctl", "reset-failed", "arpad")
        self.machine.run("systemctl", "restart", "arpad")
        self.wait_for(self.served)
        self.assertEqual(self.asked(SERVER_4, 53), ("NOERROR", ["mail.example.com."]))

    def test_13_removed_it_leaves_what_is_the_administrators(self):
        self.machine.apt("remove", "arpad", "arpactl")
        self.assertTrue(CONFIGURATION.exists())
        self.assertTrue((ROOT / "var/lib/arpad/data.mdb").exists())
        self.assertFalse((ROOT / PROGRAMS["arpad"]).exists())

    def test_14_purged_it_leaves_nothing_but_its_user(self):
        self.machine.apt("purge", "arpad", "arpactl")
        paths = self.machine.run("find", "/", "-xdev").stdout.splitlines()
        left = [path for path in paths if OURS.search(path) and not path.startswith(KEPT)]
        self.assertEqual(left, [])
        self.machine.run("id", "arpad")


if __name__ == "__main__":
    sys.exit(tap.main())
