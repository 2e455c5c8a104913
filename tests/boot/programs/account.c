/*
 * account: what smaps, pagemap and their relatives say of mappings of every kind, after what was done with them. The
 * same binary prints the same on Linux. Each mapping stands by itself between pages that nothing may touch.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE   4096
#define PAGES  16
#define LENGTH (PAGES * PAGE)

static char text[1 << 18];

static size_t read_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;
	ssize_t n;

	while (fd >= 0 && len < sizeof(text) - 1 &&
	       (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	close(fd);
	text[len] = '\0';
	return len;
}

static void write_file(const char *path, const char *what)
{
	int fd = open(path, O_WRONLY);
	ssize_t n = write(fd, what, strlen(what));

	printf("%s < %s: %s\n", path, what, n == (ssize_t)strlen(what) ? "ok" : "refused");
	close(fd);
}

/* A place at a multiple of 64 KB, so that what Linux maps around a fault is the same everywhere. */
static void *place(void)
{
	char *room = mmap(NULL, 3 * LENGTH, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			  -1, 0);

	return (char *)(((uintptr_t)room + LENGTH) / LENGTH * LENGTH);
}

static char *map(int prot, int flags, int fd)
{
	return mmap(place(), LENGTH, prot, flags | MAP_FIXED, fd, 0);
}

static void write_pages(char *at, int n)
{
	for (int i = 0; i < n; i++)
		((volatile char *)at)[i * PAGE] = 1;
}

static void read_pages(const char *at, int n)
{
	for (int i = 0; i < n; i++)
		(void)((const volatile char *)at)[i * PAGE];
}

/* The lines of smaps of the VMA that starts at `at`, and the bits of its first pages in pagemap. */
static void say(const char *what, const char *at)
{
	static const char *const names[] = {
		"Size",         "Rss",           "Pss",           "Pss_Dirty",  "Shared_Clean",
		"Shared_Dirty", "Private_Clean", "Private_Dirty", "Referenced", "Anonymous",
		"Swap",         "SwapPss",       "Locked",        "THPeligible"};
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entries[PAGES];
	char start[20];
	const char *from, *flags;

	read_file("/proc/self/smaps");
	snprintf(start, sizeof(start), "%08lx-", (unsigned long)at);
	from = strstr(text, start);
	if (!from) {
		printf("%s: no VMA\n", what);
		return;
	}
	printf("%s: %.4s", what, strchr(from, ' ') + 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char name[20];

		snprintf(name, sizeof(name), "\n%s:", names[i]);
		printf(" %s=%lu", names[i], strtoul(strstr(from, name) + strlen(name), NULL, 10));
	}
	flags = strstr(from, "VmFlags:");
	printf(" %.*s\n  pagemap:", (int)(strchr(flags, '\n') - flags), flags);
	pread(fd, entries, sizeof(entries), (off_t)((uintptr_t)at / PAGE) * 8);
	for (int i = 0; i < PAGES; i++) /* present, swapped, file, exclusive */
		printf(" %x%x", (unsigned int)(entries[i] >> 61),
		       (unsigned int)(entries[i] >> 56 & 1));
	printf("\n");
	close(fd);
}

/* Where a mapping comes from, as maps says it, without device and inode. */
static void say_source(const char *what, const char *at)
{
	char start[20], *fields, *name;

	read_file("/proc/self/maps");
	snprintf(start, sizeof(start), "%08lx-", (unsigned long)at);
	fields = strchr(strstr(text, start), ' ') + 1;
	*strchr(fields, '\n') = '\0';
	name = fields + sizeof("rw-p 00000000 00:00 ") - 1;
	name += strspn(name, "0123456789 "); /* the inode, and room by the width of addresses */
	printf("%s: %.13s %s\n", what, fields, name);
}

static void in_child(void (*act)(char *), char *at)
{
	int pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		act(at);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void child_writes(char *at)
{
	say("child", at);
	write_pages(at, 2);
	say("child wrote 2 pages", at);
}

static void private_memory(void)
{
	char *at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	say("untouched", at);
	read_pages(at, 3);
	say("3 pages read", at);
	write_pages(at, 5);
	say("5 pages written", at);
	in_child(child_writes, at);
	say("the child has gone", at);
	write_pages(at, 1);
	mprotect(at, LENGTH, PROT_NONE);
	say("no access", at);
	mprotect(at, LENGTH, PROT_READ);
	say("read only", at);
	madvise(at, 2 * PAGE, MADV_DONTNEED);
	say("2 pages given back", at);
	at = mremap(at, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, place());
	say("moved", at);
}

static void child_reads(char *at)
{
	say("child before it touched it", at);
	read_pages(at, 1);
	say("child read a page", at);
	write_pages(at + 8 * PAGE, 1);
	say("child wrote another", at);
}

static void shared_memory(void)
{
	char *at = map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);

	write_pages(at, 2);
	say("shared, 2 pages written", at);
	read_pages(at, 4);
	say("shared, 2 more read", at);
	in_child(child_reads, at);
	say("shared, the child has gone", at);
}

