/* locked: locks memory of several kinds, also with a child, and prints Mlocked, Active(anon), Inactive(anon) and Unevictable. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static char text[8192];

static unsigned long kb(const char *name)
{
	const char *at = strstr(text, name);
	unsigned long value = 0;

	if (at)
		sscanf(at + strlen(name), ": %lu", &value);
	return value;
}

static void show(const char *when)
{
	int fd = open("/proc/meminfo", O_RDONLY);

	text[read(fd, text, sizeof(text) - 1)] = '\0';
	close(fd);
	printf("locked: %s: %lu %lu %lu %lu\n", when, kb("\nMlocked"), kb("\nActive(anon)"),
	       kb("\nInactive(anon)"), kb("\nUnevictable"));
}

static char *map(size_t pages, int flags)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
}

int main(int argc, char **argv)
{
	char *own = map(100, MAP_PRIVATE), *shared = map(50, MAP_SHARED);
	int to[2], from[2], fd = open(argc ? argv[0] : "", O_RDONLY);
	char *file = mmap(NULL, 30 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0), c;

	memset(own, 1, 100 * PAGE);
	memset(shared, 1, 50 * PAGE);
	memset(text, 1, sizeof(text));
	if (pipe(to) || pipe(from))
		return 1;
	setvbuf(stdout, NULL, _IONBF, 0);
	show("first");
	show("nothing");
	mlock(own, 100 * PAGE);
	show("private");
	mlock(shared, 50 * PAGE);
	show("shared");
	mlock(file, 30 * PAGE);
	show("file");
	if (!fork()) {
		mlock(shared, 50 * PAGE); /* the same frames; a fork inherits no lock */
		write(from[1], "x", 1);
		read(to[0], &c, 1);
		_exit(0);
	}
	read(from[0], &c, 1);
	show("twice");
	munlock(shared, 50 * PAGE);
	show("by the child");
	write(to[1], "x", 1);
	wait(NULL);
	munlockall();
	show("none");
	reboot(RB_POWER_OFF);
	return 0;
}
