/* Owners, times and sizes of files by every call that sets them; file systems; what is written through. */
#include "tests/abi/lib/abi.h"

#define TOP       "tests/data/attributes"
#define FILE_A    TOP "/a"
#define FILE_LINK TOP "/link"
#define NOTHING   TOP "/nothing"
#define NOFOLLOW  0x100
#define EMPTY     0x1000
#define CWD       (-100)

static int fd, dir;

static void show(const char *path)
{
	struct stat64 st;

	memset(&st, 0, sizeof(st));
	CALL(lstat64, path, &st);
	line("  owner %lu:%lu mode %o", st.st_uid, st.st_gid, st.st_mode);
}

static void show_times(void)
{
	struct stat64 st;

	memset(&st, 0, sizeof(st));
	CALL(stat64, FILE_A, &st);
	line("  times %u.%09u %u.%09u", (unsigned)st.st_atime, (unsigned)st.st_atime_nsec,
	     (unsigned)st.st_mtime, (unsigned)st.st_mtime_nsec);
}

static void owners(void)
{
	SAY(chown32, FILE_A, 70000, 70001);
	show(FILE_A);
	SAY(chown, FILE_A, 5, 0xffff);
	show(FILE_A);
	SAY(fchown, fd, 0xffff, 6);
	show(FILE_A);
	SAY(fchown32, fd, 7, 8);
	show(FILE_A);
	SAY(lchown, FILE_LINK, 9, 10);
	show(FILE_LINK);
	show(FILE_A);
	SAY(lchown32, FILE_LINK, 70002, -1);
	show(FILE_LINK);
	SAY(chown32, FILE_LINK, 11, 12);
	show(FILE_A);
	SAY(fchownat, dir, "link", 13, 14, NOFOLLOW);
	show(FILE_LINK);
	SAY(fchownat, dir, "a", 15, 16, 0);
	SAY(fchownat, fd, "", 17, 18, EMPTY);
	show(FILE_A);
	SAY(fchownat, dir, "a", 0, 0, 1);
	SAY(fchownat, fd, "a", 0, 0, 0);
	SAY(fchownat, 99, "a", 0, 0, 0);
	SAY(fchownat, dir, "nothing", 0, 0, 0);
	SAY(fchownat, dir, "", 0, 0, 0);
	SAY(chown, NOTHING, 0, 0);
	SAY(chown32, BAD_POINTER, 0, 0);
	SAY(lchown, NOTHING, 0, 0);
	SAY(lchown32, FILE_A "/x", 0, 0);
	SAY(fchown, 99, 0, 0);
	SAY(fchown32, -1, 0, 0);
	SAY(chmod, FILE_A, 06755);
	SAY(chown32, FILE_A, 0, 0);
	show(FILE_A);
	SAY(fchmod, fd, 01777);
	show(FILE_A);
	SAY(chmod, NOTHING, 0644);
	SAY(fchmod, 99, 0644);
}

static void times(void)
{
	int32_t pair[2] = {1000, 2000}, four[4] = {3000, 4, 5000, 6};
	long long wide[4] = {7000, 8, 0x180000000ll, 9};
	struct stat64 st;

	SAY(utime, FILE_A, pair);
	show_times();
	SAY(utimes, FILE_A, four);
	show_times();
	four[0] = 3001;
	SAY(futimesat, dir, "a", four);
	show_times();
	SAY(futimesat, fd, 0, four);
	SAY(utimensat_time64, dir, "a", wide, 0);
	CALL(stat64, FILE_A, &st);
	line("  atime %u.%u", (unsigned)st.st_atime, (unsigned)st.st_atime_nsec);
	SAY(utimensat_time64, fd, 0, wide, 0);
	SAY(utimensat_time64, fd, "", wide, EMPTY);
	wide[1] = 1000000000;
	SAY(utimensat_time64, dir, "a", wide, 0);
	SAY(utimensat_time64, dir, "a", BAD_POINTER, 0);
	SAY(utimensat_time64, dir, "a", 0, 77);
	SAY(utimensat_time64, CWD, 0, 0, 0);
	four[1] = 1000000;
	SAY(utimes, FILE_A, four);
	SAY(futimesat, dir, "a", four);
	four[1] = -1;
	SAY(utimes, FILE_A, four);
	SAY(utime, NOTHING, pair);
	SAY(utime, FILE_A, BAD_POINTER);
	SAY(utimes, NOTHING, 0);
	SAY(utimes, FILE_A, BAD_POINTER);
	SAY(futimesat, 99, "a", 0);
	SAY(utime, FILE_A, 0);
	SAY(utimes, FILE_A, 0);
	CALL(stat64, FILE_A, &st);
	line("  now: %s", st.st_mtime > 1000000000 ? "yes" : "no");
}

