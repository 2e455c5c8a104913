"""procps and busybox on Pagoda: the same columns as the same binaries show on this Linux, and figures that agree."""
import glob
import os
import re
import subprocess

import pytest

from debian import BUSYBOX, UNPACKED, image
from machine import Machine

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts", "procps.sh")


def outputs(text):
    assert "end of the script" in text, text[-3000:]
    return dict(re.findall(r"^<<< (.*)\n((?:.*\n)*?)>>>$", text, re.M))


@pytest.fixture(name="both", scope="module")
def fixture_both(tmp_path_factory):
    """(what the tools say on Linux, what they say on Pagoda)"""
    full = image("full")
    root, busybox = os.path.abspath(UNPACKED), os.path.abspath(BUSYBOX)
    folders = {os.path.dirname(path) for path in glob.glob(root + "/*/**/*.so*", recursive=True)}
    environment = {"RUN": "%s/libc6/lib/i386-linux-gnu/ld-linux.so.2 --library-path %s" % (root, ":".join(sorted(folders))),
                   "ROOT": root + "/procps", "BUSYBOX": busybox, "PATH": "/bin:/usr/bin"}
    # top has no file of settings to look for, there or here.
    done = subprocess.run([busybox, "sh", SCRIPT], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    folder = tmp_path_factory.mktemp("procps")
    with open(full + ".list", encoding="utf-8") as file:
        names = file.read()
    (folder / "list").write_text(names + "file /script %s 644\n" % SCRIPT)
    subprocess.run(["/usr/bin/python3", "user/mkinitrd.py", folder / "list", folder / "initrd"], check=True)
    with Machine(memory=256, initrd=str(folder / "initrd"),
                 cmdline='panic=poweroff init=/bin/busybox -- env RUN= ROOT= BUSYBOX=/bin/busybox sh /script') as m:
        text = m.finish(timeout=120)
    return outputs(done.stdout.decode()), outputs(text)


def labels(text):
    """What stands beside the numbers, without the blanks that make columns."""
    return re.sub(r"(?<=#) +| +(?=#)", "", re.sub(r"\s+", " ", re.sub(r"[-+]?\d[\d.]*[KMG]?", "#", text))).strip()


def head(text, pattern):
    """The line that names the columns."""
    match = re.search(pattern, text, re.M)
    assert match, text
    return match.group(0).rstrip()


def numbers(text):
    return [int(word) for word in re.findall(r"\b\d+\b", text)]


def test_free(both):
    for name in ("free", "free -k"):
        linux, ours = both[0][name], both[1][name]
        assert linux.split("\n")[0] == ours.split("\n")[0]
        assert labels(linux) == labels(ours)
    total, used, free, shared, cache, available = numbers(re.search("^Mem: .*", both[1]["free"], re.M).group(0))
    assert 240 << 10 < total < 256 << 10 and used == total - available and free + cache < total
    assert 0 < used < 40 << 10 and 10 << 10 < cache < 40 << 10 and shared < 1024
    low = numbers(re.search("^Low: .*", both[1]["free -k"], re.M).group(0))
    high = numbers(re.search("^High: .*", both[1]["free -k"], re.M).group(0))
    assert low[0] == total and high == [0, 0, 0]


def test_vmstat(both):
    for name in ("vmstat", "vmstat -a"):
        linux, ours = both[0][name].split("\n"), both[1][name].split("\n")
        assert linux[:2] == ours[:2] and len(ours[2].split()) == len(ours[1].split())
    row = dict(zip(both[1]["vmstat"].split("\n")[1].split(), both[1]["vmstat"].split("\n")[2].split()))
    assert int(row["r"]) >= 1 and int(row["free"]) > 200000 and int(row["cache"]) > 10000 and int(row["swpd"]) == 0
    assert sum(int(row[name]) for name in ("us", "sy", "id", "wa", "st")) in range(99, 102)
    assert labels(both[0]["vmstat -s"]) == labels(both[1]["vmstat -s"])
    counts = {line.strip().split(" ", 1)[1]: int(line.split()[0]) for line in both[1]["vmstat -s"].split("\n") if line}
    assert counts["K total memory"] > 200000 and counts["K free memory"] > 150000 and counts["forks"] > 5
    assert counts["K active memory"] > 0 and counts["pages swapped in"] == 0


def test_slabs(both):
    linux, ours = both[0]["vmstat -m"].split("\n"), both[1]["vmstat -m"].split("\n")
    assert linux[0] == ours[0]
    rows = {line.split()[0]: [int(word) for word in line.split()[1:]] for line in ours if line and line != ours[0]}
    assert all(len(row) == 4 and row[0] <= row[1] and row[3] >= 1 for row in rows.values())
    assert {"kmalloc-64", "vm_area_struct", "mm_struct"} <= set(rows), set(rows)
    pattern = r"^ +OBJS ACTIVE .*NAME *$"
    assert head(both[0]["slabtop"], pattern) == head(both[1]["slabtop"], pattern)
    top = labels(both[1]["slabtop"].split("OBJS")[0])
    assert top == labels(both[0]["slabtop"].split("OBJS")[0])
    active, total = numbers(re.search(r"Active / Total Objects .*: (\d+ / \d+)", both[1]["slabtop"]).group(1))
    assert 100 < active <= total


def test_top(both):
    linux, ours = both[0]["top"], both[1]["top"]
    pattern = r"^ +PID USER .*COMMAND"
    assert head(linux, pattern) == head(ours, pattern)
    for line in ("Tasks:", "%Cpu", "MiB Mem :", "MiB Swap:"):
        assert labels(head(linux, "^" + line + ".*")) == labels(head(ours, "^" + line + ".*")), line
    row = re.search(r"^ +1 \w+ +20 +0 +(\d+) +(\d+) +(\d+) [SR] +[\d.]+ +[\d.]+ +\d+:\d\d\.\d\d sh", ours, re.M)
    assert row and int(row.group(1)) >= int(row.group(2)) >= int(row.group(3)) > 0


def test_ps(both):
    for name in ("ps", "ps -ef", "ps aux", "ps -o"):
        assert both[0][name].split("\n")[0].split() == both[1][name].split("\n")[0].split(), name
    row = dict(zip(*[line.split() for line in both[1]["ps -o"].split("\n")[:2]]))
    assert row["COMMAND"] in ("sleep", "busybox") and row["STAT"].startswith("S")
    assert int(row["VSZ"]) > int(row["RSS"]) > 0 and int(row["MINFL"]) > 0 and int(row["MAJFL"]) == 0


def test_pmap(both):
    for name in ("pmap", "pmap -x"):
        linux, ours = both[0][name].split("\n"), both[1][name].split("\n")
        assert re.sub(r"^\d+", "", linux[0]).split("/")[0].strip() == re.sub(r"^\d+", "", ours[0]).split("/")[0].strip()
        assert labels(linux[-2]).split()[0] == labels(ours[-2]).split()[0]
    assert both[0]["pmap -x"].split("\n")[1] == both[1]["pmap -x"].split("\n")[1]
    total = numbers(both[1]["pmap -x"].strip().split("\n")[-1])
    rows = [line.split() for line in both[1]["pmap -x"].split("\n") if re.match(r"[0-9a-f]{8} ", line)]
    for column in range(3):
        assert sum(int(row[1 + column]) for row in rows) == total[column]
    # Its columns are what smaps has: those of a newer Linux less what is not here.
    linux, ours = [text.split("\n")[1].split() for text in (both[0]["pmap -X"], both[1]["pmap -X"])]
    assert ours == [name for name in linux if name in ours]
    for name in "Address Perm Offset Device Inode Size Rss Pss Referenced Anonymous Swap SwapPss Locked Mapping".split():
        assert name in ours, name


def test_busybox(both):
    assert labels(both[0]["busybox free"]) == labels(both[1]["busybox free"])
    assert both[0]["busybox free"].split("\n")[0] == both[1]["busybox free"].split("\n")[0]
    pattern = r"^ *PID +PPID USER .*COMMAND"
    assert head(both[0]["busybox top"], pattern) == head(both[1]["busybox top"], pattern)
    assert labels(both[0]["busybox top"].split("\n")[0]) == labels(both[1]["busybox top"].split("\n")[0])
    assert both[0]["busybox ps"].split("\n")[0].split() == both[1]["busybox ps"].split("\n")[0].split()
