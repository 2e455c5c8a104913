"""What the gdb commands read must be what the kernel says about itself."""
import re
import subprocess

import pytest

from machine import KERNEL, Machine
from programs import archive, program

FILES = ["/proc/self/maps", "/proc/buddyinfo", "/proc/zoneinfo", "/proc/slabinfo"]


class Session:
    """A machine with the program `show` asleep in it, what that printed, and gdb on QEMU's stub."""

    def __init__(self, machine):
        self.machine = machine
        machine.expect(r"^show: ready")
        self.text = machine.text
        self.pid = int(re.search(r"^show: pid (\d+)", self.text, re.M).group(1))
        self.walks = {m.group(1): [int(n, 16) for n in m.groups()[1:]] for m in re.finditer(
            r"^walk (\S+) (0x\w+) cr3 (0x\w+) pde (0x\w+) pte (0x\w+)", self.text, re.M)}

    def file(self, path):
        """What the kernel said in a file of /proc."""
        return re.search(r"^<<< %s\n(.*?)^>>>$" % re.escape(path), self.text, re.M | re.S).group(1)

    def gdb(self, *commands):
        arguments = ["gdb", "-q", "-batch", "-nx", "-iex", "set auto-load safe-path /", KERNEL,
                     "-ex", "target remote " + self.machine.gdb_socket, "-ex", "echo <<<\\n"]
        for command in (*commands, "echo >>>\\n"):
            arguments += ["-ex", command]
        out = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
        assert not re.search(r"Error|Traceback|has no ", out.stderr), out.stdout + out.stderr
        return re.search(r"^<<<\n(.*)^>>>$", out.stdout, re.M | re.S).group(1)


@pytest.fixture(scope="module", params=[64, 1024])
def session(request, tmp_path_factory):
    tree = tmp_path_factory.mktemp("gdb")
    initrd = archive(tree / "initrd", {"init": "build/user/init", "bin/show": program("show")})
    with Machine(memory=request.param, initrd=initrd, gdb=True,
                 cmdline="/bin/show " + " ".join(FILES)) as machine:
        yield Session(machine)


def test_k_vmas(session):
    """The areas are those of /proc/self/maps."""
    areas = re.findall(r"^([0-9a-f]{8}-[0-9a-f]{8} [rwxps-]{4} [0-9a-f]{8})",
                       session.gdb("k-vmas %d" % session.pid), re.M)
    told = re.findall(r"^([0-9a-f]{8}-[0-9a-f]{8} [rwxps-]{4} [0-9a-f]{8})",
                      session.file("/proc/self/maps"), re.M)
    assert len(told) > 5 and areas == told


def test_k_walk(session):
    """Entries of five user addresses and a kernel one, as the kernel walked them."""
    assert set(session.walks) == {"written", "read", "untouched", "shared", "text", "kernel"}
    for name, (address, _, pde, pte) in session.walks.items():
        text = session.gdb("k-walk 0x%x %d" % (address, session.pid))
        found = re.search(r"PDE +%d.*: 0x(\w+)" % (address >> 22), text)
        assert int(found.group(1), 16) == pde, (name, text)
        found = re.search(r"PTE +%d.*: 0x(\w+)" % (address >> 12 & 1023), text)
        if pde & 0x80 or not pde & 1:
            assert not found and pte == 0
        else:
            assert int(found.group(1), 16) == pte, (name, text)
        if pte & 1:
            assert "pfn 0x%x:" % (pte >> 12) in text
    assert "anonymous" in session.gdb("k-walk 0x%x %d" % (session.walks["written"][0], session.pid))
    assert "nothing is mapped" in session.gdb(
        "k-walk 0x%x %d" % (session.walks["untouched"][0], session.pid))


def test_k_zones(session):
    rows = {}
    for line in session.gdb("k-zones").splitlines()[1:]:
        words = line.split()
        if words and words[0] in ("DMA", "Normal", "HighMem"):
            rows[words[0]] = [int(word) for word in words[1:10]]
    assert rows
    for part in re.split(r"^Node 0, zone +", session.file("/proc/zoneinfo"), flags=re.M)[1:]:
        name = part.split()[0]

        def told(key, part=part):
            return int(re.search(r"^\s*%s +(\d+)$" % key, part, re.M).group(1))

        if not told("present"):
            continue
        start, spanned, present, managed, free, _, low_mark, mid_mark, high_mark = rows.pop(name)
        assert (spanned, present, managed) == (told("spanned"), told("present"), told("managed"))
        assert (low_mark, mid_mark, high_mark) == (told("min"), told("low"), told("high"))
        assert abs(free - told("pages free")) <= 8
        assert start == int(re.search(r"start_pfn: +(\d+)", part).group(1))
    assert not rows


