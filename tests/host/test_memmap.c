/* mm/phys/memmap.c: known machines, and random maps against a model that looks at every page by itself. */
#include "tests/host/check.h"
#include "mm/phys/memmap.h"
#include <errno.h>

#define GIB (1ull << 30)

static struct boot_info info;
static struct memmap map;

static void firmware(u64 base, u64 len, u32 type)
{
	info.ranges[info.nr_ranges++] = (struct firmware_range){base, len, type};
}

static void reset(void)
{
	memset(&info, 0, sizeof(info));
}

static void build(const struct memmap_override *overrides, unsigned nr)
{
	CHECK_EQ(memmap_build(&map, &info, overrides, nr), 0);
	CHECK_OK(memmap_check(&map));
}

static void expect(unsigned i, u32 start, u32 end, unsigned type)
{
	CHECK(i < map.nr);
	CHECK_EQ(map.r[i].start.n, start);
	CHECK_EQ(map.r[i].end.n, end);
	CHECK_EQ(map.r[i].type, type);
}

/* What QEMU 7.2 gives with -m 512. */
TEST(qemu_512)
{
	reset();
	firmware(0, 0x9fc00, 1);
	firmware(0x9fc00, 0x400, 2);
	firmware(0xf0000, 0x10000, 2);
	firmware(0x100000, 0x1fee0000, 1);
	firmware(0x1ffe0000, 0x20000, 2);
	firmware(0xfffc0000, 0x40000, 2);
	build(NULL, 0);
	expect(0, 0, 0x9f, MEM_USABLE);
	expect(1, 0x9f, 0x100, MEM_RESERVED);
	expect(2, 0x100, 0x1ffe0, MEM_USABLE);
	expect(3, 0x1ffe0, 0x20000, MEM_RESERVED);
	expect(4, 0xfffc0, 0x100000, MEM_RESERVED);
	CHECK_EQ(map.nr, 5);
	CHECK_EQ(map.rounding, 0xc00);
	CHECK_EQ(map.video + map.above_4g + map.cut + map.added, 0);
	CHECK_EQ(memmap_usable_pages(&map), 0x9f + 0x1fee0);
	CHECK_EQ(memmap_end(&map).n, 0x1ffe0);
	CHECK_EQ(memmap_type(&map, make_pfn(0x50)), MEM_USABLE);
	CHECK_EQ(memmap_type(&map, make_pfn(0xa0)), MEM_RESERVED);
	CHECK_EQ(memmap_type(&map, make_pfn(0x20000)), 0);
	CHECK_EQ(memmap_type(&map, make_pfn(0xfffff)), MEM_RESERVED);
}

TEST(memory_up_to_and_above_4_gib)
{
	reset();
	firmware(0x100000, 4 * GIB - 0x100000, 1);
	firmware(4 * GIB, 4 * GIB, 1);
	build(NULL, 0);
	CHECK_EQ(map.above_4g, 4 * GIB);
	CHECK_EQ(memmap_end(&map).n, 0x100000);
	CHECK_EQ(memmap_usable_pages(&map), 0x100000 - 0x100);
}

TEST(a_range_that_wraps_ends_at_the_top)
{
	reset();
	firmware(0x100000, 0x100000, 1);
	firmware(0xfffff000, UINT64_MAX - 5, 2);
	firmware(UINT64_MAX - 10, 100, 1);
	build(NULL, 0);
	expect(2, 0xfffff, 0x100000, MEM_RESERVED);
	CHECK_EQ(map.above_4g, 10 - 10);
}

TEST(stricter_types_win)
{
	static const u32 order[] = {MEM_USABLE, MEM_ACPI, MEM_NVS, MEM_RESERVED, MEM_BAD};

	for (unsigned i = 0; i < 5; i++) {
		for (unsigned j = 0; j < 5; j++) {
			reset();
			firmware(0x200000, 0x100000, 1);
			firmware(0x500000, 0x2000, order[i]);
			firmware(0x501000, 0x2000, order[j]);
			build(NULL, 0);
			CHECK_EQ(memmap_type(&map, make_pfn(0x500)), order[i]);
			CHECK_EQ(memmap_type(&map, make_pfn(0x501)), order[MAX(i, j)]);
			CHECK_EQ(memmap_type(&map, make_pfn(0x502)), order[j]);
		}
	}
}

