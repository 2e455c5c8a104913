"""This Linux as a machine of its own: an image's boot archive unpacked into a tmpfs, its /init as process 1 of a process
number space, and a terminal instead of the serial line. What is said to it and waited for is said as to Machine."""
import os
import subprocess

from machine import Machine

# Run by the image's own busybox before it gives the name space to the image. The host's root stays behind the tmpfs.
ENTER = """
b=%(busybox)s
$b mount -t tmpfs none %(root)s && cd %(root)s && $b cpio -id < %(initrd)s 2> /dev/null
$b mkdir -p dev proc && $b mount -o bind /dev dev && $b mount -t proc proc proc || exit 1
exec $b env -i TERM=linux $b chroot . /init %(steps)s
"""
INSIDE = ["setarch", "linux32", "unshare", "-mpf", "--kill-child"]


def permitted():
    """Whether mounting, and name spaces, may be had here."""
    return subprocess.run([*INSIDE, "mount", "-t", "tmpfs", "none", "/mnt"], stderr=subprocess.DEVNULL, check=False).returncode == 0


class Linux(Machine):
    """Its /init finds no controlling terminal, as the machine's does, and the same steps."""

    def __init__(self, initrd, busybox, root, steps=""):
        self.text = ""
        self.at = 0
        self.reboots = 0
        self.monitor_socket = None
        self.status = None
        self.dir = root
        self.master, slave = os.openpty()
        self.output = self.master
        paths = {"busybox": os.path.abspath(busybox), "root": root, "initrd": os.path.abspath(initrd), "steps": steps}
        self.command = [*INSIDE, paths["busybox"], "sh", "-c", ENTER % paths]
        self.process = subprocess.Popen(self.command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)

    def _read(self, timeout):
        try:
            return super()._read(timeout)
        except OSError:  # nobody has the terminal open any more
            return False

    def send(self, text):
        os.write(self.master, text.encode())

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
