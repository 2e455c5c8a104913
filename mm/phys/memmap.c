/*
 * The memory map: from the firmware's claims, which may overlap, wrap, stand in any order and end anywhere, to
 * ranges of whole frames.
 *
 * The work is done in steps, each of which takes spans of bytes and leaves sorted, disjoint, merged spans:
 *
 *   firmware     |--usable--|        |---usable---|
 *                       |-reserved-|
 *   overlaps     |usable|-reserved-| |---usable---|   the stricter type wins
 *   overrides    mem=, memmap=, in their order        the later one wins
 *   4 GiB        what lies above is out of reach
 *   video        0xA0000-0xFFFFF becomes reserved
 *   frames       usable inward, all else outward; where two then share a frame the stricter wins
 *
 * After each step the usable bytes are counted, so that the report can say where every byte went.
 *
 * One function does the merging: each end of a span is a place where the type may change, and between two
 * neighbouring places the strongest span that covers them decides. It takes time n^2 log n or so, for n
 * around ten, once.
 *
 * Rejected: 32-bit ends inclusive, which cannot say "empty"; a table in place, as the firmware gave it,
 * fixed up range by range, whose cases do not end.
 */
#include "mm/phys/memmap.h"
#include "lib/parse.h"
#include "lib/string.h"
#include <asm/errno.h>

#define KIB         1024ull
#define MIB         (1024 * KIB)
#define TOP         (1ull << 32)
#define VIDEO_START 0xa0000u
#define VIDEO_END   0x100000u

/* Bytes [start, end); where spans overlap, the highest rank wins. */
struct span {
	u64 start, end;
	unsigned type;
	unsigned rank;
};

#define RANK_OVERRIDE 100

struct spans {
	unsigned nr;
	struct span s[MEMMAP_MAX_RANGES];
};

/* Work space: too large for a boot stack. Used by memmap_build alone, which runs once. */
static __initzero struct spans current, previous;
static __initzero u64 places[2 * MEMMAP_MAX_RANGES];

/* Stricter is higher. A type the table does not know is kept away from, but is no fault of the RAM. */
static __init unsigned strictness(unsigned type)
{
	switch (type) {
	case MEM_USABLE:
		return 1;
	case MEM_ACPI:
		return 2;
	case MEM_NVS:
		return 3;
	case MEM_BAD:
		return 5;
	default:
		return 4;
	}
}

static __init unsigned known_type(u32 type)
{
	return type >= MEM_USABLE && type <= MEM_BAD ? type : MEM_RESERVED;
}

static __init void add_span(struct spans *spans, u64 start, u64 end, unsigned type, unsigned rank)
{
	if (start < end)
		spans->s[spans->nr++] = (struct span){start, end, type, rank};
}

static __init void sort_places(unsigned nr)
{
	for (unsigned i = 1; i < nr; i++) {
		u64 place = places[i];
		unsigned j = i;

		for (; j && places[j - 1] > place; j--)
			places[j] = places[j - 1];
		places[j] = place;
	}
}

/* => the strongest span that covers [start, start + 1), or NULL. */
static __init const struct span *strongest(const struct spans *spans, u64 start)
{
	const struct span *best = NULL;

	for (unsigned i = 0; i < spans->nr; i++) {
		const struct span *span = &spans->s[i];

		if (span->start <= start && start < span->end && (!best || span->rank > best->rank))
			best = span;
	}
	return best;
}

/* Makes current sorted, disjoint and merged. n spans become at most 2n - 1. */
static __init void normalise(void)
{
	unsigned nr = 0;

	previous = current;
	current.nr = 0;
	for (unsigned i = 0; i < previous.nr; i++) {
		places[nr++] = previous.s[i].start;
		places[nr++] = previous.s[i].end;
	}
	sort_places(nr);
	for (unsigned i = 0; i + 1 < nr; i++) {
		struct span *last = current.nr ? &current.s[current.nr - 1] : NULL;
		const struct span *span;

		if (places[i] == places[i + 1])
			continue;
		span = strongest(&previous, places[i]);
		if (!span)
			continue;
		if (last && last->end == places[i] && last->type == span->type)
			last->end = places[i + 1];
		else
			add_span(&current, places[i], places[i + 1], span->type,
				 strictness(span->type));
	}
}

static __init u64 usable_bytes(void)
{
	u64 bytes = 0;

	for (unsigned i = 0; i < current.nr; i++) {
		if (current.s[i].type == MEM_USABLE)
			bytes += current.s[i].end - current.s[i].start;
	}
	return bytes;
}

