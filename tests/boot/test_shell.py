"""What `make run` ends at: busybox's prompt, or our own shell's; on the serial line, and on screen and keyboard."""
import os
import random
import re
import subprocess
import sys

import pexpect
import pytest

import debian
from machine import Machine
from programs import archive, image as make_iso
from test_terminal import press

PSH = "build/user/psh"
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts", "psh.sh")
PROMPT = r"^/root # "


@pytest.fixture(name="image", scope="module")
def fixture_image():
    """The image that make run boots, with busybox on it."""
    return debian.image("busybox")


@pytest.fixture(name="bare_image")
def fixture_bare_image(tmp_path):
    """The image as it is made where apt has nothing to give."""
    nothing = tmp_path / "apt.conf"
    nothing.write_text('Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "/dev/null";\n')
    path = str(tmp_path / "initrd")
    made = subprocess.run(["user/images/make", "busybox", path, str(tmp_path / "debian")], check=True, text=True,
                          env=dict(os.environ, APT_CONFIG=str(nothing), PYTHON=sys.executable), stderr=subprocess.PIPE)
    assert "cannot be fetched" in made.stderr and "busybox-static" in made.stderr, made.stderr
    assert "its shell is Pagoda's own" in made.stderr
    assert os.path.getmtime(path) == 0  # it will be tried again
    return path


def ask(machine, command, answer):
    machine.expect(PROMPT)
    machine.send(command + "\n")
    machine.expect(answer)


# --- make run itself ----------------------------------------------------------------------------

def test_make_run(image):
    """Someone sits at a terminal."""
    child = pexpect.spawn("make", ["run"], encoding="latin-1", timeout=30)
    try:
        child.expect("Pagoda [0-9]")
        child.expect("Try: tour")
        child.expect("/root # ")
        child.sendline("echo $((6 * 7)) $0; free")
        child.expect("42 -sh\\s+total")
        child.expect("/root # ")
        child.sendline("tour | tail -n 1")
        child.expect(r"tour: (\d+) claims, (\d+) hold")
        child.expect("/root # ")
        child.sendline("poweroff")
        child.expect("init: poweroff")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0
    finally:
        child.close(force=True)


@pytest.mark.parametrize("typed,said", [
    ("", ""),
    ("echo $((6 * 7))\ncat << END\n  here\nEND\n", "\n42\n(.*\n)+  here\n"),
    ("cat\nfor the cat\n", "for the cat\nfor the cat\n"),
    ("reboot\n", "init: reboot\n"),
    ("mount -t tmpfs -o size=16m none /mnt\ndf /mnt\n", "none +16384 +0 +16384 +0% /mnt\n"),  # README.md
])
def test_make_run_without_a_terminal(image, typed, said):
    """What comes from elsewhere is typed at the prompt; its end is the end of the machine."""
    done = subprocess.run(["make", "run"], input=typed, capture_output=True, text=True, timeout=120, check=True)
    text = done.stdout.replace("\r", "")
    assert re.search(r"^/root # ", text, re.M), text[-3000:]
    assert re.search(said, text), text[-3000:]
    assert re.search(r"^power: (off|restart)", text, re.M), text[-3000:]


# --- the shells ---------------------------------------------------------------------------------

def test_no_packages(bare_image):
    with Machine(initrd=bare_image) as m:
        m.expect("^init: busybox is not on this image; the shell is Pagoda's own")
        m.expect("^Try: tour")
        ask(m, "echo $0 '$0' | cat", r"^-psh \$0$")
        ask(m, "free", r"^kB +\d+ +\d+ +\d+ +\d+ +\d+$")
        ask(m, "ps", r"^ +1 +0 +\d+ +\d+ /init$")
        ask(m, "ls -l /proc/self/exe", "^lrwxrwxrwx .* -> /bin/psh$")
        ask(m, "help", "^  kill ")
        ask(m, "hexdump /init", r"^00000000  7f 45 4c 46 .*\.ELF")
        m.send("\x03")
        m.expect(r"\^C")
        ask(m, "echo 'echo I am $0, $#' > s; exec 9> /dev/null; /bin/psh s a b", "^I am s, 2$")
        ask(m, "tour", r"^tour: (\d+) claims, \1 hold")
        m.expect(PROMPT)
        m.send("exit\n")
        m.finish()
        assert "\ninit: poweroff\n" in m.text


