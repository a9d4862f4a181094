# SPDX-License-Identifier: BSD-3-Clause
"""What a power cut leaves of a directory: from the trace of the shim (disk.h has the layouts).

A sector of 512 octets holds what was last synced or anything that was written since; each sector by
itself. So does a file's size. Of names that came and went since the directory's last sync a first
part is kept, in their order. What a failed sync was about is never safe by a later one.
"""

import mmap
import os
import pathlib
import shutil
import struct

SECTOR = 512
ENTRY = struct.Struct("<IIQQ")
CONTROL = struct.Struct("<IIIIQQII")
CREATE, RENAME, UNLINK, MAKE, WRITE, WRITE_SAFE, RESIZE, BEGIN, END, FAIL, MAPPED = range(1, 12)
HONEST, LIE, LATE = range(3)
BEFORE, HALF, AFTER = range(3)
NO_DATA = "lock.mdb"  # LMDB's table of readers: shared memory, made anew by who opens it first


class Control:
    """The page that the shim looks at before every call."""

    FIELDS = {"sync": 0, "late_ms": 1, "write_error": 2, "sync_error": 3, "operations": 4,
              "kill_at": 5, "moment": 6}
    OFFSETS = (0, 4, 8, 12, 16, 24, 32)

    def __init__(self, path):
        self.path = path
        path.write_bytes(bytes(CONTROL.size))
        with open(path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), CONTROL.size)

    def set(self, **values):
        for name, value in values.items():
            field = self.FIELDS[name]
            struct.pack_into("<Q" if field in (4, 5) else "<I", self.page, self.OFFSETS[field], value)

    def clear(self):
        self.page[:] = bytes(CONTROL.size)

    @property
    def operations(self):
        return CONTROL.unpack(self.page)[4]


