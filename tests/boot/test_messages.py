"""A machine that cannot start says why on both consoles, and stops in order."""
import pytest

from machine import INITRD, KERNEL, Machine


def test_no_module():
    with Machine(initrd=None, cmdline="panic=halt") as m:
        m.expect(r"(?i)no .*(module|archive|initrd)")
        m.expect_screen(r"(?i)no .*(module|archive|initrd)")
        m.stays()


def test_truncated_archive(tmp_path):
    path = tmp_path / "initrd"
    with open(INITRD, "rb") as file:
        path.write_bytes(file.read()[:5000])
    with Machine(initrd=str(path), cmdline="panic=halt") as m:
        m.expect(r"(?i)archive.*(truncated|ends|short)|truncated")
        m.expect_screen(r"(?i)archive.*(truncated|ends|short)|truncated")
        m.stays()


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
        else:
            m.expect_screen(r"init: stays")
        assert ("init: stays" in m.text) == serial
        assert ("init: stays" in m.screen()) == screen


def test_end_of_process_1_is_a_panic():
    with Machine(cmdline="panic=halt exit 7") as m:
        m.expect(r"^PANIC: .*status 7")
        m.expect_screen(r"PANIC: .*status 7")
        m.stays()


def test_panic_reboots():
    with Machine(cmdline="panic=reboot exit 7", reboots=1) as m:
        m.expect(r"^PANIC: ")
        m.expect(r"^Pagoda ")


def test_panic_powers_off():
    with Machine(cmdline="panic=poweroff exit 7") as m:
        m.expect(r"^PANIC: ")
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
    assert KERNEL
