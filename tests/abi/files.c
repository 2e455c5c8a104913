/* Calls on names by descriptor, attributes, sizes, locks, and listings: what each does and refuses. */
#include "tests/abi/lib/abi.h"

#define TOP        "tests/data/files"
#define AT_CWD     (-100)
#define NOFOLLOW   0x100
#define SYM_FOLLOW 0x400
#define EMPTY_PATH 0x1000
#define NOREPLACE  1
#define EXCHANGE   2
#define KEEP_SIZE  1
#define PUNCH_HOLE 2
#define OMIT       0x3ffffffe
#define PATH_ONLY  010000000

static int dirfd;

static void make_file(const char *path, const char *text)
{
	int fd = sys_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0)
		say(path, fd);
	sys_write(fd, text, strlen(text));
	sys_close(fd);
}

static void show(const char *name)
{
	char path[64], text[64];
	struct stat64 st;
	long len;

	snprintf(path, sizeof(path), TOP "/%s", name);
	len = read_file(path, text, sizeof(text));
	if (len < 0) {
		say(name, len);
		return;
	}
	sys_stat64(path, &st);
	line("%s: '%s' mode %o, %u names, owner %lu:%lu", name, text, st.st_mode, st.st_nlink,
	     st.st_uid, st.st_gid);
}

static long rename2(const char *from, const char *to, int flags)
{
	return syscall5(__NR_renameat2, dirfd, (long)from, dirfd, (long)to, flags);
}

static void renames(void)
{
	make_file(TOP "/a", "A");
	make_file(TOP "/b", "B");
	say("mkdirat", syscall3(__NR_mkdirat, dirfd, (long)"d", 0755));
	say("mkdirat again", syscall3(__NR_mkdirat, dirfd, (long)"d", 0755));
	say("renameat2 NOREPLACE to what is there", rename2("a", "b", NOREPLACE));
	say("renameat2 NOREPLACE", rename2("a", "a2", NOREPLACE));
	say("renameat2 EXCHANGE", rename2("a2", "b", EXCHANGE));
	show("a2");
	show("b");
	say("renameat2 EXCHANGE with nothing", rename2("a2", "none", EXCHANGE));
	say("renameat2 EXCHANGE of a folder", rename2("a2", "d", EXCHANGE));
	show("d");
	say("renameat2 EXCHANGE back", rename2("d", "a2", EXCHANGE));
	say("renameat2 both flags", rename2("b", "c", NOREPLACE | EXCHANGE));
	say("renameat2 unknown flag", rename2("b", "c", 64));
	say("renameat2 folder into itself", rename2("d", "d/e", 0));
	say("renameat", syscall4(__NR_renameat, dirfd, (long)"b", dirfd, (long)"d/b"));
	say("renameat2 of a folder's parent", rename2("d/b", "d", 0));
	say("renameat2 folder to a file", rename2("d", "a2", 0));
	say("renameat bad descriptor", syscall4(__NR_renameat, 99, (long)"x", dirfd, (long)"y"));
}

static void links(void)
{
	char target[16] = {0};

	say("linkat", syscall5(__NR_linkat, dirfd, (long)"a2", dirfd, (long)"hard", 0));
	show("hard");
	say("linkat a folder", syscall5(__NR_linkat, dirfd, (long)"d", dirfd, (long)"x", 0));
	say("linkat bad flags", syscall5(__NR_linkat, dirfd, (long)"a2", dirfd, (long)"x", 1));
	say("symlinkat", syscall3(__NR_symlinkat, (long)"a2", dirfd, (long)"soft"));
	say("symlinkat again", syscall3(__NR_symlinkat, (long)"a2", dirfd, (long)"soft"));
	say("readlinkat", syscall4(__NR_readlinkat, dirfd, (long)"soft", (long)target, 15));
	say_text("readlinkat", target);
	say("readlinkat of a file", syscall4(__NR_readlinkat, dirfd, (long)"a2", (long)target, 15));
	say("linkat following",
	    syscall5(__NR_linkat, dirfd, (long)"soft", dirfd, (long)"f", SYM_FOLLOW));
	show("f");
	say("unlinkat", syscall3(__NR_unlinkat, dirfd, (long)"f", 0));
	say("unlinkat bad flags", syscall3(__NR_unlinkat, dirfd, (long)"f", 1));
	say("mknod a pipe", syscall3(__NR_mknod, (long)TOP "/pipe", 010644, 0));
	say("mknod again", syscall3(__NR_mknod, (long)TOP "/pipe", 010644, 0));
	say("open it neither to read nor to write",
	    sys_open(TOP "/pipe", O_ACCMODE | O_NONBLOCK, 0));
	say("mknod a folder", syscall3(__NR_mknod, (long)TOP "/x", 040755, 0));
	say("mknod nonsense", syscall3(__NR_mknod, (long)TOP "/x", 0170000, 0));
	say("mknodat a file", syscall4(__NR_mknodat, dirfd, (long)"plain", 0100600, 0));
	show("plain");
	say("open a pipe to write, nobody reads", sys_open(TOP "/pipe", O_WRONLY | O_NONBLOCK, 0));
	say_ok("open a pipe to read", sys_open(TOP "/pipe", O_RDONLY | O_NONBLOCK, 0));
}

