/* mm/phys/zone.c: machines of all sizes. */
#include "mm/phys/zone.h"
#include "mm/phys/bootmem.h"
#include "tests/host/check.h"
#include "tests/host/fake_ram.h"

static const u32 sizes_mb[] = {4,   8,   15,  16,   17,   20,   64,  256,
			       895, 896, 897, 1024, 2048, 3584, 4095};

TEST(every_usable_frame_is_managed_or_itemised)
{
	for (unsigned i = 0; i < ARRAY_SIZE(sizes_mb); i++) {
		u32 reserved = 0;

		fake_ram_boot(sizes_mb[i]);
		for (unsigned use = 0; use < BOOTMEM_NR_USES; use++)
			reserved += bootmem_pages(use);
		CHECK_EQ(nr_managed_pages() + reserved, memmap_usable_pages(&fake_memmap));
		CHECK_EQ(nr_free_pages(), nr_managed_pages());
		CHECK_PHYS();
	}
}

TEST(the_borders_are_16_and_896_mb)
{
	for (unsigned i = 0; i < ARRAY_SIZE(sizes_mb); i++) {
		u32 mb = sizes_mb[i];

		fake_ram_boot(mb);
		CHECK_EQ(zones[ZONE_DMA].spanned, MIN(mb, 16u) << 8);
		CHECK_EQ(zones[ZONE_NORMAL].spanned, mb > 16 ? (MIN(mb, 896u) - 16) << 8 : 0);
		CHECK_EQ(zones[ZONE_HIGHMEM].spanned, mb > 896 ? (mb - 896) << 8 : 0);
		CHECK_EQ(max_pfn, mb << 8);
		CHECK_EQ(max_low_pfn, MIN(mb, 896u) << 8);
	}
}

TEST(no_frame_of_the_first_page_or_the_video_hole_is_free)
{
	fake_ram_boot(8);
	CHECK(pfn_to_page(0)->flags & PG_RESERVED);
	for (u32 pfn = 0xA0; pfn < 0x100; pfn++)
		CHECK(pfn_to_page(pfn)->flags & PG_RESERVED);
}

TEST(watermarks_are_linuxs)
{
	/* min_free_kbytes of Linux is int_sqrt(lowmem_kbytes * 16). */
	fake_ram_boot(64);
	u32 kb = (zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed) * 4;
	u32 min_kb = 4 * (zones[ZONE_DMA].watermark[WMARK_MIN] +
			  zones[ZONE_NORMAL].watermark[WMARK_MIN]);

	CHECK((u64)min_kb * min_kb <= kb * 16);
	CHECK((u64)(min_kb + 12) * (min_kb + 12) >
	      kb * 16); /* rounded down to frames in each zone */
	CHECK_EQ(zones[ZONE_HIGHMEM].watermark[WMARK_MIN], 0);

	fake_ram_boot(2048);
	CHECK_EQ(zones[ZONE_HIGHMEM].watermark[WMARK_MIN], 128);
	fake_ram_boot(900);
	CHECK_EQ(zones[ZONE_HIGHMEM].watermark[WMARK_MIN], 32);
}

/* Linux 6.1: a quarter of the zone's share of min_free_kbytes, or its thousandth where that is more. */
TEST(low_and_high_lie_as_far_above_min_as_linuxs)
{
	for (unsigned i = 0; i < ARRAY_SIZE(sizes_mb); i++) {
		struct zone *z;

		fake_ram_boot(sizes_mb[i]);
		for_each_zone (z) {
			u32 low = z->watermark[WMARK_LOW], min = z->watermark[WMARK_MIN];
			u32 share = (u64)(min_free_kb / 4) * z->managed /
				    (zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed);

			CHECK_EQ(z->watermark[WMARK_HIGH] - low, low - min);
			CHECK_EQ(low - min, MAX(share / 4, z->managed / 1000));
		}
	}
}

TEST(watermark_scale_factor_moves_low_and_high)
{
	struct zone *normal = &zones[ZONE_NORMAL];
	u32 min;

	fake_ram_boot(64);
	min = normal->watermark[WMARK_MIN];
	watermark_scale_factor = 1000;
	zones_set_watermarks();
	CHECK_EQ(normal->watermark[WMARK_MIN], min);
	CHECK_EQ(normal->watermark[WMARK_LOW], min + normal->managed / 10);
	CHECK_EQ(normal->watermark[WMARK_HIGH], min + 2 * (normal->managed / 10));
	watermark_scale_factor = 10;
}