def test_k_buddy(session):
    text = session.gdb("k-buddy check")
    assert text.rstrip().endswith("check: ok"), text
    rows = {line.split()[0]: [int(word) for word in line.split()[2:]]
            for line in text.splitlines() if re.match(r"\w+ +all ", line)}
    told = {m.group(1): [int(word) for word in m.group(2).split()] for m in re.finditer(
        r"^Node 0, zone +(\w+)((?: +\d+){11}) *$", session.file("/proc/buddyinfo"), re.M)}
    assert rows and set(told) >= set(rows)
    for zone, orders in rows.items():
        pages = sum(count << order for order, count in enumerate(orders))
        said = sum(count << order for order, count in enumerate(told[zone]))
        # Between the two looks a batch of at most 64 frames may have gone to a hot list.
        assert abs(pages - said) <= 128, zone


def test_k_slab(session):
    """Objects in use of each cache, as in /proc/slabinfo."""
    found = {line.split()[0]: int(line.split()[1])
             for line in session.gdb("k-slab").splitlines()[1:]}
    told = {line.split()[0]: int(line.split()[1]) for line in
            session.file("/proc/slabinfo").splitlines() if re.match(r"[\w-]+ +\d+", line)}
    assert len(told) > 5 and set(found) == set(told)
    for name, active in told.items():
        assert abs(found[name] - active) <= 4, name


def test_k_ps(session):
    text = session.gdb("k-ps")
    row = re.search(r"^ +%d +1 .* show$" % session.pid, text, re.M)
    assert row and "sleeping" in row.group(0), text
    assert re.search(r"^ +1 +0 .* init$", text, re.M), text


def test_k_page_and_k_why(session):
    pfn = session.walks["written"][3] >> 12
    page = session.gdb("k-page 0x%x" % pfn)
    assert "anonymous" in page and "refcount 1" in page and "mapcount 1" in page, page
    assert "reserved" in session.gdb("k-page ((unsigned)&kernel_main-0xc0000000)>>12")
    assert "kernel_main" in session.gdb("k-why kernel_main")
    thread = re.search(r" (0x\w+) show$", session.gdb("k-ps"), re.M).group(1)
    assert re.search(r"cache \S*task\S*: object \d+ at %s, .*in use" % thread,
                     session.gdb("k-why " + thread))
    stack = "((struct thread *)%s)->stack" % thread
    assert re.search(r"kernel stack .* of thread \d+ \(show\)", session.gdb("k-why " + stack))
    assert "guard page in front of kernel stack" in session.gdb("k-why (char *)%s-4096" % stack)
    assert "page-table window: the PTE of" in session.gdb("k-why 0xffc20120")
    assert re.search(r"in \w+-\w+ r-xp", session.gdb("k-why 0x%x" % session.walks["text"][0]))


def test_errors_are_words(session):
    commands = {"k-vmas 99999": "no process 99999", "k-page": "usage: k-page PFN",
                "k-page 0x100000": "a frame's number has 20 bits, 0x100000 has more",
                "k-walk no_name": 'no_name: No symbol "no_name" in current context.', "k-walk $nothing": "$nothing: Invalid cast.",
                "k-why (": "(: A syntax error in expression, near `'."}
    arguments = ["gdb", "-q", "-batch", "-nx", "-iex", "set auto-load safe-path /", KERNEL,
                 "-ex", "k-zones", "-ex", "target remote " + session.machine.gdb_socket]
    for command in commands:
        arguments += ["-ex", command]
    text = subprocess.run(arguments, capture_output=True, text=True, timeout=120).stderr
    assert text.splitlines() == ["there is no machine: target remote, first", *commands.values()]


def test_make_debug(tmp_path):
    """The machine stands at its first instruction, gdb is attached, and knows our commands."""
    gdb = tmp_path / "gdb"
    gdb.write_text("#!/bin/sh\nexec gdb -batch -nx \"$@\" -ex 'info registers cs eip' -ex k-zones -ex 'tbreak kernel_main' "
                   "-ex continue -ex 'help k-walk' -ex kill\n")
    gdb.chmod(0o755)
    out = subprocess.run(["make", "--no-print-directory", "debug", "GDB=%s" % gdb, "MEM=32"],
                         capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert re.search(r"^cs +0xf000", out.stdout, re.M) and re.search(r"^eip +0xfff0", out.stdout, re.M)
    assert "paging is off" in out.stderr and "Python" not in out.stderr, out.stderr
    assert re.search(r"^Temporary breakpoint 1, kernel_main \(", out.stdout, re.M), out.stdout + out.stderr
    assert "k-walk ADDR" in out.stdout
