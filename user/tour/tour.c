/* The tour's frame: chapters, claims and their count. */
#include "user/tour/tour.h"

static const struct {
	const char *name, *title;
	void (*show)(void);
} chapters[] = {
	{"walk", "One address: page directory, page table, frame", tour_walk},
	{"space", "The address space: the program below, the kernel above", tour_space},
	{"tables", "What page tables cost: 4 MB, or as much as is used", tour_tables},
	{"frames", "mem_map: something is known of every frame", tour_frames},
	{"zones", "The memory map and its zones", tour_zones},
	{"buddy", "Buddy blocks: split when taken, merged when freed", tour_buddy},
	{"types", "Movable and unmovable: blocks by migrate type", tour_types},
	{"slab", "A slab filling", tour_slab},
	{"vmalloc", "vmalloc: pages from anywhere, addresses in a row", tour_vmalloc},
	{"highmem", "HighMem: frames that the kernel has no address for", tour_highmem},
	{"areas", "Areas: split where they differ, merged where they do not", tour_areas},
	{"heap", "brk and mmap, which malloc stands on", tour_heap},
	{"lazy", "100 MB: promised, read, written, given back", tour_lazy},
	{"faults", "Faults: how many, and of which kind", tour_faults},
	{"cache", "The page cache: a file's pages, read and mapped", tour_cache},
	{"cow", "fork and copy-on-write", tour_cow},
	{"shared", "Shared memory: one frame, two programs", tour_shared},
	{"segv", "Ways to a SIGSEGV", tour_segv},
	{"sizes", "VSS, RSS, PSS, USS", tour_sizes},
};

static int claims, hold, unseen;

static void print_title(int number, const char *title)
{
	char line[80];
	int len = snprintf(line, sizeof(line), "--- %d. %s ", number, title);

	if (len > 78)
		len = 78;
	memset(line + len, '-', 78 - len);
	line[78] = '\0';
	printf("\n%s\n", line);
}

static void print_claim(int verdict, const char *format, va_list args)
{
	static const char *const words[] = {[NO] = "NOT SO", [YES] = "ok", [UNSEEN] = "unseen"};
	char text[128];

	vsnprintf(text, sizeof(text), format, args);
	claims++;
	hold += verdict == YES;
	unseen += verdict == UNSEEN;
	printf("  * %-66s %s\n", text, words[verdict]);
}

void claim(int verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_claim(verdict, format, args);
	va_end(args);
}

void claim_machine(int verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_claim(verdict == NO && !alone() ? UNSEEN : verdict, format, args);
	va_end(args);
}

void skip(const char *why)
{
	printf("  Not shown here: %s.\n", why);
}

static struct new_utsname name;

bool alone(void)
{
	return strstr(name.release, "pagoda") != NULL;
}

static int find_chapter(const char *wanted)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(chapters); i++)
		if (!strcmp(chapters[i].name, wanted))
			return i;
	return -1;
}

static void show_chapter(int i)
{
	print_title(i + 1, chapters[i].title);
	chapters[i].show();
}

static void show_all(void)
{
	printf("tour: how this kernel (%s %s) manages memory, in figures that it gives itself\n",
	       name.sysname, name.release);
	for (unsigned int i = 0; i < ARRAY_SIZE(chapters); i++)
		show_chapter(i);
}

static int list(const char *unknown)
{
	if (unknown)
		printf("tour: there is no chapter '%s'; there are\n", unknown);
	for (unsigned int i = 0; i < ARRAY_SIZE(chapters); i++)
		printf("%-8s  %s\n", chapters[i].name, chapters[i].title);
	return unknown ? 2 : 0;
}

int main(int argc, char *argv[])
{
	if (argc > 1 && !strcmp(argv[1], "-l"))
		return list(NULL);
	for (int i = 1; i < argc; i++)
		if (find_chapter(argv[i]) < 0)
			return list(argv[i]);
	sys_uname(&name);
	for (int i = 1; i < argc; i++)
		show_chapter(find_chapter(argv[i]));
	if (argc <= 1)
		show_all();
	printf("\ntour: %d claims, %d hold", claims, hold);
	if (unseen)
		printf(", %d cannot be seen here", unseen);
	printf("\n");
	return claims - unseen == hold ? 0 : 1;
}
