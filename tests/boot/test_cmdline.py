"""What words of the kernel's command line do to a machine; those of consoles and panics are in test_messages.py."""
import re

import pytest

from machine import Machine
from programs import archive


def run(cmdline, memory=64, end="poweroff", **kwargs):
    with Machine(memory=memory, cmdline="panic=poweroff %s /bin/tour then %s" % (cmdline, end), **kwargs) as m:
        return m.finish(timeout=120)


def tour_holds(text):
    match = re.search(r"^tour: (\d+) claims, (\d+) hold$", text, re.M)
    return match and match.group(1) == match.group(2)


def usable_frames(text):
    assert "sum: every usable frame is accounted for" in text, text
    return int(re.search(r"^usable frames: (\d+),", text, re.M).group(1))


def test_mem():
    text = run("mem=32M")
    assert usable_frames(text) <= 32 << 8 and tour_holds(text), text
    assert re.search(r"^  Normal +0001000 +4096 ", text, re.M), text


def test_memmap_reserves():
    text = run("memmap=4M$20M memmap=64K$0x2000000")
    assert usable_frames(text) == usable_frames(run("")) - (4 << 8) - 16
    assert re.search(r"^  02010-03\w+ usable", text, re.M) and tour_holds(text), text


def test_memmap_adds():
    """mem= takes memory away; memmap= gives a part back: both count, in their order."""
    text = run("mem=16M memmap=8M@16M")
    assert usable_frames(text) == usable_frames(run("mem=24M")) and tour_holds(text), text
    assert usable_frames(run("memmap=8M@16M mem=16M")) == usable_frames(run("mem=16M"))


@pytest.mark.parametrize("word, said, megabytes", [
    ("memmap=64M@0x90000000", "no memory answers at 0x90000000; ignored", 0),
    ("mem=16M memmap=200M@24M", "no memory answers at 0x04000000; taken up to there", 40),
])
def test_claims_are_tried(word, said, megabytes):
    """memmap=SIZE@ADDRESS counts as far as memory answers there. (Claimed like that, the ACPI tables may be gone.)"""
    text = run(word, end="reboot")
    assert said in text and tour_holds(text), text
    assert usable_frames(text) == usable_frames(run(word.partition(" memmap")[0] if megabytes else "")) + (megabytes << 8)


def test_reserved_memory_under_kernel_and_archive_stays_reserved():
    """The loader puts them where it likes, and what they leave behind is given to the allocator; not what memmap= keeps back."""
    for words in ("memmap=256K$0x180000", "memmap=7M$1M"):
        text = run(words + " selftest")
        assert usable_frames(text) and " 0 failed" in text and tour_holds(text), text


def test_without_dma_memory():
    text = run("memmap=16M$0 selftest")
    assert re.search(r"^  DMA +0000000 +4096 +0 +0 ", text, re.M), text
    assert " 0 failed" in text and tour_holds(text), text


def test_more_words_than_fit_are_said():
    text = run("memmap=4K$0x300000 " * 16 + "memmap=4K$0x400000")
    assert "memmap=4K$0x400000: more than 16 such words; ignored" in text, text
    assert usable_frames(text) == usable_frames(run("memmap=4K$0x300000"))


@pytest.mark.parametrize("word", ["mem=junk", "mem=", "memmap=4M", "memmap=x$1M"])
def test_nonsense_is_said_and_ignored(word):
    text = run(word)
    assert "%s: not " % word in text and usable_frames(text) == usable_frames(run("")), text


@pytest.mark.parametrize("words,gone", [
    ("nofxsr", {"fxsr", "sse", "sse2"}), ("nosse", {"sse", "sse2"}), ("nopse,nopge", {"pse", "pge"}),
    ("nofpu", {"fpu", "mmx", "fxsr", "sse", "sse2"})])
def test_cpu(words, gone):
    """What is taken away is not used, and only that."""
    def used(text):
        return set(re.search(r"^cpu: using (.*?)$", text, re.M).group(1).split())

    text = run("cpu=" + words)
    assert used(run("")) - used(text) == gone and tour_holds(text), text


def test_unknown_cpu_word_is_said():
    assert "cpu=: unknown word 'nonsense'" in run("cpu=nonsense")


def test_failpoint():
    """Process 1 does not start without memory, and says so."""
    text = run("failpoint=page_alloc:3")
    assert "PANIC: process 1 cannot start: /init: error 12" in text, text


def test_arguments_after_two_dashes():
    text = run("-- exit 5")
    assert "PANIC: process 1 ended: exit status 5" in text, text


@pytest.mark.parametrize("range_", ["64K$0x130000", "64K$0x1b0000", "16K$0x104000"])
def test_what_the_loader_put_into_reserved_memory(range_):
    """Below the archive or the kernel memory is called bad: the frames are not given away when those go."""
    with Machine(cmdline="panic=poweroff memmap=%s /bin/psh -c \"cat /proc/pagoda/frames\" then poweroff" % range_) as m:
        text = m.finish()
    reserved = int(re.search(r"^reserved +(\d+) +\1$", text, re.M).group(1))
    parts = dict(re.findall(r"^reserved ([\w-]+) +(\d+)$", text, re.M))
    assert reserved == sum(map(int, parts.values())) and parts["boot-archive"] == "0", text


def test_archive_above_mem(tmp_path):
    """The archive lies in part where mem= permits no memory: it is read there, and not given back."""
    (tmp_path / "large").write_bytes(bytes(5 << 20))
    initrd = archive(tmp_path / "initrd", {"init": "build/user/init", "bin/psh": "build/user/psh", "large": tmp_path / "large"})
    with Machine(initrd=initrd, cmdline="panic=poweroff mem=6M") as m:
        assert re.search(r"^PANIC: the boot archive cannot be unpacked: /large: not enough memory", m.finish(), re.M), m.text
