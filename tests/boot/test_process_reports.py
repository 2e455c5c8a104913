"""What /proc says of the memory of processes: against itself on a loaded machine, and against Linux."""
import os
import random
import re
import shutil
import subprocess

import pytest

from machine import Machine
from programs import archive, libraries, library, program

INIT = "build/user/init"


@pytest.mark.parametrize("memory", [48, 1024])
def test_identities_on_a_loaded_machine(tmp_path, memory):
    """At random moments every sum holds, for every process and VMA, and over all of them frame by frame."""
    seed = random.randrange(1 << 31)
    initrd = archive(tmp_path / "initrd", {
        "init": INIT, "bin/identities": program("identities"), "bin/load": program("load"), "bin/show": program("show")})
    with Machine(memory=memory, initrd=initrd,
                 cmdline="/bin/identities %d 40 then /bin/show /proc/pagoda/check" % seed) as m:
        m.expect(r"^identities: seed %d$" % seed)
        m.expect(r"^identities: 40 rounds, 0 failures$", timeout=120)
        m.expect(r"^init: identities: exited with 0")
        m.expect(r"^show: ready")
        assert "WRONG" not in m.text


def on_linux(tmp_path, files, command):
    """The same programs at the same paths on this machine, with process numbers and a /proc of their own."""
    root = tmp_path / "root"
    os.makedirs(root / "proc")
    for name, source in files.items():
        os.makedirs(os.path.dirname(root / name), exist_ok=True)
        shutil.copy(source, root / name)
    done = subprocess.run(["unshare", "-mpf", "--kill-child", "-R", root, "--mount-proc", *command.split()],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
                          check=False)
    if "unshare:" in done.stderr:
        pytest.skip("no name spaces here: " + done.stderr)
    return done.stdout


def on_pagoda(tmp_path, files, command, memory=128):
    initrd = archive(tmp_path / "initrd", {"init": INIT, **files})
    with Machine(memory=memory, initrd=initrd, cmdline=command + " then poweroff") as m:
        text = m.finish()
    return re.search(r"^free: \d.*\n((?:.*\n)*?)init: ", text, re.M).group(1)


def test_figures_of_mappings(tmp_path):
    """smaps, pagemap, clear_refs and their relatives say of every kind of mapping what Linux says."""
    files = {"bin/account": program("account")}
    expected = on_linux(tmp_path, files, "/bin/account")
    assert expected.endswith("account: done\n")
    assert on_pagoda(tmp_path, files, "/bin/account") == expected


def test_soft_dirty(tmp_path):
    """What was written since the marks were taken, and nothing else; a child inherits the marks. (No Linux on an i386 has it.)"""
    text = on_pagoda(tmp_path, {"bin/softdirty": program("softdirty")}, "/bin/softdirty")
    assert text == """private: c c c c - - - -
private: c d c c - d - -
  its child: c d c c - d - -
  its child: c d d c - d - -
  after mprotect: c d c c - c - -
shared: c c c c - - - -
shared: d c c c - d - -
  its child: - - - - - - - -
  its child: - - d - - - - -
  after mprotect: d c c c - c - -
softdirty: done
"""


def test_the_case_of_the_texts(tmp_path):
    """4 pages shared by three, 5 by two, 6 of its own: PSS = 4/3 + 5/2 + 6 pages."""
    groups = [library("group", "group%d" % n, "-DNAME=group%d" % n, "-DPAGES=%d" % n) for n in (4, 5)]
    needs = {"one": groups, "two": groups, "three": groups[:1]}
    files = {"bin/" + name: program("sharing", dynamic=True, called=name, needs=libs) for name, libs in needs.items()}
    files.update({"lib/" + os.path.basename(path): path for path in groups})
    files.update({"bin/lockstep": program("lockstep"), **libraries()})
    command = "/bin/lockstep /bin/one /bin/two /bin/three"
    text = on_pagoda(tmp_path, files, command)
    assert text.endswith("lockstep: done\n")
    # 29 pages mapped, 15 there, 4/3 + 5/2 + 6 = 9.83 (cut to whole KB for each mapping: 5 + 10 + 24), 6 its own
    assert "one: together: VSS 116 RSS 60 PSS 39 USS 24 kB\n" in text
    assert "two: together: VSS 116 RSS 60 PSS 39 USS 24 kB\n" in text
    assert "three: together: VSS 96 RSS 40 PSS 29 USS 24 kB\n" in text
    assert text == on_linux(tmp_path, files, command)


