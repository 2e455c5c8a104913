/*
 * ELF programs, checked. Everything in the file is a claim of whoever wrote it; sums are formed where they
 * cannot wrap, in 64 bits.
 *
 * Errors are Linux's: -ENOEXEC for what is not a program for this machine, -EINVAL for a program that
 * cannot be mapped where it wants to be, -ENOMEM for one larger than the address space. Stricter than
 * Linux, which finds out while mapping and then kills the process: segments must ascend without
 * overlap, lie inside the file, and there must be one.
 */
#include "kernel/process/elf.h"
#include "lib/string.h"
#include <asm/errno.h>
#include <linux/elf-em.h>
#include <linux/limits.h>
#include <linux/mman.h>

static int fail(const char **why, int err, const char *text)
{
	*why = text;
	return err;
}

int elf_check_header(const void *head, size_t len, u64 file_size, u32 *ph_offset, u32 *ph_len,
		     const char **why)
{
	Elf32_Ehdr header;

	if (len < sizeof(header) || memcmp(head, ELFMAG, SELFMAG))
		return fail(why, -ENOEXEC, "not an ELF file");
	memcpy(&header, head, sizeof(header));
	if (header.e_ident[EI_CLASS] != ELFCLASS32 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    (header.e_machine != EM_386 && header.e_machine != EM_486))
		return fail(why, -ENOEXEC, "not for the i386");
	if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
		return fail(why, -ENOEXEC, "not a program");
	if (header.e_phentsize != sizeof(Elf32_Phdr))
		return fail(why, -ENOEXEC, "program headers of a wrong size");
	if (!header.e_phnum || header.e_phnum > ELF_MAX_PHNUM)
		return fail(why, -ENOEXEC, "no program headers, or too many");
	*ph_offset = header.e_phoff;
	*ph_len = header.e_phnum * sizeof(Elf32_Phdr);
	if ((u64)*ph_offset + *ph_len > file_size)
		return fail(why, -ENOEXEC, "program headers beyond the end of the file");
	return 0;
}

static unsigned prot_of(u32 flags)
{
	return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) |
	       (flags & PF_X ? PROT_EXEC : 0);
}

static int check_load(const Elf32_Phdr *ph, u64 file_size, bool dyn, const char **why)
{
	u64 end = (u64)ph->p_vaddr + ph->p_memsz;

	if (ph->p_filesz > ph->p_memsz)
		return fail(why, -EINVAL, "a segment has more bytes in the file than in memory");
	if ((ph->p_vaddr ^ ph->p_offset) % PAGE_SIZE)
		return fail(why, -EINVAL,
			    "a segment's address and file offset do not fit together");
	if (end > ELF_MAX_ADDR)
		return fail(why, -EINVAL, "a segment reaches into the kernel's addresses");
	if (!dyn && ph->p_vaddr < ELF_MIN_ADDR)
		return fail(why, -EINVAL, "a segment lies in the lowest 64 KiB");
	if (ph->p_filesz && (u64)ph->p_offset + ph->p_filesz > file_size)
		return fail(why, -ENOEXEC, "a segment lies beyond the end of the file");
	return 0;
}

/*
 * Two segments may meet in a page only if it is one page of the file, and the first has no zeroes
 * behind its bytes, which the second mapping would replace by what stands in the file.
 */
static int check_order(const struct elf_segment *last, const Elf32_Phdr *ph, const char **why)
{
	vaddr_t last_end = last->vaddr + last->memsz;
	bool share_page = ALIGN_UP(last_end, PAGE_SIZE) > ALIGN_DOWN(ph->p_vaddr, PAGE_SIZE);

	if (ph->p_vaddr < last_end)
		return fail(why, -EINVAL, "segments overlap or do not ascend");
	if (share_page && (last->memsz != last->filesz || !ph->p_filesz ||
			   ph->p_vaddr - ph->p_offset != last->vaddr - last->offset))
		return fail(why, -EINVAL, "segments share a page but not its contents");
	return 0;
}

