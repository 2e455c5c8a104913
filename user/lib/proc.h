#pragma once

/*
 * Reading the kernel's reports under /proc, in Linux's formats: text by lines, arrays of 64-bit
 * entries by index. Nothing here allocates; a report may be longer than any buffer.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- text ---- */

struct lines {
	int fd;
	size_t at, len;
	char text[1024];
};

/* False if there is no such file. */
bool lines_open(struct lines *lines, const char *path);
/*
 * The next line without its end, in place until the next call; what is too long is cut. NULL at
 * the end, where the file is closed; lines_close is for those who stop before.
 */
char *lines_next(struct lines *lines);
void lines_close(struct lines *lines);

/*
 * Each of these takes something from the front of a line, after blanks, and returns what follows.
 * Hexadecimal numbers have no prefix there.
 */
const char *skip_blanks(const char *s);
const char *take_word(const char *s, char *to, size_t size);
const char *take_number(const char *s, unsigned long *to);
const char *take_hex(const char *s, uint64_t *to);

/* The number behind `key` (with its colon) where a line starts with it; else false. */
bool line_value(const char *line, const char *key, unsigned long *to);
/* The same of a whole report; -1 if it is not there. */
long report_value(const char *path, const char *key);
/* meminfo's line `key`, without a colon, in kB; -1 if it is not there. */
long meminfo_kb(const char *key);

/* ---- zones ---- */

#define MAX_ZONES 5

struct zone_figures {
	char name[16];
	unsigned long start_pfn, spanned, present, managed, free, min, low, high;
	unsigned long protection[MAX_ZONES];
};

/* Zones that have frames, in order. Returns their number, 0 if there is no such report. */
int read_zones(struct zone_figures zones[MAX_ZONES]);
/* The zone that holds a frame, of those read at the first call; NULL if none does. */
const struct zone_figures *zone_at(uint64_t frame);
/* The zone's name, "no zone" if none holds it. */
const char *zone_of(uint64_t frame);

/* ---- processes ---- */

struct pids {
	int fd;
	size_t at, len;
	char entries[1024];
};

/* for (pid = pids_first(&pids); pid; pid = pids_next(&pids)): all processes that there are. */
int pids_first(struct pids *pids);
int pids_next(struct pids *pids);

/* "/proc/PID/NAME"; overwritten by the next call. */
const char *pid_path(int pid, const char *name);
/*
 * What the process was started with, words separated by blanks, at most size - 1 characters; the
 * kernel's name for it, in brackets, where it has no arguments.
 */
void read_command(int pid, char *to, size_t size);

/* A line of maps, or the heading of one area in smaps. */
struct mapping {
	uint64_t start, end, offset, inode;
	char perms[5];
	char device[8];
	char name[80];
};

/* False if the line is not such a line; then *to stays as it is. */
bool parse_mapping(const char *line, struct mapping *to);

/* ---- arrays of 64-bit entries: pagemap, kpagecount, kpageflags ---- */

/* Linux, Documentation/admin-guide/mm/pagemap.rst. */
#define PAGEMAP_PRESENT    (1ull << 63)
#define PAGEMAP_SWAPPED    (1ull << 62)
#define PAGEMAP_FILE       (1ull << 61)
#define PAGEMAP_EXCLUSIVE  (1ull << 56)
#define PAGEMAP_SOFT_DIRTY (1ull << 55)
#define PAGEMAP_FRAME      ((1ull << 55) - 1)

/* Of kpageflags, beside those of <linux/kernel-page-flags.h>: Linux's for its developers, */
#define KPF_RESERVED 32
/* and Pagoda's own: free on a hot list, of a vmalloc area, of a kernel stack. */
#define KPF_HOT     48
#define KPF_VMALLOC 49
#define KPF_STACK   50

/* From entry `index` of an open file. Returns how many whole entries came. */
size_t read_entries(int fd, uint64_t index, uint64_t *entries, size_t count);
/* The same from a path, opened for this; 0 if it cannot be opened. */
size_t read_entries_of(const char *path, uint64_t index, uint64_t *entries, size_t count);

/*
 * Where the processor finds an address, of Pagoda only: PID/pagewalk at the offset that is the
 * address. `pte` is 0 without a table or below a 4 MB page.
 */
struct walk {
	uint32_t cr3, pde, pte, flags;
};

#define PTE_PRESENT  0x001u
#define PTE_WRITE    0x002u
#define PTE_USER     0x004u
#define PTE_ACCESSED 0x020u
#define PTE_DIRTY    0x040u
#define PTE_LARGE    0x080u
#define PTE_GLOBAL   0x100u

/* False where the kernel does not tell. */
bool read_walk(int pid, uint32_t address, struct walk *walk);
/* The bits of an entry in words, to standard output. */
void print_entry_bits(uint32_t entry);
/* The lowest `bits` bits of a number, to standard output. */
void print_binary(uint32_t value, int bits);