@pytest.mark.parametrize("cpu", ["486", "pentium"])
def test_processors_older_than_debian_s(image, cpu):
    with Machine(initrd=image, cpu=cpu) as m:
        m.expect("^init: /bin/busybox: killed by SIGILL")
        m.expect("^init: it came to an instruction that this processor does not have")
        m.expect("^init: busybox does not run here; the shell is Pagoda's own")
        ask(m, "cat /proc/buddyinfo", "^Node 0, zone +DMA")
        ask(m, "sh -c 'exit 7'; echo $?", "^7$")
        ask(m, "poweroff", "^power: off")
        m.finish()


def test_steps(bare_image):
    """Process 1 takes its programs from the command line; the image's own steps only if there is none."""
    with Machine(initrd=bare_image, cmdline="nothing true then psh -c exit then /bin/psh -c \"exit 3\" then poweroff shell") as m:
        text = m.finish()
    said = [line for line in text.split("\n") if line.startswith("init: ")]
    assert said == ["init: 'nothing' means nothing here", "init: true: exited with 0",
                    "init: psh: exited with 0", "init: psh: exited with 3", "init: poweroff"], said


def test_menu_and_small_machine(image, tmp_path):
    """GRUB's entry for the tour, in 8 MB, which hold the image twice while GRUB reads it."""
    iso = make_iso(str(tmp_path / "iso"), entry=4, initrd=image)
    with Machine(memory=8, cpu="pentium3", iso=iso) as m:
        m.expect(r"^tour: (\d+) claims, \1 hold")
        m.expect("^init: tour: exited with 0")
        ask(m, "exit", "^init: poweroff$")
        m.finish()


def test_keys_in_our_own_shell(bare_image):
    """Ctrl-C ends what runs, and the rest of the line; not the shell, nor what runs in the background."""
    with Machine(initrd=bare_image) as m:
        ask(m, "sleep 1000 &", r"^\[(\d+)\]$")
        pid = re.search(r"^\[(\d+)\]$", m.text, re.M).group(1)
        m.expect(PROMPT)
        m.send("cat; echo not reached\n")
        m.expect("reached$")
        m.send("for the cat\n")
        m.expect("^for the cat\nfor the cat$")
        m.send("\x03")
        m.expect(r"^\^C\n/root # ")
        m.send("echo $?\n")
        m.expect("^130$")
        m.expect(PROMPT)
        m.send("half a line\x03")
        ask(m, "", "")
        ask(m, "kill -0 %s && echo it sleeps" % pid, "^it sleeps$")
        ask(m, "kill %s; wait" % pid, "")
        ask(m, "echo \"over", "^> ")
        m.send("two\"\n")
        m.expect("^over\ntwo$")
        m.expect(PROMPT)
        m.send("\x04")
        m.finish()
        assert "\nnot reached" not in m.text and "\ninit: poweroff\n" in m.text


# --- consoles -----------------------------------------------------------------------------------

@pytest.mark.parametrize("own", [False, True], ids=["busybox", "psh"])
def test_screen_and_keyboard(request, own):
    """On a machine without a serial port."""
    initrd = request.getfixturevalue("bare_image" if own else "image")
    with Machine(initrd=initrd, serial=False) as m:
        m.expect_screen(r"^Try: tour.*\n/root #$")
        press(m, "echo Hello | cat > file\n")
        m.expect_screen(r"^/root # echo Hello \| cat > file\n/root #$")
        press(m, "cat file /proc/buddyinfo\n")
        m.expect_screen("^Hello\nNode 0, zone +DMA (.*\n)+Node 0, zone +Normal")
        press(m, "cat\n")
        press(m, "typed\n")
        m.expect_screen("^typed\ntyped$")
        m.monitor("sendkey ctrl-c")
        m.expect_screen(r"^\^C\n/root #$")
        press(m, "free\n")
        m.expect_screen(r" +total +used +free")
        press(m, "exit\n")
        m.finish()
        assert m.status == 0


def test_serial_without_screen(image):
    with Machine(initrd=image, extra=("-vga", "none")) as m:
        ask(m, "free", "^Mem: ")
        ask(m, "exit", "^init: poweroff$")
        m.finish()


# --- our own shell against this machine's sh ----------------------------------------------------

