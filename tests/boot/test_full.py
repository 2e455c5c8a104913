"""The full image at work: a script of bash that runs Debian's bigger programs says the same on Linux and on Pagoda, and
procps's figures hang together. One boot of each, of which each test looks at a part."""
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

import linux
from debian import BUSYBOX, SCRIPTS, UNPACKED, fetch, image
from machine import Machine
from programs import extended, musl_program, program

pytestmark = pytest.mark.xdist_group("full")  # where tests run side by side, these stay together
EQUAL = ["memtester", "lua", "sqlite3", "threads-glibc-dynamic", "threads-glibc-static", "threads-musl-static"]


def parts(text):
    """{name: what it said}"""
    found = re.split(r"^== (.*)\n", text, flags=re.M)
    return dict(zip(found[1::2], found[2::2]))


@pytest.fixture(name="said", scope="module")
def fixture_said(tmp_path_factory):
    """(on Linux, or None where that is not permitted; on Pagoda)"""
    fetch("musl-dev")
    folder = tmp_path_factory.mktemp("full")
    initrd = extended(image("full"), folder / "initrd", {
        "script": SCRIPTS + "/full.sh", "tests/sharers": program("sharers"), "tests/threads-glibc-static": program("threads"),
        "tests/threads-glibc-dynamic": program("threads", dynamic=True), "tests/threads-musl-static": musl_program("threads", UNPACKED + "/musl-dev")})
    machines = [Machine(memory=256, initrd=initrd, cmdline="bash /script")]
    if linux.permitted():
        machines.append(linux.Linux(initrd, BUSYBOX, str(tmp_path_factory.mktemp("root")), "bash /script"))

    def run(machine):
        with machine as m:
            return parts(m.finish(timeout=240))
    with ThreadPoolExecutor() as both:
        pagoda, *on_linux = both.map(run, machines)
    return (on_linux or [None])[0], pagoda


@pytest.mark.parametrize("part", EQUAL)
def test_equal(said, part):
    there, here = said
    if there is None:
        pytest.skip("a name space to mount in is not permitted here")
    assert "status 0\n" in here[part]
    assert here[part] == there[part]


def rows(text, columns):
    """The lines that are so many words, the last of which may hold more, and the first of which is no heading."""
    split = [line.split(None, columns - 1) for line in text.splitlines()]
    return [words for words in split if len(words) == columns and re.search(r"\d", words[1] + words[2])]


def test_three_processes_share_one_text(said):
    """By pagemap the same frames, by kpagecount mapped three times; the second and third process cost what they write."""
    text = said[1]["shared"]
    present = dict(re.findall(r"^text of (\S+): \d+ pages, (\d+) present in all, 0 in different frames, 0 mapped fewer times$",
                              text, re.M))
    assert int(present["libc.so"]) > 200 and int(present["/bash"]) > 100, text
    costs = [int(kb) for kb in re.findall(r"^process: (\d+) KB$", text, re.M)]
    resident = [int(kb) for kb in re.findall(r"^Rss: +(\d+) kB$", text, re.M)]
    private = [int(kb) for kb in re.findall(r"^Private_Dirty: +(\d+) kB$", text, re.M)]
    assert len(costs) == len(resident) == len(private) == 3, text
    assert min(resident) > 2500 and max(private) < 300 and max(costs[1:]) < 400, text


def test_free(said):
    (total, used, free, shared, cached, available), = [
        [int(kb) for kb in words[1:]] for words in rows(said[1]["free"], 7) if words[0] == "Mem:"]
    assert 250000 < total < 256 * 1024 and used == total - available and free <= total - used + cached
    assert 15000 < cached < 60000 and shared <= cached and free + cached <= total
    assert "status 0\n" in said[1]["free"] and "Low:" in said[1]["free"]


def test_vmstat(said):
    text = said[1]["vmstat"]
    (running, blocked, swapped, free, buffers, cached, *rest), = [map(int, words) for words in rows(text, 17)]
    assert running >= 1 and blocked == 0 and swapped == 0 and free > 150000 and buffers == 0 and cached > 15000
    user, system, idle, waiting, stolen = rest[-5:]
    assert 99 <= user + system + idle + waiting + stolen <= 101 and user + system > 10 and waiting == stolen == 0
    assert rest[4] > 0 and rest[5] > 0  # interrupts and switches
    assert re.search(r"^ +\d+ K total memory\n +\d+ K used memory$", text, re.M) and "status 0\n" in text


def test_ps(said):
    text = said[1]["ps"]
    by_user = {words[10]: words for words in rows(text, 11) if words[0] in ("0", "root")}
    assert set(by_user) >= {"bash /script", "/bin/ps aux"} and text.count("status 0\n") == 2, text
    for words in by_user.values():
        size, resident = int(words[4]), int(words[5])
        assert 0 < resident <= size < 20000 and 0 <= float(words[3]) < 5, text
    assert by_user["bash /script"][7].startswith("S") and by_user["/bin/ps aux"][7].startswith("R")
    chosen = {words[9]: words for words in rows(text, 10) if words[0].isdigit() and words[7] == "1"}
    assert chosen["init"][:2] == ["1", "0"] and chosen["bash"][1] == "1" and chosen["ps"][1] == chosen["bash"][0], text
    for words in chosen.values():
        assert int(words[8]) > 0, text  # minor faults


def test_top(said):
    text = said[1]["top"]
    assert re.search(r"^top - \d\d:\d\d:\d\d up .* load average: \d+\.\d\d, \d+\.\d\d, \d+\.\d\d$", text, re.M)
    assert re.search(r"^Tasks: +3 total, +1 running, +2 sleeping, +0 stopped, +0 zombie$", text, re.M), text
    usage = [float(figure) for figure in re.findall(r"([\d.]+) (?:us|sy|ni|id|wa|hi|si|st)\b", text)]
    assert len(usage) == 8 and 99 <= sum(usage) <= 101, text
    total, free, used, cached = map(float, re.search(
        r"^MiB Mem : +([\d.]+) total, +([\d.]+) free, +([\d.]+) used, +([\d.]+) buff/cache", text, re.M).groups())
    assert 245 < total < 256 and 0 < used < 100 and cached > 15 and free + cached < total, text
    listed = {words[11]: words for words in rows(text, 12) if words[0].isdigit()}
    assert set(listed) == {"init", "bash", "top"}, text
    for words in listed.values():
        assert 0 <= int(words[6]) <= int(words[5]) <= int(words[4]), text  # shared, resident, size


def test_pmap(said):
    text = said[1]["pmap"]
    mapped = [(int(words[1]), int(words[2]), int(words[3]), *words[4:]) for words in rows(text, 6)
              if re.fullmatch("[0-9a-f]{8}", words[0])]
    size, resident, dirty = map(int, re.search(r"^total kB +(\d+) +(\d+) +(\d+)$", text, re.M).groups())
    assert [sum(row[column] for row in mapped) for column in range(3)] == [size, resident, dirty], text
    assert all(row[2] <= row[1] <= row[0] for row in mapped) and 2500 < resident < size < 6000, text
    assert any(row[3:] == ("r-x--", "libc.so.6") and row[1] > 800 for row in mapped), text
    assert any("stack" in row[4] for row in mapped) and "status 0\n" in text, text


def test_check(said):
    """After all of it every structure of the kernel is whole."""
    verdicts = said[1]["check"].splitlines()
    assert len(verdicts) > 5 and all(verdict.endswith(" ok") for verdict in verdicts), verdicts
