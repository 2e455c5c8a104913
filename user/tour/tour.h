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
#include "user/lib/syscall.h"

#define KIB 1024u
#define MIB (1024u * KIB)

enum verdict {
	NO = 0,
	YES = 1,
	UNSEEN = 2,
};

void chapter(const char *title);
/* Prints the claim with its verdict (a bool, or UNSEEN) and counts it. */
void claim(int verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- figures.c: what the kernel says. Each returns false, or -1, where it does not say. --- */

#define UNKNOWN (-1L)

struct zone_figures {
	char name[16];
	unsigned long start_pfn, spanned, present, managed, free, min, low, high;
};

#define MAX_ZONES 5

struct buddy_figures {
	char name[16];
	unsigned long blocks[11];
};

struct slab_figures {
	unsigned long active, total, object_bytes, per_slab, pages_per_slab, slabs;
};

/*
 * The translation of one address, as the processor would do it. `pte` is 0 without a table or below
 * a 4 MB page.
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

long meminfo_kb(const char *key);
/* Zones that have memory. Returns their number, 0 if unknown. */
int read_zones(struct zone_figures zones[MAX_ZONES]);
int read_buddy(struct buddy_figures rows[MAX_ZONES]);
bool read_slab(const char *name, struct slab_figures *slab);
bool read_walk(uint32_t address, struct walk *walk);
long minor_faults(void);
long resident_kb(void);
/* The frame behind a user address. UNKNOWN if none is present or the kernel does not tell. */
long frame_of(const volatile void *address);
/* The frames behind nr_pages pages from `start`. Returns how many could be read. */
size_t frames_of(const volatile void *start, size_t nr_pages, long *frames);
/* How many page-table entries map the frame. */
long map_count(long frame);
/* The zone's name, "no zone" if none holds it. */
const char *zone_of(unsigned long frame);

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

void tour_walk(void);
void tour_zones(void);
void tour_buddy(void);
void tour_slab(void);
void tour_lazy(void);
void tour_cow(void);
void tour_segv(void);
