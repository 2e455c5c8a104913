/* The stat calls on files of the image: types, permissions, sizes, errors. */
#include "tests/abi/lib/abi.h"

#include <linux/stat.h>

static void show(const char *what, long ret, const struct stat64 *st)
{
	if (ret)
		line("%s: %s", what, errno_name(-ret));
	else if ((st->st_mode & S_IFMT) ==
		 S_IFDIR) /* what a folder's size and links are is the file system's affair */
		line("%s: folder, mode %o", what, st->st_mode & 07777);
	else
		line("%s: mode %o, size %lld, links %u", what, st->st_mode, (long long)st->st_size,
		     st->st_nlink);
}

static void stat_path(const char *what, const char *path)
{
	struct stat64 st;

	show(what, sys_stat64(path, &st), &st);
}

static void show_statx(const char *what, int dir, const char *path, int flags)
{
	struct statx st;
	long ret = syscall5(__NR_statx, dir, (long)path, flags, STATX_BASIC_STATS, (long)&st);

	if (ret)
		line("%s: %s", what, errno_name(-ret));
	else
		line("%s: mode %o, size %lld, basic fields %s", what, st.stx_mode,
		     (st.stx_mode & S_IFMT) == S_IFREG ? (long long)st.stx_size : -1,
		     (st.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS ? "all" : "not all");
}

int main(void)
{
	struct stat64 st, other;
	int fd = sys_open(DATA_FILE, O_RDONLY, 0), dir = sys_open("tests/data", O_RDONLY, 0);
	int fds[2];

	stat_path("a file", DATA_FILE);
	stat_path("an empty file", EMPTY_FILE);
	stat_path("a program", "tests/abi/args");
	stat_path("a folder", "tests/data");
	stat_path("a folder with / behind", "tests/data/");
	stat_path("the root", "/");
	stat_path("a link", "tests/data/link");
	stat_path("a link to nothing", "tests/data/dangling");
	stat_path("through a link to a folder", "tests/data/up/data/text");
	stat_path("a link to itself", "tests/data/loop");
	show("lstat of a link", syscall2(__NR_lstat64, (long)"tests/data/link", (long)&st), &st);
	show("lstat of a link to nothing",
	     syscall2(__NR_lstat64, (long)"tests/data/dangling", (long)&st), &st);
	stat_path("no such file", "tests/data/nothing");
	stat_path("a file as a folder", "tests/data/text/x");
	stat_path("a file with / behind", "tests/data/text/");
	stat_path("an empty name", "");
	stat_path("a bad address", (char *)0xfffff000);
	show("a result at a bad address", sys_stat64(DATA_FILE, (void *)0xfffff000), NULL);
	show("fstat", sys_fstat64(fd, &st), &st);
	show("fstat of 99", sys_fstat64(99, &st), &st);
	show("fstatat from a folder", syscall4(__NR_fstatat64, dir, (long)"text", (long)&st, 0),
	     &st);
	show("fstatat of the descriptor itself",
	     syscall4(__NR_fstatat64, fd, (long)"", (long)&st, AT_EMPTY_PATH), &st);
	show("fstatat of an empty name", syscall4(__NR_fstatat64, fd, (long)"", (long)&st, 0), &st);
	show("fstatat from a file", syscall4(__NR_fstatat64, fd, (long)"x", (long)&st, 0), &st);
	show("fstatat, not following",
	     syscall4(__NR_fstatat64, dir, (long)"link", (long)&st, AT_SYMLINK_NOFOLLOW), &st);
	show("fstatat, unknown flag",
	     syscall4(__NR_fstatat64, dir, (long)"text", (long)&st, 0x10000000), &st);

	sys_stat64(DATA_FILE, &st);
	sys_fstat64(fd, &other);
	line("the same file has the same number: %s",
	     st.st_ino == other.st_ino && st.st_dev == other.st_dev ? "yes" : "no");
	sys_stat64(EMPTY_FILE, &other);
	line("another has another: %s", st.st_ino != other.st_ino ? "yes" : "no");
	line("512-byte blocks hold the file: %s",
	     (long long)st.st_blocks * 512 >= st.st_size ? "yes" : "no");
	sys_pipe(fds);
	sys_fstat64(fds[0], &st);
	line("a pipe has type %o", st.st_mode & S_IFMT);

	show_statx("statx of a file", AT_FDCWD, DATA_FILE, 0);
	show_statx("statx of a folder", AT_FDCWD, "tests", 0);
	show_statx("statx of a link, not following", AT_FDCWD, "tests/data/link",
		   AT_SYMLINK_NOFOLLOW);
	show_statx("statx of a descriptor", fd, "", AT_EMPTY_PATH);
	show_statx("statx from a folder", dir, "empty", 0);
	show_statx("statx of nothing", AT_FDCWD, "nothing", 0);
	show_statx("statx of descriptor 99", 99, "", AT_EMPTY_PATH);
	show_statx("statx, both ways of synchronising", AT_FDCWD, DATA_FILE, 0x6000);
	line("statx to a bad address: %s",
	     errno_name(-syscall5(__NR_statx, AT_FDCWD, (long)DATA_FILE, 0, STATX_BASIC_STATS,
				  0xfffff000)));
	return 0;
}
