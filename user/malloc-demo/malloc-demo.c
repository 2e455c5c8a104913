/*
 * Where malloc gets its memory: an ordinary static glibc program.
 *
 * Below M_MMAP_THRESHOLD (128 KiB at first) glibc cuts a block from the heap, which it grows with
 * brk; from there on it asks for a mapping of its own with mmap, and gives it back with munmap at
 * once when the block is freed. The program tells the two apart by what the kernel says: the
 * program break, and the line of /proc/self/maps that holds the block.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KIB 1024u

static int claims, hold;
extern char end[]; /* the end of the program's own data: end(3). The heap lies above it. */

static void claim(bool holds, const char *what)
{
	claims++;
	hold += holds;
	printf("    %-66s %s\n", what, holds ? "ok" : "not so");
}

static bool in_heap(const void *p)
{
	return (const char *)p >= end && (const char *)p < (const char *)sbrk(0);
}

/* Whether the kernel can read this byte: a write to a pipe gives EFAULT where nothing is mapped. */
static bool is_mapped(uintptr_t at)
{
	int fds[2];
	ssize_t n;

	if (pipe(fds))
		return false;
	n = write(fds[1], (const void *)at, 1);
	close(fds[0]);
	close(fds[1]);
	return n == 1;
}

/* The line of /proc/self/maps that holds the address. Returns false where there is no such file. */
static bool print_mapping(const void *p)
{
	static char text[8192];
	char *line = text;
	uintptr_t at = (uintptr_t)p;
	size_t len = 0, n;
	FILE *maps = fopen("/proc/self/maps", "re");

	if (!maps)
		return false;
	setvbuf(maps, NULL, _IONBF, 0); /* a buffer would come from the heap we look at */
	while (len < sizeof(text) - 1 &&
	       (n = fread(text + len, 1, sizeof(text) - 1 - len, maps)) > 0)
		len += n;
	text[len] = '\0';
	fclose(maps);
	for (; *line; line++) {
		unsigned long start, end;
		char *newline = strchr(line, '\n');

		if (newline)
			*newline = '\0';
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 && at >= start && at < end) {
			printf("    maps:");
			for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
				printf(" %s", word);
			printf("\n");
			return true;
		}
		if (!newline)
			break;
		line = newline;
	}
	printf("    maps: no line holds %p\n", p);
	return true;
}

static char *take(size_t size)
{
	char *before = sbrk(0), *p = malloc(size), *after = sbrk(0);

	if (!p) {
		printf("malloc(%zu): %s\n", size, strerror(errno));
		exit(1);
	}
	memset(p, 0x5a, size);
	printf("  malloc(%zu KiB) = %p; the break was %p and is %p (%+ld KiB)\n", size / KIB,
	       (void *)p, (void *)before, (void *)after, (long)(after - before) / (long)KIB);
	print_mapping(p);
	return p;
}

int main(void)
{
	char *small[2], *blocks[4], *large, *break_before;
	uintptr_t freed;
	unsigned int i;

	/*
	 * standard output takes its buffer from the heap at first use: before the first figure,
	 * please
	 */
	setvbuf(stdout, NULL, _IOLBF, 512);
	printf("malloc-demo: brk for small blocks, mmap for large ones\n");
	free(malloc(1));

	printf("below 128 KiB\n");
	break_before = sbrk(0);
	small[0] = take(100 * KIB);
	small[1] = take(100 * KIB);
	claim(in_heap(small[0]) && in_heap(small[1]),
	      "both blocks lie in the heap, below the break");
	claim((char *)sbrk(0) > break_before, "they did not fit: glibc moved the break");

	printf("above 128 KiB\n");
	break_before = sbrk(0);
	large = take(200 * KIB);
	freed = (uintptr_t)large;
	claim(!in_heap(large), "the block lies outside the heap");
	claim(sbrk(0) == break_before, "the break did not move");
	claim(freed % 4096 == 16, "it starts 16 bytes into a page: a mapping of its own");
	claim(is_mapped(freed), "the kernel reads it");
	free(large);
	claim(!is_mapped(freed), "freed, it is no longer mapped: munmap, at once");

	printf("freed once, 200 KiB is no longer large: glibc raised its threshold\n");
	for (i = 0; i < 4; i++)
		blocks[i] = take(200 * KIB);
	claim(in_heap(blocks[0]) && in_heap(blocks[3]), "the same size now comes from the heap");

	printf("the top of the heap goes back when it is free\n");
	break_before = sbrk(0);
	for (i = 0; i < 4; i++)
		free(blocks[i]);
	printf("  four blocks freed; the break was %p and is %p\n", (void *)break_before, sbrk(0));
	claim((char *)sbrk(0) < break_before, "glibc moved the break down");
	free(small[0]);
	free(small[1]);
	printf("malloc-demo: %d claims, %d hold\n", claims, hold);
	return claims != hold;
}
