/*
 * 100 MB by malloc: what VIRT, RES and the count of minor faults grow by when it is asked for, when every page is read,
 * and when every page is written. The same binary prints the same on Linux.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define SIZE (100u << 20)
#define PAGE 4096u

struct figures {
	long virt, res, faults;
};

static long field(const char *path, const char *name)
{
	FILE *f = fopen(path, "r");
	long value = 0;
	char line[128];

	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			value = strtol(line + strlen(name), NULL, 10);
	fclose(f);
	return value;
}

static struct figures now(void)
{
	struct figures f;
	struct rusage usage;

	f.virt = field("/proc/self/status", "VmSize:");
	f.res = field("/proc/self/smaps_rollup", "Rss:");
	getrusage(RUSAGE_SELF, &usage);
	f.faults = usage.ru_minflt;
	return f;
}

static void say(const char *what, const struct figures *before)
{
	struct figures f = now();

	printf("%s: VIRT %+ld kB, RES %+ld kB, minor faults %+ld\n", what, f.virt - before->virt,
	       f.res - before->res, f.faults - before->faults);
}

int main(void)
{
	struct figures start, read;
	volatile char *memory;
	unsigned int sum = 0;

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* pages of 4 KB on Linux too */
	start = now();                         /* once for nothing: what saying it needs itself */
	say("before", &start);
	start = now();
	memory = malloc(SIZE);
	say("after malloc", &start);
	for (unsigned int i = 0; i < SIZE; i += PAGE)
		sum += memory[i];
	say("after reading every page", &start);
	read = now();
	for (unsigned int i = 0; i < SIZE; i += PAGE)
		memory[i] = 1;
	say("after writing every page", &start);
	say("writing alone", &read);
	free((void *)memory);
	read = now();
	printf("after free: RES %+ld kB\n", read.res - start.res);
	printf("malloc100: %s\n", sum ? "there was something in it" : "done");
	return 0;
}
