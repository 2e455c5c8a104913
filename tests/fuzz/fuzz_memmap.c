/*
 * Any claims as a memory map: lines of 17 bytes (base, length, type), the types from 0x80 on standing for overrides.
 */
#include "tests/fuzz/fuzz.h"
#include "mm/phys/memmap.h"

static struct boot_info info;
static struct memmap map;

/* => whether a line of the map, or an override, calls byte `at` usable. */
static bool someone_says_usable(u64 at, const struct memmap_override *o, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		if (o[i].kind == MEMMAP_USABLE && at - o[i].start < o[i].size)
			return true;
	}
	for (unsigned i = 0; i < info.nr_ranges; i++) {
		if (info.ranges[i].type == MEM_USABLE &&
		    at - info.ranges[i].base < info.ranges[i].len)
			return true;
	}
	return !info.nr_ranges;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct memmap_override o[MEMMAP_MAX_OVERRIDES];
	static char text[65536];
	struct seq seq;
	unsigned nr = 0;
	int err;

	memset(&info, 0, sizeof(info));
	for (; size >= 17; data += 17, size -= 17) {
		u64 base, len;

		memcpy(&base, data, 8);
		memcpy(&len, data + 8, 8);
		if (data[16] >= 0x80 && nr < MEMMAP_MAX_OVERRIDES)
			o[nr++] = (struct memmap_override){data[16] % 3, base, len};
		else if (info.nr_ranges < BOOT_MAX_RANGES)
			info.ranges[info.nr_ranges++] =
				(struct firmware_range){base, len, data[16]};
	}
	memcpy(&info.mem_upper_kib, data, size < 4 ? size : 4);
	err = memmap_build(&map, &info, o, nr);
	if (memmap_check(&map))
		fprintf(stderr, "%s\n", memmap_check(&map));
	REQUIRE(!memmap_check(&map));
	REQUIRE(!err == (memmap_usable_pages(&map) > 0));
	for (unsigned i = 0; i < map.nr; i++) {
		u64 start = (u64)map.r[i].start.n << PAGE_SHIFT,
		    end = (u64)map.r[i].end.n << PAGE_SHIFT;

		if (map.r[i].type != MEM_USABLE)
			continue;
		REQUIRE(someone_says_usable(start, o, nr));
		REQUIRE(someone_says_usable(end - 1, o, nr));
	}
	seq_init(&seq, text, sizeof(text));
	memmap_report(&map, &info, &seq);
	REQUIRE(!seq.lost);
	return 0;
}