TEST(unknown_types_are_reserved)
{
	static const u32 types[] = {0, 6, 7, 12, 20, 0xffffffff};

	reset();
	firmware(0x100000, 0x100000, 1);
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++)
		firmware(0x300000 + i * 0x10000, 0x1000, types[i]);
	build(NULL, 0);
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++)
		CHECK_EQ(memmap_type(&map, make_pfn(0x300 + i * 0x10)), MEM_RESERVED);
}

/* Firmware that calls video memory usable (some does, at 0-16 MB as one range). */
TEST(video_memory_is_never_usable)
{
	reset();
	firmware(0, 0x1000000, 1);
	build(NULL, 0);
	expect(0, 0, 0xa0, MEM_USABLE);
	expect(1, 0xa0, 0x100, MEM_RESERVED);
	expect(2, 0x100, 0x1000, MEM_USABLE);
	CHECK_EQ(map.video, 0x60000);
}

TEST(sizes_alone_without_a_map)
{
	reset();
	info.mem_lower_kib = 639;
	info.mem_upper_kib = 7168;
	build(NULL, 0);
	expect(0, 0, 0x9f, MEM_USABLE);
	expect(2, 0x100, 0x800, MEM_USABLE);
	reset();
	CHECK_EQ(memmap_build(&map, &info, NULL, 0), -ENOMEM);
}

TEST(pieces_of_one_frame_are_no_frame)
{
	reset();
	firmware(0x100800, 0x1000, 1); /* the end of one frame and the start of the next */
	CHECK_EQ(memmap_build(&map, &info, NULL, 0), -ENOMEM);
	CHECK_EQ(map.rounding, 0x1000);
	/* Two halves that meet are one frame. */
	firmware(0x100000, 0x800, 1);
	build(NULL, 0);
	expect(1, 0x100, 0x101, MEM_USABLE);
	CHECK_EQ(map.rounding, 0x800);
}

TEST(overrides)
{
	struct memmap_override o[3];

	reset();
	firmware(0, 0x9f000, 1);
	firmware(0x100000, 0x3f00000, 1);
	CHECK_EQ(memmap_parse_mem("16M", &o[0]), 0);
	build(o, 1);
	CHECK_EQ(memmap_end(&map).n, 0x1000);
	CHECK_EQ(map.cut, 0x3000000);
	CHECK_EQ(memmap_parse_memmap("1M$8M", &o[1]), 0);
	CHECK_EQ(memmap_parse_memmap("4K@0x4000000", &o[2]), 0);
	build(o, 3);
	CHECK_EQ(memmap_type(&map, make_pfn(0x7ff)), MEM_USABLE);
	CHECK_EQ(memmap_type(&map, make_pfn(0x800)), MEM_RESERVED);
	CHECK_EQ(memmap_type(&map, make_pfn(0x8ff)), MEM_RESERVED);
	CHECK_EQ(memmap_type(&map, make_pfn(0x900)), MEM_USABLE);
	CHECK_EQ(memmap_type(&map, make_pfn(0x4000)), MEM_USABLE);
	CHECK_EQ(map.added, 0x1000);
	CHECK_EQ(map.cut, 0x3100000);
	CHECK_EQ(memmap_build(&map, &info, o, MEMMAP_MAX_OVERRIDES + 1), -EINVAL);
}

TEST(override_texts)
{
	struct memmap_override o;

	CHECK_EQ(memmap_parse_mem("", &o), -EINVAL);
	CHECK_EQ(memmap_parse_mem("0", &o), -EINVAL);
	CHECK_EQ(memmap_parse_mem("8Mx", &o), -EINVAL);
	CHECK_EQ(memmap_parse_mem("99999999999999999999", &o), -ERANGE);
	CHECK_EQ(memmap_parse_memmap("8M", &o), -EINVAL);
	CHECK_EQ(memmap_parse_memmap("8M@", &o), -EINVAL);
	CHECK_EQ(memmap_parse_memmap("8M#1M", &o), -EINVAL);
	CHECK_EQ(memmap_parse_memmap("0@1M", &o), -EINVAL);
	CHECK_EQ(memmap_parse_memmap("8M@1Mx", &o), -EINVAL);
	CHECK_EQ(memmap_parse_memmap("0x1000$0xf0000", &o), 0);
	CHECK_EQ(o.kind, MEMMAP_RESERVE);
	CHECK_EQ(o.start, 0xf0000);
	CHECK_EQ(o.size, 0x1000);
}

