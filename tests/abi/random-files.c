/*
 * Random calls on files in a tmpfs of their own, and now and then all that can be seen of it: names,
 * attributes, contents, descriptors. The calls are the same on both systems, so what they did must
 * be the same; a line holds a sum over twenty calls and what they returned.
 *
 *	random-files [SEED CALLS]	prints a line for each call, and what is there
 *
 * Nothing here waits: whatever may be a pipe is opened with O_NONBLOCK.
 */
#include "tests/abi/lib/abi.h"
#include "user/lib/random.h"

#include <asm/ioctls.h>
#include <asm/poll.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/resource.h>
#include <linux/stat.h>

#define PLACE     "tests/files"
#define FIRST_FD  3
#define END_FD    15
#define MOST_FDS  64 /* while we look around */
#define DEPTH     7u
#define BUFFER    65536u
#define SHOWN     (512u << 10) /* of a file's contents */
#define OLD_TIME  1000000
#define NODES_MAX 64

static char pattern[BUFFER], buffer[BUFFER];
static char what[1400]; /* the call that is being made */
static bool each;
static uint32_t sum;

static uint32_t mix(uint32_t hash, uint32_t value)
{
	return (hash ^ value) * 16777619u;
}

static uint32_t mix_bytes(uint32_t hash, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = mix(hash, (unsigned char)p[i]);
	return hash;
}

