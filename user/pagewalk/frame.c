/*
 * What is known of a frame: kpageflags, kpagecount, and a search for everybody who maps it.
 *
 * Nothing in /proc leads from a frame to its users, so the page maps of all processes are read. Most
 * users are found fast: a process that shares by fork has the frame at the same address, one that
 * shares a file has it in an area of that file. Only where these are fewer than kpagecount says is
 * every area looked through that has a frame at all (smaps says which), and the search ends when
 * all are found: some programs have areas larger than any machine's memory.
 */
#include "user/pagewalk/pagewalk.h"

#include <linux/kernel-page-flags.h>

#include "user/lib/io.h"
#include "user/lib/syscall.h"

static void print_flags(uint64_t flags)
{
	static const char *const words[] = {
		[KPF_LOCKED] = "locked",
		[KPF_ERROR] = "error",
		[KPF_REFERENCED] = "referenced",
		[KPF_UPTODATE] = "uptodate",
		[KPF_DIRTY] = "dirty",
		[KPF_LRU] = "lru",
		[KPF_ACTIVE] = "active",
		[KPF_SLAB] = "slab",
		[KPF_WRITEBACK] = "writeback",
		[KPF_RECLAIM] = "reclaim",
		[KPF_BUDDY] = "buddy",
		[KPF_MMAP] = "mmap",
		[KPF_ANON] = "anon",
		[KPF_SWAPCACHE] = "swapcache",
		[KPF_SWAPBACKED] = "swapbacked",
		[KPF_COMPOUND_HEAD] = "compound-head",
		[KPF_COMPOUND_TAIL] = "compound-tail",
		[KPF_HUGE] = "huge",
		[KPF_UNEVICTABLE] = "unevictable",
		[KPF_HWPOISON] = "hwpoison",
		[KPF_NOPAGE] = "nopage",
		[KPF_KSM] = "ksm",
		[KPF_THP] = "thp",
		[KPF_OFFLINE] = "offline",
		[KPF_ZERO_PAGE] = "zero-page",
		[KPF_IDLE] = "idle",
		[KPF_PGTABLE] = "pgtable",
		[KPF_RESERVED] = "reserved",
		[KPF_HOT] = "hot",
		[KPF_VMALLOC] = "vmalloc",
		[KPF_STACK] = "kernel-stack",
	};

	printf("  flags       0x%llx", (unsigned long long)flags);
	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		if (flags >> i & 1 && words[i])
			printf(" %s", words[i]);
	if (!flags)
		printf(" none");
	printf("\n");
}

/* Areas beyond this are mostly holes, which take minutes to read: only the same address is looked at. */
#define LARGEST (64ull << 30)

/* What one process has of the frame. */
struct found {
	unsigned long times;
	uint64_t first;
	char region[80];
};

struct search {
	uint64_t frame;
	const struct place *place; /* where the frame was found */
	bool of_file;
	bool everywhere;
};

/* Looks through the pages of one area from `at` on. Stops after `enough`. */
static void search_pages(int fd, const struct search *search, const struct mapping *area,
			 uint64_t at, uint64_t end, struct found *found, unsigned long enough)
{
	static uint64_t entries[512];

	while (at < end && found->times < enough) {
		size_t want = end - at < ARRAY_SIZE(entries) ? end - at : ARRAY_SIZE(entries);
		size_t n = read_entries(fd, at, entries, want);

		for (size_t i = 0; i < n; i++) {
			if (!(entries[i] & PAGEMAP_PRESENT) ||
			    (entries[i] & PAGEMAP_FRAME) != search->frame)
				continue;
			if (!found->times++) {
				found->first = (at + i) * PAGE_SIZE;
				memcpy(found->region, area->name, sizeof(found->region));
			}
		}
		if (!n)
			return;
		at += n;
	}
}

