"""What programs do to the machine: any archive, any static program, wild ones."""
import random
import re

import pytest

from machine import Bochs, Machine
from programs import archive, image, program, libraries


INIT = "build/user/init"


def figures(text, when):
    """The last report "fill WHEN NAME KILOBYTES" as a dictionary."""
    return {name: int(kb) for name, kb in re.findall(r"^fill %s (\S+) (\d+)$" % when, text, re.M)}


def test_any_archive_with_any_program(tmp_path):
    initrd = archive(tmp_path / "initrd", {"init": program("hello")})
    with Machine(memory=1024, initrd=initrd, cmdline='one "two words" -- three') as m:
        text = m.finish()
        assert m.status == 0
    assert "hello: process 1, 4 arguments\n" in text
    assert 'hello: argument 1 is "one"\n' in text
    assert 'hello: argument 2 is "two words"\n' in text
    assert 'hello: argument 3 is "three"\n' in text
    assert "hello: this is the standard error\n" in text


def test_dynamic_program(tmp_path):
    """The program's own loader maps the C library; its code lies below 0x08048000."""
    initrd = archive(tmp_path / "initrd", {"init": INIT, "bin/hello": program("hello", dynamic=True),
                                           "bin/show": program("show", dynamic=True), **libraries()})
    with Machine(initrd=initrd, cmdline="/bin/hello one then /bin/show /proc/self/maps") as m:
        m.expect(r"^show: ready", timeout=60)
        text = m.text
    assert "hello: 2 arguments" in text.replace("process 2, ", "") and "init: hello: exited with 0" in text
    code = [int(address, 16) for address in re.findall(
        r"^([0-9a-f]{8})-[0-9a-f]{8} r-xp .*/lib/(?:libc|ld-linux)\.so", text, re.M)]
    assert len(code) == 2 and max(code) < 0x08048000, text[-3000:]


def test_init_parameter(tmp_path):
    initrd = archive(tmp_path / "initrd", {"somewhere/else": program("hello")})
    with Machine(initrd=initrd, cmdline="init=/somewhere/else") as m:
        assert 'hello: argument 0 is "/somewhere/else"' in m.finish()


@pytest.mark.parametrize("memory", [1024, 3584])
def test_user_memory_comes_from_highmem(tmp_path, memory):
    """While a program fills 100 MB, lowmem stays as it is: its pages and tables lie in highmem."""
    initrd = archive(tmp_path / "initrd", {"init": program("fill")})
    with Machine(memory=memory, initrd=initrd, cmdline="100") as m:
        text = m.finish()
    assert "fill: all pages are right" in text
    before, after = figures(text, "before"), figures(text, "after")
    # With 3.5 GB and more QEMU's PC leaves 3 GB below 4 GiB.
    assert before["HighTotal"] > (min(memory, 3072) - 896 - 1) * 1024
    assert before["HighFree"] - after["HighFree"] >= 100 * 1024
    assert before["LowFree"] - after["LowFree"] <= 64


def test_wild_programs_end_alone(tmp_path):
    """Each ends with SIGSEGV and one line that says what it did where; the others go on."""
    initrd = archive(tmp_path / "initrd", {"init": INIT, "bin/wild": program("wild")})
    with Machine(initrd=initrd, cmdline="/bin/wild read write text kernel then poweroff") as m:
        text = m.finish()
    for how in ("read", "write", "text", "kernel"):
        assert "wild %s: signal 11\n" % how in text
    assert "init: wild: exited with 0" in text


WAYS = ["%s by %s" % (where, how) for where in ("heap", "stack", "mapped data", "data", "bss")
        for how in ("call", "jump", "return")]
REFUSED = "signal 11, ACCERR, at the data"
# What Linux says on a processor that has no-execute pages.
EXECUTING_DATA = [(way, REFUSED) for way in WAYS] + [
    ("code not yet made", REFUSED),
    ("code made by mprotect", "ran and returned 11"),
    ("another process, the same page", REFUSED),
    ("a child, made then", "ran and returned 11"),
    ("data again", REFUSED),
    ("code again", "ran and returned 11"),
    ("unmapped", "signal 11, MAPERR, at the data"),
    ("what follows code", REFUSED),
    ("the heap after that", REFUSED),
    ("moved code", "ran and returned 21"),
    ("data in the place of code", REFUSED),
    ("the heap after moved code", REFUSED),
    ("the heap of a child without the code", REFUSED),
    ("the code that it did not get", "ran and returned 23"),
    ("code that a child of vfork made", "ran and returned 23"),
    ("code that a child of vfork took away", REFUSED),
    ("code that another thread made", "ran and returned 23"),
    ("the heap when another thread took it away", REFUSED),
    ("shared code", "ran and returned 24"),
    ("the heap after shared code", REFUSED),
]