/* Into the sum, and printed if every call is. */
static void note(const char *format, ...)
{
	char text[1600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	sum = mix_bytes(sum, text, strlen(text));
	if (each)
		line("%s", text);
}

static void say_call(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
}

/* ---- arguments ---- */

static uint32_t pick(const uint32_t *from, size_t n)
{
	return from[below(n)];
}
#define PICK(...)                             \
	pick((const uint32_t[]){__VA_ARGS__}, \
	     sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* A call has two paths at most. */
static const char *random_path(void)
{
	static char paths[2][1024];
	static int turn;
	static char longest[258];
	char *at = paths[turn ^= 1];
	char *start = at;
	uint32_t parts = PICK(1, 1, 1, 2, 2, 3);

	memset(longest, 'n', sizeof(longest));
	if (one_in(60))
		return "";
	if (one_in(60))
		return (const char *)BAD_POINTER;
	if (one_in(5))
		*at++ = '/';
	for (uint32_t i = 0; i < parts; i++) {
		if (i)
			*at++ = '/';
		if (i && one_in(20))
			*at++ = '/';
		if (one_in(60)) {
			uint32_t len = 254 + below(3);

			memcpy(at, longest, len);
			at += len;
		} else if (one_in(12)) {
			*at++ = '.';
			if (one_in(2))
				*at++ = '.';
		} else {
			*at++ = "abcdef"[below(6)];
		}
	}
	if (one_in(12))
		*at++ = '/';
	*at = '\0';
	return start;
}

static const char *shown(const char *path)
{
	return path == (const char *)BAD_POINTER ? "(bad)" : path;
}

static int random_fd(void)
{
	return one_in(40) ? 77 : FIRST_FD + (int)below(END_FD - FIRST_FD);
}

static int random_dirfd(void)
{
	return one_in(3) ? random_fd() : AT_FDCWD;
}

static uint32_t random_size(void)
{
	switch (below(8)) {
	case 0:
		return 0;
	case 1:
		return PICK(4095, 4096, 4097, 8192);
	case 2:
		return below(BUFFER);
	case 3:
		return below(12000);
	default:
		return below(300);
	}
}

static uint64_t random_offset(void)
{
	switch (below(24)) {
	case 0:
		return (uint64_t)-1 - below(5000);
	case 1:
		return 0x7fffffffull - below(3) * 2000;
	case 2:
		return 0x80000000ull + below(5000);
	case 3:
		return 1ull << (33 + below(10));
	case 4:
	case 5:
	case 6:
		return below(64) * 4096ull;
	case 7:
	case 8:
	case 9:
		return below(250000);
	case 10:
		return 0;
	default:
		return below(10000);
	}
}

#define HIGH(offset) ((long)((offset) >> 32))
#define LOW(offset)  ((long)(offset))

static char *random_buffer(char *good)
{
	return one_in(50) ? (char *)BAD_POINTER : good;
}

/* ---- calls ---- */

static long do_open(void)
{
	static const uint32_t flags[] = {O_CREAT,     O_EXCL,     O_TRUNC,     O_APPEND,
					 O_DIRECTORY, O_NOFOLLOW, O_LARGEFILE, O_CLOEXEC};
	uint32_t how = PICK(0, 1, 2, 2) | O_NONBLOCK;
	uint32_t mode = PICK(0644, 0600, 0777, 04755, 02755, 01777, 0);
	const char *path = random_path();
	int dirfd = random_dirfd();

	if (one_in(2))
		how |= O_CREAT | O_LARGEFILE;
	for (uint32_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (one_in(9))
			how |= flags[i];
	if (one_in(30))
		how |= O_PATH;
	if (one_in(30))
		how |= O_TMPFILE;
	if ((how & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		how &= ~O_CREAT; /* which error depends on the version */
	say_call("openat(%d, \"%s\", 0%o, 0%o)", dirfd, shown(path), how, mode);
	return CALL(openat, dirfd, path, how, mode);
}

static long do_read(void)
{
	int fd = random_fd();
	uint32_t len = random_size(), hash;
	uint64_t at = random_offset();
	bool here = one_in(2);
	char *to = random_buffer(buffer);
	long ret;

	memset(buffer, 0x55, sizeof(buffer));
	if (here) {
		say_call("read(%d, %s, %u)", fd, to == buffer ? "buffer" : "bad", len);
		ret = CALL(read, fd, to, len);
	} else {
		say_call("pread64(%d, %s, %u, 0x%llx)", fd, to == buffer ? "buffer" : "bad", len,
			 at);
		ret = CALL(pread64, fd, to, len, LOW(at), HIGH(at));
	}
	hash = mix_bytes(1, buffer, sizeof(buffer));
	sum = mix(sum, hash);
	if (each)
		line("  read %08x", hash);
	return ret;
}

static long do_write(void)
{
	int fd = random_fd();
	uint32_t len = random_size();
	uint64_t at = random_offset();
	const char *from = pattern + below(256);

	if (len > 65280)
		len = 65280;
	if (one_in(2)) {
		say_call("write(%d, %u)", fd, len);
		return CALL(write, fd, from, len);
	}
	say_call("pwrite64(%d, %u, 0x%llx)", fd, len, at);
	return CALL(pwrite64, fd, from, len, LOW(at), HIGH(at));
}

static long do_vector(void)
{
	int fd = random_fd();
	uint32_t count = below(5), call = below(4), hash;
	uint64_t at = random_offset();
	struct iovec iov[4];
	char *base = call & 1 ? pattern : buffer;
	long ret;

	memset(buffer, 0x55, sizeof(buffer));
	say_call("vector %u(%d, %u:", call, fd, count);
	for (uint32_t i = 0; i < 4; i++) {
		iov[i].iov_base = base + below(1000) + i * 12000;
		if (!(call & 1))
			iov[i].iov_base = random_buffer(iov[i].iov_base);
		iov[i].iov_len = one_in(60) ? (size_t)-1 : PICK(0, 1, 100, 4096, 10000, 300);
		snprintf(what + strlen(what), 60, " %u%s", (uint32_t)iov[i].iov_len,
			 iov[i].iov_base == (void *)BAD_POINTER ? " bad" : "");
	}
	snprintf(what + strlen(what), 60, ", 0x%llx)", call & 2 ? at : 0);
	switch (call) {
	case 0:
		ret = CALL(readv, fd, iov, count);
		break;
	case 1:
		ret = CALL(writev, fd, iov, count);
		break;
	case 2:
		ret = CALL(preadv, fd, iov, count, LOW(at), HIGH(at));
		break;
	default:
		ret = CALL(pwritev, fd, iov, count, LOW(at), HIGH(at));
	}
	hash = mix_bytes(1, buffer, sizeof(buffer));
	sum = mix(sum, hash);
	return ret;
}

static long do_seek(void)
{
	int fd = random_fd();
	uint64_t at = one_in(4) ? -(uint64_t)below(5000) : random_offset(), result = 0;
	uint32_t whence = PICK(0, 1, 2, 0, 1, 2, 5);
	long ret;

	say_call("_llseek(%d, 0x%llx, %u)", fd, at, whence);
	ret = CALL(_llseek, fd, HIGH(at), LOW(at), &result, whence);
	note("  at 0x%llx", result);
	return ret;
}

static long do_truncate(void)
{
	int fd = random_fd();
	uint64_t size = random_offset();
	const char *path = random_path();

	if (one_in(3)) {
		say_call("truncate64(\"%s\", 0x%llx)", shown(path), size);
		return CALL(truncate64, path, LOW(size), HIGH(size));
	}
	say_call("ftruncate64(%d, 0x%llx)", fd, size);
	return CALL(ftruncate64, fd, LOW(size), HIGH(size));
}

static long do_fallocate(void)
{
	int fd = random_fd();
	uint32_t mode = PICK(0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE,
			     FALLOC_FL_PUNCH_HOLE, 0x80000000, FALLOC_FL_ZERO_RANGE);
	uint64_t from = random_offset(), len = random_offset();

	/* Without room what was made stays, here; Linux takes it back. */
	if (!(mode & FALLOC_FL_PUNCH_HOLE) && len < (1 << 20) && from < 1ull << 41)
		len %= 20000;
	else if (!(mode & FALLOC_FL_PUNCH_HOLE) && from + len < 1ull << 63)
		mode |= FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	say_call("fallocate(%d, 0x%x, 0x%llx, 0x%llx)", fd, mode, from, len);
	return CALL(fallocate, fd, mode, LOW(from), HIGH(from), LOW(len), HIGH(len));
}

static long do_make(void)
{
	const char *path = random_path();
	int dirfd = random_dirfd();
	uint32_t mode = PICK(0755, 0700, 02777, 06755, 0);
	uint32_t type = PICK(S_IFREG, S_IFIFO, S_IFIFO, 0, S_IFSOCK, S_IFDIR, S_IFLNK);

	if (one_in(3)) {
		say_call("mknodat(%d, \"%s\", 0%o)", dirfd, shown(path), type | mode);
		return CALL(mknodat, dirfd, path, type | mode, 0);
	}
	say_call("mkdirat(%d, \"%s\", 0%o)", dirfd, shown(path), mode);
	return CALL(mkdirat, dirfd, path, mode);
}

static long do_symlink(void)
{
	const char *target = random_path(), *path = random_path();
	int dirfd = random_dirfd();

	say_call("symlinkat(\"%s\", %d, \"%s\")", shown(target), dirfd, shown(path));
	if (target != (const char *)BAD_POINTER && strlen(target) > 100)
		return 0; /* those take a page, there */
	return CALL(symlinkat, target, dirfd, path);
}

static long do_link(void)
{
	const char *old = random_path(), *path = random_path();
	int from = random_dirfd(), to = random_dirfd();
	uint32_t flags = PICK(0, 0, 0, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW);

	say_call("linkat(%d, \"%s\", %d, \"%s\", 0x%x)", from, shown(old), to, shown(path), flags);
	return CALL(linkat, from, old, to, path, flags);
}

static long do_rename(void)
{
	const char *old = random_path(), *path = random_path();
	int from = random_dirfd(), to = random_dirfd();
	uint32_t flags = PICK(0, 0, 0, 0, 1, 1, 2, 2, 3, 8);

	say_call("renameat2(%d, \"%s\", %d, \"%s\", %u)", from, shown(old), to, shown(path), flags);
	/* In which order names are found too long is not asked. */
	if (strlen(shown(old)) > 200 || strlen(shown(path)) > 200)
		return 0;
	return CALL(renameat2, from, old, to, path, flags);
}

static long do_unlink(void)
{
	const char *path = random_path();
	int dirfd = random_dirfd();
	uint32_t flags = PICK(0, 0, 0, AT_REMOVEDIR, AT_REMOVEDIR, 1);

	say_call("unlinkat(%d, \"%s\", 0x%x)", dirfd, shown(path), flags);
	return CALL(unlinkat, dirfd, path, flags);
}

static long do_attribute(void)
{
	const char *path = random_path();
	int dirfd = random_dirfd(), fd = random_fd();
	uint32_t mode = PICK(0644, 0755, 06777, 0, 02711, 0x8dff);
	uint32_t uid = PICK(0, 1, 1000, -1), gid = PICK(0, 5, 1000, -1);
	uint32_t flags = PICK(0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, 1);

	switch (below(5)) {
	case 0:
		say_call("fchmodat(%d, \"%s\", 0%o)", dirfd, shown(path), mode);
		return CALL(fchmodat, dirfd, path, mode);
	case 1:
		say_call("fchmod(%d, 0%o)", fd, mode);
		return CALL(fchmod, fd, mode);
	case 2:
		say_call("fchown32(%d, %d, %d)", fd, uid, gid);
		return CALL(fchown32, fd, uid, gid);
	default:
		say_call("fchownat(%d, \"%s\", %d, %d, 0x%x)", dirfd, shown(path), uid, gid, flags);
		return CALL(fchownat, dirfd, path, uid, gid, flags);
	}
}

static long do_times(void)
{
	const char *path = one_in(4) ? NULL : random_path();
	int dirfd = random_dirfd();
	uint32_t flags = PICK(0, 0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, 1);
	struct __kernel_timespec t[2];

	for (int i = 0; i < 2; i++) {
		t[i].tv_sec = OLD_TIME;
		t[i].tv_nsec = PICK(0, 0, 0, 0x3fffffff, 0x3ffffffe, 1000000000, -1);
	}
	say_call("utimensat_time64(%d, \"%s\", %d %d, 0x%x)", dirfd, path ? shown(path) : "NULL",
		 (int)t[0].tv_nsec, (int)t[1].tv_nsec, flags);
	return CALL(utimensat_time64, dirfd, path, t, flags);
}

static long do_descriptor(void)
{
	int fd = random_fd(), other = random_fd(), fds[2] = {-1, -1};
	uint32_t first, last;
	long ret;

	switch (below(9)) {
	case 0:
		say_call("dup(%d)", fd);
		return CALL(dup, fd);
	case 1:
		other = PICK(other, 20, -1);
		say_call("dup2(%d, %d)", fd, other);
		return CALL(dup2, fd, other);
	case 2:
		say_call("dup3(%d, %d, 0)", fd, other);
		return CALL(dup3, fd, other, one_in(3) ? O_CLOEXEC : 0);
	case 3:
		other = PICK(other, END_FD - 1, END_FD, -1, 1000000);
		say_call("F_DUPFD(%d, %d)", fd, other);
		return CALL(fcntl64, fd, one_in(2) ? F_DUPFD : F_DUPFD_CLOEXEC, other);
	case 4:
		ret = CALL(pipe2, fds, O_NONBLOCK);
		say_call("pipe2: %d %d", fds[0], fds[1]);
		return ret;
	case 5:
		if (!one_in(12))
			return 0;
		first = FIRST_FD + below(14);
		last = first + below(5);
		say_call("close_range(%u, %u)", first, last);
		return CALL(close_range, first, last, PICK(0, 4));
	default:
		say_call("close(%d)", fd);
		return CALL(close, fd);
	}
}

static long do_fcntl(void)
{
	int fd = random_fd(), value = -1;
	uint32_t flags;
	long ret;

	switch (below(6)) {
	case 0:
		flags = PICK(0, O_APPEND, O_NOATIME, O_TRUNC | O_CREAT | 2) | O_NONBLOCK;
		say_call("F_SETFL(%d, 0%o)", fd, flags);
		return CALL(fcntl64, fd, F_SETFL, flags);
	case 1:
		say_call("F_SETFD(%d)", fd);
		return CALL(fcntl64, fd, F_SETFD, below(4));
	case 2:
		ret = CALL(ioctl, fd, FIONREAD, &value);
		say_call("FIONREAD(%d): %d", fd, value);
		return ret;
	case 3:
		say_call("fsync(%d)", fd);
		return CALL(fsync, fd);
	case 4:
		say_call("F_GETPIPE_SZ(%d)", fd);
		return CALL(fcntl64, fd, F_GETPIPE_SZ, 0);
	default:
		flags = PICK(1, 2, 8, 5, 6, 4, 16, 64) | 4;
		say_call("flock(%d, %u)", fd, flags);
		return CALL(flock, fd, flags);
	}
}

struct lock {
	short type, whence;
	int64_t start, len;
	int pid;
} __attribute__((packed));

static long do_lock(void)
{
	int fd = random_fd(), status = 0, child;
	struct lock l = {.type = below(3), .whence = PICK(0, 0, 0, 1, 2, 3)};
	long ret;

	l.start = one_in(8) ? (int64_t)random_offset() : (int64_t)below(200) - 10;
	l.len = one_in(8) ? (int64_t)random_offset() : (int64_t)below(40) - 8;
	say_call("F_SETLK64(%d, %d %d 0x%llx 0x%llx)", fd, l.type, l.whence, l.start, l.len);
	ret = CALL(fcntl64, fd, F_SETLK64, &l);
	if (!one_in(4))
		return ret;
	note("  %ld", ret);
	/* What another process sees of them. */
	l = (struct lock){.type = below(2), .start = below(200), .len = below(100)};
	fd = random_fd();
	say_call("F_GETLK64(%d, %d 0x%llx 0x%llx)", fd, l.type, l.start, l.len);
	child = sys_fork();
	if (child == 0) {
		ret = CALL(fcntl64, fd, F_GETLK64, &l);
		sys_exit((mix(mix(mix(mix(mix(1, ret), l.type), l.start), l.len), l.pid == 0)) >>
			 24);
	}
	sys_wait4(child, &status, 0, NULL);
	return status;
}

static long do_copy(void)
{
	int from = random_fd(), to = random_fd();
	uint64_t in = random_offset(), out = random_offset();
	uint64_t *in_at = one_in(2) ? &in : NULL, *out_at = one_in(2) ? &out : NULL;
	uint32_t len = random_size(), call = below(4);
	long ret;

	say_call("copy %u(%d, %s 0x%llx, %d, %s 0x%llx, %u)", call, from, in_at ? "at" : "-", in,
		 to, out_at ? "at" : "-", out, len);
	switch (call) {
	case 0:
		ret = CALL(sendfile64, to, from, in_at, len);
		break;
	case 1:
		ret = CALL(splice, from, in_at, to, out_at, len, 2);
		break;
	case 2:
		ret = CALL(tee, from, to, len, 2);
		break;
	default:
		ret = CALL(copy_file_range, from, in_at, to, out_at, len, 0);
	}
	note("  0x%llx 0x%llx", in, out);
	return ret;
}

static long do_stat(void)
{
	const char *path = random_path();
	int dirfd = random_dirfd();
	uint32_t flags = PICK(0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, 1);
	struct stat64 st;
	long ret;

	memset(&st, 0, sizeof(st));
	memset(buffer, 0, 300);
	switch (below(4)) {
	case 0:
		say_call("readlinkat(%d, \"%s\")", dirfd, shown(path));
		ret = CALL(readlinkat, dirfd, path, buffer, PICK(0, 1, 100, 300));
		note("  %s", buffer);
		return ret;
	case 1:
		flags = PICK(0, 1, 2, 4, 7, 8);
		say_call("faccessat(%d, \"%s\", %u)", dirfd, shown(path), flags);
		return CALL(faccessat, dirfd, path, flags);
	default:
		say_call("fstatat64(%d, \"%s\", 0x%x)", dirfd, shown(path), flags);
		ret = CALL(fstatat64, dirfd, path, &st, flags);
		note("  0%o %u %lld %u", st.st_mode, (uint32_t)st.st_nlink, (long long)st.st_size,
		     S_ISREG(st.st_mode) ? (uint32_t)st.st_blocks : 0);
		return ret;
	}
}

static long do_where(void)
{
	const char *path = random_path();
	int fd = random_fd();
	long ret;

	switch (below(3)) {
	case 0:
		say_call("chdir(\"%s\")", shown(path));
		return CALL(chdir, path);
	case 1:
		say_call("fchdir(%d)", fd);
		return CALL(fchdir, fd);
	default:
		memset(buffer, 0, 4096);
		ret = CALL(getcwd, buffer, PICK(4096, 4096, 1, 3, 0));
		say_call("getcwd: %s", buffer);
		return ret;
	}
}

static long do_extended(void)
{
	const char *path = random_path();
	int fd = random_fd();

	switch (below(4)) {
	case 0:
		say_call("getxattr(\"%s\")", shown(path));
		return CALL(getxattr, path, "other.name", buffer, 100);
	case 1:
		say_call("fsetxattr(%d)", fd);
		return CALL(fsetxattr, fd, "other.name", buffer, 10, PICK(0, 1, 2, 3, 4));
	case 2:
		say_call("flistxattr(%d)", fd);
		return CALL(flistxattr, fd, buffer, 100);
	default:
		say_call("lremovexattr(\"%s\")", shown(path));
		return CALL(lremovexattr, path, "other.name");
	}
}

/* ---- what there is ---- */

static const char *time_name(long seconds)
{
	return seconds == OLD_TIME ? "old" : "new";
}

static void note_contents(const char *path, uint64_t size)
{
	int fd = CALL(open, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_LARGEFILE | O_NOATIME);
	uint64_t at = 0;
	uint32_t hash = 1;
	long n;

	if (fd < 0) {
		note("    cannot open: %d", fd);
		return;
	}
	if (size > SHOWN)
		at = size - SHOWN / 8;
	while ((n = sys_pread64(fd, buffer, BUFFER, at)) > 0) {
		for (long i = 0; i < n; i += 4)
			hash = mix(hash, *(uint32_t *)(buffer + i) &
						 (n - i >= 4 ? ~0u : (1u << (n - i) * 8) - 1));
		at += n;
	}
	note("    contents %08x, %ld", hash, n);
	sys_close(fd);
}

static int list_names(const char *path, char names[][260])
{
	int fd = CALL(open, path, O_RDONLY | O_DIRECTORY | O_NOATIME), count = 0;
	long n;

	if (fd < 0)
		return fd;
	while ((n = sys_getdents64(fd, buffer, 600)) > 0)
		for (long at = 0; at < n; at += ((struct dirent64 *)(buffer + at))->len) {
			const struct dirent64 *d = (const struct dirent64 *)(buffer + at);

			if (count < NODES_MAX && strcmp(d->name, ".") && strcmp(d->name, ".."))
				memcpy(names[count++], d->name, strlen(d->name) + 1);
		}
	sys_close(fd);
	return n < 0 ? (int)n : count;
}

static void sort_names(char names[][260], int count)
{
	static char swap[260];

	for (int i = 1; i < count; i++)
		for (int k = i; k && strcmp(names[k - 1], names[k]) > 0; k--) {
			memcpy(swap, names[k], 260);
			memcpy(names[k], names[k - 1], 260);
			memcpy(names[k - 1], swap, 260);
		}
}

static void note_tree(const char *path, uint32_t depth)
{
	static char names[DEPTH + 1][NODES_MAX][260];
	static char inner[DEPTH + 1][1400];
	int count = list_names(path, names[depth]);

	if (count < 0)
		note("  %s: %d", path, count);
	sort_names(names[depth], count);
	for (int i = 0; i < count; i++) {
		struct stat64 st;
		char *name = inner[depth];

		snprintf(name, sizeof(inner[0]), "%s/%s", path, names[depth][i]);
		if (sys_lstat64(name, &st)) {
			note("  %s: no stat", name);
			continue;
		}
		note("  %s 0%o %u %u:%u %lld %u %s %s", name, st.st_mode, (uint32_t)st.st_nlink,
		     st.st_uid, st.st_gid, (long long)st.st_size, (uint32_t)st.st_blocks,
		     time_name(st.st_atime), time_name(st.st_mtime));
		if (S_ISREG(st.st_mode))
			note_contents(name, st.st_size);
		if (S_ISDIR(st.st_mode) && depth < DEPTH)
			note_tree(name, depth + 1);
	}
}

static void note_descriptors(void)
{
	for (int fd = FIRST_FD; fd < END_FD; fd++) {
		struct stat64 st;
		uint64_t at = 0;
		struct pollfd p = {.fd = fd, .events = 0x7ff & ~POLLMSG};
		long seek;

		memset(&st, 0, sizeof(st));
		if (sys_fstat64(fd, &st))
			continue;
		seek = sys_llseek(fd, 0, &at, 1);
		CALL(poll, &p, 1, 0);
		note("  %d: 0%o %u %lld %u at %lld %ld flags 0%lo %ld poll 0x%x %s", fd, st.st_mode,
		     (uint32_t)st.st_nlink, (long long)st.st_size, (uint32_t)st.st_blocks,
		     (long long)at, seek, CALL(fcntl64, fd, F_GETFL), CALL(fcntl64, fd, F_GETFD),
		     p.revents, time_name(st.st_mtime));
	}
}

static void limit_descriptors(uint32_t to)
{
	struct rlimit limit = {to, MOST_FDS};

	CALL(setrlimit, RLIMIT_NOFILE, &limit);
}

/* ---- a run ---- */

static long change(void)
{
	static long (*const calls[])(void) = {
		do_open,       do_open,       do_open,    do_open,   do_read,      do_read,
		do_write,      do_write,      do_write,   do_vector, do_seek,      do_seek,
		do_truncate,   do_fallocate,  do_make,    do_make,   do_symlink,   do_link,
		do_rename,     do_rename,     do_unlink,  do_unlink, do_attribute, do_times,
		do_descriptor, do_descriptor, do_fcntl,   do_lock,   do_copy,      do_copy,
		do_stat,       do_where,      do_extended};

	what[0] = '\0';
	return calls[below(ARRAY_SIZE(calls))]();
}

static int run(uint32_t seed, uint32_t calls)
{
	struct signal_action ignore = {.handler = (void (*)(int))1};
	long ret = CALL(mount, "files", PLACE, "tmpfs", MS_NOATIME, "size=400k,mode=755");

	if (!ret)
		ret = CALL(chroot, PLACE);
	if (!ret)
		ret = sys_chdir("/");
	if (ret)
		line("no place: %ld", ret);
	sys_rt_sigaction(13, &ignore, NULL);
	CALL(umask, 022);
	for (int fd = FIRST_FD; fd < MOST_FDS; fd++)
		sys_close(fd);
	limit_descriptors(END_FD);
	random_seed(seed);
	for (uint32_t i = 1; i <= calls; i++) {
		ret = change();
		note("%u %s: %ld", i, what, ret);
		if (i % 20)
			continue;
		limit_descriptors(MOST_FDS);
		note_tree("", 0);
		note_descriptors();
		limit_descriptors(END_FD);
		if (!each)
			line("seed %u, %u calls: %08x", seed, i, sum);
	}
	return 0;
}

static void run_apart(uint32_t seed, uint32_t calls)
{
	int status = 0, pid = sys_fork();

	if (pid == 0)
		sys_exit(run(seed, calls));
	sys_wait4(pid, &status, 0, NULL);
	line("seed %u: %s, umount %ld", seed, status_text(status), CALL(umount, PLACE));
}

int main(int argc, char *argv[])
{
	static const uint32_t seeds[] = {1, 22, 333, 4444, 55555, 201};

	sys_mkdir(PLACE, 0755);
	random_seed(7);
	for (uint32_t i = 0; i < BUFFER; i++)
		pattern[i] = random_word();
	if (argc > 2) {
		each = argc == 3 || argc == 5;
		for (uint32_t i = 0; i < (argc > 3 ? parse_number(argv[3], NULL) : 1); i++)
			run_apart(parse_number(argv[1], NULL) + i, parse_number(argv[2], NULL));
		return 0;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(seeds); i++)
		run_apart(seeds[i], 400);
	return 0;
}
