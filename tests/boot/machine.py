"""A PC in an emulator: started with a given amount of memory, processor and command line, watched
through its serial port, and stopped again.

    with Machine(memory=64, cpu="486") as m:
        m.expect(r"Pagoda .*")
        m.finish()              # waits until the machine ends by itself

Whatever is waited for has a time limit. A second boot banner where no reboot was asked for is a
failure at once: it means that the machine was reset.
"""
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time

BUILD = os.environ.get("BUILD", "build")
KERNEL = os.path.join(BUILD, "pagoda.elf")
INITRD = os.path.join("build", "initrd.cpio")
ISO = os.path.join(BUILD, "pagoda-tour.iso")
BANNER = re.compile(r"^Pagoda \d", re.M)
TIMEOUT = float(os.environ.get("BOOT_TIMEOUT", "60"))


class MachineError(AssertionError):
    """The machine did not do what was waited for; the text holds the end of what it said."""


class Machine:
    """QEMU. Give `iso` to boot through GRUB; otherwise `kernel`, `initrd` and `cmdline` are loaded
    by QEMU's own multiboot loader. `poison` fills all memory with a byte before the machine starts.
    """

    def __init__(self, memory=64, cpu="max", cmdline="", kernel=KERNEL, initrd=INITRD, iso=None,
                 machine="pc", serial=True, poison=None, reboots=0, gdb=False, extra=()):
        self.text = ""
        self.at = 0  # expect() goes on from here
        self.reboots = reboots
        self.dir = tempfile.mkdtemp(prefix="pagoda-")
        self.monitor_socket = None
        self.status = None
        command = ["qemu-system-i386", "-accel", "tcg", "-m", str(memory), "-cpu", cpu,
                   "-display", "none", "-nic", "none",
                   "-monitor", "unix:%s/monitor,server=on,wait=off" % self.dir,
                   "-serial", {True: "stdio", False: "none"}.get(serial, serial)]
        if poison is None:
            command += ["-machine", machine]
        else:
            self._make_poisoned_memory(memory << 20, poison)
            command += ["-object", "memory-backend-file,id=ram,size=%dM,mem-path=%s/ram,share=on"
                        % (memory, self.dir), "-machine", machine + ",memory-backend=ram"]
        if not reboots:
            command += ["-no-reboot"]
        if iso:
            command += ["-boot", "d", "-cdrom", iso]
        else:
            command += ["-kernel", kernel, "-append", cmdline]
            command += ["-initrd", initrd] if initrd else []
        if gdb:
            command += ["-gdb", "unix:path=%s/gdb,server=on,wait=off" % self.dir]
        self.command = command + list(extra)
        self._start(self.command)

    def _start(self, command, **kwargs):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, **kwargs)
        self.output = self.process.stdout.fileno()

    def _make_poisoned_memory(self, size, byte):
        with open(os.path.join(self.dir, "ram"), "wb") as file:
            block = bytes([byte]) * (1 << 20)
            for _ in range(size >> 20):
                file.write(block)

    @property
    def gdb_socket(self):
        return os.path.join(self.dir, "gdb")

    # --- what it says -------------------------------------------------------------------------
    def _read(self, timeout):
        """Take in what has arrived; False when there will be no more."""
        ready, _, _ = select.select([self.output], [], [], timeout)
        if not ready:
            return True
        data = os.read(self.output, 65536)
        if not data:
            return False
        self.text += data.decode("latin-1").replace("\r", "")
        if len(BANNER.findall(self.text)) > 1 + self.reboots:
            raise self._error("a second boot banner: the machine was reset")
        return True

    def _error(self, message):
        return MachineError("%s\n  %s\n--- the end of what it said:\n%s"
                            % (message, " ".join(map(str, self.command)), self.text[-4000:]))

    def expect(self, pattern, timeout=TIMEOUT):
        """Wait until `pattern` appears after what was expected before; return the match."""
        regex = re.compile(pattern, re.M)
        end = time.monotonic() + timeout
        more = True
        panic = False
        while True:
            match = regex.search(self.text, self.at)
            if match:
                self.at = match.end()
                return match
            if not more:
                raise self._error("it ended and had not said %r" % pattern)
            if not panic and "\nPANIC: " in self.text:
                # Whatever it still has to say it says soon.
                panic, end = True, min(end, time.monotonic() + 10)
            left = end - time.monotonic()
            if left <= 0:
                raise self._error("it did not say %r within %d s" % (pattern, timeout))
            more = self._read(min(left, 0.5))

    def finish(self, timeout=TIMEOUT):
        """Wait until the machine ends by itself; return all that it said."""
        end = time.monotonic() + timeout
        while self._read(0.5):
            if "\nPANIC: " in self.text:
                end = min(end, time.monotonic() + 10)
            if time.monotonic() > end:
                raise self._error("it did not end within %d s" % timeout)
        self.status = self.process.wait(timeout=10)
        return self.text

    def stays(self, seconds=2, timeout=TIMEOUT):
        """It comes to an end of what it is saying, and then is silent for some seconds but does not end."""
        end = time.monotonic() + timeout
        silent_since, said = time.monotonic(), len(self.text)
        while time.monotonic() - silent_since < seconds:
            if not self._read(min(seconds, 0.2)):
                raise self._error("it ended, and should have stayed")
            if len(self.text) != said:
                silent_since, said = time.monotonic(), len(self.text)
            if time.monotonic() > end:
                raise self._error("it went on, and should have stopped")

    def send(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    # --- what it is -----------------------------------------------------------------------------
    def monitor(self, command):
        """The answer of QEMU's monitor to a command."""
        if not self.monitor_socket:
            self.monitor_socket = socket.socket(socket.AF_UNIX)
            self.monitor_socket.settimeout(30)
            end = time.monotonic() + 10
            while self.monitor_socket.connect_ex(os.path.join(self.dir, "monitor")):
                if time.monotonic() > end:
                    raise self._error("the monitor does not answer")
                time.sleep(0.05)
            self._monitor_answer()
        self.monitor_socket.sendall(command.encode() + b"\n")
        # The monitor echoes the command with the cursor movements of its line editor.
        return self._monitor_answer().split("\n", 1)[-1].replace("\r", "")

    def _monitor_answer(self):
        answer = b""
        while not answer.endswith(b"(qemu) "):
            data = self.monitor_socket.recv(65536)
            if not data:
                raise self._error("the monitor closed")
            answer += data
        return answer[:-len(b"(qemu) ")].decode("latin-1")

    def physical(self, address, size):
        """Bytes of physical memory."""
        path = os.path.join(self.dir, "memory")
        self.monitor("pmemsave 0x%x %d \"%s\"" % (address, size, path))
        with open(path, "rb") as file:
            return file.read()

    def screen(self):
        """The VGA text screen, as lines."""
        cells = self.physical(0xB8000, 80 * 25 * 2)[::2].decode("latin-1").replace("\0", " ")
        return "\n".join(cells[i:i + 80].rstrip() for i in range(0, len(cells), 80))

    def expect_screen(self, pattern, timeout=TIMEOUT):
        """Wait until `pattern` stands on the VGA screen; return the match."""
        end = time.monotonic() + timeout
        while True:
            screen = self.screen()
            match = re.search(pattern, screen, re.M)
            if match:
                return match
            if self.process.poll() is not None or time.monotonic() > end:
                raise MachineError("the screen does not show %r:\n%s" % (pattern, screen))
            time.sleep(0.3)

    # --- its end --------------------------------------------------------------------------------
    def stop(self):
        if self.monitor_socket:
            self.monitor_socket.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


BOCHSRC = """
display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/seabios/vgabios-stdvga.bin
cpu: model={cpu}, count=1, ips=50000000, reset_on_triple_fault=0
memory: guest={memory}, host={memory}
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path={iso}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={dir}/serial
clock: sync=none, time0=local
log: {dir}/log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
speaker: enabled=0
sound: driver=dummy
"""


class Bochs(Machine):
    """Bochs, which enforces segment limits and has processors without PGE. It boots an ISO."""

    def __init__(self, iso, memory=64, cpu="pentium"):
        self.text = ""
        self.at = 0
        self.reboots = 0
        self.monitor_socket = None
        self.status = None
        self.dir = tempfile.mkdtemp(prefix="pagoda-")
        self.serial = os.path.join(self.dir, "serial")
        with open(os.path.join(self.dir, "bochsrc"), "w", encoding="ascii") as file:
            file.write(BOCHSRC.format(cpu=cpu, memory=memory, iso=os.path.abspath(iso), dir=self.dir))
        with open(os.path.join(self.dir, "commands"), "w", encoding="ascii") as file:
            file.write("c\n")
        with open(self.serial, "wb"):
            pass
        # Its text display wants a terminal, of which nobody looks at the other end.
        self.master, slave = os.openpty()
        self.display = b""
        self.command = ["bochs", "-q", "-f", self.dir + "/bochsrc", "-rc", self.dir + "/commands"]
        environment = dict(os.environ, TERM="xterm", LC_ALL="C")
        self.process = subprocess.Popen(self.command, stdin=slave, stdout=slave, stderr=slave,
                                        cwd=self.dir, env=environment, start_new_session=True)
        os.close(slave)
        self.output = os.open(self.serial, os.O_RDONLY)

    def _read(self, timeout):
        # The display has to be drained, or Bochs waits for it.
        ready, _, _ = select.select([self.master], [], [], timeout)
        if ready:
            try:
                self.display = (self.display + os.read(self.master, 65536))[-4000:]
            except OSError:
                pass
        ended = self.process.poll() is not None
        data = os.read(self.output, 1 << 20)
        self.text += data.decode("latin-1").replace("\r", "")
        if len(BANNER.findall(self.text)) > 1:
            raise self._error("a second boot banner: the machine was reset")
        if ended and not data and not self.text:
            self.text = self.display.decode("latin-1")  # why it could not start
        return bool(data) or not ended

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.output)
        shutil.rmtree(self.dir, ignore_errors=True)