/* --- random maps ------------------------------------------------------------------------------ */

#define MAX_MARKS 300
static u64 marks[MAX_MARKS];
static unsigned nr_marks;

static int strictness(u32 type)
{
	return type == MEM_USABLE ? 1
	       : type == MEM_ACPI ? 2
	       : type == MEM_NVS  ? 3
	       : type == MEM_BAD  ? 5
				  : 4;
}

static u64 end_of(u64 start, u64 len)
{
	return start + len < start ? UINT64_MAX : start + len;
}

/* The type of one byte, by the words of the header: 0 in a hole. */
static u32 byte_type(u64 at, const struct memmap_override *o, unsigned nr)
{
	u32 type = 0;

	for (unsigned i = 0; i < info.nr_ranges; i++) {
		const struct firmware_range *r = &info.ranges[i];

		if (at >= r->base && at < end_of(r->base, r->len) &&
		    (!type || strictness(r->type) > strictness(type)))
			type = r->type >= 1 && r->type <= 5 ? r->type : MEM_RESERVED;
	}
	for (unsigned i = 0; i < nr; i++) {
		bool inside = at >= o[i].start && at < end_of(o[i].start, o[i].size);

		if (o[i].kind == MEMMAP_LIMIT)
			type = type == MEM_USABLE && at >= o[i].size ? 0 : type;
		else if (inside)
			type = o[i].kind == MEMMAP_USABLE ? MEM_USABLE : MEM_RESERVED;
	}
	if (at >= 0xa0000 && at < 0x100000 &&
	    (!type || strictness(type) < strictness(MEM_RESERVED)))
		type = MEM_RESERVED;
	return type;
}

/* Within a page the type changes only at marks. */
static u32 page_type(u32 pfn, const struct memmap_override *o, unsigned nr)
{
	u64 start = (u64)pfn << PAGE_SHIFT;
	u32 strictest = byte_type(start, o, nr);
	bool hole = !strictest;

	for (unsigned i = 0; i < nr_marks; i++) {
		u32 type;

		if (marks[i] <= start || marks[i] >= start + PAGE_SIZE)
			continue;
		type = byte_type(marks[i], o, nr);
		if (!type)
			hole = true;
		else if (!strictest || strictness(type) > strictness(strictest))
			strictest = type;
	}
	return strictest == MEM_USABLE && hole ? 0 : strictest;
}

static u64 random_address(void)
{
	static const u64 near[] = {0,        0x9f000,          0xa0000, 0x100000,
				   0x200000, 4 * GIB - 0x8000, 4 * GIB, 9 * GIB};
	u64 at = near[test_rand_below(ARRAY_SIZE(near))] + test_rand_below(12) * PAGE_SIZE;

	return test_rand_below(3) ? at : at + test_rand_below(2 * PAGE_SIZE);
}

static void random_map(struct memmap_override *o, unsigned nr)
{
	reset();
	nr_marks = 0;
	marks[nr_marks++] = 0xa0000;
	marks[nr_marks++] = 0x100000;
	firmware(0x100000, 0x100000, MEM_USABLE);
	for (unsigned n = test_rand_below(12); n; n--) {
		u64 a = random_address(), b = random_address();

		firmware(MIN(a, b), MAX(a, b) - MIN(a, b),
			 test_rand_below(2) ? 1 : test_rand_below(8));
	}
	for (unsigned i = 0; i < nr; i++) {
		u64 a = random_address(), b = random_address();

		o[i].kind = test_rand_below(3);
		o[i].start = MIN(a, b);
		o[i].size = o[i].kind == MEMMAP_LIMIT ? a : MAX(a, b) - MIN(a, b);
		marks[nr_marks++] = o[i].start;
		marks[nr_marks++] = end_of(o[i].start, o[i].size);
		marks[nr_marks++] = o[i].size;
	}
	for (unsigned i = 0; i < info.nr_ranges; i++) {
		marks[nr_marks++] = info.ranges[i].base;
		marks[nr_marks++] = end_of(info.ranges[i].base, info.ranges[i].len);
	}
}

