"""The self-tests in the kernel, on machines that differ in what they use."""
import re

import pytest

from machine import Bochs, Machine
from programs import image


def check_selftest(text):
    match = re.search(r"^selftest: (\d+) passed, (\d+) failed", text, re.M)
    assert match, text[-3000:]
    assert int(match.group(1)) > 10 and match.group(2) == "0", text[-5000:]


@pytest.mark.parametrize("memory,cpu,options", [
    (16, "486", "cpu=nopse,nopge,notsc,noinvlpg,nofpu,nocpuid"), (64, "pentium", ""),
    (512, "max", ""), (1024, "pentium3", ""), (3584, "max", "cpu=nopse"), (64, "max", "cpu=nopge")])
def test_selftest(memory, cpu, options):
    with Machine(memory=memory, cpu=cpu, cmdline="selftest panic=halt %s poweroff" % options) as m:
        check_selftest(m.finish(timeout=120))


def test_menu_entries(tmp_path):
    """The other entries of GRUB's menu: self-tests, safe mode, multiboot 2."""
    for entry, expected in ((1, r"selftest: \d+ passed, 0 failed"), (2, "init: poweroff"),
                            (3, "init: poweroff")):
        iso = image(str(tmp_path / ("%d.iso" % entry)), entry, "poweroff")
        with Machine(memory=64, iso=iso) as m:
            m.expect(expected)
            m.finish()


def test_selftest_in_bochs(tmp_path):
    iso = image(str(tmp_path / "selftest.iso"), 1, "stay")
    with Bochs(iso, memory=32, cpu="pentium") as m:
        m.expect(r"^selftest: \d+ passed, \d+ failed", timeout=200)
        check_selftest(m.text)


def test_panic_says_everything():
    """Registers, the error code in words, the page-table entries, a symbolised backtrace; on both consoles."""
    with Machine(cmdline="selftest=rodata-write panic=halt") as m:
        m.expect(r"#PF page fault in the kernel, error code \w+: kernel write, the page's rights forbid it")
        m.expect(r"eip 0008:\w+ test_rodata_write\+0x\w+")
        m.expect(r"cr0 \w+ +cr2 \w+")
        m.expect(r"address \w+: cr3 \w+ +pde\[\d+\] \w+ present")
        m.expect(r"backtrace:\n +\w+ +test_rodata_write")
        m.expect(r"kernel_main\+0x")
        m.expect(r"^PANIC: #PF page fault in the kernel")
        m.expect_screen(r"page fault in the kernel")
        m.stays()


def test_double_fault_is_reported():
    """A kernel stack that overflows hits its guard page; the report arrives through a task gate."""
    with Machine(cmdline="selftest=doublefault panic=halt") as m:
        m.expect(r"(?i)double fault")
        m.expect(r"address \w+: .* not present")
        m.expect(r"overflowed into its guard page")
        m.expect(r"recurse\+0x")
        m.stays()
