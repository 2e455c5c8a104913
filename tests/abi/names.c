/* Names: making, moving and removing them, links, folders, and what each refuses. */
#include "tests/abi/lib/abi.h"

#define TOP      "tests/data/names"
#define REMOVE   0x200 /* AT_REMOVEDIR */
#define BAD_PATH ((const char *)0xfffff000)

static long make_dir(const char *path)
{
	return syscall2(__NR_mkdir, (long)path, 0755);
}

static long remove_dir(const char *path)
{
	return syscall1(__NR_rmdir, (long)path);
}

static long remove_file(const char *path)
{
	return syscall1(__NR_unlink, (long)path);
}

static long move(const char *from, const char *to)
{
	return syscall2(__NR_rename, (long)from, (long)to);
}

static long hard_link(const char *from, const char *to)
{
	return syscall2(__NR_link, (long)from, (long)to);
}

static long soft_link(const char *target, const char *path)
{
	return syscall2(__NR_symlink, (long)target, (long)path);
}

static void make_file(const char *path, const char *text)
{
	int fd = sys_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0)
		say(path, fd);
	sys_write(fd, text, strlen(text));
	sys_close(fd);
}

static void show_file(const char *path)
{
	char text[64];
	long len = read_file(path, text, sizeof(text));

	if (len < 0)
		say(path, len);
	else
		line("%s: '%s'", path + sizeof(TOP), text);
}

static void show_links(const char *path)
{
	struct stat64 st;
	int ret = sys_stat64(path, &st);

	if (ret < 0)
		say(path, ret);
	else
		line("%s: mode %o, %u names", path + sizeof(TOP), st.st_mode, st.st_nlink);
}

/* The names of a folder, sorted, with their types. */
static void show_folder(const char *path, size_t buffer)
{
	static char names[32][16];
	char records[512];
	int fd = sys_open(path, O_RDONLY | O_DIRECTORY, 0), nr = 0, types = 0;
	long len;

	while ((len = syscall3(__NR_getdents64, fd, (long)records, buffer)) > 0) {
		for (long at = 0; at < len;) {
			struct dirent64 *d = (struct dirent64 *)(records + at);
			int i = nr++;

			for (; i > 0 && strcmp(names[i - 1], d->name) > 0; i--)
				memcpy(names[i], names[i - 1], 16);
			snprintf(names[i], 16, "%s", d->name);
			types += d->type;
			at += d->len;
		}
	}
	line("%s: %d names, types add up to %d, then %ld", path + sizeof("tests/data"), nr, types,
	     len);
	for (int i = 0; i < nr; i++)
		line("  %s", names[i]);
	sys_close(fd);
}

static void folders(void)
{
	say("mkdir", make_dir(TOP));
	say("again", make_dir(TOP));
	say("with a slash behind", make_dir(TOP "/a/"));
	say("in a folder that is not there", make_dir(TOP "/x/y"));
	say("in a file", make_dir(DATA_FILE "/x"));
	say("the root", make_dir("/"));
	say("here", make_dir("."));
	say("an empty name", make_dir(""));
	say("a bad address", make_dir(BAD_PATH));
	make_file(TOP "/f", "text of f");
	say("rmdir of a file", remove_dir(TOP "/f"));
	say("rmdir of one that is not empty", remove_dir(TOP));
	say("rmdir of .", remove_dir(TOP "/a/."));
	say("rmdir of ..", remove_dir(TOP "/a/.."));
	say("rmdir of the root", remove_dir("/"));
	say("unlink of a folder", remove_file(TOP "/a"));
	say("unlink of what is not there", remove_file(TOP "/x"));
	say("unlink with a slash behind", remove_file(TOP "/f/"));
	say("unlinkat with unknown flags",
	    syscall3(__NR_unlinkat, AT_FDCWD, (long)TOP "/f", 0x4000));
	say("unlinkat of a folder", syscall3(__NR_unlinkat, AT_FDCWD, (long)TOP "/a", REMOVE));
	say("it is gone", remove_dir(TOP "/a"));
}