static void attributes(void)
{
	int32_t times[4] = {1000, 5, 2000, 7};
	struct stat64 st;
	int fd = sys_open(TOP "/a2", O_RDONLY, 0), path_fd;

	say("fchmodat", syscall3(__NR_fchmodat, dirfd, (long)"a2", 04751));
	show("a2");
	say("chown of a program", syscall3(__NR_chown32, (long)TOP "/a2", -1, -1));
	show("a2");
	say("utimensat", syscall4(__NR_utimensat, dirfd, (long)"a2", (long)times, 0));
	sys_stat64(TOP "/a2", &st);
	line("times %u.%u %u.%u", (unsigned)st.st_atime, (unsigned)st.st_atime_nsec,
	     (unsigned)st.st_mtime, (unsigned)st.st_mtime_nsec);
	times[1] = OMIT;
	times[2] = 3000;
	say("utimensat, one omitted", syscall4(__NR_utimensat, dirfd, (long)"a2", (long)times, 0));
	sys_stat64(TOP "/a2", &st);
	line("times %u %u", (unsigned)st.st_atime, (unsigned)st.st_mtime);
	times[3] = 1000000000;
	say("utimensat, too many ns", syscall4(__NR_utimensat, dirfd, (long)"a2", (long)times, 0));
	say("utimensat bad flags", syscall4(__NR_utimensat, dirfd, (long)"a2", 0, 1));
	say("utimensat NULL of a descriptor", syscall4(__NR_utimensat, fd, 0, 0, 0));
	say("faccessat X", syscall3(__NR_faccessat, dirfd, (long)"plain", 1));
	say("faccessat W", syscall3(__NR_faccessat, dirfd, (long)"plain", 2));
	say("faccessat bad mode", syscall3(__NR_faccessat, dirfd, (long)"plain", 8));
	path_fd = sys_open(TOP "/a2", PATH_ONLY, 0);
	say("O_PATH read", sys_read(path_fd, &st, 1));
	say("O_PATH fchmod", syscall2(__NR_fchmod, path_fd, 0644));
	say("O_PATH fstat", syscall2(__NR_fstat64, path_fd, (long)&st));
	say("O_PATH ioctl", syscall3(__NR_ioctl, path_fd, 0x5401, (long)&st));
	say("umask", syscall1(__NR_umask, 077));
	say("umask back", syscall1(__NR_umask, 022));
	sys_close(path_fd);
	sys_close(fd);
}

static void sizes(void)
{
	int fd = sys_open(TOP "/s", O_RDWR | O_CREAT, 0644);
	char text[8] = {0};
	struct stat64 st;
	struct {
		const char *base;
		unsigned len;
	} iov[2] = {{"abc", 3}, {"defg", 4}};

	say("pwritev", syscall5(__NR_pwritev, fd, (long)iov, 2, 10, 0));
	iov[0].base = text;
	iov[0].len = 7;
	say("preadv", syscall5(__NR_preadv, fd, (long)iov, 1, 10, 0));
	say_text("preadv", text);
	say("preadv negative", syscall5(__NR_preadv, fd, (long)iov, 1, 0, -1));
	say("truncate", syscall2(__NR_truncate, (long)TOP "/s", 12));
	say("truncate64", syscall3(__NR_truncate64, (long)TOP "/s", 0, 1));
	syscall2(__NR_fstat64, fd, (long)&st);
	line("size %llu", (unsigned long long)st.st_size);
	say("truncate a folder", syscall2(__NR_truncate, (long)TOP, 12));
	say("truncate negative", syscall2(__NR_truncate, (long)TOP "/s", -1));
	say("ftruncate", syscall2(__NR_ftruncate, fd, 0));
	say("fallocate", syscall6(__NR_fallocate, fd, 0, 4096, 0, 8192, 0));
	syscall2(__NR_fstat64, fd, (long)&st);
	line("size %llu, blocks %llu", (unsigned long long)st.st_size,
	     (unsigned long long)st.st_blocks);
	say("fallocate keep", syscall6(__NR_fallocate, fd, KEEP_SIZE, 12288, 0, 4096, 0));
	say("fallocate punch",
	    syscall6(__NR_fallocate, fd, KEEP_SIZE | PUNCH_HOLE, 4096, 0, 100, 0));
	say("fallocate of nothing", syscall6(__NR_fallocate, fd, 0, 0, 0, 0, 0));
	say("fallocate negative", syscall6(__NR_fallocate, fd, 0, -1, -1, 10, 0));
	say("fdatasync", syscall1(__NR_fdatasync, fd));
	say("fadvise64", syscall5(__NR_fadvise64, fd, 0, 0, 0, 3));
	say("fadvise64 bad", syscall5(__NR_fadvise64, fd, 0, 0, 0, 9));
	sys_close(fd);
}

