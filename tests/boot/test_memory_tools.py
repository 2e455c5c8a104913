"""procrank, pagewalk and memmap: the same programs on this Linux and on Pagoda, held against /proc and each other."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pytest

from machine import Machine
from programs import archive
from test_debian import UNPACKED, fetch

TOOLS = ("procrank", "pagewalk", "memmap")
PRESENT = 1 << 63
FRAME = (1 << 55) - 1
ANON = 12

needs_root = pytest.mark.skipif(not os.access("/proc/kpageflags", os.R_OK), reason="frames are told to root only")


def run(*command, status=0, **kwargs):
    done = subprocess.run(["build/user/" + command[0], *map(str, command[1:])], stdout=subprocess.PIPE, timeout=60,
                          check=False, text=True, **kwargs)
    assert done.returncode == status, done.stdout
    return done.stdout


def entry(path, index):
    with open(path, "rb") as file:
        return struct.unpack("<Q", os.pread(file.fileno(), 8, index * 8))[0]


@pytest.fixture(name="sleeper")
def fixture_sleeper():
    """A process that changes nothing any more."""
    with subprocess.Popen(["sleep", "100"]) as process:
        while open("/proc/%d/comm" % process.pid, encoding="ascii").read() != "sleep\n":
            time.sleep(0.01)
        time.sleep(0.2)
        yield process.pid
        process.kill()


# --- procrank -----------------------------------------------------------------------------------

def rank(text):
    """([(pid, vss, rss, pss, uss, command)], pss in all, uss in all)"""
    rows = [(*map(int, re.findall(r"\d+", row)), command) for row, command in
            re.findall(r"^( *\d+(?: +\d+K){4})  (.*)$", text, re.M)]
    pss, uss = map(int, re.search(r"^ +(\d+)K +(\d+)K  TOTAL$", text, re.M).groups())
    return rows, pss, uss


def check_rank(text):
    rows, pss, uss = rank(text)
    assert len(rows) > 1 and text.startswith("  PID       Vss       Rss       Pss       Uss  cmdline\n")
    assert pss == sum(row[3] for row in rows) and uss == sum(row[4] for row in rows)
    # The three come from one reading, Vss from another a moment later.
    assert all(row[4] <= row[3] <= row[2] for row in rows), text
    assert [row[3] for row in rows] == sorted((row[3] for row in rows), reverse=True)
    assert re.search(r"^RAM: \d+K total, \d+K free, .*\d+K slab$", text, re.M)
    return rows


@needs_root
def test_procrank_on_linux(sleeper):
    rows = {row[0]: row for row in check_rank(run("procrank"))}
    text = open("/proc/%d/smaps_rollup" % sleeper, encoding="ascii").read()
    figures = {key: int(kb) for key, kb in re.findall(r"^(\w+): +(\d+) kB$", text, re.M)}
    vss = 4 * int(open("/proc/%d/statm" % sleeper, encoding="ascii").read().split()[0])
    # its libraries are others', too, who come and go: Pss may move, the rest not
    assert rows[sleeper][1:3] == (vss, figures["Rss"])
    assert rows[sleeper][4] <= figures["Pss"] + 64 and rows[sleeper][5] == "sleep 100"


@needs_root
@pytest.mark.parametrize("option,column", [("-v", 1), ("-r", 2), ("-p", 3), ("-u", 4)])
def test_procrank_sorts(option, column):
    for more, reverse in (((), True), (("-R",), False)):
        values = [row[column] for row in rank(run("procrank", option, *more))[0]]
        assert values == sorted(values, reverse=reverse)


def test_usage():
    assert "usage" in run("procrank", "-x", status=2) and "usage" in run("pagewalk", "1", status=2)
    assert "usage" in run("memmap", "-x", status=2)
    assert "no process 999999" in run("pagewalk", "999999", "heap", status=1)
    assert "no region 'nowhere'" in run("pagewalk", "self", "nowhere", status=1)


# --- pagewalk -----------------------------------------------------------------------------------

def walk(text):
    """(address, frame, times mapped, [(pid, address)])"""
    address = int(re.match(r"0x([0-9a-f]+) of process", text).group(1), 16)
    frame = int(re.search(r"^  frame       0x([0-9a-f]+) ", text, re.M).group(1), 16)
    times = int(re.search(r"^  mapped      (\d+) time", text, re.M).group(1))
    users = [(int(pid), int(at, 16)) for pid, at in re.findall(r"^ +(\d+)  0x([0-9a-f]+) ", text, re.M)]
    return address, frame, times, users


@needs_root
@pytest.mark.parametrize("region", ["text", "stack", "data"])
def test_pagewalk_on_linux(sleeper, region):
    text = run("pagewalk", sleeper, region)
    address, frame, times, users = walk(text)
    mapped = entry("/proc/%d/pagemap" % sleeper, address >> 12)
    assert mapped & PRESENT and frame == mapped & FRAME
    assert (sleeper, address) in users
    assert times >= len(users)
    assert ("anon" in text.split("flags")[1].split("\n")[0].split()) == bool(
        entry("/proc/kpageflags", frame) >> ANON & 1)
    # A number means the same as the name.
    assert walk(run("pagewalk", sleeper, "%x" % address))[:2] == (address, frame)


@needs_root
def test_pagewalk_finds_who_shares():
    """After fork a written page is parent's and child's; both are named, and nobody else."""
    program = ("import os, sys, ctypes, mmap\nm = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\nm[0] = 7\n"
               "child = os.fork()\nif child: print(child, ctypes.addressof(ctypes.c_char.from_buffer(m)), flush=True)\n"
               "sys.stdin.read()")
    with subprocess.Popen(["/usr/bin/python3", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as parent:
        child, address = map(int, parent.stdout.readline().split())
        time.sleep(0.2)
        text = run("pagewalk", parent.pid, hex(address))
        parent.stdin.close()
    _, _, times, users = walk(text)
    assert times == 2 and sorted(users) == sorted([(parent.pid, address), (child, address)]), text


# --- memmap -------------------------------------------------------------------------------------

KINDS = ("free", "kernel", "slab", "tables", "anonymous", "file", "shmem", "reserved")


def picture(text):
    """(frames in all, frames of a cell, {kind: frames}, {zone: rows of cells})"""
    frames, cell = map(int, re.match(r"(\d+) frames of 4 KB, (\d+) in a cell", text).groups())
    kinds = {kind: int(re.search(r"^(?:.* )?\S %s +(\d+)" % kind, text, re.M).group(1)) for kind in KINDS}
    zones, zone = {}, None
    for line in text.splitlines():
        heading = re.match(r"(\w+): \d+ frames present, \d+ free$", line)
        row = re.match(r" *\d+ [MK]B (.*)$", line)
        if heading:
            zone = zones.setdefault(heading.group(1), [])
        elif row:
            zone.append(row.group(1).rstrip())
    return frames, cell, kinds, zones


def check_picture(text):
    frames, cell, kinds, zones = picture(text)
    assert sum(kinds.values()) == frames
    cells = sum(len(row) for rows in zones.values() for row in rows)
    # what a zone begins or ends within a cell has one of its own
    assert 0 <= cells * cell - frames < 2 * cell * len(zones), text
    letters = "".join(row for rows in zones.values() for row in rows)
    assert set(letters.lower()) <= set(".kstafm- ")
    assert len(text.splitlines()) < 25 and max(map(len, text.splitlines())) < 80
    return kinds


def meminfo(text):
    return {key: int(kb) for key, kb in re.findall(r"^(\w+(?:\(\w+\))?): +(\d+) kB$", text, re.M)}


@needs_root
def test_memmap_on_linux():
    for _ in range(5):  # other programs come and go meanwhile
        kinds = check_picture(run("memmap", "-1"))
        with open("/proc/meminfo", encoding="ascii") as file:
            figures = meminfo(file.read())
        with open("/proc/zoneinfo", encoding="ascii") as file:
            figures["free"] = 4 * sum(map(int, re.findall(r"pages free +(\d+)", file.read())))
        near = all(abs(kinds[kind] * 4 - figures[key]) < figures[key] / 5 + 4096 for kind, key in
                   (("free", "free"), ("tables", "PageTables"), ("anonymous", "AnonPages")))
        if near:
            return
    raise AssertionError((kinds, figures))


@needs_root
@pytest.mark.parametrize("columns,rows", [(80, 24), (120, 40), (60, 16)])
def test_memmap_fits_the_window_and_ends_at_q(columns, rows):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv("build/user/memmap", ["memmap"])
    # The size is asked for at every picture, so it may come late.
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    said, end = b"", time.monotonic() + 20
    while said.count(b"\033[H") < 3 and time.monotonic() < end:
        if select.select([terminal], [], [], 0.5)[0]:
            said += os.read(terminal, 65536)
    assert not termios.tcgetattr(terminal)[3] & termios.ICANON
    os.write(terminal, b"q")
    while True:
        try:
            if not select.select([terminal], [], [], 10)[0]:
                break
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        said += data
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
    last = said.decode("latin-1").replace("\r", "").split("\033[H")[-1]
    assert "\033[30;4" in last, "no colours"
    lines = re.sub(r"\033\[[?0-9;]*[A-Za-z]", "", last).splitlines()
    assert len(lines) < rows and max(map(len, lines[1:-1])) < columns, "\n".join(lines)


# --- on Pagoda ----------------------------------------------------------------------------------

SCRIPT = """export PATH=/bin
busybox mount -t proc proc /proc
busybox sleep 1000 &
busybox sleep 1000 &
busybox sleep 1
echo "<<< $!"
%s
echo '>>>'
"""
COMMANDS = ("procrank", "pagewalk 1 text", "pagewalk $! stack", "pagewalk $! 0xc0100000", "memmap -1",
            "busybox cat /proc/meminfo", "pagewalk 1 heap", "memmap -c", "pagewalk 1 0x100000000")


@pytest.fixture(name="pagoda", scope="module")
def fixture_pagoda(tmp_path_factory):
    """What COMMANDS say there, after what $! is."""
    fetch("busybox-static")
    folder = tmp_path_factory.mktemp("tools")
    script = folder / "script"
    script.write_text(SCRIPT % "\necho '>>>'\n".join("echo '<<<'\n" + command for command in COMMANDS))
    initrd = archive(folder / "initrd", {"bin/busybox": UNPACKED + "/busybox-static/bin/busybox", "script": str(script),
                                         **{"bin/" + tool: "build/user/" + tool for tool in TOOLS}})
    with Machine(memory=1024, initrd=initrd, cmdline="panic=poweroff init=/bin/busybox -- sh /script") as m:
        text = m.finish(timeout=120)
    child = re.search(r"^<<< (\d+)$", text, re.M)
    return (int(child.group(1)), *re.findall(r"^<<<\n(.*?)^>>>$", text, re.M | re.S))


def test_procrank_on_pagoda(pagoda):
    rows = check_rank(pagoda[1])
    assert all(row[2] <= row[1] for row in rows)
    sleepers = [row for row in rows if row[5] == "busybox sleep 1000"]
    # busybox's text is all of theirs: none of them has it alone
    assert len(sleepers) == 2 and all(row[4] < row[3] < row[2] for row in sleepers), pagoda[1]


def test_pagewalk_on_pagoda(pagoda):
    child = pagoda[0]
    address, frame, times, users = walk(pagoda[2])
    assert times == len(users) >= 3 and {1, child} <= {pid for pid, _ in users}
    assert all(at == address for _, at in users)
    pde, pte = (int(value, 16) for value in re.findall(r"^  P[DT]E +\d+    0x(\w{8}): present", pagoda[2], re.M))
    assert pte >> 12 == frame and pde & pte & 5 == 5 and not pte & 2
    address, frame, times, users = walk(pagoda[3])
    assert times == 1 and users == [(child, address)] and " anon " in pagoda[3]
    # The kernel's address of physical 1 MB: no page map tells of it, the tables do.
    assert "frame       0x00100 = physical 0x00100000, zone DMA" in pagoda[4]
    assert "  tables      none: an address has 32 bits here" in pagoda[9]


def test_memmap_on_pagoda(pagoda):
    kinds = check_picture(pagoda[5])
    figures = meminfo(pagoda[6])
    for kind, key in (("slab", "Slab"), ("tables", "PageTables"), ("anonymous", "AnonPages"), ("free", "MemFree")):
        assert abs(kinds[kind] * 4 - figures[key]) <= 128 + 64, (kind, kinds, figures)
    assert kinds["tables"] and kinds["anonymous"] and kinds["slab"] and kinds["file"]
    assert set(picture(pagoda[5])[3]) == {"DMA", "Normal", "HighMem"}
    plain = re.sub(r"\033\[[0-9;]*m", "", pagoda[8])
    assert plain != pagoda[8]
    check_picture(plain)