static void links(void)
{
	char text[64];
	long len;

	say("link", hard_link(TOP "/f", TOP "/g"));
	say("again", hard_link(TOP "/f", TOP "/g"));
	say("of a folder", hard_link(TOP, TOP "/h"));
	say("of what is not there", hard_link(TOP "/x", TOP "/h"));
	show_links(TOP "/f");
	make_file(TOP "/g", "through g");
	show_file(TOP "/f");
	say("unlink f", remove_file(TOP "/f"));
	show_links(TOP "/g");
	show_file(TOP "/g");

	say("symlink", soft_link("g", TOP "/s"));
	say("again", soft_link("x", TOP "/s"));
	say("to nothing", soft_link("", TOP "/t"));
	say("a dangling one", soft_link("x", TOP "/d"));
	say("a loop", soft_link("loop", TOP "/loop"));
	show_file(TOP "/s");
	say("open of a loop", sys_open(TOP "/loop", O_RDONLY, 0));
	say("open of a dangling one", sys_open(TOP "/d", O_RDONLY, 0));
	say("O_NOFOLLOW", sys_open(TOP "/s", O_RDONLY | O_NOFOLLOW, 0));
	say("O_CREAT | O_EXCL", sys_open(TOP "/d", O_WRONLY | O_CREAT | O_EXCL, 0644));
	make_file(TOP "/d", "made through d");
	show_file(TOP "/x");
	len = syscall3(__NR_readlink, (long)TOP "/s", (long)text, sizeof(text));
	line("readlink %ld '%.*s'", len, (int)len, text);
	say("cut to 0", syscall3(__NR_readlink, (long)TOP "/s", (long)text, 0));
	say("of a file", syscall3(__NR_readlink, (long)TOP "/g", (long)text, sizeof(text)));
	say("to a bad address", syscall3(__NR_readlink, (long)TOP "/s", (long)BAD_PATH, 8));
	show_folder(TOP, 512);
	show_folder(TOP, 48);
	say("getdents64 with too little room",
	    syscall3(__NR_getdents64, sys_open(TOP, O_RDONLY, 0), (long)text, 10));
	say("of a file",
	    syscall3(__NR_getdents64, sys_open(TOP "/g", O_RDONLY, 0), (long)text, 64));
}

static void moves(void)
{
	say("mkdir", make_dir(TOP "/m"));
	say("mkdir", make_dir(TOP "/m/n"));
	say("rename a file", move(TOP "/g", TOP "/m/g"));
	show_file(TOP "/m/g");
	say("the old name", move(TOP "/g", TOP "/m/g"));
	say("a link, itself", move(TOP "/s", TOP "/m/s"));
	say("over another file", move(TOP "/m/g", TOP "/x"));
	show_file(TOP "/x");
	say("onto itself", move(TOP "/x", TOP "/x"));
	say("a file over a folder", move(TOP "/x", TOP "/m"));
	say("a folder over a file", move(TOP "/m", TOP "/x"));
	say("a folder into itself", move(TOP "/m", TOP "/m/n/m"));
	say("a folder over one that is not empty", move(TOP "/m/n", TOP "/m"));
	say("mkdir", make_dir(TOP "/e"));
	say("a folder over an empty one", move(TOP "/m/n", TOP "/e"));
	say("a folder elsewhere", move(TOP "/e", TOP "/m/e"));
	say("a file to a name with a slash", move(TOP "/x", TOP "/y/"));
	say("what is not there", move(TOP "/zz", TOP "/y"));
	say("to where nothing is", move(TOP "/x", TOP "/zz/y"));
	show_folder(TOP "/m", 512);
}

static void show_cwd(const char *what)
{
	char text[128];
	long len = syscall2(__NR_getcwd, (long)text, sizeof(text));
	const char *end = len > 0 ? strstr(text, "/names") : NULL;

	/* The image's tree is laid out somewhere in Linux's. */
	if (len < 0)
		say(what, len);
	else
		line("%s: %s", what, end ? end : "elsewhere");
}

static void current_folder(void)
{
	char text[128];
	int here = sys_open(".", O_RDONLY | O_DIRECTORY, 0);

	say("chdir", syscall1(__NR_chdir, (long)TOP "/m"));
	show_cwd("getcwd");
	say("too short", syscall2(__NR_getcwd, (long)text, 3));
	say("to a bad address", syscall2(__NR_getcwd, (long)BAD_PATH, 128));
	say("open of a file beside", sys_open("../x", O_RDONLY, 0) > 0);
	say("chdir to a file", syscall1(__NR_chdir, (long)"../x"));
	say("chdir to nothing", syscall1(__NR_chdir, (long)"nothing"));
	say("chdir into e", syscall1(__NR_chdir, (long)"e"));
	say("remove it", remove_dir("../e"));
	show_cwd("in what was removed");
	say("a file in it", sys_open("file", O_WRONLY | O_CREAT, 0644));
	say("fchdir", syscall1(__NR_fchdir, here));
	say("fchdir to a bad descriptor", syscall1(__NR_fchdir, 999));
	say("openat in a folder",
	    syscall4(__NR_openat, sys_open(TOP, O_RDONLY, 0), (long)"x", O_RDONLY, 0) > 0);
	say("openat in a file",
	    syscall4(__NR_openat, sys_open(TOP "/x", O_RDONLY, 0), (long)"x", O_RDONLY, 0));
	say("openat, bad descriptor", syscall4(__NR_openat, 999, (long)"x", O_RDONLY, 0));
	say("bad descriptor, but from the root", syscall4(__NR_openat, 999, (long)"/", 0, 0) > 0);
}

