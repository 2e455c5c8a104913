"""Debian's packages and the images made of them. They are fetched once, into build/debian; where that cannot be done the
tests that want them are skipped."""
import contextlib
import fcntl
import os
import subprocess

import pytest

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts")
UNPACKED = "build/debian/unpacked"
BUSYBOX = UNPACKED + "/busybox-static/bin/busybox"
LIBRARIES = UNPACKED + "/libc6/lib/i386-linux-gnu"


@contextlib.contextmanager
def alone():
    """Tests run side by side, and only one may fetch and build."""
    os.makedirs("build", exist_ok=True)
    with open("build/debian.lock", "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fetch_alone(packages):
    done = subprocess.run(["tools/debian", "build/debian", *packages], stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr


def fetch(*packages):
    with alone():
        fetch_alone(packages)


def image(name):
    """The boot archive of user/images/NAME.packages."""
    path = "build/initrd-%s.cpio" % name
    with open("user/images/%s.packages" % name, encoding="ascii") as file:
        packages = [package for line in file for package in line.split("#")[0].split()]
    with alone():
        fetch_alone(packages)
        subprocess.run(["make", "--no-print-directory", path], stdout=subprocess.DEVNULL, check=True)
    return path