static void files(void)
{
	int fd = memfd_create("account", 0);
	char *shared, *private;

	ftruncate(fd, LENGTH);
	memset(text, 7, LENGTH);
	write(fd, text, LENGTH);
	shared = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	private = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	say("a file, shared, untouched", shared);
	read_pages(shared, 1);
	say("a file, shared, a page read", shared);
	read_pages(private, 1);
	say("the same, private, a page read", private);
	say("and shared again", shared);
	write_pages(private, 3);
	say("private, 3 pages written", private);
	say("and shared again", shared);
	munmap(private, LENGTH);
	write_pages(shared, 2);
	say("shared, 2 pages written", shared);
	ftruncate(fd, 4 * PAGE);
	say("cut to 4 pages", shared);
}

static void references(void)
{
	char *at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	write_pages(at, 8);
	write_file("/proc/self/clear_refs", "1");
	say("no references", at);
	mprotect(
		at, LENGTH,
		PROT_NONE); /* Linux leaves entries in the TLB, which the processor uses without a mark */
	mprotect(at, LENGTH, PROT_READ | PROT_WRITE);
	read_pages(at, 3);
	say("3 referenced", at);
	write_file("/proc/self/clear_refs", "3");
	say("those of files cleared", at);
	write_file("/proc/self/clear_refs", "2");
	say("those of anonymous memory cleared", at);
	write_file("/proc/self/clear_refs", "5");
	write_file("/proc/self/clear_refs", "0");
	write_file("/proc/self/clear_refs", "6");
	write_file("/proc/self/clear_refs", "x");
}

static void flags(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	char *at = map(PROT_READ, MAP_SHARED, fd);

	say("shared from a file that was opened for reading", at);
	at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(at, LENGTH, MADV_DONTFORK);
	say("not for children", at);
	madvise(at, LENGTH, MADV_DOFORK);
	madvise(at, LENGTH, MADV_WIPEONFORK);
	say("empty for children", at);
	at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	write_pages(at, 4);
	mprotect(at, LENGTH, PROT_READ);
	say("written, then read only", at);
	at = map(PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	say("read only from the start", at);
	at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	say("not reserved", at);
}

static void sources(void)
{
	int shm = shmget(IPC_PRIVATE, LENGTH, 0600), fd;
	char *at, *file;

	mkdir("/data", 0700);
	fd = open("/data/with\nnewline", O_RDWR | O_CREAT, 0600);
	ftruncate(fd, LENGTH);
	say_source("anonymous", map(PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1));
	say_source("shared anonymous", map(PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1));
	say_source("memfd", map(PROT_READ, MAP_SHARED, memfd_create("a name", 0)));
	at = shmat(shm, place(), SHM_REMAP);
	shmctl(shm, IPC_RMID, NULL);
	say_source("System V", at);
	file = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	say_source("a file", file);
	munmap(file, 2 * PAGE);
	say_source("its third page", file + 2 * PAGE);
	rename("/data/with\nnewline", "/data/renamed");
	say_source("renamed", file + 2 * PAGE);
	unlink("/data/renamed");
	say_source("deleted", file + 2 * PAGE);
	snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	at = text + 100;
	at[readlink(text, at, 100)] = '\0';
	printf("its descriptor: %s\n", at);
}

static void locked(void)
{
	char *at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	mlock(at, LENGTH);
	say("locked", at);
	read_file("/proc/self/status");
	printf("%.19s\n", strstr(text, "VmLck:"));
	munlock(at, LENGTH);
	say("not locked any more", at);
}

/* Text in pieces, sought in, and read again: always the same. */
static void pieces(void)
{
	static char whole[1 << 18];
	int fd = open("/proc/self/maps", O_RDONLY), same = 1;
	size_t len = read_file("/proc/self/maps"), at = 0;
	ssize_t n;

	memcpy(whole, text, len);
	while ((n = read(fd, text, 7)) > 0) {
		same &= at + n <= len && !memcmp(text, whole + at, n);
		at += n;
	}
	printf("by 7 bytes: %s\n", same && at == len ? "the same" : "something else");
	for (int i = 0; i < 200; i++) {
		size_t offset = (size_t)i * 7919 % len;
		size_t want = offset + 100 < len ? 100 : len - offset;

		lseek(fd, offset, SEEK_SET);
		for (at = 0; at < want && (n = read(fd, text + at, want - at)) > 0; at += n)
			;
		same &= at == want && !memcmp(text, whole + offset, want);
		n = pread(fd, text, 10, offset);
		same &= n > 0 && !memcmp(text, whole + offset, n);
	}
	printf("by lseek and pread: %s\n", same ? "the same" : "something else");
	printf("behind the end: %d\n", (int)pread(fd, text, 10, 1 << 30));
	close(fd);
}

static void settings(void)
{
	static const char *const values[] = {"500", "1001", "-1001", "12x", "", "0"};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		write_file("/proc/self/oom_score_adj", values[i]);
		read_file("/proc/self/oom_score_adj");
		printf("oom_score_adj %s", text);
		read_file("/proc/self/oom_adj");
		printf("oom_adj %s", text);
	}
	write_file("/proc/self/oom_adj", "15");
	read_file("/proc/self/oom_score_adj");
	printf("oom_score_adj %s", text);
	printf("clear_refs cannot be read: %d\n",
	       open("/proc/self/clear_refs", O_RDONLY) < 0 || !read_file("/proc/self/clear_refs"));
}

int main(void)
{
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* pages of 4 KB on Linux too */
	setvbuf(stdout, NULL, _IOLBF, 0);
	private_memory();
	shared_memory();
	files();
	references();
	flags();
	locked();
	sources();
	pieces();
	settings();
	printf("account: done\n");
	return 0;
}