static void search_area(int fd, const struct search *search, const struct mapping *area,
			struct found *found, unsigned long enough)
{
	const struct mapping *origin = &search->place->area;
	uint64_t at = search->place->address / PAGE_SIZE;
	bool whole = search->everywhere || (search->of_file && area->inode == origin->inode &&
					    !strcmp(area->device, origin->device));

	if (whole && area->end - area->start <= LARGEST)
		search_pages(fd, search, area, area->start / PAGE_SIZE, area->end / PAGE_SIZE,
			     found, enough);
	else if (at >= area->start / PAGE_SIZE && at < area->end / PAGE_SIZE)
		search_pages(fd, search, area, at, at + 1, found, enough);
}

/* The areas are those of smaps, or of maps, where each counts as one that has frames. */
static void search_process(int pid, const struct search *search, struct found *found,
			   unsigned long enough)
{
	static struct lines areas;
	struct mapping area = {.end = 0};
	unsigned long rss_kb;
	bool sized = search->everywhere && lines_open(&areas, pid_path(pid, "smaps"));
	int fd;
	char *line;

	if (!sized && !lines_open(&areas, pid_path(pid, "maps")))
		return;
	fd = sys_open(pid_path(pid, "pagemap"), O_RDONLY, 0);
	while (fd >= 0 && found->times < enough && (line = lines_next(&areas)))
		if (parse_mapping(line, &area) ? !sized
					       : line_value(line, "Rss:", &rss_kb) && rss_kb)
			search_area(fd, search, &area, found, enough);
	lines_close(&areas);
	if (fd >= 0)
		sys_close(fd);
}

static void print_found(int pid, const struct found *found)
{
	char command[48];

	read_command(pid, command, sizeof(command));
	printf("    %5d  0x%08llx  %-12s %s", pid, (unsigned long long)found->first, found->region,
	       command);
	if (found->times > 1)
		printf(" (and at %lu more)", found->times - 1);
	printf("\n");
}

/* Returns how many mappings of the frame there are, `enough` at most. */
static unsigned long search_all(const struct search *search, unsigned long enough, bool print)
{
	static struct pids pids;
	unsigned long times = 0;

	for (int pid = pids_first(&pids); pid; pid = pids_next(&pids)) {
		struct found found = {.times = 0};

		if (times >= enough)
			continue; /* to the end, which closes the folder */
		search_process(pid, search, &found, enough - times);
		if (print && found.times)
			print_found(pid, &found);
		times += found.times;
	}
	return times;
}

static void print_users(uint64_t frame, const struct place *place, uint64_t flags,
			unsigned long count)
{
	struct search search = {
		.frame = frame,
		.place = place,
		.of_file = !(flags >> KPF_ANON & 1) && place->area.inode,
	};
	unsigned long times;

	search.everywhere = search_all(&search, count, false) < count;
	times = search_all(&search, count, true);
	if (times != count)
		printf("    found %lu of them\n", times);
}

void print_frame(uint64_t frame, const struct place *place)
{
	const struct zone_figures *zone = zone_at(frame);
	uint64_t flags = 0, count;

	printf("  frame       0x%05llx = physical 0x%08llx, ", (unsigned long long)frame,
	       (unsigned long long)frame * PAGE_SIZE);
	if (zone)
		printf("zone %s (frames 0x%05lx-0x%05lx)\n", zone->name, zone->start_pfn,
		       zone->start_pfn + zone->spanned);
	else
		printf("in no zone\n");
	if (read_entries_of("/proc/kpageflags", frame, &flags, 1) == 1)
		print_flags(flags);
	else
		printf("  flags       not told: /proc/kpageflags cannot be read\n");
	if (flags >> KPF_ZERO_PAGE & 1) {
		printf("  mapped      by everybody who has only read: it is the page of zeros, and "
		       "not counted\n");
	} else if (read_entries_of("/proc/kpagecount", frame, &count, 1) == 1) {
		printf("  mapped      %llu time%s\n", (unsigned long long)count,
		       count == 1 ? "" : "s");
		print_users(frame, place, flags, count);
	}
}
