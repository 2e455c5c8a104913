#include "kernel/debug/symbols.h"

#include "arch/i386/cpu/backtrace.h"
#include "arch/i386/cpu/sections.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/string.h"

static const char *name_of(u32 index)
{
	const char *name = kernel_symtab_names + kernel_symtab_groups[index / SYMTAB_GROUP];

	for (u32 i = index % SYMTAB_GROUP; i; i--)
		name += strlen(name) + 1;
	return name;
}

const char *symbol_find(vaddr_t addr, u32 *offset)
{
	u32 low = 0, high = kernel_symtab_count; /* the answer is below high, at or above low */

	if (addr < (vaddr_t)__init_start || addr >= (vaddr_t)__kernel_end || !high ||
	    addr < kernel_symtab_addresses[0])
		return NULL;
	while (high - low > 1) {
		u32 middle = low + (high - low) / 2;
		if (kernel_symtab_addresses[middle] <= addr)
			low = middle;
		else
			high = middle;
	}
	*offset = addr - kernel_symtab_addresses[low];
	return name_of(low);
}

__init void symbols_init(void)
{
	symbol_lookup = symbol_find;
	panic_add_report(backtrace_here);
}
