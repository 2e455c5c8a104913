/*
 * procrank: what each process holds of memory, by the four measures.
 *
 *   Vss  virtual set size: all that is promised to it, whether there is a frame behind it or not
 *   Rss  resident set size: every page with a frame, however many others have the same frame
 *   Pss  proportional set size: a frame that n page-table entries map counts 1/n
 *   Uss  unique set size: the frames that only this process maps, what its end would give back
 *
 * The sum over all processes means something for Pss and Uss only, so only they have one: Pss adds
 * up to the frames that programs hold, each counted once. Vss comes from PID/statm, the others from
 * PID/smaps_rollup, or from PID/smaps added up. Processes without memory of their own (threads of
 * the kernel, those that have ended and wait to be asked for) are left out.
 */
#include "user/lib/io.h"
#include "user/lib/proc.h"
#include "user/lib/syscall.h"

#define COMMAND_LEN 64

enum measure {
	VSS,
	RSS,
	PSS,
	USS,
	NR_MEASURES,
};

static const char *const titles[NR_MEASURES] = {"Vss", "Rss", "Pss", "Uss"};

struct process {
	int pid;
	unsigned long kb[NR_MEASURES];
	char command[COMMAND_LEN];
};

static struct process *processes;
static size_t count, room;

/* One more at the end of the list. Returns NULL without memory. */
static struct process *new_process(void)
{
	if (count == room) {
		size_t more = room ? room * 2 : PAGE_SIZE / sizeof(*processes) + 1;
		size_t len = more * sizeof(*processes);
		void *p = room ? sys_mremap(processes, room * sizeof(*processes), len,
					    MREMAP_MAYMOVE, NULL)
			       : sys_mmap(NULL, len, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (is_error_ptr(p))
			return NULL;
		processes = p;
		room = more;
	}
	return &processes[count++];
}

/* Adds up what one area, or all of them, says. Returns whether it said anything. */
static bool add_sizes(int pid, const char *file, unsigned long kb[NR_MEASURES])
{
	static const struct {
		const char *key;
		enum measure measure;
	} keys[] = {
		{"Rss:", RSS},
		{"Pss:", PSS},
		{"Private_Clean:", USS},
		{"Private_Dirty:", USS},
		{"Private_Hugetlb:", USS},
	};
	static struct lines lines;
	bool any = false;
	char *line;

	if (!lines_open(&lines, pid_path(pid, file)))
		return false;
	while ((line = lines_next(&lines)))
		for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++) {
			unsigned long n;

			if (line_value(line, keys[i].key, &n)) {
				kb[keys[i].measure] += n;
				any = true;
			}
		}
	return any;
}

static void add_process(int pid)
{
	unsigned long kb[NR_MEASURES] = {0}, pages;
	struct process *process;
	char text[64];

	if (!add_sizes(pid, "smaps_rollup", kb) && !add_sizes(pid, "smaps", kb))
		return;
	if (read_file(pid_path(pid, "statm"), text, sizeof(text)) <= 0)
		return;
	take_number(text, &pages);
	kb[VSS] = pages * (PAGE_SIZE / 1024);
	process = new_process();
	if (!process)
		return;
	process->pid = pid;
	memcpy(process->kb, kb, sizeof(kb));
	read_command(pid, process->command, sizeof(process->command));
}

/* Largest first, or smallest; of equals the lower number first. */
static bool comes_before(const struct process *a, const struct process *b, enum measure by,
			 bool reverse)
{
	if (a->kb[by] != b->kb[by])
		return (a->kb[by] > b->kb[by]) != reverse;
	return a->pid < b->pid;
}

/* By insertion, with growing steps towards 1 (Shell), for there may be thousands. */
static void sort(enum measure by, bool reverse)
{
	for (size_t step = count / 2; step; step /= 2)
		for (size_t i = step; i < count; i++) {
			struct process moving = processes[i];
			size_t at = i;

			for (; at >= step &&
			       comes_before(&moving, &processes[at - step], by, reverse);
			     at -= step)
				processes[at] = processes[at - step];
			processes[at] = moving;
		}
}

static void print_size(unsigned long kb)
{
	printf(" %8luK", kb);
}

static void print_processes(void)
{
	unsigned long pss = 0, uss = 0;

	printf("  PID");
	for (int i = 0; i < NR_MEASURES; i++)
		printf(" %9s", titles[i]);
	printf("  cmdline\n");
	for (size_t i = 0; i < count; i++) {
		printf("%5d", processes[i].pid);
		for (int measure = 0; measure < NR_MEASURES; measure++)
			print_size(processes[i].kb[measure]);
		printf("  %s\n", processes[i].command);
		pss += processes[i].kb[PSS];
		uss += processes[i].kb[USS];
	}
	printf("%25s %9s %9s  ------\n%25s", "", "------", "------", "");
	print_size(pss);
	print_size(uss);
	printf("  TOTAL\n");
}

static void print_ram(void)
{
	static const struct {
		const char *key, *word;
	} parts[] = {
		{"MemTotal", "total"}, {"MemFree", "free"}, {"Buffers", "buffers"},
		{"Cached", "cached"},  {"Shmem", "shmem"},  {"Slab", "slab"},
	};
	const char *between = "\nRAM: ";

	for (unsigned int i = 0; i < ARRAY_SIZE(parts); i++) {
		long kb = meminfo_kb(parts[i].key);

		if (kb < 0)
			continue;
		printf("%s%ldK %s", between, kb, parts[i].word);
		between = ", ";
	}
	printf("\n");
}

static int usage(int status)
{
	printf("usage: procrank [-v | -r | -p | -u] [-R]\n"
	       "  what each process holds of memory, in KB, the largest first\n"
	       "  -v -r -p -u   sorted by Vss, Rss, Pss (without any of these) or Uss\n"
	       "  -R            the smallest first\n");
	return status;
}

int main(int argc, char *argv[])
{
	static struct pids pids;
	enum measure by = PSS;
	bool reverse = false;

	for (int i = 1; i < argc; i++) {
		const char *letter = argv[i];

		if (*letter++ != '-' || !*letter)
			return usage(2);
		for (; *letter; letter++) {
			switch (*letter) {
			case 'v':
				by = VSS;
				break;
			case 'r':
				by = RSS;
				break;
			case 'p':
				by = PSS;
				break;
			case 'u':
				by = USS;
				break;
			case 'R':
				reverse = true;
				break;
			default:
				return usage(*letter == 'h' ? 0 : 2);
			}
		}
	}
	for (int pid = pids_first(&pids); pid; pid = pids_next(&pids))
		add_process(pid);
	if (!count) {
		printf("procrank: no process says what it holds (/proc/PID/smaps)\n");
		return 1;
	}
	sort(by, reverse);
	print_processes();
	print_ram();
	return 0;
}