static __init u64 saturating_end(u64 start, u64 len)
{
	u64 end = start + len;

	return end < start ? UINT64_MAX : end;
}

static __init void take_firmware(const struct boot_info *info)
{
	current.nr = 0;
	for (unsigned i = 0; i < info->nr_ranges; i++) {
		const struct firmware_range *range = &info->ranges[i];
		unsigned type = known_type(range->type);

		add_span(&current, range->base, saturating_end(range->base, range->len), type,
			 strictness(type));
	}
	if (!info->nr_ranges) {
		add_span(&current, 0, info->mem_lower_kib * KIB, MEM_USABLE, 1);
		add_span(&current, MIB, MIB + info->mem_upper_kib * KIB, MEM_USABLE, 1);
	}
	normalise();
}

/* Cuts spans at `limit`: usable ones only, or all. */
static __init void clip(u64 limit, bool only_usable)
{
	previous = current;
	current.nr = 0;
	for (unsigned i = 0; i < previous.nr; i++) {
		const struct span *span = &previous.s[i];
		bool applies = !only_usable || span->type == MEM_USABLE;

		add_span(&current, span->start, applies ? MIN(span->end, limit) : span->end,
			 span->type, span->rank);
	}
}

static __init void apply_override(const struct memmap_override *override)
{
	if (override->kind == MEMMAP_LIMIT) {
		clip(override->size, true);
		return;
	}
	add_span(&current, override->start, saturating_end(override->start, override->size),
		 override->kind == MEMMAP_USABLE ? MEM_USABLE : MEM_RESERVED, RANK_OVERRIDE);
	normalise();
}

static __init void round_to_frames(void)
{
	previous = current;
	current.nr = 0;
	for (unsigned i = 0; i < previous.nr; i++) {
		const struct span *span = &previous.s[i];

		if (span->type == MEM_USABLE)
			add_span(&current, ALIGN_UP(span->start, PAGE_SIZE),
				 ALIGN_DOWN(span->end, PAGE_SIZE), span->type, span->rank);
		else
			add_span(&current, ALIGN_DOWN(span->start, PAGE_SIZE),
				 ALIGN_UP(span->end, PAGE_SIZE), span->type, span->rank);
	}
	normalise();
}

/* How much less is usable than `*before`, which becomes what is usable now. */
static __init u64 lost_since(u64 *before)
{
	u64 now = usable_bytes();
	u64 lost = *before - now;

	*before = now;
	return lost;
}

__init int memmap_build(struct memmap *map, const struct boot_info *info,
			const struct memmap_override *overrides, unsigned nr_overrides)
{
	u64 usable;

	memset(map, 0, sizeof(*map));
	if (nr_overrides > MEMMAP_MAX_OVERRIDES)
		return -EINVAL;
	take_firmware(info);
	usable = usable_bytes();
	map->firmware_usable = usable;
	for (unsigned i = 0; i < nr_overrides; i++) {
		s64 lost;

		apply_override(&overrides[i]);
		lost = lost_since(&usable);
		if (lost >= 0)
			map->cut += lost;
		else
			map->added -= lost;
	}
	clip(TOP, false);
	map->above_4g = lost_since(&usable);
	add_span(&current, VIDEO_START, VIDEO_END, MEM_RESERVED, strictness(MEM_RESERVED));
	normalise();
	map->video = lost_since(&usable);
	round_to_frames();
	map->rounding = lost_since(&usable);
	for (unsigned i = 0; i < current.nr; i++) {
		map->r[i] = (struct memmap_range){
			.start = make_pfn(current.s[i].start >> PAGE_SHIFT),
			.end = make_pfn(current.s[i].end >> PAGE_SHIFT),
			.type = current.s[i].type,
		};
	}
	map->nr = current.nr;
	return usable ? 0 : -ENOMEM;
}

__init int memmap_parse_mem(const char *text, struct memmap_override *override)
{
	u64 size;
	int err = parse_size(&text, &size);

	if (err)
		return err;
	if (*text || !size)
		return -EINVAL;
	*override = (struct memmap_override){.kind = MEMMAP_LIMIT, .size = size};
	return 0;
}

__init int memmap_parse_memmap(const char *text, struct memmap_override *override)
{
	enum memmap_override_kind kind;
	u64 size, start;
	int err = parse_size(&text, &size);

	if (err)
		return err;
	if (*text == '@')
		kind = MEMMAP_USABLE;
	else if (*text == '$')
		kind = MEMMAP_RESERVE;
	else
		return -EINVAL;
	text++;
	err = parse_size(&text, &start);
	if (err)
		return err;
	if (*text || !size)
		return -EINVAL;
	*override = (struct memmap_override){.kind = kind, .start = start, .size = size};
	return 0;
}

