#pragma once

/*
 * A guided tour of the kernel's memory management, by a program that only uses it.
 *
 * Each chapter does something, reads the kernel's own figures before and after, and says what they
 * ought to show: a claim. A claim holds, does not hold, or cannot be seen, where the kernel lacks
 * the report that it needs.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/lib/io.h"
#include "user/lib/proc.h"
#include "user/lib/syscall.h"

#define KIB 1024u
#define MIB (1024u * KIB)

enum verdict {
	NO = 0,
	YES = 1,
	UNSEEN = 2,
};

/* Prints the claim with its verdict (a bool, or UNSEEN) and counts it. */
void claim(int verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
/*
 * The same on figures of the whole machine. Where other programs run, and the kernel counts in
 * batches, a figure that does not fit proves nothing: it is unseen, not wrong.
 */
void claim_machine(int verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says why the rest of a chapter cannot be shown here. */
void skip(const char *why);
/* Whether this is Pagoda, where nothing else runs. */
bool alone(void);

/* --- figures.c: what the kernel says. Each returns false, or -1, where it does not say. --- */

#define UNKNOWN   (-1L)

#define NR_ORDERS 11

struct buddy_figures {
	char name[16];
	unsigned long blocks[NR_ORDERS];
};

struct slab_figures {
	unsigned long active, total, object_bytes, per_slab, pages_per_slab, slabs;
};

int read_buddy(struct buddy_figures rows[MAX_ZONES]);
bool read_slab(const char *name, struct slab_figures *slab);
long minor_faults(void);
long major_faults(void);
/* The line of /proc/self/status with this key (with its colon), in kB. */
long status_kb(const char *key);
/* Pages that have a frame of their own, or of a file: Rss of /proc/self/smaps_rollup, exact. */
long resident_kb(void);
/* The frame behind a user address. UNKNOWN if none is present or the kernel does not tell. */
long frame_of(const volatile void *address);
/* The frames behind nr_pages pages from `start`. Returns how many could be read. */
size_t frames_of(const volatile void *start, size_t nr_pages, long *frames);
/* How many page-table entries map the frame. */
long map_count(long frame);
/* The frame's bits in kpageflags; 0 if it has none, or they are not told. */
uint64_t frame_flags(long frame);
/* How many areas of /proc/self/maps have a part in [start, end). */
int count_areas(const volatile void *start, const volatile void *end);
/* Whole frames of System RAM in /proc/iomem, in kB. */
long system_ram_kb(void);

/*
 * Makes Pagoda give back what it keeps at hand for the next who asks: freed pages on hot lists,
 * page tables, kernel stacks, empty slabs. Other kernels have no such thing.
 */
void settle(void);
/*
 * Private anonymous pages, never in larger units than a page. Returns NULL if there are none to be
 * had.
 */
char *map_pages(size_t len);
/*
 * How much of `want` can be touched while leaving a quarter of what is free; a whole number of
 * pages.
 */
size_t fitting(size_t want);
/* Makes a process that only waits to be let go. Returns what release wants; its pid is 0 on failure. */
struct waiting {
	int pid, hold;
};
struct waiting start_waiting(void);
void release(struct waiting process);

/* --- the chapters, in the order of the table in tour.c --- */

void tour_walk(void);
void tour_space(void);
void tour_tables(void);
void tour_frames(void);
void tour_zones(void);
void tour_buddy(void);
void tour_types(void);
void tour_slab(void);
void tour_vmalloc(void);
void tour_highmem(void);
void tour_areas(void);
void tour_heap(void);
void tour_lazy(void);
void tour_faults(void);
void tour_cache(void);
void tour_cow(void);
void tour_shared(void);
void tour_segv(void);
void tour_sizes(void);
