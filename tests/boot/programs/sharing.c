/*
 * The case of the texts: group 4, of 4 pages, belongs to a library that three programs use; group 5, of 5 pages, to one
 * that two of them use; and each has 20 pages of its own, of which it has written 6. lockstep.c starts the three. Each
 * then prints what smaps says of these mappings, which MADV_DONTFORK makes VMAs of their own.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

extern const char group4[];
extern const char group5[] __attribute__((weak)); /* NULL: linked without it */

static char text[1 << 18];

struct sizes {
	unsigned long vss, rss, pss, uss;
};

static unsigned long field(const char *from, const char *name)
{
	return strtoul(strstr(from, name) + strlen(name), NULL, 10);
}

static struct sizes sizes_at(const char *at)
{
	struct sizes s = {0};
	char start[20];
	const char *from;

	snprintf(start, sizeof(start), "%08lx-", (unsigned long)at);
	from = strstr(text, start);
	if (!from)
		return s;
	s.vss = field(from, "\nSize:");
	s.rss = field(from, "\nRss:");
	s.pss = field(from, "\nPss:");
	s.uss = field(from, "\nPrivate_Clean:") + field(from, "\nPrivate_Dirty:");
	return s;
}

static void say(const char *name, const char *what, struct sizes s, struct sizes *sum)
{
	printf("%s: %s: VSS %lu RSS %lu PSS %lu USS %lu kB\n", name, what, s.vss, s.rss, s.pss,
	       s.uss);
	sum->vss += s.vss;
	sum->rss += s.rss;
	sum->pss += s.pss;
	sum->uss += s.uss;
}

static int use(const char *group, int pages)
{
	int sum = 0;

	madvise((void *)group, pages * PAGE, MADV_DONTFORK);
	for (int i = 0; i < pages; i++)
		sum += ((const volatile char *)group)[i * PAGE];
	return sum;
}

static void read_smaps(void)
{
	int fd = open("/proc/self/smaps", O_RDONLY);
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	close(fd);
}

int main(int argc, char **argv)
{
	const char *name = argc ? strrchr(argv[0], '/') + 1 : "";
	char *own = mmap(NULL, 20 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0),
	     byte = 1;
	struct sizes sum = {0};

	use(group4, 4);
	if (group5)
		use(group5, 5);
	madvise(own, 20 * PAGE, MADV_DONTFORK);
	for (int i = 0; i < 6; i++)
		own[i * PAGE] = 1;
	if (write(3, &byte, 1) != 1 || read(4, &byte, 1) != 1) /* all three have come so far */
		return 1;
	read_smaps();
	say(name, "group 4", sizes_at(group4), &sum);
	if (group5)
		say(name, "group 5", sizes_at(group5), &sum);
	say(name, "its own", sizes_at(own), &sum);
	say(name, "together", sum, &sum);
	fflush(stdout);
	return write(3, &byte, 1) != 1 || read(4, &byte, 1) != 0; /* until all have */
}
