"""A machine that cannot start says why on both consoles, and stops in order."""
import re

import pytest

from machine import INITRD, KERNEL, Machine
from programs import archive, chain_loader, program


def expect_panic(machine, pattern):
    """The message is on both consoles, and nothing follows."""
    machine.expect(r"^PANIC: " + pattern)
    # A line of the screen ends after 80 characters.
    machine.expect_screen(("PANIC: " + pattern)[:60])
    machine.stays()


def test_no_module():
    with Machine(initrd=None, cmdline="panic=halt") as m:
        expect_panic(m, "no boot archive: the loader gave no module")


def test_truncated_archive(tmp_path):
    path = tmp_path / "initrd"
    with open(INITRD, "rb") as file:
        path.write_bytes(file.read()[:5000])
    with Machine(initrd=str(path), cmdline="panic=halt") as m:
        expect_panic(m, "the boot archive cannot be unpacked: ")
        assert re.search(r"unpacked: .*at byte \d+ of 5000", m.text)


def test_archive_of_noise(tmp_path):
    path = tmp_path / "initrd"
    path.write_bytes(bytes(range(256)) * 40)
    with Machine(initrd=str(path), cmdline="panic=halt") as m:
        expect_panic(m, "the boot archive cannot be unpacked: ")


def test_no_program(tmp_path):
    with Machine(initrd=archive(tmp_path / "initrd", {"bin/hello": program("hello")}),
                 cmdline="panic=halt") as m:
        expect_panic(m, "process 1 cannot start: /init: error 2")


def test_init_that_is_no_program(tmp_path):
    (tmp_path / "text").write_text("this is no ELF file\n")
    with Machine(initrd=archive(tmp_path / "initrd", {"init": tmp_path / "text"}),
                 cmdline="panic=halt") as m:
        expect_panic(m, "process 1 cannot start: /init: error 8")


@pytest.mark.parametrize("magic,info", [(0x12345678, None), (0x2BADB002, 0xFFFFF000), (0x36D76289, 3)])
def test_bad_boot_information(tmp_path, magic, info):
    loader = chain_loader(str(tmp_path / "loader"), magic, info)
    with Machine(kernel=loader, initrd=KERNEL) as m:
        expect_panic(m, "the boot loader's information is not usable: ")
        assert "(magic %08x)" % magic in m.text


def test_too_little_memory():
    with Machine(cmdline="panic=halt mem=2M") as m:
        expect_panic(m, "too little memory: ")


def test_no_serial_port():
    """The VGA screen alone is enough to follow the boot."""
    with Machine(serial=False, cmdline="stay") as m:
        m.expect_screen(r"init: stays")


@pytest.mark.parametrize("console,serial,screen", [
    ("console=ttyS0", True, False), ("console=tty0", False, True),
    ("console=ttyS0 console=tty0", True, True)])
def test_console_choice(console, serial, screen):
    with Machine(cmdline=console + " stay") as m:
        if serial:
            m.expect(r"init: stays")
        if screen:
            m.expect_screen(r"init: stays")
        assert ("init: stays" in m.text) == serial
        assert ("init: stays" in m.screen()) == screen


def test_end_of_process_1_is_a_panic():
    with Machine(cmdline="panic=halt exit 7") as m:
        expect_panic(m, "process 1 ended: exit status 7")


def test_panic_reboots():
    with Machine(cmdline="panic=reboot exit 7", reboots=1) as m:
        m.expect(r"^PANIC: process 1 ended")
        m.expect(r"^Pagoda ")


def test_panic_powers_off():
    with Machine(cmdline="panic=poweroff exit 7") as m:
        m.expect(r"^PANIC: process 1 ended")
        m.finish()
        assert m.status == 0


def test_reboot_restarts():
    with Machine(cmdline="reboot", reboots=1) as m:
        m.expect(r"^Pagoda ")
        m.expect(r"^Pagoda ")


def test_isapc_says_that_it_is_safe():
    """Without ACPI there is nothing to switch the machine off with."""
    with Machine(memory=16, cpu="486", machine="isapc", cmdline="poweroff") as m:
        m.expect(r"(?i)safe")
        m.stays()
