"""Someone sits at the machine: at the serial line, and at the screen and keyboard through QEMU's monitor."""
import re

import pytest

from machine import Machine
from programs import archive, program

KEYS = {" ": "spc", "\n": "ret", "-": "minus", "=": "equal", "/": "slash", ".": "dot", "|": "shift-backslash",
        "<": "shift-comma", ">": "shift-dot"}


def press(machine, text):
    """Type text on the PS/2 keyboard."""
    for letter in text:
        key = KEYS.get(letter) or ("shift-" + letter.lower() if letter.isupper() else letter)
        machine.monitor("sendkey %s 10" % key)


@pytest.fixture(name="initrd")
def make_initrd(tmp_path):
    return archive(tmp_path / "initrd", {"init": program("terminal")})


def test_serial_line(initrd):
    """Echo, editing, and the end of input as on Linux."""
    with Machine(initrd=initrd, cmdline="console=ttyS0") as m:
        m.expect("^ready")
        m.send("hello world\n")
        m.expect("^hello world\n<hello world>\n")
        m.send("hallo\x7f\x7f\x7f\x7fello\r")
        m.expect("^hallo(\b \b){4}ello\n<hello>\n")
        m.send("gone\x15one two\x17three\n")
        m.expect("<one three>\n")
        m.send("a\x16\x03b\n")
        m.expect("<a\x03b>\n")
        m.send("part\x04")
        m.expect("<part>\n")
        m.send("raw\n")
        m.expect("raw:")
        m.send("a\r\x03\x1b[Aq")
        m.expect("^ 61 0d 03 1b 5b 41")
        m.expect("^cooked")
        m.send("\x04")
        m.expect("^read gave 0\n")
        m.finish()


def test_a_paste_is_not_lost(initrd):
    """More at once than the port and the first buffer hold."""
    with Machine(initrd=initrd, cmdline="console=ttyS0") as m:
        m.expect("^ready")
        lines = ["line %d of a long paste, some forty characters" % number for number in range(200)]
        m.send("".join(line + "\n" for line in lines))
        for line in lines:
            m.expect("<%s>\n" % line)


def test_keys_signal_who_computes(initrd):
    """Ctrl-C reaches the foreground of a session although nobody reads; and /dev/tty is its terminal."""
    with Machine(initrd=initrd, cmdline="console=ttyS0") as m:
        m.expect("^ready")
        m.send("busy\n")
        m.expect("^busy")
        m.expect("^busy")
        m.send("\x03")
        m.expect("^.Cchild ended by Interrupt")
        m.send("child\n")
        m.expect("^child: /dev/tty before: No such device or address\n")
        m.expect("^child: after: open\n")
        m.expect("^child: session mine, foreground mine\n")
        m.send("for the child\n")
        m.expect("^child: for the child\n")
        m.expect("^child ended with 0\n")
        m.send("end\n")
        m.finish()


def divisor(machine):
    """What the serial port divides its clock by, as it keeps it."""
    control = machine.monitor("i/b 0x3fb")
    assert re.search("= 0x0*3$", control.strip()), control
    machine.monitor("o/b 0x3fb 0x83")
    low = int(machine.monitor("i/b 0x3f8").split("=")[1], 16)
    machine.monitor("o/b 0x3fb 3")
    return low


def test_speed(initrd):
    with Machine(initrd=initrd, cmdline="console=ttyS0,19200") as m:
        m.expect("^ready")
        assert divisor(m) == 6
        m.send("speed\n")
        m.expect("^speed 19200")
        m.send("end\n")
        m.expect("<end>")
        m.expect("power: off")


@pytest.mark.parametrize("serial", [True, False])
def test_screen_and_keyboard(initrd, serial):
    """The same from the keyboard, with and without a serial port."""
    with Machine(initrd=initrd, serial=serial, cmdline="-- /dev/tty1") as m:
        m.expect_screen("^ready$")
        press(m, "Hello - World\n")
        m.expect_screen("^Hello - World\n<Hello - World>$")
        m.monitor("sendkey x")
        m.monitor("sendkey backspace")
        press(m, "raw\n")
        m.expect_screen("^raw:$")
        for key in ("up", "home", "pgdn", "f1", "f12", "delete", "ctrl-c", "alt-x", "ctrl-d", "q"):
            m.monitor("sendkey " + key)
        m.expect_screen("^ 1b 5b 41 1b 5b 31 7e 1b 5b 36 7e 1b 5b 5b 41")
        m.expect_screen("1b 5b 32 34 7e 1b 5b 33 7e 03 1b 7\n8 04$")  # the end of the row
        press(m, "size\n")
        m.expect_screen("^size 25 80$")
        press(m, "busy\n")
        m.expect_screen("^busy\n<busy>\nbusy$")
        m.monitor("sendkey ctrl-c")
        m.expect_screen("child ended by Interrupt$")
        press(m, "draw\n")
        m.expect_screen("^drawn$")
        rows = m.screen().split("\n")
        assert rows[:11] == ["row 1", "row 2    red back", "row 3", "row 4", "row 6", "row 7", "row 8", "row 9", "",
                             "row 10", "row 11"]
        assert rows[11:13] == ["row 13", "row 14"] and rows[18] == "   row 20" and rows[23] == "row 25"
        cells = m.physical(0xB8000, 4000)
        attributes = [cells[(80 + column) * 2 + 1] for column in range(20)]
        assert attributes[9:18] == [0x0C] * 3 + [0x70] * 6
        if serial:
            m.send("from the line\n")
            m.expect("<from the line>")
            m.expect_screen("<from the line>")
        m.monitor("sendkey ctrl-d")
        m.finish()


def test_no_keyboard(initrd):
    with Machine(initrd=initrd, machine="pc,i8042=off") as m:
        m.expect("^keyboard: none")
        m.expect("^ready")
        m.send("end\n")
        m.finish()


def test_three_keys_restart(initrd):
    with Machine(initrd=initrd) as m:
        m.expect("^ready")
        m.monitor("sendkey ctrl-alt-delete")
        m.expect("^power: restart")
        m.finish()


def test_no_screen(initrd):
    with Machine(initrd=initrd, extra=("-vga", "none")) as m:
        m.expect("^ready")
        m.send("size\n")
        m.expect("^size 0 0")
        m.send("end\n")
        m.finish()


def test_neither():
    """Nobody can see it; it runs, and goes off by itself, all the same."""
    with Machine(serial=False, extra=("-vga", "none")) as m:
        m.finish()
        assert m.status == 0
