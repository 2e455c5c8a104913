/*
 * The processor: what it is, what it can do, what the command line forbids it.
 * A masked feature is gone for everybody: code asks cpu_has(), never CPUID.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

enum cpu_feature {
	CPU_CPUID,
	CPU_FPU,
	CPU_PSE,
	CPU_TSC,
	CPU_MSR,
	CPU_CX8,
	CPU_PGE,
	CPU_CMOV,
	CPU_PAT,
	CPU_MMX,
	CPU_FXSR,
	CPU_SSE,
	CPU_SSE2,
	CPU_INVLPG,
	CPU_WP, /* CR0.WP stops the kernel, found by trying */
	CPU_NR_FEATURES
};

struct cpu_info {
	char vendor[13];
	char model_name[49];
	u32 family, model, stepping;
	u32 cpuid_edx; /* leaf 1, 0 without CPUID; features as found, before the mask */
	u32 features;  /* 1 << enum cpu_feature, after the mask */
	bool f00f_bug;
	bool segment_limits; /* the code-segment limit is enforced (found by trying) */
	u32 cr4;             /* what was set */
};
extern struct cpu_info cpu;

static inline bool cpu_has(enum cpu_feature f)
{
	return cpu.features >> f & 1;
}

/* mask: the value of cpu=, e.g. "nopse,nopge"; unknown words are reported. Sets CR0 and CR4. */
void cpu_init(const char *mask);

static inline u64 rdtsc(void)
{
	u64 v;
	asm volatile("rdtsc" : "=A"(v));
	return v;
}

/* Stops for ever with interrupts off. */
void cpu_halt(void) __noreturn;
/* Restart: 8042, port 0xCF9, port 0x92, triple fault, in that order (drivers try ACPI first). */
void cpu_reset(void) __noreturn;
