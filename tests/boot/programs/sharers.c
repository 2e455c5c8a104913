/* sharers NAME PID...: whether processes have one copy of the text of the file whose name contains NAME. Looks up the frames
 * behind its executable mapping in each process's pagemap, and how often each frame is mapped in kpagecount. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE     4096
#define PRESENT  (1ull << 63)
#define FRAME    ((1ull << 55) - 1)
#define MAX_TEXT 1024 /* pages */

static unsigned long find_text(const char *pid, const char *name, unsigned long *pages)
{
	char path[64], line[512], permissions[8];
	unsigned long start = 0, end = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	*pages = 0;
	while (maps && !*pages && fgets(line, sizeof(line), maps))
		if (strstr(line, name) &&
		    sscanf(line, "%lx-%lx %7s", &start, &end, permissions) == 3 &&
		    permissions[2] == 'x')
			*pages = (end - start) / PAGE;
	if (maps)
		fclose(maps);
	return start;
}

static int read_entries(const char *path, uint64_t first, uint64_t *entries, unsigned long n)
{
	int fd = open(path, O_RDONLY), ok;

	ok = fd >= 0 && pread(fd, entries, n * 8, first * 8) == (ssize_t)(n * 8);
	if (!ok)
		perror(path);
	close(fd);
	return ok;
}

int main(int argc, char *argv[])
{
	static uint64_t frames[MAX_TEXT], others[MAX_TEXT];
	unsigned long pages = 0, start, shared = 0, different = 0, alone = 0;
	char path[64];
	uint64_t count;

	for (int i = 2; i < argc; i++) {
		start = find_text(argv[i], argv[1], &pages);
		if (!pages || pages > MAX_TEXT)
			return printf("%s: no text of %s\n", argv[i], argv[1]), 1;
		snprintf(path, sizeof(path), "/proc/%s/pagemap", argv[i]);
		if (!read_entries(path, start / PAGE, i == 2 ? frames : others, pages))
			return 1;
		for (unsigned long page = 0; i > 2 && page < pages; page++) {
			if (frames[page] & others[page] & PRESENT)
				different += (frames[page] & FRAME) != (others[page] & FRAME);
			else
				frames[page] = 0;
		}
	}
	for (unsigned long page = 0; page < pages; page++) {
		if (!(frames[page] & PRESENT) || !(frames[page] & FRAME))
			continue;
		shared++;
		if (!read_entries("/proc/kpagecount", frames[page] & FRAME, &count, 1))
			return 1;
		alone += count < (uint64_t)(argc - 2);
	}
	printf("text of %s: %lu pages, %lu present in all, %lu in different frames, %lu mapped "
	       "fewer times\n",
	       argv[1], pages, shared, different, alone);
	return different || alone || !shared;
}
