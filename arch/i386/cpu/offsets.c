/* Numbers that assembly needs, taken from the compiler: compiled to text, never linked. */
#include "arch/i386/cpu/layout.h"
#include "arch/i386/cpu/regs.h"
#include "lib/compiler.h"

#define DEFINE(sym, val) asm volatile("\n->" #sym " %0" ::"i"(val))

void offsets(void);
void offsets(void)
{
	DEFINE(KERNEL_BASE, KERNEL_BASE);
	DEFINE(KSTACK_SIZE, KSTACK_SIZE);
	DEFINE(SEL_KERNEL_DATA, SEL_KERNEL_DATA);
	DEFINE(SEL_PROBE, SEL_PROBE);
	DEFINE(FRAME_EAX, offsetof(struct trap_frame, eax));
	DEFINE(FRAME_CS, offsetof(struct trap_frame, cs));
}