static int add_segment(struct elf_plan *plan, const Elf32_Phdr *ph, u64 file_size, const char **why)
{
	struct elf_segment *segment = &plan->segments[plan->nr_segments];
	vaddr_t end = ph->p_vaddr + ph->p_memsz;
	int err;

	if (!ph->p_memsz)
		return ph->p_filesz ? fail(why, -EINVAL, "a segment without memory has contents")
				    : 0;
	if (plan->nr_segments == ELF_MAX_SEGMENTS)
		return fail(why, -ENOEXEC, "too many segments");
	err = check_load(ph, file_size, plan->dyn, why);
	if (!err && plan->nr_segments)
		err = check_order(segment - 1, ph, why);
	if (err)
		return err;
	*segment = (struct elf_segment){
		.vaddr = ph->p_vaddr,
		.memsz = ph->p_memsz,
		.filesz = ph->p_filesz,
		.offset = ph->p_offset,
		.prot = prot_of(ph->p_flags),
	};
	if (!plan->nr_segments++)
		plan->start = ALIGN_DOWN(ph->p_vaddr, PAGE_SIZE);
	plan->end = ALIGN_UP(end, PAGE_SIZE);
	return 0;
}

static int add_interp(struct elf_plan *plan, const Elf32_Phdr *ph, u64 file_size, const char **why)
{
	/* Linux takes the first one. */
	if (plan->interp_len)
		return 0;
	if (ph->p_filesz < 2 || ph->p_filesz > PATH_MAX)
		return fail(why, -ENOEXEC, "the interpreter's name is empty or too long");
	if ((u64)ph->p_offset + ph->p_filesz > file_size)
		return fail(why, -EIO, "the interpreter's name is not in the file");
	plan->interp_offset = ph->p_offset;
	plan->interp_len = ph->p_filesz;
	return 0;
}

/* What Linux shows as start_code and so on, in /proc/PID/stat. */
static void note_code_and_data(struct elf_plan *plan)
{
	plan->start_code = plan->end;
	for (unsigned i = 0; i < plan->nr_segments; i++) {
		const struct elf_segment *s = &plan->segments[i];

		if ((s->prot & PROT_EXEC) && s->vaddr < plan->start_code)
			plan->start_code = s->vaddr;
		if (s->prot & PROT_EXEC)
			plan->end_code = MAX(plan->end_code, s->vaddr + s->filesz);
		plan->start_data = MAX(plan->start_data, s->vaddr);
		plan->end_data = MAX(plan->end_data, s->vaddr + s->filesz);
	}
}

/* The program headers are in memory where a segment holds that part of the file. */
static vaddr_t phdr_address(const struct elf_plan *plan, u32 offset, u32 len)
{
	for (unsigned i = 0; i < plan->nr_segments; i++) {
		const struct elf_segment *s = &plan->segments[i];

		if (s->offset <= offset && (u64)offset + len <= (u64)s->offset + s->filesz)
			return s->vaddr + (offset - s->offset);
	}
	return 0;
}

int elf_make_plan(const Elf32_Ehdr *header, const Elf32_Phdr *phdrs, u64 file_size,
		  struct elf_plan *plan, const char **why)
{
	memset(plan, 0, sizeof(*plan));
	plan->dyn = header->e_type == ET_DYN;
	plan->entry = header->e_entry;
	plan->phnum = header->e_phnum;
	for (unsigned i = 0; i < header->e_phnum; i++) {
		const Elf32_Phdr *ph = &phdrs[i];
		int err = 0;

		switch (ph->p_type) {
		case PT_LOAD:
			err = add_segment(plan, ph, file_size, why);
			break;
		case PT_INTERP:
			err = add_interp(plan, ph, file_size, why);
			break;
		case PT_GNU_STACK:
			plan->stack = ph->p_flags & PF_X ? ELF_STACK_EXEC : ELF_STACK_NX;
			break;
		}
		if (err)
			return err;
	}
	if (!plan->nr_segments)
		return fail(why, -ENOEXEC, "nothing to load");
	if (plan->entry >= ELF_MAX_ADDR)
		return fail(why, -EINVAL, "the entry lies in the kernel's addresses");
	plan->brk = plan->end;
	plan->phdr = phdr_address(plan, header->e_phoff, header->e_phnum * sizeof(*phdrs));
	note_code_and_data(plan);
	return 0;
}
