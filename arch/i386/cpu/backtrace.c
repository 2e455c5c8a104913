#include "arch/i386/cpu/backtrace.h"

#include "arch/i386/cpu/extable.h"
#include "arch/i386/cpu/layout.h"
#include "lib/printk.h"

#define MAX_FRAMES 32

u32 backtrace_up(u32 *ebp)
{
	struct {
		u32 ebp, eip;
	} frame;

	if (*ebp < KERNEL_BASE || (*ebp & 3) ||
	    !probe_kernel_read(&frame, (const void *)*ebp, sizeof(frame)))
		return 0;
	if (frame.ebp && frame.ebp <= *ebp) /* an older frame lies higher */
		return 0;
	*ebp = frame.ebp;
	return frame.eip;
}

void backtrace_print(u32 eip, u32 ebp)
{
	printk("backtrace:\n");
	for (u32 i = 0; i < MAX_FRAMES && eip; i++) {
		/* Above the first, what follows a call may belong to the next function already. */
		printk("  %08x  %pS\n", eip, (void *)(eip - (i > 0)));
		eip = backtrace_up(&ebp);
	}
}

bool backtrace_of(const struct cpu_context *context, u32 *eip, u32 *ebp)
{
	struct {
		u32 edi, esi, ebx, ebp, eip;
	} saved; /* by context_switch (stack.asm) */

	if (!probe_kernel_read(&saved, (const void *)context->esp, sizeof(saved)))
		return false;
	*eip = saved.eip;
	*ebp = saved.ebp;
	return true;
}

void backtrace_here(void)
{
	backtrace_print((u32)__builtin_return_address(0), *(u32 *)__builtin_frame_address(0));
}
