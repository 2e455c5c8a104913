/* Mounting: tmpfs and proc over a folder, options, read-only, moving, and what is refused. */
#include "tests/abi/lib/abi.h"

#include <linux/mount.h>

#define TOP  "tests/data/mounts"
#define A    TOP "/a"
#define B    TOP "/b"
#define FILE A "/file"

static void write_file(const char *path)
{
	int fd = sys_open(path, O_WRONLY | O_CREAT, 0644);

	line("make %s: %s", path, fd < 0 ? errno_name(-fd) : "ok");
	if (fd >= 0)
		sys_close(fd);
}

static void mode_of(const char *path)
{
	struct stat64 st;
	long ret = sys_stat64(path, &st);

	line("  %s: %s, mode %o", path, ret ? errno_name(-ret) : "there", ret ? 0 : st.st_mode);
}

static void tmpfs(void)
{
	int fd;

	write_file(FILE);
	SAY(mount, "some", A, "tmpfs", 0, "size=64k,mode=0711");
	mode_of(A);
	mode_of(FILE);
	write_file(A "/new");
	fd = sys_open(A "/new", O_WRONLY, 0);
	SAY(fallocate, fd, 0, 0, 0, 65536 - 8192, 0);
	SAY(fallocate, fd, 0, 0, 0, 131072, 0);
	SAY(umount, A);
	sys_close(fd);
	SAY(mount, "some", A, "tmpfs", MS_REMOUNT | MS_RDONLY, "");
	write_file(A "/other");
	SAY(open, A "/new", O_WRONLY, 0);
	SAY(unlink, A "/new");
	SAY(mkdir, A "/x", 0755);
	SAY(chmod, A "/new", 0600);
	SAY(truncate, A "/new", 0);
	SAY(rename, A "/new", A "/old");
	SAY(access, A "/new", 2);
	SAY(utimes, A "/new", 0);
	SAY(link, A "/new", A "/old");
	SAY(symlink, "new", A "/old");
	SAY(mount, "some", A, "tmpfs", MS_REMOUNT, "size=32k");
	SAY(mount, "some", A, "tmpfs", MS_REMOUNT, "size=128k");
	write_file(A "/other");
	SAY(rename, A "/other", TOP "/other");
	SAY(link, A "/other", TOP "/other");
	SAY(umount, A);
	mode_of(FILE);
	SAY(umount, A);
}

static void moves(void)
{
	SAY(mount, "some", A, "tmpfs", 0, 0);
	write_file(A "/in");
	SAY(mount, A, B, 0, MS_MOVE, 0);
	mode_of(B "/in");
	mode_of(A "/in");
	SAY(rmdir, B);
	SAY(unlink, B);
	SAY(mount, TOP, A, 0, MS_MOVE, 0);
	SAY(mount, B, B "/in", 0, MS_MOVE, 0);
	SAY(mkdir, B "/deep", 0755);
	SAY(mount, B, B "/deep", 0, MS_MOVE, 0);
	SAY(mount, "other", B "/deep", "tmpfs", 0, 0);
	SAY(umount, B);
	SAY(umount2, B "/deep", 0);
	SAY(umount2, B, 2);
	SAY(umount, B);
}

static void refusals(void)
{
	SAY(mount, "x", A, "nosuchfs", 0, 0);
	SAY(mount, "x", A, BAD_POINTER, 0, 0);
	SAY(mount, BAD_POINTER, A, "tmpfs", 0, 0);
	SAY(mount, "x", A, 0, 0, 0);
	SAY(mount, "x", BAD_POINTER, "tmpfs", 0, 0);
	SAY(mount, "x", TOP "/none", "tmpfs", 0, 0);
	SAY(mount, "x", FILE, "tmpfs", 0, 0);
	SAY(mount, "x", A, "tmpfs", 0, "size=abc");
	SAY(mount, "x", A, "tmpfs", 0, "nonsense=1");
	SAY(mount, "x", A, "tmpfs", MS_REMOUNT, 0);
	SAY(mount, "x", A, "tmpfs", MS_MOVE, 0);
	SAY(umount, TOP "/none");
	SAY(umount, FILE);
	SAY(umount, BAD_POINTER);
	SAY(umount2, A, 0x100);
	SAY(umount2, A, 1);
}

int main(void)
{
	CALL(mkdir, TOP, 0755);
	CALL(mkdir, A, 0755);
	CALL(mkdir, B, 0755);
	tmpfs();
	moves();
	refusals();
	return 0;
}
