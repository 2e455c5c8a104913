/*
 * lazyfree: fills most of memory, says that it can do without (MADV_FREE) but for what it writes again, and then
 * fills as much once more. Nobody may be ended for it, and what was written since must be there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u

static char *fill(size_t pages, char value)
{
	char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	if (p == MAP_FAILED) {
		perror("lazyfree: mmap");
		exit(1);
	}
	for (size_t i = 0; i < pages; i++)
		memset(p + i * PAGE, value, 16);
	return p;
}

static size_t free_pages(void)
{
	char line[100];
	FILE *f = fopen("/proc/meminfo", "r");
	unsigned long kb = 0;

	while (fgets(line, sizeof(line), f) && sscanf(line, "MemFree: %lu", &kb) != 1)
		;
	fclose(f);
	return kb / 4;
}

int main(void)
{
	size_t pages = free_pages() * 3 / 4, i, zero = 0, old = 0, wrong = 0;
	char *p = fill(pages, 'o'), *q;

	if (madvise(p, pages * PAGE, MADV_FREE)) {
		perror("lazyfree: madvise");
		return 1;
	}
	for (i = 0; i < pages; i += 10)
		p[i * PAGE] = 'n';
	q = fill(pages, 'q');
	for (i = 0; i < pages; i++) {
		char c = p[i * PAGE];

		if (q[i * PAGE] != 'q' || (i % 10 == 0 ? c != 'n' : c != 0 && c != 'o'))
			wrong++;
		zero += c == 0;
		old += c == 'o';
	}
	printf("lazyfree: %zu pages, %zu went, %zu stayed, %zu wrong\n", pages, zero, old, wrong);
	return 0;
}
