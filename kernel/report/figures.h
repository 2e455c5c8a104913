/*
 * The figures that several reports show, taken at one moment from counters that are kept exact. Nothing here
 * allocates, sleeps or takes a lock: sysrq asks from interrupts.
 */
#pragma once

#include "mm/phys/zone.h"

/* Frames. */
struct memory_figures {
	u32 managed, free, available; /* free: hot lists included */
	u32 high_managed, high_free;
	u32 hot;           /* of the free ones, on hot lists */
	u32 cached, shmem; /* the page cache; of it, shared memory and tmpfs */
	u32 mapped;        /* of the page cache, mapped by somebody */
	u32 anon;          /* anonymous, mapped by somebody */
	u32 active_anon, inactive_anon, active_file, inactive_file, unevictable, mlocked;
	u32 slab, slab_reclaimable;
	u32 stacks, tables;
};
void memory_figures(struct memory_figures *f);

/* Frames that mlock holds, by what they are. */
struct mlocked_frames {
	u32 anon, shmem, file;
};
void mlocked_frames(struct mlocked_frames zone_frames[MAX_NR_ZONES]);
/* Puts frames on the lists where Linux has them: what is locked is unevictable. */
void figures_sort(struct memory_figures *f, const struct mlocked_frames *locked, u32 file);

/* One line of vmstat and zoneinfo. */
struct figure_line {
	const char *name;
	u32 value;
};
#define MAX_FIGURE_LINES 16
/* Fill lines and return how many. zone_lines() looks only at the figures that zones have too. */
u32 zone_lines(const struct memory_figures *f, struct figure_line lines[MAX_FIGURE_LINES]);
u32 node_lines(const struct memory_figures *f, struct figure_line lines[MAX_FIGURE_LINES]);
/* The part of the figures that zone_lines() looks at, of one zone: by looking at each of its frames. */
void zone_figures(const struct zone *z, struct memory_figures *f);

/* What a frame holds: each is one of these. */
enum frame_kind {
	FRAME_BUDDY,
	FRAME_HOT,
	FRAME_SLAB,
	FRAME_FILE,
	FRAME_SHMEM,
	FRAME_ANON,
	FRAME_TABLE,
	FRAME_STACK,
	FRAME_VMALLOC,
	FRAME_BLOCK,  /* of order > 0, and none of the above */
	FRAME_SINGLE, /* the same of order 0: pipes, the zero page, what is on its way */
	FRAME_RESERVED,
	NR_FRAME_KINDS
};
/* Counts the frames of z by looking at each of them. */
void zone_census(const struct zone *z, u32 frames[NR_FRAME_KINDS]);