static void sizes(void)
{
	struct stat64 st;
	char buffer[8];

	SAY(ftruncate64, fd, 5, 1);
	CALL(fstat64, fd, &st);
	line("  size %llu", (unsigned long long)st.st_size);
	SAY(ftruncate64, fd, 10, 0);
	SAY(ftruncate64, fd, -1, -1);
	SAY(ftruncate64, 99, 0, 0);
	SAY(ftruncate64, dir, 0, 0);
	SAY(pwrite64, fd, "xyz", 3, 20, 0);
	SAY(pread64, fd, buffer, 8, 18, 0);
	line("  %d %d %c%c%c", buffer[0], buffer[1], buffer[2], buffer[3], buffer[4]);
	SAY(pwrite64, fd, "xyz", 3, -1, -1);
	SAY(pwrite64, 99, "xyz", 3, 0, 0);
	SAY(pwrite64, dir, "xyz", 3, 0, 0);
	SAY(pwrite64, fd, BAD_POINTER, 3, 0, 0);
	SAY(pread64, fd, BAD_POINTER, 3, 0, 0);
	SAY(pread64, fd, buffer, 3, 0, -1);
}

static void old_stats(void)
{
	struct stat st;

	SAY(ftruncate, fd, 77);
	memset(&st, 0, sizeof(st));
	SAY(stat, FILE_A, &st);
	line("  size %lu mode %o names %u", st.st_size, st.st_mode, st.st_nlink);
	memset(&st, 0, sizeof(st));
	SAY(fstat, fd, &st);
	line("  size %lu mode %o", st.st_size, st.st_mode);
	memset(&st, 0, sizeof(st));
	SAY(lstat, FILE_LINK, &st);
	line("  size %lu mode %o", st.st_size, st.st_mode);
	SAY(stat, NOTHING, &st);
	SAY(lstat, NOTHING, &st);
	SAY(fstat, 99, &st);
	SAY(stat, FILE_A, BAD_POINTER);
	SAY(fstat, fd, BAD_POINTER);
	SAY(ftruncate64, fd, 0, 2);
	SAY(stat, FILE_A, &st);
	SAY(ftruncate, fd, 0);
}

static void storage(void)
{
	int ends[2];

	sys_pipe(ends);
	SAY(sync);
	SAY(fsync, fd);
	SAY(fsync, 99);
	SAY(fsync, ends[0]);
	SAY(fdatasync, dir);
	SAY(fdatasync, 99);
	SAY(syncfs, fd);
	SAY(syncfs, 99);
	SAY(sync_file_range, fd, 0, 0, 10, 0, 7);
	SAY(sync_file_range, fd, 0, 0, 10, 0, 8);
	SAY(sync_file_range, fd, 0, -1, 10, 0, 0);
	SAY(sync_file_range, 99, 0, 0, 10, 0, 0);
	SAY(sync_file_range, ends[0], 0, 0, 10, 0, 0);
	SAY(readahead, fd, 0, 0, 10);
	SAY(readahead, 99, 0, 0, 10);
	SAY(readahead, ends[1], 0, 0, 10);
	SAY(readahead, ends[0], 0, 0, 10);
	sys_close(ends[0]);
	sys_close(ends[1]);
}

static void file_systems(void)
{
	struct {
		unsigned type, block;
		unsigned rest[60];
	} st;

	memset(&st, 0, sizeof(st));
	SAY(statfs, "/", &st);
	line("  it has a type: %s, block %u", st.type ? "yes" : "no", st.block);
	SAY(statfs, NOTHING, &st);
	SAY(statfs, "/", BAD_POINTER);
	SAY(statfs, BAD_POINTER, &st);
	SAY(fstatfs, fd, &st);
	SAY(fstatfs, 99, &st);
	SAY(fstatfs, fd, BAD_POINTER);
	SAY(fstatfs64, fd, 84, &st);
	SAY(fstatfs64, fd, 80, &st);
	SAY(fstatfs64, 99, 84, &st);
	SAY(statfs64, "/", 84, &st);
	line("  it has a type: %s, block %u", st.type ? "yes" : "no", st.block);
	SAY(statfs64, NOTHING, 84, &st);
}

