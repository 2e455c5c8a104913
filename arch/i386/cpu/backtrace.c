#include "arch/i386/cpu/backtrace.h"

#include "arch/i386/cpu/extable.h"
#include "arch/i386/cpu/layout.h"
#include "lib/printk.h"

#define MAX_FRAMES 32

void backtrace_print(u32 eip, u32 ebp)
{
	struct {
		u32 ebp, eip;
	} frame;

	printk("backtrace:\n");
	for (u32 i = 0; i < MAX_FRAMES; i++) {
		/* Above the first, what follows a call may belong to the next function already. */
		printk("  %08x  %pS\n", eip, (void *)(eip - (i > 0)));
		if (ebp < KERNEL_BASE || (ebp & 3) ||
		    !probe_kernel_read(&frame, (const void *)ebp, sizeof(frame)))
			return;
		/* An older frame lies higher. */
		if (!frame.eip || (frame.ebp && frame.ebp <= ebp))
			return;
		eip = frame.eip;
		ebp = frame.ebp;
	}
}

void backtrace_here(void)
{
	backtrace_print((u32)__builtin_return_address(0), *(u32 *)__builtin_frame_address(0));
}