def test_100_mb_by_malloc(tmp_path):
    """malloc moves VIRT, reading nothing but the count of faults, writing RES."""
    files = {"bin/malloc100": program("malloc100")}
    text = on_pagoda(tmp_path, files, "/bin/malloc100", memory=160)
    assert text.endswith("malloc100: done\n")
    figures = re.findall(r"^after (\S+).*: VIRT ([+-]\d+) kB, RES ([+-]\d+) kB, minor faults ([+-]\d+)$", text, re.M)
    # malloc asks for 100 MB and a page, and writes the first one's header
    assert figures[0] == ("malloc", "+102404", "+4", "+1")
    assert figures[1] == ("reading", "+102404", "+4", "+25600")
    assert figures[2][:3] == ("writing", "+102404", "+102400")
    assert "writing alone: VIRT +0 kB, RES +102396 kB, minor faults +25599\n" in text
    assert text == on_linux(tmp_path, files, "/bin/malloc100")


def fields(text, separator=":"):
    return [line.split(separator, 1) for line in text.splitlines() if separator in line]


def test_forms(tmp_path):
    """Names, order, units and widths of the lines, as Linux 6.1 prints them on an i386."""
    names = ["maps", "smaps", "smaps_rollup", "status", "statm", "stat", "limits", "oom_score", "oom_score_adj"]
    initrd = archive(tmp_path / "initrd", {"init": INIT, "bin/show": program("show")})
    with Machine(initrd=initrd, cmdline="/bin/show /proc/1/wchan /proc/self/wchan " +
                 " ".join("/proc/self/" + name for name in names)) as m:
        m.expect(r"^show: ready")
        assert re.search(r"^<<< /proc/1/wchan\n(sleep_until|do_wait)>>>$", m.text, re.M)
        assert "<<< /proc/self/wchan\n0>>>" in m.text
        said = dict(re.findall(r"^<<< /proc/self/(\S+)\n(.*?)>>>$", m.text, re.M | re.S))
    for line in said["maps"].splitlines():
        head = re.match(r"[0-9a-f]{8}-[0-9a-f]{8} [r-][w-][x-][ps] [0-9a-f]{8} [0-9a-f]{2}:[0-9a-f]{2} \d+ ", line).group()
        assert line == head or (line[:49].rstrip() + " " == head and line[49] in "/["), line
    for line in re.sub(r"^[0-9a-f]{8}-.*\n", "", said["smaps"] + said["smaps_rollup"], flags=re.M).splitlines():
        assert re.fullmatch(r"(?=.{27}$)\w+: +\d+ kB|THPeligible:    [01]|VmFlags: (\w\w )+", line), line
    for name, value in fields(said["status"]):
        assert re.fullmatch(r"\t +\d+ kB", value) and len(value) == 12 or not re.match("Vm|Rss|Huge", name), name
    assert len(said["statm"].split()) == 7
    assert len(said["stat"].rsplit(")", 1)[1].split()) == 50
    for name in ("smaps", "smaps_rollup", "status", "limits"):
        with open("/proc/self/" + name, encoding="ascii") as file:
            linux = file.read()
        if name == "limits":
            assert [line[:25] + line[67:] for line in said[name].splitlines()] == \
                [line[:25] + line[67:] for line in linux.splitlines()]
            continue
        ours, theirs = ([field for field, _ in fields(re.sub(r"^[0-9a-f]+-.*\n", "", text, flags=re.M))]
                        for text in (said[name], linux))
        if name == "smaps":  # of one VMA
            ours, theirs = (f[:f.index("VmFlags") + 1] for f in (ours, theirs))
        assert ours == [field for field in theirs if field in ours], name
        assert len(ours) >= {"smaps": 23, "smaps_rollup": 20, "status": 50}[name]


def test_reading_while_a_process_changes(tmp_path):
    """maps and smaps by small reads, with a process that maps and unmaps between them: nothing is lost, lines are whole."""
    seed = random.randrange(1 << 31)
    initrd = archive(tmp_path / "initrd", {"init": INIT, "bin/watch": program("watch")})
    with Machine(initrd=initrd, cmdline="/bin/watch %d 60 then poweroff" % seed) as m:
        text = m.finish()
    assert "watch: seed %d\n" % seed in text
    assert "watch: done, 0 failures\n" in text, text[-2000:]


def test_reading_everything_while_calls_are_random(tmp_path):
    """Every file of every process, in pieces of any size from anywhere: no panic, and nobody waits for long."""
    seed = random.randrange(1 << 31)
    initrd = archive(tmp_path / "initrd", {
        "init": INIT, "bin/watch": program("watch"), "bin/show": program("show"),
        "bin/fuzz-syscalls": "build/user/fuzz-syscalls"})
    with Machine(memory=128, initrd=initrd, extra=["-icount", "shift=2,sleep=off"],
                 cmdline="/bin/watch %d /bin/fuzz-syscalls %d 10000 4 then /bin/show /proc/pagoda/check"
                 % (seed, seed)) as m:
        m.expect(r"^watch: seed %d$" % seed)
        assert int(m.expect(r"^fuzz: (\d+) calls done", timeout=180).group(1)) >= 10000
        assert int(m.expect(r"^watch: (\d+) files$").group(1)) > 1000
        m.expect(r"^show: ready")