static void rights(void)
{
	say("access", syscall2(__NR_access, (long)TOP "/x", 4));
	say("to execute", syscall2(__NR_access, (long)TOP "/x", 1));
	say("chmod", syscall2(__NR_chmod, (long)TOP "/x", 0750));
	say("to execute", syscall2(__NR_access, (long)TOP "/x", 1));
	say("unknown mode", syscall2(__NR_access, (long)TOP "/x", 8));
	say("what is not there", syscall2(__NR_access, (long)TOP "/zz", 0));
	show_links(TOP "/x");
	say("umask", syscall1(__NR_umask, 077));
	say("umask", syscall1(__NR_umask, 022) & 0777);
}

static void open_files(void)
{
	int fd = sys_open(TOP "/x", O_RDWR, 0), other;
	struct stat64 st;

	say("unlink what is open", remove_file(TOP "/x"));
	sys_fstat64(fd, &st);
	line("names left: %u, size %lld", st.st_nlink, (long long)st.st_size);
	say("ftruncate", syscall2(__NR_ftruncate, fd, 5));
	say("read all", sys_read(fd, &st, 64));
	say("ftruncate to -1", syscall2(__NR_ftruncate, fd, -1));
	say("dup2 to itself", syscall2(__NR_dup2, fd, fd) == fd);
	other = syscall3(__NR_fcntl64, fd, F_DUPFD, 100);
	say("F_DUPFD from 100", other);
	say("one offset for both", sys_lseek(other, 3, 0) == sys_lseek(fd, 0, 1));
	say("F_GETFD", syscall3(__NR_fcntl64, other, F_GETFD, 0));
	say("F_SETFD", syscall3(__NR_fcntl64, other, F_SETFD, 1));
	say("F_GETFD", syscall3(__NR_fcntl64, other, F_GETFD, 0));
	say("of the first", syscall3(__NR_fcntl64, fd, F_GETFD, 0));
	say("access mode", syscall3(__NR_fcntl64, fd, F_GETFL, 0) & O_ACCMODE);
	say("dup3 to itself", syscall3(__NR_dup3, fd, fd, 0));
	say("dup3, unknown flags", syscall3(__NR_dup3, fd, 101, 1));
	say("dup of a bad descriptor", syscall1(__NR_dup, 999));
	say("fcntl of a bad descriptor", syscall3(__NR_fcntl64, 999, F_GETFD, 0));
	say("fcntl, unknown command", syscall3(__NR_fcntl64, fd, 9999, 0));
	say("ioctl for terminals", syscall3(__NR_ioctl, fd, 0x5401, (long)&st));
}

/* A slash behind a link to a folder does not name the folder to who makes, moves or removes. */
static void slashes(void)
{
	SAY(mkdir, TOP "/real", 0755);
	SAY(symlink, "real", TOP "/way");
	SAY(symlink, "nowhere", TOP "/lost");
	SAY(rmdir, TOP "/way/");
	SAY(unlink, TOP "/way/");
	SAY(rename, TOP "/way/", TOP "/other");
	SAY(mkdir, TOP "/lost/", 0755);
	SAY(mkdir, TOP "/nowhere/", 0755);
	SAY(open, TOP "/way/", O_WRONLY | O_CREAT, 0644);
	SAY(rmdir, TOP "/nowhere");
	SAY(rmdir, TOP "/real");
	SAY(unlink, TOP "/way");
	SAY(unlink, TOP "/lost");
}

int main(void)
{
	folders();
	slashes();
	links();
	moves();
	current_folder();
	rights();
	open_files();
	for (const char *name = "m/s\0d\0loop\0"; *name; name += strlen(name) + 1) {
		char path[64];

		snprintf(path, sizeof(path), TOP "/%s", name);
		say(path, remove_file(path));
	}
	say("rmdir", remove_dir(TOP "/m"));
	say("rmdir", remove_dir(TOP));
	return 0;
}
