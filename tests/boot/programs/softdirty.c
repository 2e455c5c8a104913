/* softdirty: pagemap's bit 55 tells which pages were written since clear_refs was told 4, whatever they are. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE  4096
#define PAGES 8

static void say(const char *what, const char *at)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entries[PAGES];

	pread(fd, entries, sizeof(entries), (off_t)((uintptr_t)at / PAGE) * 8);
	close(fd);
	printf("%s:", what);
	for (int i = 0; i < PAGES; i++)
		printf(" %c", !(entries[i] >> 63) ? '-' : entries[i] >> 55 & 1 ? 'd' : 'c');
	printf("\n");
}

static void clear(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY);

	write(fd, "4", 1);
	close(fd);
}

static void try(const char *what, char *at, int first)
{
	memset(at, 1, 4 * PAGE);
	clear();
	say(what, at);
	at[first * PAGE] = 2;
	(void)*(volatile char *)(at + 3 * PAGE);
	at[5 * PAGE] = 2;
	say(what, at);
	if (!fork()) {
		say("  its child", at);
		at[2 * PAGE] = 3;
		say("  its child", at);
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
	clear();
	mprotect(at, PAGES * PAGE, PROT_READ);
	mprotect(at, PAGES * PAGE, PROT_READ | PROT_WRITE);
	at[first * PAGE] = 4;
	say("  after mprotect", at);
}

int main(void)
{
	size_t len = PAGES * PAGE;
	int fd = memfd_create("softdirty", 0);

	setvbuf(stdout, NULL, _IOLBF, 0);
	ftruncate(fd, len);
	try("private", mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	    1);
	try("shared", mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), 0);
	printf("softdirty: done\n");
	return 0;
}
