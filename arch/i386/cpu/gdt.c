#include "arch/i386/cpu/gdt.h"

#include "arch/i386/cpu/paging.h"
#include "lib/compiler.h"

static_assert(sizeof(struct tss) == 104, "Intel SDM vol. 3A figure 7-2");

#define ACCESS_CODE   0x9A /* present, ring 0, readable code */
#define ACCESS_DATA   0x92 /* present, ring 0, writable data */
#define ACCESS_USER   0x60 /* DPL 3 */
#define ACCESS_TSS    0x89 /* present, available 32-bit TSS */
#define FLAG_PAGES    0x8
#define FLAG_32BIT    0x4

#define DF_STACK_SIZE 4096

u64 gdt[GDT_ENTRIES] __aligned(8);
struct tss kernel_tss;
static struct tss df_tss;
static u8 df_stack[DF_STACK_SIZE] __aligned(16);

u64 gdt_descriptor(u32 base, u32 limit, u8 access, u8 flags)
{
	u32 low = base << 16 | (limit & 0xFFFF);
	u32 high = (base & 0xFF000000) | (u32)(flags & 0xF) << 20 | (limit & 0xF0000) |
		   (u32)access << 8 | (base >> 16 & 0xFF);
	return (u64)high << 32 | low;
}

void gdt_set_user_code_limit(vaddr_t limit)
{
	u32 last_page = limit ? (limit - 1) >> 12 : 0;
	gdt[SEL_USER_CODE >> 3] =
		gdt_descriptor(0, last_page, ACCESS_CODE | ACCESS_USER, FLAG_PAGES | FLAG_32BIT);
}

static void load_gdt(void)
{
	struct __packed {
		u16 limit;
		u32 base;
	} gdtr = {sizeof(gdt) - 1, (u32)gdt};

	asm volatile("lgdt %0\n\t"
		     "ljmp %1, $1f\n"
		     "1:\tmov %2, %%ds\n\t"
		     "mov %2, %%es\n\t"
		     "mov %2, %%ss\n\t"
		     "mov %3, %%fs\n\t"
		     "mov %3, %%gs\n\t"
		     "lldt %w3\n\t"
		     "ltr %w4"
		     :
		     : "m"(gdtr), "i"(SEL_KERNEL_CODE), "r"(SEL_KERNEL_DATA), "r"(0), "r"(SEL_TSS)
		     : "memory");
}

__init void gdt_init(void (*double_fault)(void))
{
	gdt[SEL_KERNEL_CODE >> 3] =
		gdt_descriptor(0, 0xFFFFF, ACCESS_CODE, FLAG_PAGES | FLAG_32BIT);
	gdt[SEL_KERNEL_DATA >> 3] =
		gdt_descriptor(0, 0xFFFFF, ACCESS_DATA, FLAG_PAGES | FLAG_32BIT);
	gdt[SEL_USER_DATA >> 3] =
		gdt_descriptor(0, 0xFFFFF, ACCESS_DATA | ACCESS_USER, FLAG_PAGES | FLAG_32BIT);
	gdt_set_user_code_limit(0);
	gdt[SEL_TSS >> 3] = gdt_descriptor((u32)&kernel_tss, sizeof(kernel_tss) - 1, ACCESS_TSS, 0);
	gdt[SEL_DF_TSS >> 3] = gdt_descriptor((u32)&df_tss, sizeof(df_tss) - 1, ACCESS_TSS, 0);

	kernel_tss.ss0 = SEL_KERNEL_DATA;
	kernel_tss.iomap_base = sizeof(kernel_tss); /* beyond the limit: no port for user mode */
	df_tss = (struct tss){
		.cr3 = kernel_pgdir.phys,
		.eip = (u32)double_fault,
		.eflags = 2,
		.esp = (u32)df_stack + DF_STACK_SIZE,
		.cs = SEL_KERNEL_CODE,
		.ss = SEL_KERNEL_DATA,
		.ds = SEL_KERNEL_DATA,
		.es = SEL_KERNEL_DATA,
		.iomap_base = sizeof(kernel_tss),
	};
	load_gdt();
}
