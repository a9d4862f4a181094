# SPDX-License-Identifier: BSD-3-Clause
"""The configuration and command of each peer, as the tests and the comparison start it.

What the servers would do differently by taste is configured alike: one UDP worker, minimal responses,
whole ANY, EDNS 1232, no rate limit, no cookies, no NSID, no notifies. Each works in a directory of
its own and stays in the foreground. `zones` are pairs of an apex and the path of its zone file.
"""

import os
import pathlib
import shutil


class NotInstalled(Exception):
    """The machine lacks a peer; the text says what to do."""


def find(program, package):
    path = shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin")
    if not path:
        raise NotInstalled(f"{program} is not installed: apt-get install {package}")
    return path


def _write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def knot(directory, address, port, zones, interface=None):
    """With an interface it takes UDP through AF_XDP there, and the kernel's sockets keep the rest."""
    xdp = f"xdp:\n    listen: {interface}@{port}\n" if interface else ""
    sections = "".join(f'  - domain: "{apex}"\n    file: "{path}"\n' for apex, path in zones)
    configuration = _write(directory, "knot.conf", f"""\
server:
    rundir: "{directory}"
    listen: {address}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    udp-max-payload: 1232
{xdp}log:
  - target: stderr
    any: info
database:
    storage: "{directory}/db"
    journal-db-max-size: 16M
    timer-db-max-size: 16M
    kasp-db-max-size: 16M
    catalog-db-max-size: 16M
template:
  - id: default
    journal-content: none
    zonefile-load: whole
    zonefile-sync: -1
zone:
{sections}""")
    return [find("knotd", "knot"), "-c", configuration, "-s", os.path.join(directory, "knot.sock")]


def nsd(directory, address, port, zones):
    sections = "".join(f'zone:\n  name: "{apex}"\n  zonefile: "{path}"\n' for apex, path in zones)
    configuration = _write(directory, "nsd.conf", f"""\
server:
  ip-address: {address}@{port}
  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: "{directory}"
  zonelistfile: "{directory}/zone.list"
  xfrdfile: "{directory}/xfrd.state"
  xfrdir: "{directory}"
  pidfile: "{directory}/nsd.pid"
  ipv4-edns-size: 1232
  minimal-responses: yes
  refuse-any: no
  round-robin: no
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  answer-cookie: no
  zonefiles-write: 0
  verbosity: 1
remote-control:
  control-enable: no
{sections}""")
    return [find("nsd", "nsd"), "-d", "-c", configuration]


def bind(directory, address, port, zones):
    sections = "".join(f'zone "{apex}" {{ type primary; file "{path}"; }};\n'
                       for apex, path in zones)
    configuration = _write(directory, "named.conf", f"""\
options {{
    directory "{directory}";
    listen-on port {port} {{ {address}; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile "{directory}/session.key";
    recursion no;
    empty-zones-enable no;
    dnssec-validation no;
    notify no;
    allow-query {{ any; }};
    allow-transfer {{ none; }};
    minimal-responses yes;
    minimal-any no;
    zero-no-soa-ttl no;
    max-udp-size 1232;
    edns-udp-size 1232;
    answer-cookie no;
    check-names primary ignore;
    check-integrity no;
    check-sibling no;
    check-wildcard no;
    check-dup-records ignore;
    check-mx ignore;
    check-mx-cname ignore;
    check-srv-cname ignore;
    check-spf ignore;
}};
controls {{ }};
{sections}""")
    return [find("named", "bind9"), "-g", "-4", "-n", "1", "-c", configuration]


def gdnsd(directory, address, port, zones):
    """It finds its zones by the names of files in a folder, and has no key for the rest."""
    _write(directory, "config", f"""\
options => {{
  listen => [ "{address}:{port}" ]
  udp_threads => 1
  tcp_threads => 1
  max_edns_response => 1232
  run_dir => "{directory}/run"
  state_dir => "{directory}/state"
}}
""")
    folder = pathlib.Path(directory, "zones")
    folder.mkdir(exist_ok=True)
    for apex, path in zones:
        link = folder / apex.rstrip(".")
        if not link.is_symlink():
            link.symlink_to(path)
    return [find("gdnsd", "gdnsd"), "-c", str(directory), "start"]
