/* mm/phys/bootmem.c against a model with one byte a frame. */
#include "mm/phys/bootmem.h"
#include "tests/host/check.h"

#define FRAMES 4096u /* of the model */

static struct memmap map;
static u8 state[FRAMES]; /* 0 not usable, 1 free, 2 + use */

static void set_map(void)
{
	u32 at = 0;

	memset(&map, 0, sizeof(map));
	memset(state, 0, sizeof(state));
	while (at < FRAMES && map.nr < 6) {
		u32 start = at + (map.nr ? 1 + test_rand_below(300) : 0);
		u32 end = start + 1 + test_rand_below(900);

		if (end > FRAMES)
			break;
		map.r[map.nr++] = (struct memmap_range){
			{start}, {end}, test_rand_below(4) || !start ? MEM_USABLE : MEM_ACPI};
		if (map.r[map.nr - 1].type == MEM_USABLE)
			memset(state + start, 1, end - start);
		at = end;
	}
	state[0] = 2 + BOOTMEM_OTHER;
	bootmem_init(&map);
}

static u8 seen_free[FRAMES];

static void mark_free(u32 start, u32 end)
{
	CHECK(start < end && end <= FRAMES);
	for (u32 i = start; i < end; i++) {
		CHECK_EQ(seen_free[i], 0);
		seen_free[i] = 1;
	}
}

static void compare(void)
{
	u32 pages[BOOTMEM_NR_USES] = {0};

	for (u32 i = 0; i < FRAMES; i++) {
		if (state[i] >= 2)
			pages[state[i] - 2]++;
	}
	for (unsigned use = 0; use < BOOTMEM_NR_USES; use++)
		CHECK_EQ(bootmem_pages(use), pages[use]);
	memset(seen_free, 0, sizeof(seen_free));
	bootmem_for_each_free(mark_free);
	for (u32 i = 0; i < FRAMES; i++)
		CHECK_EQ(seen_free[i], state[i] == 1);
}

static bool all_free(u32 start, u32 n)
{
	for (u32 i = start; i < start + n; i++) {
		if (i >= FRAMES || state[i] != 1)
			return false;
	}
	return true;
}

static void alloc_and_compare(void)
{
	u32 n = 1 + test_rand_below(40);
	u32 align = PAGE_SIZE << test_rand_below(7);
	u32 limit = test_rand_below(4) ? FRAMES * PAGE_SIZE : test_rand_below(FRAMES * PAGE_SIZE);
	enum bootmem_use use = test_rand_below(BOOTMEM_NR_USES);
	paddr_t pa = bootmem_alloc(n * PAGE_SIZE - test_rand_below(PAGE_SIZE), align, limit, use);
	u32 expected = 0;

	/* The highest place that the model has. */
	for (u32 at = 1; at + n <= limit / PAGE_SIZE; at++) {
		if (at % (align / PAGE_SIZE) == 0 && all_free(at, n))
			expected = at;
	}
	CHECK_EQ(pa, expected * PAGE_SIZE);
	if (pa)
		memset(state + expected, 2 + use, n);
}

static void reserve_some(void)
{
	u32 start = test_rand_below(FRAMES * PAGE_SIZE - 1);
	u32 end = start + 1 + test_rand_below(50 * PAGE_SIZE);
	enum bootmem_use use = test_rand_below(BOOTMEM_NR_USES);

	end = MIN(end, FRAMES * PAGE_SIZE);
	bootmem_reserve(start, end, use);
	for (u32 i = start / PAGE_SIZE; i * PAGE_SIZE < end; i++) {
		if (state[i] == 1)
			state[i] = 2 + use;
		else if (!state[i])
			state[i] = 0; /* not usable: counts for nobody */
	}
}

static void release_some(void)
{
	u32 start = 1 + test_rand_below(FRAMES - 1);
	u32 end = MIN(start + test_rand_below(60), FRAMES);

	bootmem_release(start, end);
	for (u32 i = start; i < end; i++) {
		if (state[i] >= 2)
			state[i] = 1;
	}
}

TEST(random_operations_match_a_model)
{
	for (unsigned round = 0; round < test_rounds(60); round++) {
		set_map();
		compare();
		for (unsigned i = 0; i < 25; i++) {
			switch (test_rand_below(4)) {
			case 0:
				reserve_some();
				break;
			case 1:
				release_some();
				break;
			default:
				alloc_and_compare();
			}
			compare();
		}
	}
}

TEST(nothing_is_handed_out_twice_until_it_is_full)
{
	u32 n = 0, usable = 0;
	paddr_t pa;

	set_map();
	for (u32 i = 0; i < FRAMES; i++)
		usable += state[i] == 1;
	while ((pa = bootmem_alloc(PAGE_SIZE, PAGE_SIZE, FRAMES * PAGE_SIZE, BOOTMEM_TABLES))) {
		CHECK_EQ(state[pa / PAGE_SIZE], 1);
		state[pa / PAGE_SIZE] = 2 + BOOTMEM_TABLES;
		n++;
	}
	CHECK_EQ(n, usable);
	compare();
}

TEST(frame_0_is_never_handed_out)
{
	map.nr = 1;
	map.r[0] = (struct memmap_range){{0}, {2}, MEM_USABLE};
	bootmem_init(&map);
	CHECK_EQ(bootmem_pages(BOOTMEM_OTHER), 1);
	CHECK_EQ(bootmem_alloc(2 * PAGE_SIZE, PAGE_SIZE, 0x10000000, BOOTMEM_OTHER), 0);
	CHECK_EQ(bootmem_alloc(1, 1, 0x10000000, BOOTMEM_OTHER), PAGE_SIZE);
	CHECK_EQ(bootmem_alloc(1, 1, 0x10000000, BOOTMEM_OTHER), 0);
}

TEST(an_empty_range_reserves_nothing)
{
	map.nr = 1;
	map.r[0] = (struct memmap_range){{0}, {16}, MEM_USABLE};
	bootmem_init(&map);
	bootmem_reserve(0, 0, BOOTMEM_MODULE);
	bootmem_reserve(0x3000, 0x3000, BOOTMEM_MODULE);
	CHECK_EQ(bootmem_pages(BOOTMEM_MODULE), 0);
	/* Outward, to whole frames. */
	bootmem_reserve(0x3fff, 0x4001, BOOTMEM_MODULE);
	CHECK_EQ(bootmem_pages(BOOTMEM_MODULE), 2);
}

TEST(the_last_frame_of_4_gib_can_be_reserved)
{
	map.nr = 1;
	map.r[0] = (struct memmap_range){{0xFFFF0}, {0x100000}, MEM_USABLE};
	bootmem_init(&map);
	bootmem_reserve(0xFFFFE000, 0, BOOTMEM_OTHER);
	CHECK_EQ(bootmem_pages(BOOTMEM_OTHER), 2);
}