@pytest.fixture(name="places")
def fixture_places(tmp_path):
    """Folders for both shells, and a search path in which sh is the shell itself."""
    (tmp_path / "bin").mkdir()
    os.symlink(os.path.abspath(PSH), tmp_path / "bin" / "sh")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    return tmp_path


def on_linux(arguments, folder, path="/usr/bin:/bin"):
    return subprocess.run(arguments, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False,
                          env={"PATH": path, "OLDDIR": str(folder), "HOME": "/"})


def test_same_as_sh(places):
    expected = on_linux(["/bin/sh", SCRIPT], places / "one")
    found = on_linux([os.path.abspath(PSH), SCRIPT], places / "other", str(places / "bin"))
    assert b"end of the script" in expected.stdout
    assert found.stdout.decode() == expected.stdout.decode() and found.returncode == expected.returncode == 5


def test_same_on_pagoda(places, tmp_path):
    expected = on_linux([os.path.abspath(PSH), SCRIPT], places / "other", str(places / "bin")).stdout.decode()
    initrd = archive(tmp_path / "initrd", {"init": "build/user/init", "bin/psh": PSH, "bin/sh": PSH, "script": SCRIPT})
    with Machine(initrd=initrd, cmdline='/bin/psh -c "OLDDIR=/ psh /script 2> /dev/null"') as m:
        text = m.finish()
    said = text[text.rindex("\nfree: "):].split("\n", 2)[2].split("init: psh: ")[0]
    assert said == expected
    assert "init: psh: exited with 5" in text


def random_line(rng):
    """A line whose meaning every sh agrees on."""
    def word():
        parts = ["a", "bc", "$x", "${y}", '"$y"', "'q  q'", '"d  $x"', "\\$", "\\ ", "$?", '""', "#", "=", "'$x'", "$nothing"]
        return "".join(rng.choice(parts) for _ in range(rng.randint(1, 3)))

    def command():
        kind = rng.randrange(8)
        if kind == 0:
            return rng.choice(["true", "false", "! true", "! false", "sh -c 'exit 3'", "cat missing"])
        if kind == 1:
            return "%s=%s" % (rng.choice("xy"), word())
        text = "echo " + " ".join(word() for _ in range(rng.randint(0, 4)))
        text += rng.choice(["", "", "", " > f", " >> f", " | cat", " | cat | cat", " >&2"])
        return rng.choice(["", "", "", "! "]) + text + rng.choice(["", "", "; cat f", "; cat < f"])

    line = command()
    for _ in range(rng.randrange(5)):
        line += rng.choice([" && ", " || ", "; ", "\n", " &&\n", ";"]) + command()
    return "x=1; y='2  3'\n" + line + "\necho $? $x \"$y\""


def test_random_lines(places):
    """The same output and status as sh's, whatever is combined."""
    seed = random.randrange(1 << 31)
    print("seed", seed)
    rng = random.Random(seed)
    for _ in range(int(os.environ.get('ROUNDS', '300'))):
        line = random_line(rng)
        expected = on_linux(["/bin/sh", "-c", line], places / "one")
        found = on_linux([os.path.abspath(PSH), "-c", line], places / "other", str(places / "bin") + ":/usr/bin:/bin")
        assert (found.stdout, found.returncode) == (expected.stdout, expected.returncode), line


@pytest.mark.parametrize("line", ["echo 'a", 'echo "a', "a | | b", "&& a", "a &&", "; a", "a ;; b", ">", "a > | b", "a <"])
def test_not_understood(places, line):
    """It is said, and nothing is run."""
    for shell, folder in (("/bin/sh", "one"), (os.path.abspath(PSH), "other")):
        done = on_linux([shell, "-c", line], places / folder)
        assert done.returncode == 2 and done.stderr and not done.stdout, (shell, done)


def test_rubbish(places):
    """Whatever it is given to read, it ends by itself."""
    seed = random.randrange(1 << 31)
    print("seed", seed)
    rng = random.Random(seed)
    for _ in range(300):
        text = "".join(rng.choice("aB0 1'\"\\$#;|<>!{}()=?*~-\n\t\x01\xe9&@") for _ in range(rng.randrange(80)))
        done = on_linux([os.path.abspath(PSH), "-c", text], places / "other", "/nowhere")
        assert done.returncode >= 0, text
