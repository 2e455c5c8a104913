/*
 * What the processor is and what it can do, in the order that is safe on the oldest one first: EFLAGS.AC (486),
 * EFLAGS.ID (CPUID), leaves up to the highest only. Without CPUID the synthetic answer is a plain 486.
 */
#include "arch/i386/cpu/cpu.h"

#include "arch/i386/cpu/cr.h"
#include "arch/i386/cpu/extable.h"
#include "arch/i386/cpu/gdt.h"
#include "arch/i386/cpu/io.h"
#include "arch/i386/cpu/irqflags.h"
#include "arch/i386/cpu/paging.h"
#include "arch/i386/cpu/probe.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/string.h"

#define EFLAGS_AC (1u << 18)
#define EFLAGS_ID (1u << 21)

struct cpu_info cpu;

static const struct {
	const char *name;
	s8 edx_bit; /* of CPUID leaf 1; -1: found another way */
} features[CPU_NR_FEATURES] = {
	[CPU_CPUID] = {"cpuid", -1}, [CPU_FPU] = {"fpu", -1},       [CPU_PSE] = {"pse", 3},
	[CPU_TSC] = {"tsc", 4},      [CPU_MSR] = {"msr", 5},        [CPU_CX8] = {"cx8", 8},
	[CPU_PGE] = {"pge", 13},     [CPU_CMOV] = {"cmov", 15},     [CPU_PAT] = {"pat", 16},
	[CPU_MMX] = {"mmx", 23},     [CPU_FXSR] = {"fxsr", 24},     [CPU_SSE] = {"sse", 25},
	[CPU_SSE2] = {"sse2", 26},   [CPU_INVLPG] = {"invlpg", -1}, [CPU_WP] = {"wp", -1},
};

static __init bool eflags_bit_toggles(u32 bit)
{
	u32 before, after;

	asm volatile("pushf\n\t"
		     "pop %0\n\t"
		     "mov %0, %1\n\t"
		     "xor %2, %1\n\t"
		     "push %1\n\t"
		     "popf\n\t"
		     "pushf\n\t"
		     "pop %1\n\t"
		     "push %0\n\t"
		     "popf"
		     : "=&r"(before), "=&r"(after)
		     : "ri"(bit)
		     : "cc");
	return (before ^ after) & bit;
}

static __init void cpuid(u32 leaf, u32 out[4])
{
	asm volatile("cpuid"
		     : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
		     : "a"(leaf), "c"(0));
}

static __init void read_cpuid(void)
{
	u32 r[4], highest;

	cpuid(0, r);
	highest = r[0];
	memcpy(cpu.vendor, &r[1], 4);
	memcpy(cpu.vendor + 4, &r[3], 4);
	memcpy(cpu.vendor + 8, &r[2], 4);
	if (highest >= 1) {
		cpuid(1, r);
		cpu.stepping = r[0] & 0xF;
		cpu.model = r[0] >> 4 & 0xF;
		cpu.family = r[0] >> 8 & 0xF;
		if (cpu.family == 6 || cpu.family == 15)
			cpu.model |= (r[0] >> 16 & 0xF) << 4;
		if (cpu.family == 15)
			cpu.family += r[0] >> 20 & 0xFF;
		cpu.cpuid_edx = r[3];
	}
	cpuid(0x80000000, r);
	if (r[0] >= 0x80000004 && r[0] < 0x80010000) {
		u32 *name = (u32 *)(void *)cpu.model_name;
		for (u32 leaf = 0; leaf < 3; leaf++)
			cpuid(0x80000002 + leaf, name + leaf * 4);
	}
}

/* Intel SDM vol. 1 8.1: after FNINIT the status word is 0 and the control word 0x37F. */
static __init bool fpu_answers(void)
{
	u16 status = 0x5A5A, control = 0x5A5A;

	write_cr0(read_cr0() & ~(CR0_EM | CR0_TS));
	asm volatile("fninit\n\tfnstsw %0\n\tfnstcw %1" : "+m"(status), "+m"(control));
	return status == 0 && (control & 0x103F) == 0x003F;
}

/* Writes a read-only page: only a 386 lets ring 0 do it. The boot window's first slot serves. */
static __init bool write_protect_works(void)
{
	pte_t *slot = pte_of(BOOT_WINDOW);
	pte_t target = *pte_of((vaddr_t)&cpu);
	bool written;

	set_pte(slot, mk_pte(pte_pfn(target), PTE_PRESENT));
	flush_tlb_user();
	written = probe_kernel_write_u32((u32 *)(BOOT_WINDOW + ((vaddr_t)&cpu & 0xFFF)),
					 *(volatile u32 *)&cpu);
	set_pte(slot, (pte_t){0});
	flush_tlb_user();
	return !written;
}

static __init bool segment_limits_work(void)
{
	u64 saved = gdt[SEL_PROBE >> 3];
	bool enforced;

	gdt[SEL_PROBE >> 3] =
		gdt_descriptor((u32)probe_limit_base, (u32)probe_limit_last, 0x9A, 0x4);
	enforced = probe_segment_limit();
	gdt[SEL_PROBE >> 3] = saved;
	return enforced;
}