class File:
    """Its octets as the process sees them and as the disk surely has them, and what is between."""

    def __init__(self, content=b""):
        self.now, self.safe = bytearray(content), bytearray(content)
        self.safe_size = len(content)
        self.sectors = {}  # number: [(position in the trace, octets, surely lost by no later sync)]
        self.sizes = []  # (position, size)
        self.mapped = False

    def _grow(self, size):
        if size > len(self.now):
            self.now.extend(bytes(size - len(self.now)))
        if size > len(self.safe):
            self.safe.extend(bytes(size - len(self.safe)))

    def write(self, position, offset, data, safe):
        end = offset + len(data)
        larger = end > len(self.now)
        self._grow(-(-end // SECTOR) * SECTOR if larger else end)
        self.now[offset:end] = data
        if larger:
            del self.now[end:]
            if safe:
                self.safe_size = end
            else:
                self.sizes.append((position, end))
        for number in range(offset // SECTOR, -(-end // SECTOR)):
            octets = bytes(self.now[number * SECTOR:(number + 1) * SECTOR]).ljust(SECTOR, b"\0")
            if safe:
                self._keep(number, octets)
                self.sectors.pop(number, None)
            else:
                self.sectors.setdefault(number, []).append([position, octets, False])

    def _keep(self, number, octets):
        self._grow_safe((number + 1) * SECTOR)
        self.safe[number * SECTOR:(number + 1) * SECTOR] = octets

    def _grow_safe(self, size):
        if size > len(self.safe):
            self.safe.extend(bytes(size - len(self.safe)))

    def resize(self, position, size):
        if size < len(self.now):
            first = -(-size // SECTOR)
            for number in range(first, -(-len(self.now) // SECTOR)):
                self.sectors.setdefault(number, []).append([position, bytes(SECTOR), False])
            del self.now[size:]
        else:
            self._grow(size)
        self.sizes.append((position, size))

    def synced(self, begin):
        for number in list(self.sectors):
            versions = self.sectors[number]
            good = [i for i, version in enumerate(versions) if version[0] < begin and not version[2]]
            if good:
                self._keep(number, versions[good[-1]][1])
                del versions[:good[-1] + 1]
                if not versions:
                    del self.sectors[number]
        sizes = [size for position, size in self.sizes if position < begin]
        if sizes:
            self.safe_size = sizes[-1]
            self.sizes = [each for each in self.sizes if each[0] >= begin]

    def failed(self, begin):
        for versions in self.sectors.values():
            for version in versions:
                version[2] = version[2] or version[0] < begin

    def image(self, choose):
        """Its octets after a power cut; choose(n) is which of n states, 0 the safe one."""
        octets = bytearray(self.safe)
        for number in sorted(self.sectors):
            versions = self.sectors[number]
            chosen = choose(len(versions) + 1)
            if chosen > 0:
                end = (number + 1) * SECTOR
                if end > len(octets):
                    octets.extend(bytes(end - len(octets)))
                octets[end - SECTOR:end] = versions[chosen - 1][1]
        chosen = choose(len(self.sizes) + 1)
        size = self.sizes[chosen - 1][1] if chosen > 0 else self.safe_size
        if size > len(octets):
            octets.extend(bytes(size - len(octets)))
        del octets[size:]
        return octets


class Trace:
    """Replays a trace over what the directory held when the trace began."""

    def __init__(self, directory):
        self.safe_names, self.names, self.inodes = {}, {}, {}
        self.folders, self.pending, self.begun = set(), [], {}
        self.position = self.read_to = 0
        for path in sorted(pathlib.Path(directory).rglob("*")):
            name = str(path.relative_to(directory))
            if path.is_dir():
                self.folders.add(name)
                continue
            file = File(path.read_bytes())
            self.names[name] = self.safe_names[name] = self.inodes[path.stat().st_ino] = file

    def entries(self, path, until=None):
        """The heads and data of a trace file, from where the last call ended."""
        octets = path.read_bytes()
        end = len(octets) if until is None else until
        while self.read_to + ENTRY.size <= end:
            kind, length, inode, offset = ENTRY.unpack_from(octets, self.read_to)
            following = self.read_to + ENTRY.size + length
            if following > len(octets):
                break  # killed while it wrote this: the call that it is of had not returned
            data = octets[self.read_to + ENTRY.size:following]
            self.read_to = following
            yield kind, inode, offset, data

    def replay(self, path, until=None):
        for entry in self.entries(path, until):
            self.step(*entry)

    def step(self, kind, inode, offset, data):
        self.position += 1
        file = self.inodes.get(inode)
        if kind == CREATE:
            self.inodes[inode] = File()
            self._name(("create", data.decode(), self.inodes[inode]))
        elif kind == RENAME:
            self._name(("rename", *data.decode().split("\0")))
        elif kind == UNLINK:
            self._name(("unlink", data.decode()))
        elif kind == MAKE:
            self.folders.add(data.decode())
        elif kind == BEGIN:
            self.begun[offset] = self.position
        elif kind in (END, FAIL):
            self._sync(file, self.begun.pop(offset), kind == END)
        elif file is None:
            return  # its name is gone for good, and its number another's
        elif kind in (WRITE, WRITE_SAFE):
            file.write(self.position, offset, data, kind == WRITE_SAFE)
        elif kind == RESIZE:
            file.resize(self.position, offset)
        elif kind == MAPPED:
            file.mapped = True

    def _sync(self, file, begin, good):
        if file is not None:
            if good:
                file.synced(begin)
            else:
                file.failed(begin)
        elif good:  # an inode without contents is a directory
            for position, change in self.pending:
                if position < begin:
                    self._apply(self.safe_names, change)
            self.pending = [each for each in self.pending if each[0] >= begin]

    def _name(self, change):
        self._apply(self.names, change)
        self.pending.append((self.position, change))

    @staticmethod
    def _apply(names, change):
        if change[0] == "create":
            names[change[1]] = change[2]
        elif change[0] == "rename" and change[1] in names:
            names[change[2]] = names.pop(change[1])
        elif change[0] == "unlink":
            names.pop(change[1], None)

    def choices(self):
        """How many sectors, sizes and names are undecided now."""
        return len(self.pending) + sum(len(file.sectors) + bool(file.sizes)
                                       for file in self.names.values())

    def build(self, directory, choose, owner=None):
        """Makes `directory` what a power cut now may leave."""
        names = dict(self.safe_names)
        for _, change in self.pending[:choose(len(self.pending) + 1)]:
            self._apply(names, change)
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        made = [directory]
        for name in sorted(self.folders):
            (directory / name).mkdir(exist_ok=True)
            made.append(directory / name)
        for name, file in sorted(names.items()):
            if file.mapped and name != NO_DATA:
                raise ValueError(f"{name} was written by mmap, which the trace can't show")
            (directory / name).write_bytes(file.image(choose))
            made.append(directory / name)
        for path in made:
            if owner is not None:
                os.chown(path, owner, owner)
