/*
 * What an ELF file asks for, checked before anything of the old program is given up. Pure: bytes in, a
 * plan out.
 *
 *   elf_check_header(first bytes of the file)   says where the program headers are
 *   elf_make_plan(header, program headers)      says what to map
 */
#pragma once

#include "lib/compiler.h"
#include <linux/elf.h>

#define ELF_MAX_SEGMENTS 16
#define ELF_MAX_PHNUM    64
#define ELF_MIN_ADDR     0x10000u    /* nothing is mapped below: null pointers must fault */
#define ELF_MAX_ADDR     0xc0000000u /* where the kernel begins */

/*
 * Bytes [vaddr, vaddr + filesz) are the file's from `offset` on, those up to vaddr + memsz are zero.
 * vaddr and offset are equal modulo the page size.
 */
struct elf_segment {
	vaddr_t vaddr;
	u32 memsz;
	u32 filesz;
	u32 offset;
	unsigned prot; /* PROT_READ | PROT_WRITE | PROT_EXEC */
};

enum elf_stack {
	ELF_STACK_DEFAULT, /* no PT_GNU_STACK */
	ELF_STACK_NX,
	ELF_STACK_EXEC,
};

/*
 * Addresses of a position-independent file (dyn) count from its base, else they are absolute. Segments
 * ascend. Two of them share a page only where that page of the file is the same for both; map them in
 * order, the later one replacing the shared page.
 */
struct elf_plan {
	bool dyn;
	vaddr_t entry;
	vaddr_t start, end; /* page-aligned span of all segments */
	vaddr_t brk;        /* where the heap may begin: == end */
	vaddr_t phdr;       /* address of the program headers in memory (AT_PHDR), 0: not mapped */
	u32 phnum;
	u32 interp_offset, interp_len; /* PT_INTERP with its NUL; len 0: there is none */
	enum elf_stack stack;
	vaddr_t start_code, end_code; /* as Linux computes them */
	vaddr_t start_data, end_data;
	unsigned nr_segments;
	struct elf_segment segments[ELF_MAX_SEGMENTS];
};

/*
 * `head` is the first `len` bytes of the file.
 * => 0 with the place of the program headers; -ENOEXEC where it is not a program for this machine.
 *    *why (on failure) says what is wrong.
 */
int __must_check elf_check_header(const void *head, size_t len, u64 file_size, u32 *ph_offset,
				  u32 *ph_len, const char **why);

/*
 * `header` has passed elf_check_header, `phdrs` holds the ph_len bytes it named.
 * => 0; -ENOEXEC, -EINVAL or -ENOMEM, as execve returns them, with *why.
 */
int __must_check elf_make_plan(const Elf32_Ehdr *header, const Elf32_Phdr *phdrs, u64 file_size,
			       struct elf_plan *plan, const char **why);