__init unsigned memmap_type(const struct memmap *map, pfn_t pfn)
{
	for (unsigned i = 0; i < map->nr; i++) {
		if (map->r[i].start.n <= pfn.n && pfn.n < map->r[i].end.n)
			return map->r[i].type;
	}
	return 0;
}

__init u32 memmap_usable_pages(const struct memmap *map)
{
	u32 pages = 0;

	for (unsigned i = 0; i < map->nr; i++) {
		if (map->r[i].type == MEM_USABLE)
			pages += map->r[i].end.n - map->r[i].start.n;
	}
	return pages;
}

__init pfn_t memmap_end(const struct memmap *map)
{
	for (unsigned i = map->nr; i--;) {
		if (map->r[i].type == MEM_USABLE)
			return map->r[i].end;
	}
	return make_pfn(0);
}

__init const char *memmap_check(const struct memmap *map)
{
	u64 usable = (u64)memmap_usable_pages(map) << PAGE_SHIFT;

	if (map->nr > MEMMAP_MAX_RANGES)
		return "more ranges than there is room for";
	for (unsigned i = 0; i < map->nr; i++) {
		const struct memmap_range *r = &map->r[i];

		if (r->start.n >= r->end.n)
			return "an empty range";
		if (r->end.n > TOP >> PAGE_SHIFT)
			return "a range above 4 GiB";
		if (r->type != known_type(r->type))
			return "an unknown type";
		if (r->type == MEM_USABLE && r->start.n < VIDEO_END >> PAGE_SHIFT &&
		    r->end.n > VIDEO_START >> PAGE_SHIFT)
			return "video memory is usable";
		if (i && r[-1].end.n > r->start.n)
			return "ranges overlap or are not sorted";
		if (i && r[-1].end.n == r->start.n && r[-1].type == r->type)
			return "adjacent ranges of one type are not merged";
	}
	if (map->firmware_usable + map->added !=
	    usable + map->cut + map->above_4g + map->video + map->rounding)
		return "the bytes called usable do not add up";
	return NULL;
}

__init const char *mem_type_name(unsigned type)
{
	switch (type) {
	case MEM_USABLE:
		return "usable";
	case MEM_RESERVED:
		return "reserved";
	case MEM_ACPI:
		return "ACPI tables";
	case MEM_NVS:
		return "ACPI NVS";
	case MEM_BAD:
		return "bad";
	default:
		return "unknown";
	}
}

static __init void report_firmware(const struct boot_info *info, struct seq *seq)
{
	if (!info->nr_ranges) {
		seq_printf(seq, "firmware map: none; %u KiB from 0, %u KiB from 1 MiB\n",
			   info->mem_lower_kib, info->mem_upper_kib);
		return;
	}
	seq_puts(seq, "firmware map:\n");
	for (unsigned i = 0; i < info->nr_ranges; i++) {
		const struct firmware_range *range = &info->ranges[i];

		seq_printf(seq, "  %012llx-%012llx %s (%u)\n", range->base,
			   saturating_end(range->base, range->len), mem_type_name(range->type),
			   range->type);
	}
}

static __init void report_bytes(struct seq *seq, const char *sign, u64 bytes, const char *what)
{
	if (bytes)
		seq_printf(seq, "  %s %10llu KiB + %4u bytes %s\n", sign, bytes >> 10,
			   (u32)bytes & 1023, what);
}

__init void memmap_report(const struct memmap *map, const struct boot_info *info, struct seq *seq)
{
	report_firmware(info, seq);
	seq_puts(seq, "memory map, frames:\n");
	for (unsigned i = 0; i < map->nr; i++) {
		const struct memmap_range *r = &map->r[i];

		seq_printf(seq, "  %05x-%05x %s, %u frames\n", r->start.n, r->end.n,
			   mem_type_name(r->type), r->end.n - r->start.n);
	}
	seq_puts(seq, "usable memory:\n");
	report_bytes(seq, " ", map->firmware_usable, "called usable by the firmware");
	report_bytes(seq, "+", map->added, "added by memmap=");
	report_bytes(seq, "-", map->cut, "cut by mem= and memmap=");
	report_bytes(seq, "-", map->above_4g, "above 4 GiB, out of reach");
	report_bytes(seq, "-", map->video, "video memory and ROMs");
	report_bytes(seq, "-", map->rounding, "parts of frames");
	report_bytes(seq, "=", (u64)memmap_usable_pages(map) << PAGE_SHIFT, "to be managed");
}
