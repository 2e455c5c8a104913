/*
 * Zones: memory by what it can be used for.
 *
 *   frame 0          16 MB                      896 MB              4 GiB
 *   | DMA            | NORMAL                   | HIGHMEM           |
 *     ISA devices      direct map                 no kernel address of its own
 *
 * A request names the highest zone that it can use and falls back to the ones below. Two things keep it from
 * emptying them. Watermarks: below `min` nothing is handed out but to __GFP_HIGH; `low` and `high` say when
 * reclaim begins and ends. Reserves: a request that could have used a higher zone must leave
 * lowmem_reserve[that zone] frames more in each zone below, in proportion to the size of the higher zones, for
 * user memory that could lie anywhere must not fill the zones that the kernel itself depends on.
 *
 *   min of all zones below HIGHMEM together: 4 * sqrt(lowmem KiB) KiB, at least 128 KiB, at most 64 MiB,
 *   distributed by size; HIGHMEM: managed / 1024, 32 to 128 frames. low and high lie one and two steps above min. A
 *   step is a quarter of the zone's share by size, HIGHMEM's too, or managed * watermark_scale_factor / 10000, which
 *   is a thousandth, whichever is more: in a large zone reclaim must begin while there is more left than min tells.
 *
 * mem_map has an entry for every frame below the last usable one, holes included. Only the fields that mean
 * something in a free or reserved frame are set: boot cost is three stores a frame.
 */
#include "mm/phys/zone.h"
#include "lib/math64.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "mm/phys/bootmem.h"
#include "mm/phys/buddy.h"
#include <asm/errno.h>

/* Linux's sysctl_lowmem_reserve_ratio. */
static const u32 reserve_ratio[MAX_NR_ZONES] = {256, 32, 1};

struct page *mem_map;
u32 max_pfn;
u32 max_low_pfn;
struct zone zones[MAX_NR_ZONES] = {{.name = "DMA"}, {.name = "Normal"}, {.name = "HighMem"}};
struct hot_list *pageblock_hot[MAX_PAGEBLOCKS];

u32 zone_nr_free(const struct zone *z)
{
	u32 n = z->nr_free;

	for (unsigned type = 0; type < MIGRATE_TYPES; type++)
		n += z->hot[type].count;
	return n;
}

u32 zone_nr_blocks(const struct zone *z, unsigned order)
{
	u32 n = 0;

	for (unsigned type = 0; type < MIGRATE_TYPES; type++)
		n += z->free_area[order].nr[type];
	return n;
}

u32 nr_free_lowmem(void)
{
	return zone_nr_free(&zones[ZONE_DMA]) + zone_nr_free(&zones[ZONE_NORMAL]);
}

u32 nr_free_pages(void)
{
	return nr_free_lowmem() + zone_nr_free(&zones[ZONE_HIGHMEM]);
}

u32 nr_managed_pages(void)
{
	struct zone *z;
	u32 n = 0;

	for_each_zone (z)
		n += z->managed;
	return n;
}

u32 zone_nr_allocs(const struct zone *z)
{
	u32 n = z->block_allocs - z->hot_given;

	for (unsigned type = 0; type < MIGRATE_TYPES; type++)
		n += z->hot[type].pops;
	return n;
}

/* What is on a hot list or was taken off it came there by a fill or was freed. */
u32 nr_page_frees(void)
{
	struct zone *z;
	u32 n = 0;

	for_each_zone (z) {
		n += z->block_frees - z->hot_filled;
		for (unsigned type = 0; type < MIGRATE_TYPES; type++)
			n += z->hot[type].count + z->hot[type].pops;
	}
	return n;
}

static u32 square_root(u32 x)
{
	u32 root = 0;

	for (u32 bit = 1u << 15; bit; bit >>= 1) {
		if ((root + bit) * (root + bit) <= x)
			root += bit;
	}
	return root;
}

static u32 clamp(u32 x, u32 low, u32 high)
{
	return MIN(MAX(x, low), high);
}

static __init u32 lowmem_managed(void)
{
	return zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed;
}

u32 min_free_kb;
u32 watermark_scale_factor = 10; /* Linux's */
static bool min_free_is_set;

int zones_set_min_free(u32 kb)
{
	if (kb > lowmem_managed() / 4 << (PAGE_SHIFT - 10))
		return -EINVAL;
	min_free_kb = kb;
	min_free_is_set = true;
	zones_set_watermarks();
	return 0;
}

/* Frames between min and low, and between low and high. share: of min_free_kb, by size. */
static u32 watermark_step(const struct zone *z, u32 share)
{
	static_assert((u64)WATERMARK_SCALE_MAX * MAX_PAGEBLOCKS * PAGEBLOCK_PAGES <= UINT32_MAX,
		      "no overflow");
	return MAX(share / 4, z->managed * watermark_scale_factor / WATERMARK_SCALE_UNIT);
}

