/* Control registers and the few instructions around them (Intel SDM vol. 3A 2.5). */
#pragma once

#include "lib/types.h"

#define CR0_MP         0x00000002u
#define CR0_EM         0x00000004u
#define CR0_TS         0x00000008u
#define CR0_NE         0x00000020u
#define CR0_WP         0x00010000u
#define CR0_AM         0x00040000u
#define CR0_NW         0x20000000u
#define CR0_CD         0x40000000u
#define CR0_PG         0x80000000u

#define CR4_TSD        0x004u
#define CR4_PSE        0x010u
#define CR4_PAE        0x020u
#define CR4_PGE        0x080u
#define CR4_OSFXSR     0x200u
#define CR4_OSXMMEXCPT 0x400u

#define DEFINE_CR(n)                                                    \
	static inline u32 read_cr##n(void)                              \
	{                                                               \
		u32 v;                                                  \
		asm volatile("mov %%cr" #n ", %0" : "=r"(v)::"memory"); \
		return v;                                               \
	}                                                               \
	static inline void write_cr##n(u32 v)                           \
	{                                                               \
		asm volatile("mov %0, %%cr" #n ::"r"(v) : "memory");    \
	}
DEFINE_CR(0)
DEFINE_CR(2)
DEFINE_CR(3)
DEFINE_CR(4)
#undef DEFINE_CR

static inline void clts(void)
{
	asm volatile("clts");
}

#define DR6_SINGLE_STEP 0x00004000u
#define DR6_NONE        0xFFFF0FF0u

/* What a #DB is about (SDM vol. 3B 17.2.3). The processor sets bits and clears none. */
static inline u32 take_dr6(void)
{
	u32 v;

	asm volatile("mov %%dr6, %0\n\tmov %1, %%dr6" : "=&r"(v) : "r"(DR6_NONE));
	return v;
}
