/*
 * fill MEGABYTES: touches so much anonymous memory and prints what /proc/meminfo says before and after,
 * one line each: "fill before|after NAME KILOBYTES".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <unistd.h>

static void report(const char *when)
{
	static char text[8192];
	char *line, *save;
	char name[64];
	unsigned long kilobytes;
	int fd = open("/proc/meminfo", O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (len < 0) {
		printf("fill: cannot read /proc/meminfo\n");
		exit(1);
	}
	close(fd);
	text[len] = '\0';
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%63[^:]: %lu", name, &kilobytes) == 2)
			printf("fill %s %s %lu\n", when, name, kilobytes);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	size_t size = (argc > 1 ? strtoul(argv[1], NULL, 10) : 64) << 20, i;
	unsigned char *memory;

	report("before"); /* twice: the first one may take memory itself */
	report("before");
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		perror("fill: mmap");
		return 1;
	}
	for (i = 0; i < size; i += 4096)
		if (memory[i]++) {
			printf("fill: a new page is not zero at %zu\n", i);
			return 1;
		}
	report("after");
	for (i = 0; i < size; i += 4096)
		if (memory[i] != 1) {
			printf("fill: page at %zu has lost what was written\n", i);
			return 1;
		}
	printf("fill: all pages are right\n");
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return 0;
}