TEST(reserves_are_in_proportion_to_the_zones_above)
{
	fake_ram_boot(2048);
	u32 normal = zones[ZONE_NORMAL].managed, high = zones[ZONE_HIGHMEM].managed;

	CHECK_EQ(zones[ZONE_NORMAL].lowmem_reserve[ZONE_NORMAL], 0);
	CHECK_EQ(zones[ZONE_NORMAL].lowmem_reserve[ZONE_HIGHMEM], high / 32);
	CHECK_EQ(zones[ZONE_DMA].lowmem_reserve[ZONE_DMA], 0);
	CHECK_EQ(zones[ZONE_DMA].lowmem_reserve[ZONE_NORMAL], normal / 256);
	CHECK_EQ(zones[ZONE_DMA].lowmem_reserve[ZONE_HIGHMEM], (normal + high) / 256);
	CHECK_EQ(zones[ZONE_HIGHMEM].lowmem_reserve[ZONE_HIGHMEM], 0);
}

/* What the last user of the memory left where mem_map comes to lie may look like free blocks. */
TEST(what_lay_in_mem_maps_place_is_not_believed)
{
	static const u32 at[] = {8, 28, 64, 100};

	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		u32 frames = at[i] << 8;
		struct page *stale;

		fake_ram_map(at[i], at[i] / 2);
		/* mem_map goes to the top of memory: see mem_map_lies_at_the_end_of_lowmem. */
		stale = (struct page *)phys_to_virt(frames * (PAGE_SIZE - sizeof(struct page))) -
			frames;
		for (u32 n = 0; n < 2 * frames; n++)
			stale[n] =
				(struct page){.flags = PG_BUDDY,
					      .private = n ? (u32)__builtin_ctz(n) % MAX_ORDER : 0};
		zones_init(&fake_memmap);
		CHECK_PHYS();
	}
}

TEST(a_hole_is_spanned_but_not_present)
{
	fake_ram_map(64, 40);
	zones_init(&fake_memmap);
	CHECK_EQ(zones[ZONE_NORMAL].spanned - zones[ZONE_NORMAL].present, 256);
	for (u32 pfn = 40 << 8; pfn < 41 << 8; pfn++)
		CHECK(pfn_to_page(pfn)->flags & PG_RESERVED);
	CHECK_PHYS();
}

TEST(mem_map_lies_at_the_end_of_lowmem)
{
	fake_ram_boot(64);
	CHECK_EQ(virt_to_phys(mem_map) + 64 * 256 * sizeof(struct page), 64u << 20);
	CHECK_EQ(bootmem_pages(BOOTMEM_MEMMAP), 64 * 256 * 32 / 4096);
}

TEST(boot_memory_comes_back)
{
	fake_ram_map(20, 0);
	paddr_t pa = bootmem_alloc(100 * PAGE_SIZE, PAGE_SIZE, LOWMEM_MAX, BOOTMEM_MODULE);

	CHECK(pa);
	zones_init(&fake_memmap);
	u32 before = nr_free_pages();

	CHECK_EQ(bootmem_pages(BOOTMEM_MODULE), 100);
	free_reserved_range(pa >> PAGE_SHIFT, (pa >> PAGE_SHIFT) + 60);
	CHECK_EQ(nr_free_pages(), before + 60);
	CHECK_EQ(bootmem_pages(BOOTMEM_MODULE), 40);
	CHECK_PHYS();
	CHECK_PANIC(free_reserved_range(pa >> PAGE_SHIFT, (pa >> PAGE_SHIFT) + 1));
}

/* A loader puts modules where mem= and memmap= may say that no memory is. */
TEST(what_is_not_usable_does_not_come_back)
{
	fake_ram_map(20, 10);
	bootmem_reserve(9 << 20, 12 << 20, BOOTMEM_MODULE);
	bootmem_reserve(19 << 20, 22 << 20, BOOTMEM_MODULE);
	zones_init(&fake_memmap);
	u32 before = nr_free_pages();

	free_reserved_range(9 << 8, 12 << 8);
	CHECK_EQ(nr_free_pages(), before + (2 << 8));
	CHECK(pfn_to_page(10 << 8)->flags & PG_RESERVED);
	free_reserved_range(19 << 8, 22 << 8);
	CHECK_EQ(nr_free_pages(), before + (3 << 8));
	CHECK_EQ(bootmem_pages(BOOTMEM_MODULE), 0);
	free_reserved_range(22 << 8, 23 << 8);
	CHECK_EQ(nr_free_pages(), before + (3 << 8));
	CHECK_PHYS();
}