def test_data_is_not_executed(tmp_path):
    """Where segment limits are enforced, as on metal and in Bochs, neither a static nor a dynamic program can jump to its
    data; code made at run time is allowed to the process that asked for it, and for as long as it is there."""
    initrd = archive(tmp_path / "initrd", {"init": INIT, "bin/data": program("data"),
                                           "bin/data-dynamic": program("data", dynamic=True), **libraries()})
    iso = image(str(tmp_path / "iso"), cmdline="/bin/data then /bin/data-dynamic then stay", initrd=initrd)
    with Bochs(iso, memory=32, cpu="p2_klamath") as m:
        m.expect(r"segment limits are enforced")
        m.expect(r"^init: data: exited with 0", timeout=120)
        m.expect(r"^init: data-dynamic: exited with 0", timeout=120)
        said = re.findall(r"^data: (.*): (.*)$", m.text, re.M)
    assert said == EXECUTING_DATA * 2, m.text[-4000:]


def test_traps_that_qemu_lacks(tmp_path):
    """INT1 is no single step, and alignment is checked for those who ask for it: as on Linux. Without FXSAVE a pending
    exception does not come again in the kernel."""
    initrd = archive(tmp_path / "initrd", {"init": INIT, "bin/traps": program("traps")})
    iso = image(str(tmp_path / "iso"), cmdline="cpu=nofxsr /bin/traps then stay", initrd=initrd)
    with Bochs(iso, memory=32, cpu="p2_klamath") as m:
        m.expect(r"^init: traps: exited with 0", timeout=120)
        said = re.findall(r"^traps: (.*)$", m.text, re.M)
    assert said == ["int1: signal 5, code 1", "step: signal 5, code 2", "int1 after it: signal 5, code 1",
                    "not aligned: signal 7, code 1, no address", "1 / 0, mended: status 0000"], m.text[-4000:]


def test_out_of_memory_ends_a_process(tmp_path):
    initrd = archive(tmp_path / "initrd", {"init": INIT, "bin/eat": program("eat"),
                                           "bin/hello": program("hello")})
    with Machine(memory=32, initrd=initrd,
                 cmdline="/bin/eat then /bin/hello then poweroff") as m:
        text = m.finish(timeout=120)
    assert "init: eat: killed by SIGKILL" in text, text[-2000:]
    assert "nothing stopped it" not in text
    assert re.search(r"(?i)out of memory.*eat", text), text[-2000:]
    assert "init: hello: exited with 0" in text


def test_fuzzer_knows_every_call():
    """What the kernel answers is called with arguments that mean something."""
    with open("kernel/process/syscall.h", encoding="ascii") as file:
        answered = set(re.findall(r"^\tX\((\w+), \w+\)", file.read(), re.M))
    called = set()
    for name in ("table", "special", "worker"):
        with open("user/fuzz-syscalls/%s.c" % name, encoding="ascii") as file:
            called |= set(re.findall(r"__NR_(\w+)", file.read()))
    assert len(answered) > 200
    assert not answered - called, "not in user/fuzz-syscalls/table.c"


def test_random_system_calls(tmp_path):
    """A million random calls from several processes: every structure is whole afterwards, nothing is left over, no
    process stays that was killed (it looks itself)."""
    seed = random.randrange(1 << 31)
    initrd = archive(tmp_path / "initrd", {
        "init": INIT, "bin/show": program("show"), "bin/fuzz-syscalls": "build/user/fuzz-syscalls"})
    with Machine(memory=128, initrd=initrd, cmdline="/bin/fuzz-syscalls %d 1000000 4 then "
                 "/bin/show /proc/pagoda/check" % seed) as m:
        m.expect(r"^fuzz: seed %d," % seed)
        done = m.expect(r"^fuzz: (\d+) calls done", timeout=400)
        assert int(done.group(1)) >= 1000000
        m.expect(r"^init: fuzz-syscalls: exited with 0")
        m.expect(r"^show: ready")
        checks = re.search(r"^<<< /proc/pagoda/check\n(.*?)^>>>$", m.text, re.M | re.S).group(1)
        assert len(checks.splitlines()) > 5
        assert all(line.endswith(" ok") for line in checks.splitlines()), checks


def test_pages_that_can_go_do_so_before_a_process_does(tmp_path):
    """MADV_FREE: under pressure pages are dropped, but not those written since."""
    initrd = archive(tmp_path / "initrd", {"init": INIT, "bin/lazyfree": program("lazyfree")})
    with Machine(memory=32, initrd=initrd, cmdline="/bin/lazyfree then poweroff") as m:
        text = m.finish()
    assert "init: lazyfree: exited with 0" in text, text[-2000:]
    pages, went, stayed, wrong = map(int, re.search(
        r"lazyfree: (\d+) pages, (\d+) went, (\d+) stayed, (\d+) wrong", text).groups())
    assert pages > 1000 and went > pages / 2 and wrong == 0, text[-2000:]
    assert "out of memory" not in text.lower()