struct lock {
	short type, whence;
	int start, len, pid;
} __attribute__((packed, aligned(4)));

static int lock_in_child(void *arg)
{
	int fd = *(int *)arg;
	struct lock l = {1 /* F_WRLCK */, 0, 5, 10, 0};
	int other;

	say("child: F_SETLK", syscall3(__NR_fcntl, fd, 6, (long)&l));
	say("child: F_GETLK", syscall3(__NR_fcntl, fd, 5, (long)&l));
	line("child: type %d start %d len %d", l.type, l.start, l.len);
	l = (struct lock){0 /* F_RDLCK */, 0, 100, 0, 0};
	say("child: F_SETLK behind it", syscall3(__NR_fcntl, fd, 6, (long)&l));
	say("child: flock shared, same open file", syscall2(__NR_flock, fd, 1 | 4));
	other = sys_open(TOP "/a2", O_RDWR, 0);
	say("child: flock of another", syscall2(__NR_flock, other, 2 | 4));
	return 0;
}

static void locks(void)
{
	int fd = sys_open(TOP "/a2", O_RDWR, 0);
	struct lock l = {1, 0, 0, 10, 0};

	say("F_SETLK", syscall3(__NR_fcntl, fd, 6, (long)&l));
	say("flock", syscall2(__NR_flock, fd, 2));
	say_status("child", in_child(lock_in_child, &fd));
	l = (struct lock){1, 0, 0, 0, 0};
	say("F_GETLK when the child is gone", syscall3(__NR_fcntl, fd, 5, (long)&l));
	line("type %d", l.type);
	l = (struct lock){9, 0, 0, 0, 0};
	say("F_SETLK bad type", syscall3(__NR_fcntl, fd, 6, (long)&l));
	l = (struct lock){1, 0, -5, 0, 0};
	say("F_SETLK bad start", syscall3(__NR_fcntl, fd, 6, (long)&l));
	say("flock bad", syscall2(__NR_flock, fd, 77));
	sys_close(fd);
}

static void mounts(void)
{
	int file = sys_open(TOP "/a2", O_RDONLY, 0);
	char names[128];

	say("umount of no mount", syscall1(__NR_umount, (long)TOP));
	say("umount2 bad flags", syscall2(__NR_umount2, (long)TOP, 64));
	say("chroot to a file", syscall1(__NR_chroot, (long)TOP "/a2"));
	say("chroot to nothing", syscall1(__NR_chroot, (long)TOP "/none"));
	say("getdents of a file", syscall3(__NR_getdents64, file, (long)names, 128));
	say("getdents with no room", syscall3(__NR_getdents64, dirfd, (long)names, 10));
	say("statfs size", syscall3(__NR_statfs64, (long)TOP, 5, (long)names));
	say("statfs", syscall3(__NR_statfs64, (long)TOP, 84, (long)names));
	say("socket", syscall3(__NR_socket, 99, 1, 0));
	sys_close(file);
}

int main(void)
{
	say("mkdir", syscall2(__NR_mkdir, (long)TOP, 0755));
	dirfd = sys_open(TOP, O_RDONLY | O_DIRECTORY, 0);
	say_ok("open", dirfd);
	renames();
	links();
	attributes();
	sizes();
	locks();
	mounts();
	return 0;
}
