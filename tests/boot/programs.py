"""Programs and boot archives for the tests: ordinary static glibc programs, packed by the host's cpio."""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = "build/boot-programs"
CROSS = os.environ.get("CROSS_COMPILE", "i686-linux-gnu-")
LIBRARIES = "/usr/i686-linux-gnu/lib"  # of the cross toolchain


def _compile(path, source, options):
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(source):
        os.makedirs(OUT, exist_ok=True)
        # Tests run side by side: the name appears with the whole file or not at all.
        part = "%s.%d" % (path, os.getpid())
        subprocess.run([CROSS + "gcc", "-m32", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror",
                        "-D_FILE_OFFSET_BITS=64", "-o", part, source, *options], check=True)
        os.rename(part, path)
    return path


def program(name, dynamic=False, called=None, needs=()):
    """The path of tests/boot/programs/NAME.c, compiled; dynamic: it needs what libraries() gives; called: under another
    name; needs: files of library()."""
    source = os.path.join(HERE, "programs", name + ".c")
    path = os.path.join(OUT, (called or name) + "-dynamic" * (dynamic and not called))
    link = ["-pie", "-fPIE"] if dynamic else ["-static", "-no-pie", "-fno-pie"]
    return _compile(path, source, [*link, "-Wl,-z,noexecstack,--no-as-needed", *needs])


def library(source, name, *options):
    """The path of libNAME.so, compiled from tests/boot/programs/SOURCE.c."""
    return _compile(os.path.join(OUT, "lib%s.so" % name), os.path.join(HERE, "programs", source + ".c"),
                    ["-shared", "-fPIC", "-Wl,-soname,lib%s.so" % name, *options])


def musl_program(name, musl):
    """The same program, static, with the C library of Debian's package musl-dev, unpacked at `musl`."""
    lib = os.path.join(musl, "usr/lib/i386-linux-musl")
    of_gcc = [subprocess.run([CROSS + "gcc", "-m32", "-print-" + what], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
              for what in ("file-name=include", "libgcc-file-name")]
    return _compile(os.path.join(OUT, name + "-musl"), os.path.join(HERE, "programs", name + ".c"), [
        "-static", "-no-pie", "-fno-pie", "-fno-stack-protector", "-Wl,-z,noexecstack", "-nostdinc", "-nostdlib",
        "-isystem", os.path.join(musl, "usr/include/i386-linux-musl"), "-isystem", of_gcc[0],
        *[os.path.join(lib, part) for part in ("crt1.o", "crti.o", "libc.a")], of_gcc[1],
        *[os.path.join(lib, part) for part in ("libc.a", "crtn.o")]])


def libraries():
    """The dynamic loader and the C library, for archive()."""
    return {"lib/" + name: os.path.join(LIBRARIES, name) for name in ("ld-linux.so.2", "libc.so.6")}


def archive(path, files):
    """Pack {name in the archive: file on the host} as a newc archive at `path`; return path."""
    with tempfile.TemporaryDirectory() as tree:
        names = []
        for name, source in files.items():
            parts = name.strip("/").split("/")
            for depth in range(1, len(parts)):
                folder = "/".join(parts[:depth])
                if folder not in names:
                    os.makedirs(os.path.join(tree, folder), exist_ok=True)
                    names.append(folder)
            shutil.copy(source, os.path.join(tree, *parts))
            os.chmod(os.path.join(tree, *parts), 0o755)
            names.append("/".join(parts))
        for folder in ("proc", "dev"):
            os.makedirs(os.path.join(tree, folder), exist_ok=True)
            names.append(folder)
        with open(path, "wb") as file:
            subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=tree, check=True, stdout=file,
                           input="".join(name + "\n" for name in names).encode())
    return path


def extended(initrd, path, files):
    """An image that make made, with {name: file on the host} added to it, at `path`; return path."""
    with open(initrd + ".list", encoding="ascii") as file:
        lines = file.read()
    lines += "".join("file /%s %s 755\n" % (name, source) for name, source in files.items())
    with open(str(path) + ".list", "w", encoding="ascii") as file:
        file.write(lines)
    subprocess.run([sys.executable, "user/mkinitrd.py", str(path) + ".list", path], check=True)
    return path


def chain_loader(path, magic, info=None):
    """A multiboot kernel at 32 MB that starts its first module with `magic` in EAX and `info` in EBX."""
    source = os.path.join(HERE, "programs", "chain.asm")
    subprocess.run(["nasm", "-f", "elf32", "-DMAGIC=0x%x" % magic,
                    *([] if info is None else ["-DINFO=0x%x" % info]), source, "-o", path + ".o"], check=True)
    subprocess.run([CROSS + "ld", "-m", "elf_i386", "-n", "-Ttext-segment=0x2000000", path + ".o",
                    "-o", path], check=True)
    return path


def image(path, entry=0, cmdline="", initrd="build/initrd.cpio", kernel=None):
    """An ISO like `make iso` makes, with another default menu entry or other contents."""
    kernel = kernel or os.path.join(os.environ.get("BUILD", "build"), "pagoda.elf")
    subprocess.run(["tools/mkiso", CROSS + "objcopy", kernel, initrd, "iso/grub.cfg", cmdline, path,
                    str(entry)], check=True)
    return path
