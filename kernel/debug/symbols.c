#include "kernel/debug/symbols.h"

#include "arch/i386/cpu/backtrace.h"
#include "arch/i386/cpu/sections.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/printf.h"

const char *symbol_find(vaddr_t addr, u32 *offset)
{
	u32 low = 0, high = kernel_symtab_count; /* the answer is below high, at or above low */

	if (addr < (vaddr_t)__init_start || addr >= (vaddr_t)__kernel_end || !high ||
	    addr < kernel_symtab[0].addr)
		return NULL;
	while (high - low > 1) {
		u32 middle = low + (high - low) / 2;
		if (kernel_symtab[middle].addr <= addr)
			low = middle;
		else
			high = middle;
	}
	*offset = addr - kernel_symtab[low].addr;
	return kernel_symtab_names + kernel_symtab[low].name;
}

__init void symbols_init(void)
{
	symbol_lookup = symbol_find;
	panic_add_report(backtrace_here);
}
