"""From power-on to the end of the tour, on machines of all sizes and ages."""
import os
import re
import subprocess

import pytest

from machine import ISO, Bochs, Machine, MachineError
from programs import archive, program

# (megabytes, processor): every size and every processor at least once, the corners together.
MACHINES = [
    (4, "486"), (8, "486"), (15, "pentium"), (17, "486"), (64, "pentium"), (64, "pentium3"), (512, "max"),
    (512, "486"), (1024, "pentium3"), (1024, "max"), (2048, "486"), (3584, "max"),
    (3584, "pentium3"),
]
MASKS = ["nopse", "nopge", "notsc", "noinvlpg", "nofpu", "nocpuid",
         "nopse,nopge,notsc,noinvlpg,nofpu,nocpuid"]


def check_tour(text):
    """The tour ran, and all that it claims and can see holds."""
    match = re.search(r"^tour: (\d+) claims, (\d+) hold(?:, (\d+) cannot be seen here)?", text, re.M)
    assert match, "the tour did not come to its end:\n" + text[-3000:]
    claims, hold, unseen = (int(number or 0) for number in match.groups())
    assert claims > 0 and hold + unseen == claims, text[-8000:]
    assert "init: tour: exited with 0" in text, text[-3000:]
    return unseen


def run_to_the_end(machine):
    """Let the machine run the default programs and switch itself off."""
    with machine as m:
        m.expect(r"^Pagoda ")
        text = m.finish(timeout=120)
        assert m.status == 0
        assert "PANIC" not in text and "BUG" not in text, text[-3000:]
        return text


@pytest.mark.parametrize("memory,cpu", MACHINES)
def test_tour(memory, cpu):
    text = run_to_the_end(Machine(memory=memory, cpu=cpu))
    assert check_tour(text) == 0
    if cpu in ("pentium3", "max"):  # the others lack CMOV, which Debian's C library needs
        assert "init: malloc-demo: exited with 0" in text


@pytest.mark.parametrize("mask", MASKS)
def test_masked_processor(mask):
    check_tour(run_to_the_end(Machine(memory=64, cpu="max", cmdline="cpu=" + mask)))


def test_isapc():
    check_tour(run_to_the_end(Machine(memory=16, cpu="486", machine="isapc",
                                      cmdline="panic=halt /bin/tour then reboot")))


# GRUB itself needs room for the kernel and the archive twice: with these sizes, 6 MB.
@pytest.mark.parametrize("memory,cpu", [(6, "486"), (64, "max")])
def test_iso(memory, cpu):
    text = run_to_the_end(Machine(memory=memory, cpu=cpu, iso=ISO))
    check_tour(text)
    assert "GRUB" in text


@pytest.mark.parametrize("memory", [8, 64, 1024])
def test_poisoned_memory(memory):
    """Memory is never zero at power-on, except in an emulator."""
    check_tour(run_to_the_end(Machine(memory=memory, poison=0xA5)))


def test_second_banner_is_noticed(tmp_path):
    """The harness itself: a machine that restarts is caught."""
    initrd = archive(tmp_path / "initrd", {"init": program("hello")})
    with Machine(memory=64, initrd=initrd, reboots=1) as m:
        m.expect(r"^Pagoda ")
        m.expect(r"^Pagoda ")
        with pytest.raises(MachineError, match="second boot banner"):
            m.expect("never said", timeout=60)


def linked(tree, path, files):
    """An archive of files that have a second name each, numbered from 1 on."""
    tree.mkdir()
    for name, data in files.items():
        (tree / name).write_bytes(data)
        (tree / name).chmod(0o755)
        os.link(tree / name, tree / (name + "-too"))
    names = "".join("%s\n%s-too\n" % (name, name) for name in files)
    with open(path, "ab") as file:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet", "--renumber-inodes"], cwd=tree, check=True, stdout=file,
                       input=names.encode())


def test_hard_links_of_two_archives(tmp_path):
    """The numbers of files begin again with each archive."""
    initrd = tmp_path / "initrd"
    with open(program("show"), "rb") as file:
        show = file.read()
    linked(tmp_path / "one", initrd, {"a": b"first\n", "init": show})
    linked(tmp_path / "two", initrd, {"b": b"second\n", "c": b"third\n"})
    with Machine(memory=64, initrd=str(initrd), cmdline="-- /a /a-too /b /b-too /c /c-too") as m:
        m.expect("^show: ready")
    assert re.findall("first|second|third", m.text) == ["first"] * 2 + ["second"] * 2 + ["third"] * 2


def test_bochs_pentium():
    """Bochs raises #GP for CR4.PGE on its Pentium, starts with caches off, and checks segment limits."""
    with Bochs(ISO, memory=64, cpu="pentium") as m:
        m.expect(r"^Pagoda ")
        m.expect(r"^tour: \d+ claims, .*", timeout=200)
        m.expect(r"^init: tour: exited with 0")
        check_tour(m.text)
        assert "limit enforced" in m.text