static __init void find_features(void)
{
	bool has_cpuid = eflags_bit_toggles(EFLAGS_ID);

	if (!eflags_bit_toggles(EFLAGS_AC))
		panic("this processor is a 386: an i486 or later is needed");
	strlcpy(cpu.vendor, "unknown", sizeof(cpu.vendor));
	cpu.family = 4;
	if (has_cpuid) {
		cpu.features |= 1u << CPU_CPUID;
		read_cpuid();
	}
	for (u32 f = 0; f < CPU_NR_FEATURES; f++)
		if (features[f].edx_bit >= 0 && cpu.cpuid_edx >> features[f].edx_bit & 1)
			cpu.features |= 1u << f;
	cpu.features |= 1u << CPU_INVLPG; /* every 486 has it */
	if (fpu_answers())
		cpu.features |= 1u << CPU_FPU;
	if (write_protect_works())
		cpu.features |= 1u << CPU_WP;
	cpu.f00f_bug = !strcmp(cpu.vendor, "GenuineIntel") && cpu.family == 5 && cpu.model < 9;
	cpu.segment_limits = segment_limits_work();
}

static __init void mask_word(const char *word, size_t len)
{
	for (u32 f = 0; f < CPU_NR_FEATURES; f++) {
		if (strlen(features[f].name) != len - 2 || strncmp(word, "no", 2) ||
		    strncmp(word + 2, features[f].name, len - 2))
			continue;
		if (f == CPU_WP) {
			printk("cpu=nowp: the kernel needs CR0.WP; ignored\n");
			return;
		}
		cpu.features &= ~(1u << f);
		if (f == CPU_CPUID) /* what only CPUID could have told */
			cpu.features &= 1u << CPU_FPU | 1u << CPU_INVLPG | 1u << CPU_WP;
		if (f == CPU_FPU)
			cpu.features &= ~(1u << CPU_MMX | 1u << CPU_FXSR);
		if (f == CPU_FPU || f == CPU_FXSR) /* without FXSAVE nothing saves XMM registers */
			cpu.features &= ~(1u << CPU_SSE);
		if (f == CPU_FPU || f == CPU_FXSR || f == CPU_SSE)
			cpu.features &= ~(1u << CPU_SSE2);
		return;
	}
	printk("cpu=: unknown word '%.*s'; known are no", (int)len, word);
	for (u32 f = 0; f < CPU_NR_FEATURES; f++)
		printk("%s%s", f ? ", no" : "", features[f].name);
	printk("\n");
}

static __init void apply_mask(const char *mask)
{
	while (mask && *mask) {
		size_t len = 0;
		while (mask[len] && mask[len] != ',')
			len++;
		if (len > 2)
			mask_word(mask, len);
		else if (len)
			printk("cpu=: unknown word '%.*s'\n", (int)len, mask);
		mask += len + (mask[len] == ',');
	}
}

static __init void set_control_registers(void)
{
	u32 cr0 = read_cr0() | CR0_WP | CR0_NE | CR0_AM; /* AM: for programs that set EFLAGS.AC */

	cr0 &= ~(CR0_CD | CR0_NW | CR0_EM | CR0_MP | CR0_TS);
	if (cpu_has(CPU_FPU))
		cr0 |= CR0_MP | CR0_TS;
	else
		cr0 |= CR0_EM;
	write_cr0(cr0);
	if (cpu_has(CPU_PSE))
		cpu.cr4 |= CR4_PSE;
	if (cpu_has(CPU_PGE))
		cpu.cr4 |= CR4_PGE;
	if (cpu_has(CPU_FXSR))
		cpu.cr4 |= CR4_OSFXSR;
	if (cpu_has(CPU_SSE))
		cpu.cr4 |= CR4_OSXMMEXCPT;
	if (cpu.cr4)
		write_cr4(cpu.cr4);
	pte_global = cpu_has(CPU_PGE) ? PTE_GLOBAL : 0;
	cpu_invlpg = cpu_has(CPU_INVLPG);
}

__init void cpu_init(const char *mask)
{
	find_features();
	apply_mask(mask);
	set_control_registers();

	printk("cpu: %s family %u model %u stepping %u%s%s\n", cpu.vendor, cpu.family, cpu.model,
	       cpu.stepping, cpu.model_name[0] ? ", " : "", cpu.model_name);
	printk("cpu: using");
	for (u32 f = 0; f < CPU_NR_FEATURES; f++)
		if (cpu_has(f))
			printk(" %s", features[f].name);
	printk("%s\n", cpu.f00f_bug ? "; F00F workaround" : "");
	printk("cpu: code-segment limits are %s: a jump into heap or stack %s\n",
	       cpu.segment_limits ? "enforced" : "not enforced by this machine",
	       cpu.segment_limits ? "is a SIGSEGV"
				  : "is caught only where the page is not present");
}

void cpu_halt(void)
{
	for (;;)
		asm volatile("cli\n\thlt");
}

#define KBC_STATUS 0x64
#define KBC_BUSY   0x02

void cpu_reset(void)
{
	static const struct __packed {
		u16 limit;
		u32 base;
	} no_idt;

	irq_disable();
	for (u32 i = 0; i < 10000 && (inb(KBC_STATUS) & KBC_BUSY); i++)
		io_delay();
	outb(KBC_STATUS, 0xFE); /* pulse the reset line */
	for (u32 i = 0; i < 100000; i++)
		io_delay();
	outb(0xCF9, 0x02); /* PIIX and later: hard reset */
	outb(0xCF9, 0x06);
	for (u32 i = 0; i < 100000; i++)
		io_delay();
	outb(0x92, (inb(0x92) & ~1) | 1);
	for (u32 i = 0; i < 100000; i++)
		io_delay();
	asm volatile("lidt %0\n\tint3" ::"m"(no_idt)); /* triple fault */
	cpu_halt();
}
