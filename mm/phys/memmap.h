/* The memory map: which frames are RAM that may be used. */
#pragma once

#include "lib/compiler.h"
#include "lib/seq.h"
#include "mm/phys/boot_info.h"

/* The firmware's numbers (ACPI 6.4, 15.1). What is not listed there is taken for reserved. */
enum mem_type {
	MEM_USABLE = 1,
	MEM_RESERVED = 2,
	MEM_ACPI = 3, /* ACPI tables; would be usable once they are read */
	MEM_NVS = 4,  /* the firmware's own, to be kept over sleep */
	MEM_BAD = 5,
};

/* Frames [start, end). */
struct memmap_range {
	pfn_t start, end;
	enum mem_type type;
};

/* n firmware lines make at most 2n - 1 ranges, an override or the video hole two more each. */
#define MEMMAP_MAX_OVERRIDES 16
#define MEMMAP_MAX_RANGES    (2 * (BOOT_MAX_RANGES + MEMMAP_MAX_OVERRIDES + 1))

/*
 * Sorted, without overlap, adjacent ranges of one type merged, nothing above 4 GiB. What lies in no
 * range is a hole.
 *
 * Of the bytes called usable:  firmware_usable + added
 *                              == 4096 * usable frames + cut + above_4g + video + rounding
 */
struct memmap {
	unsigned nr;
	struct memmap_range r[MEMMAP_MAX_RANGES];
	u64 firmware_usable; /* after overlaps, where the stricter type wins */
	u64 added;           /* made usable by memmap=SIZE@ADDR */
	u64 cut;             /* taken away by mem= and memmap=SIZE$ADDR */
	u64 above_4g;        /* out of reach without PAE */
	u64 video;    /* in 0xA0000-0xFFFFF: video memory and ROMs, whatever the firmware says */
	u64 rounding; /* parts of frames */
};

enum memmap_override_kind {
	MEMMAP_LIMIT,   /* mem=SIZE: nothing usable at or above SIZE */
	MEMMAP_USABLE,  /* memmap=SIZE@ADDR */
	MEMMAP_RESERVE, /* memmap=SIZE$ADDR */
};

struct memmap_override {
	enum memmap_override_kind kind;
	u64 start; /* not for MEMMAP_LIMIT */
	u64 size;
};

/* Read the values of mem= and memmap=. => 0, -EINVAL or -ERANGE. */
int __must_check memmap_parse_mem(const char *text, struct memmap_override *override);
int __must_check memmap_parse_memmap(const char *text, struct memmap_override *override);

/*
 * Makes the map from the firmware's and from overrides, which are applied in their order.
 * => 0; -EINVAL for more than MEMMAP_MAX_OVERRIDES, -ENOMEM where no frame is usable.
 */
int __must_check memmap_build(struct memmap *map, const struct boot_info *info,
			      const struct memmap_override *overrides, unsigned nr_overrides);

/* => the type of a frame, or 0 in a hole. */
unsigned memmap_type(const struct memmap *map, pfn_t pfn);

u32 memmap_usable_pages(const struct memmap *map);

/* => one past the last usable frame. */
pfn_t memmap_end(const struct memmap *map);

/* => NULL, or which of the promises above does not hold. */
const char *memmap_check(const struct memmap *map);

const char *mem_type_name(unsigned type);

/* The firmware's map, the result, and where the difference went. */
void memmap_report(const struct memmap *map, const struct boot_info *info, struct seq *seq);
