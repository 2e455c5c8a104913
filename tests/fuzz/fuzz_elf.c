/* Any bytes as a program. */
#include "tests/fuzz/fuzz.h"
#include "kernel/process/elf.h"

static void check_plan(const struct elf_plan *plan, size_t size)
{
	REQUIRE(plan->nr_segments && plan->nr_segments <= ELF_MAX_SEGMENTS);
	REQUIRE(plan->start == (plan->segments[0].vaddr & PAGE_MASK));
	REQUIRE(plan->dyn || plan->start >= ELF_MIN_ADDR);
	REQUIRE(plan->start < plan->end && plan->end <= ELF_MAX_ADDR && !(plan->end % PAGE_SIZE));
	REQUIRE(plan->brk == plan->end && plan->entry < ELF_MAX_ADDR);
	for (unsigned i = 0; i < plan->nr_segments; i++) {
		const struct elf_segment *s = &plan->segments[i];

		REQUIRE(s->memsz && s->filesz <= s->memsz);
		REQUIRE((u64)s->vaddr + s->memsz <= plan->end);
		REQUIRE(!s->filesz || (u64)s->offset + s->filesz <= size);
		REQUIRE(s->vaddr % PAGE_SIZE == s->offset % PAGE_SIZE);
		REQUIRE(!i || s[-1].vaddr + s[-1].memsz <= s->vaddr);
	}
	REQUIRE(!plan->interp_len || ((u64)plan->interp_offset + plan->interp_len <= size &&
				      plan->interp_len >= 2 && plan->interp_len <= 4096));
	REQUIRE(!plan->phdr || (plan->phdr >= plan->start && plan->phdr < plan->end));
	REQUIRE(plan->start_code <= plan->end && plan->end_code <= plan->end);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	Elf32_Phdr phdrs[ELF_MAX_PHNUM];
	Elf32_Ehdr header;
	struct elf_plan plan;
	const char *why = NULL;
	u32 offset, len;

	if (elf_check_header(data, size, size, &offset, &len, &why)) {
		REQUIRE(why);
		return 0;
	}
	REQUIRE(len && len <= sizeof(phdrs) && (u64)offset + len <= size);
	memcpy(&header, data, sizeof(header));
	memcpy(phdrs, data + offset, len);
	if (elf_make_plan(&header, phdrs, size, &plan, &why))
		REQUIRE(why);
	else
		check_plan(&plan, size);
	return 0;
}
