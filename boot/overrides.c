#include "boot/overrides.h"

#include "arch/i386/cpu/sections.h"
#include "boot/early_map.h"
#include "kernel/core/cmdline.h"
#include "lib/printk.h"

/* Memory comes in modules of no less. */
#define PROBE_STEP (1u << 20)
#define FOUR_GB    (1ull << 32)

static __init bool holds(u64 start, u64 end, u64 addr)
{
	return addr >= start && addr < end;
}

/* What the firmware calls usable, or is in use already, need not be tried, and must not be. */
static __init bool is_known(const struct boot_info *info, u64 addr)
{
	if (holds((paddr_t)__kernel_start_phys, (paddr_t)__kernel_end_phys, addr))
		return true;
	for (unsigned i = 0; i < info->nr_modules; i++)
		if (holds(info->modules[i].start, info->modules[i].end, addr))
			return true;
	for (unsigned i = 0; i < info->nr_ranges; i++) {
		const struct firmware_range *r = &info->ranges[i];

		if (r->type == MEM_USABLE && addr >= r->base && addr - r->base < r->len)
			return true;
	}
	return !info->nr_ranges && addr < ((u64)info->mem_upper_kib << 10) + (1u << 20);
}

/* The first address of a claimed range at which no memory answers, or its end. What lies above 4 GiB is out of reach. */
static __init u64 end_of_memory(const struct boot_info *info, u64 start, u64 end)
{
	u64 last = MIN(end, FOUR_GB) - 1;

	for (u64 at = start; at <= last; at = ALIGN_DOWN(at, PROBE_STEP) + PROBE_STEP)
		if (!is_known(info, at) && !early_memory_answers(at >> PAGE_SHIFT))
			return at;
	return is_known(info, last) || early_memory_answers(last >> PAGE_SHIFT)
		       ? end
		       : ALIGN_DOWN(last, PAGE_SIZE);
}

/* => whether something is left of it. */
static __init bool check_claim(struct memmap_override *claim, const struct boot_info *info,
			       const char *value)
{
	u64 end = claim->start + claim->size, answers;

	if (!claim->size || claim->start >= FOUR_GB || end < claim->start)
		return true; /* the map says what becomes of it */
	answers = end_of_memory(info, claim->start, end);
	if (answers == end)
		return true;
	claim->size = answers > claim->start ? answers - claim->start : 0;
	printk("memmap=%s: no memory answers at 0x%08llx; %s\n", value, answers,
	       claim->size ? "taken up to there" : "ignored");
	return claim->size;
}

static __init void read_override(struct override_list *list, const struct boot_info *info,
				 bool is_mem, const char *value)
{
	struct memmap_override override;
	int err =
		is_mem ? memmap_parse_mem(value, &override) : memmap_parse_memmap(value, &override);

	if (err)
		printk("%s=%s: not %s; ignored\n", is_mem ? "mem" : "memmap", value,
		       is_mem ? "a size" : "SIZE@ADDRESS or SIZE$ADDRESS");
	else if (list->nr == MEMMAP_MAX_OVERRIDES)
		printk("%s=%s: more than %u such words; ignored\n", is_mem ? "mem" : "memmap",
		       value, MEMMAP_MAX_OVERRIDES);
	else if (override.kind != MEMMAP_USABLE || check_claim(&override, info, value))
		list->at[list->nr++] = override;
}

__init void overrides_read(struct override_list *list, const struct boot_info *info)
{
	unsigned next = 0;

	list->nr = 0;
	for (;;) {
		unsigned after_mem = next, after_memmap = next;
		const char *mem = cmdline_get_next("mem", &after_mem);
		const char *memmap = cmdline_get_next("memmap", &after_memmap);
		bool is_mem = mem && (!memmap || after_mem < after_memmap);

		if (!mem && !memmap)
			return;
		read_override(list, info, is_mem, is_mem ? mem : memmap);
		next = is_mem ? after_mem : after_memmap;
	}
}