static void making(void)
{
	char names[512];

	SAY_OK(creat, TOP "/new", 0640);
	show(TOP "/new");
	SAY(creat, NOTHING "/x", 0640);
	SAY(creat, TOP, 0640);
	SAY(creat, BAD_POINTER, 0640);
	SAY_OK(getdents, dir, names, sizeof(names));
	SAY(getdents, dir, names, 3);
	SAY(getdents, fd, names, sizeof(names));
	SAY(getdents, 99, names, sizeof(names));
	SAY(faccessat2, dir, "a", 4, 0);
	SAY(faccessat2, dir, "a", 4, 0x200);
	SAY(faccessat2, dir, "link", 4, NOFOLLOW);
	SAY(faccessat2, dir, "nothing", 0, 0);
	SAY(faccessat2, fd, "", 0, EMPTY);
	SAY(faccessat2, dir, "a", 8, 0);
	SAY(faccessat2, dir, "a", 0, 1);
	SAY(faccessat2, 99, "a", 0, 0);
}

static void vectors(void)
{
	char text[16] = {0};
	struct iovec in[2] = {{text, 3}, {text + 8, 5}}, out[2] = {{"abc", 3}, {"defg", 4}};

	SAY(pwritev2, fd, out, 2, 2, 0, 0);
	SAY(preadv2, fd, in, 2, 2, 0, 0);
	line("  %s %s", text, text + 8);
	SAY(lseek, fd, 5, 0);
	SAY(preadv2, fd, in, 1, -1, -1, 0);
	line("  %s", text);
	SAY(lseek, fd, 0, 1);
	SAY(pwritev2, fd, out, 1, -1, -1, 0);
	SAY(lseek, fd, 0, 1);
	SAY(preadv2, fd, in, 2, 2, 0, 0x1000);
	SAY(pwritev2, fd, in, 2, 2, 0, 0x1000);
	SAY(preadv2, fd, in, 2, -2, -1, 0);
	SAY(preadv2, 99, in, 2, 0, 0, 0);
	SAY(pwritev2, fd, BAD_POINTER, 2, 0, 0, 0);
	SAY(preadv2, fd, in, -1, 0, 0, 0);
}

/* An attribute whose prefix no file system knows; the rest of the calls is the same with any. */
static void extended(void)
{
	static char name[300], list[100];

	SAY(getxattr, FILE_A, "nonsense.x", list, 10);
	SAY(lgetxattr, FILE_LINK, "nonsense.x", list, 10);
	SAY(fgetxattr, fd, "nonsense.x", list, 10);
	SAY(setxattr, FILE_A, "nonsense.x", "v", 1, 0);
	SAY(lsetxattr, FILE_LINK, "nonsense.x", "v", 1, 0);
	SAY(fsetxattr, fd, "nonsense.x", "v", 1, 0);
	SAY(removexattr, FILE_A, "nonsense.x");
	SAY(lremovexattr, FILE_LINK, "nonsense.x");
	SAY(fremovexattr, fd, "nonsense.x");
	SAY(listxattr, FILE_A, list, sizeof(list));
	SAY(llistxattr, FILE_LINK, list, sizeof(list));
	SAY(flistxattr, fd, list, sizeof(list));
	SAY(getxattr, NOTHING, "nonsense.x", list, 10);
	SAY(lsetxattr, NOTHING, "nonsense.x", "v", 1, 0);
	SAY(listxattr, NOTHING, NULL, 0);
	SAY(fgetxattr, -1, "nonsense.x", list, 10);
	SAY(fremovexattr, -1, "nonsense.x");
	SAY(flistxattr, -1, NULL, 0);
	SAY(getxattr, BAD_POINTER, "nonsense.x", list, 10);
	SAY(getxattr, FILE_A, BAD_POINTER, list, 10);
	SAY(getxattr, FILE_A, "", list, 10);
	memset(name, 'n', sizeof(name) - 1);
	SAY(getxattr, FILE_A, name, list, 10);
	SAY(removexattr, FILE_A, name);
	name[255] = 0;
	SAY(getxattr, FILE_A, name, list, 10);
	SAY(setxattr, FILE_A, "nonsense.x", "v", 1, 7);
	SAY(setxattr, FILE_A, "nonsense.x", "v", 65537, 0);
}

int main(void)
{
	CALL(mkdir, TOP, 0755);
	fd = sys_open(FILE_A, O_RDWR | O_CREAT | O_TRUNC, 0644);
	dir = sys_open(TOP, O_RDONLY | O_DIRECTORY, 0);
	CALL(symlink, "a", FILE_LINK);
	owners();
	times();
	sizes();
	old_stats();
	storage();
	file_systems();
	making();
	vectors();
	extended();
	return 0;
}