void zones_set_watermarks(void)
{
	u32 lowmem = lowmem_managed();
	u32 lowmem_kb = lowmem << (PAGE_SHIFT - 10), min_pages;
	struct zone *z;

	if (!min_free_is_set)
		min_free_kb = clamp(square_root(lowmem_kb * 16), 128, 65536);
	min_pages = min_free_kb >> (PAGE_SHIFT - 10);
	for_each_zone (z) {
		u32 above = 0;
		u32 share = lowmem ? (u32)div_u64((u64)min_pages * z->managed, lowmem) : 0;
		u32 step = watermark_step(z, share), min = share;

		if (z == &zones[ZONE_HIGHMEM])
			min = z->managed ? clamp(z->managed / 1024, 32, 128) : 0;
		z->watermark[WMARK_MIN] = min;
		z->watermark[WMARK_LOW] = min + step;
		z->watermark[WMARK_HIGH] = min + 2 * step;

		for (unsigned i = 0; i < MAX_NR_ZONES; i++) {
			if (zones + i > z)
				above += zones[i].managed;
			z->lowmem_reserve[i] = above / reserve_ratio[z - zones];
		}
	}
}

static __init enum zone_type zone_of_pfn(u32 pfn)
{
	return pfn < DMA_ZONE_END_PFN ? ZONE_DMA : pfn < max_low_pfn ? ZONE_NORMAL : ZONE_HIGHMEM;
}

static __init u32 zone_end_pfn(u32 pfn)
{
	u32 end = pfn < DMA_ZONE_END_PFN ? DMA_ZONE_END_PFN
		  : pfn < max_low_pfn    ? max_low_pfn
					 : max_pfn;

	return MIN(end, max_pfn);
}

/* Writes the entries of [start, end). What a free frame does not need is left as it is. */
static __init void init_pages(u32 start, u32 end, u32 flags, s32 refcount)
{
	while (start < end) {
		u32 zone_flags = flags | zone_of_pfn(start);
		u32 stop = MIN(end, zone_end_pfn(start));

		for (struct page *p = mem_map + start; p < mem_map + stop; p++) {
			p->flags = zone_flags;
			p->refcount = refcount;
			p->mapcount = 0;
		}
		start = stop;
	}
}

/* One past the last frame whose entry is written. */
static u32 nr_inited;

static __init void init_free_range(u32 start, u32 end)
{
	init_pages(nr_inited, start, PG_RESERVED, 1);
	init_pages(start, end, 0, 0);
	nr_inited = end;
}

static __init void zone_init(struct zone *z, u32 start, u32 end, const struct memmap *map)
{
	z->start_pfn = start;
	z->spanned = end - start;
	for (u32 i = 0; i < map->nr; i++) {
		u32 from = MAX(start, map->r[i].start.n), to = MIN(end, map->r[i].end.n);

		if (map->r[i].type == MEM_USABLE && from < to)
			z->present += to - from;
	}
	for (unsigned order = 0; order < MAX_ORDER; order++) {
		for (unsigned type = 0; type < MIGRATE_TYPES; type++)
			INIT_LIST_HEAD(&z->free_area[order].list[type]);
	}
	/* Everything begins as movable; the other types claim pageblocks as they need them. */
	for (u32 pfn = start; pfn < end; pfn += PAGEBLOCK_PAGES)
		pageblock_hot[pfn >> PAGEBLOCK_ORDER] = &z->hot[MIGRATE_MOVABLE];
}

__init void zones_init(const struct memmap *map)
{
	u32 end = memmap_end(map).n;
	u32 low_end = MIN(end, LOWMEM_MAX >> PAGE_SHIFT);
	u32 dma_end = MIN(low_end, DMA_ZONE_END_PFN);
	paddr_t pa = bootmem_alloc(end * sizeof(struct page), PAGE_SIZE, low_end << PAGE_SHIFT,
				   BOOTMEM_MEMMAP);

	if (!pa)
		panic("no room below 896 MB for mem_map (%u KiB)",
		      (u32)(end * sizeof(struct page) >> 10));
	mem_map = phys_to_virt(pa);
	max_pfn = end;
	max_low_pfn = low_end;

	zone_init(&zones[ZONE_DMA], 0, dma_end, map);
	zone_init(&zones[ZONE_NORMAL], dma_end, low_end, map);
	zone_init(&zones[ZONE_HIGHMEM], low_end, end, map);
	buddy_init();

	nr_inited = 0;
	bootmem_for_each_free(init_free_range);
	init_pages(nr_inited, end, PG_RESERVED, 1);
	/* Only now: a block that is freed looks at its buddy, which may lie in a later range. */
	bootmem_for_each_free(free_range_to_buddy);
	zones_set_watermarks();
	buddy_size_hot_lists();
}

int zones_check(void)
{
	struct zone *z;
	u32 at = 0;

	for_each_zone (z) {
		u32 managed = 0;

		if (z->start_pfn != at || z->managed > z->present || z->present > z->spanned)
			goto bad;
		for (at = z->start_pfn; at < z->start_pfn + z->spanned; at++) {
			const struct page *p = pfn_to_page(at);

			if (page_zone_of(p->flags) != z)
				goto bad;
			managed += !(p->flags & PG_RESERVED);
		}
		if (managed != z->managed || zone_nr_free(z) > managed)
			goto bad;
		if (z->watermark[WMARK_MIN] > z->watermark[WMARK_LOW] ||
		    z->watermark[WMARK_LOW] > z->watermark[WMARK_HIGH])
			goto bad;
	}
	if (at == max_pfn)
		return 0;
	z = zones + MAX_NR_ZONES - 1;
bad:
	printk("zones_check: zone %s is wrong near frame %#x\n", z->name, at);
	return -EIO;
}
