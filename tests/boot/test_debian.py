"""Debian's own programs, as they are: the same script says the same on Linux and on Pagoda."""
import os
import subprocess

import pytest

from debian import BUSYBOX, LIBRARIES, SCRIPTS, UNPACKED, fetch
from machine import Machine
from programs import archive


@pytest.fixture(name="debian", scope="module", autouse=True)
def fixture_debian():
    fetch("busybox-static", "bash", "libc6", "libtinfo6")


def on_linux(command, folder):
    done = subprocess.run(command, cwd=folder, env={"PATH": "/bin", "HOME": "/"}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
    return done.stdout.decode()


def on_pagoda(initrd, command):
    with Machine(memory=256, initrd=initrd, cmdline="panic=poweroff init=" + command) as m:
        text = m.finish(timeout=180)
    # From the end of the boot messages to the end of process 1.
    return text[text.rindex("free: "):].split("\n", 1)[1].split("PANIC: process 1 ended")[0]


def test_busybox(tmp_path):
    script, busybox = SCRIPTS + "/busybox.sh", os.path.abspath(BUSYBOX)
    expected = on_linux([busybox, "sh", script], tmp_path)
    assert expected.endswith("end of the script\n")
    initrd = archive(tmp_path / "initrd", {"bin/busybox": busybox, "script": script})
    assert on_pagoda(initrd, "/bin/busybox -- sh /script") == expected


def test_busybox_files(tmp_path):
    """Everything that files, folders and mounts do, in a name space of its own on Linux."""
    script, busybox = SCRIPTS + "/files.sh", os.path.abspath(BUSYBOX)
    inside = ["unshare", "-mpf", "--kill-child"]
    if subprocess.run([*inside, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    expected = on_linux([*inside, busybox, "sh", script], tmp_path)
    assert expected.endswith("end of the script\n")
    initrd = archive(tmp_path / "initrd", {"bin/busybox": busybox, "script": script})
    assert on_pagoda(initrd, "/bin/busybox -- sh /script") == expected


def test_dynamic_bash(tmp_path):
    script, bash = SCRIPTS + "/bash.sh", os.path.abspath(UNPACKED + "/bash/bin/bash")
    libraries = [os.path.abspath(LIBRARIES),
                 os.path.abspath(UNPACKED + "/libtinfo6/lib/i386-linux-gnu")]
    expected = on_linux([libraries[0] + "/ld-linux.so.2", "--library-path", ":".join(libraries), bash, script], tmp_path)
    assert "500 of 1000" in expected
    initrd = archive(tmp_path / "initrd", {
        "bin/bash": bash, "script": script, "lib/ld-linux.so.2": libraries[0] + "/ld-linux.so.2",
        "lib/i386-linux-gnu/libc.so.6": libraries[0] + "/libc.so.6",
        "lib/i386-linux-gnu/libtinfo.so.6": libraries[1] + "/libtinfo.so.6"})
    assert on_pagoda(initrd, "/bin/bash -- /script") == expected