static void check_page(u32 pfn, const struct memmap_override *o, unsigned nr)
{
	u32 got = memmap_type(&map, make_pfn(pfn)), want = page_type(pfn, o, nr);

	if (got == want)
		return;
	for (unsigned i = 0; i < info.nr_ranges; i++)
		printf("# firmware %#llx + %#llx type %u\n", info.ranges[i].base,
		       info.ranges[i].len, info.ranges[i].type);
	for (unsigned i = 0; i < nr; i++)
		printf("# override %u: %#llx + %#llx\n", o[i].kind, o[i].start, o[i].size);
	FAIL("frame %#x is %u, not %u", pfn, got, want);
}

TEST(random_maps_against_the_model)
{
	struct memmap_override o[4];

	for (unsigned round = test_rounds(1500); round; round--) {
		unsigned nr = test_rand_below(5);
		int err;

		random_map(o, nr);
		err = memmap_build(&map, &info, o, nr);
		CHECK(err == 0 || err == -ENOMEM);
		CHECK_EQ(err == 0, memmap_usable_pages(&map) > 0);
		CHECK_OK(memmap_check(&map));
		for (unsigned i = 0; i < nr_marks; i++) {
			u64 pfn = marks[i] >> PAGE_SHIFT;

			for (u64 n = pfn ? pfn - 1 : 0; n <= pfn + 1 && n < 0x100000; n++)
				check_page(n, o, nr);
		}
	}
}

TEST(a_full_map_of_overlaps_fits)
{
	struct memmap_override o[MEMMAP_MAX_OVERRIDES];

	/* Nested and disjoint at once: every end is a change. */
	reset();
	for (unsigned i = 0; i < BOOT_MAX_RANGES; i++)
		firmware(0x200000 + i * 0x3000, (2 * (BOOT_MAX_RANGES - i)) * 0x3000 - 0x1000,
			 1 + i % 5);
	for (unsigned i = 0; i < MEMMAP_MAX_OVERRIDES; i++)
		o[i] = (struct memmap_override){MEMMAP_USABLE + i % 2,
						0x200000 + i * 0x9000 + 0x500, 0x1100};
	build(o, MEMMAP_MAX_OVERRIDES);
	for (unsigned round = test_rounds(200); round; round--) {
		int err;

		reset();
		while (info.nr_ranges < BOOT_MAX_RANGES)
			firmware(test_rand_below(0x1000000), test_rand_below(0x40000),
				 1 + test_rand_below(5));
		for (unsigned i = 0; i < MEMMAP_MAX_OVERRIDES; i++)
			o[i] = (struct memmap_override){MEMMAP_USABLE + test_rand_below(2),
							test_rand_below(0x1000000),
							1 + test_rand_below(0x4000)};
		err = memmap_build(&map, &info, o, MEMMAP_MAX_OVERRIDES);
		CHECK_EQ(err, 0);
		CHECK_OK(memmap_check(&map));
	}
}

TEST(check_finds_damage)
{
	reset();
	firmware(0, 0x9f000, 1);
	firmware(0x100000, 0x100000, 1);
	firmware(0x200000, 0x1000, 2);
	build(NULL, 0);
	map.r[0].end.n++;
	CHECK(memmap_check(&map));
	map.r[0].end.n--;
	map.r[1].type = MEM_USABLE;
	CHECK(memmap_check(&map));
	map.r[1].type = MEM_RESERVED;
	map.rounding++;
	CHECK(memmap_check(&map));
	map.rounding--;
	CHECK_OK(memmap_check(&map));
	map.r[map.nr - 1].start.n--;
	CHECK(memmap_check(&map));
}

TEST(report_itemises_every_byte)
{
	static char text[4096];
	struct seq seq;

	reset();
	firmware(0, 0x9fc00, 1);
	firmware(0x100000, 5 * GIB, 1);
	build(NULL, 0);
	seq_init(&seq, text, sizeof(text) - 1);
	memmap_report(&map, &info, &seq);
	text[seq.len] = '\0';
	CHECK_EQ(seq.lost, 0);
	CHECK(strstr(text, "  000000000000-00000009fc00 usable (1)\n"));
	CHECK(strstr(text, "  00100-100000 usable, 1048320 frames\n"));
	CHECK(strstr(text, "    5243519 KiB +    0 bytes called usable by the firmware\n"));
	CHECK(strstr(text, "  -    1049600 KiB +    0 bytes above 4 GiB, out of reach\n"));
	CHECK(strstr(text, "  -          3 KiB +    0 bytes parts of frames\n"));
	CHECK(strstr(text, "  =    4193916 KiB +    0 bytes to be managed\n"));
}
