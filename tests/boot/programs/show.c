/*
 * show FILE...: prints files with a line before and after each, maps memory of several kinds, says where, and
 * then sleeps: a process for a debugger to look at, and the kernel's own account of it.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char text[1 << 16];

static void show(const char *path, int quiet)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;
	ssize_t n;

	if (fd < 0) {
		printf("show: cannot open %s\n", path);
		return;
	}
	while (len < sizeof(text) && (n = read(fd, text + len, sizeof(text) - len)) > 0)
		len += n;
	close(fd);
	if (quiet)
		return;
	printf("<<< %s\n%.*s>>>\n", path, (int)len, text);
	fflush(stdout);
}

/* The entries that the processor uses for an address, as /proc/self/pagewalk tells them: CR3, PDE, PTE. */
static void show_walk(const char *name, const volatile void *at)
{
	unsigned int walk[4];
	int fd = open("/proc/self/pagewalk", O_RDONLY);

	if (fd < 0 || lseek(fd, (off_t)(uintptr_t)at, SEEK_SET) < 0 ||
	    read(fd, walk, sizeof(walk)) != sizeof(walk))
		printf("show: no /proc/self/pagewalk\n");
	else
		printf("walk %s %p cr3 0x%08x pde 0x%08x pte 0x%08x\n", name, (const void *)at,
		       walk[0], walk[1], walk[2]);
	close(fd);
}

int main(int argc, char **argv)
{
	size_t size = 3 << 20;
	volatile char *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *read_only = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i;

	if (memory == MAP_FAILED || read_only == MAP_FAILED || shared == MAP_FAILED) {
		perror("show: mmap");
		return 1;
	}
	memory[0] = 'w';                        /* a page of its own */
	i = ((volatile char *)memory)[1 << 20]; /* the zero page */
	shared[0] = 's';
	memset(text, 1, sizeof(text)); /* no page fault from here on */
	printf("show: pid %d, a byte never written is %d\n", (int)getpid(), i);
	fflush(stdout);
	for (i = 1; i < argc; i++)
		show(argv[i], 1);
	for (i = 1; i < argc; i++)
		show(argv[i], 0);
	show_walk("written", memory);
	show_walk("read", memory + (1 << 20));
	show_walk("untouched", memory + (2 << 20));
	show_walk("shared", shared);
	show_walk("text", (const void *)(uintptr_t)main);
	show_walk("kernel", (const void *)0xC0100000);
	printf("show: ready\n");
	fflush(stdout);
	for (;;)
		sleep(1000);
}
