/* From an address to a frame, through the page directory and a page table. */
#include "user/tour/tour.h"

/* Where a walk ends; false if the address is not mapped. */
static bool physical_of(uint32_t address, const struct walk *walk, uint32_t *physical)
{
	if (!(walk->pde & PTE_PRESENT))
		return false;
	if (walk->pde & PTE_LARGE) {
		*physical = (walk->pde & 0xffc00000) | (address & 0x003fffff);
		return true;
	}
	*physical = (walk->pte & 0xfffff000) | (address & 0xfff);
	return walk->pte & PTE_PRESENT;
}

static void print_walk(const char *what, uint32_t address, const struct walk *walk)
{
	uint32_t physical;

	printf("  %s: 0x%08x = ", what, address);
	print_binary(address >> 22, 10);
	printf(" ");
	print_binary(address >> 12, 10);
	printf(" ");
	print_binary(address, 12);
	printf(" in binary\n");
	printf("    CR3               0x%08x  the page directory is in frame 0x%05x\n", walk->cr3,
	       walk->cr3 >> 12);
	printf("    PDE %4u of 1024  0x%08x  ", address >> 22, walk->pde);
	print_entry_bits(walk->pde);
	printf("\n");
	if (walk->pde & PTE_PRESENT && !(walk->pde & PTE_LARGE)) {
		printf("      its page table is in frame 0x%05x, zone %s\n", walk->pde >> 12,
		       zone_of(walk->pde >> 12));
		printf("    PTE %4u of 1024  0x%08x  ", address >> 12 & 1023, walk->pte);
		print_entry_bits(walk->pte);
		printf("\n");
	}
	if (physical_of(address, walk, &physical))
		printf("    byte %4u of frame 0x%05x: physical 0x%08x, zone %s\n", address & 0xfff,
		       physical >> 12, physical, zone_of(physical >> 12));
	else
		printf("    not mapped\n");
}

/*
 * The frame's address in the direct map, which starts at 3 GiB and ends where HighMem starts (or
 * memory does).
 */
static bool direct_address(unsigned long frame, uint32_t *address)
{
	struct zone_figures zones[MAX_ZONES];
	int count = read_zones(zones);

	for (int i = 0; i < count; i++)
		if (frame >= zones[i].start_pfn && frame - zones[i].start_pfn < zones[i].spanned) {
			*address = 0xc0000000 + frame * PAGE_SIZE;
			return strcmp(zones[i].name, "HighMem") != 0;
		}
	return false;
}

void tour_walk(void)
{
	struct walk text, stack, kernel;
	uint32_t text_address = (uint32_t)tour_walk, stack_address, physical;
	long text_frame, stack_frame;
	volatile uint32_t on_stack = 0x5eed;
	int pid;

	stack_address = (uint32_t)&on_stack;
	text_frame = frame_of((void *)text_address);
	stack_frame = frame_of(&on_stack);
	pid = sys_getpid();
	if (!read_walk(pid, text_address, &text) || !read_walk(pid, stack_address, &stack)) {
		printf("  text at 0x%08x lies in frame 0x%05lx, the stack at 0x%08x in 0x%05lx\n",
		       text_address, text_frame, stack_address, stack_frame);
		skip("this kernel does not show its page tables");
		return;
	}
	print_walk("program text", text_address, &text);
	claim(text.pde & text.pte & PTE_USER && !(text.pte & PTE_WRITE),
	      "text may be read by the program, but not written");
	claim(text_frame < 0 ? UNSEEN : (uint32_t)text_frame == text.pte >> 12,
	      "/proc/self/pagemap names the same frame, 0x%05lx", text_frame);
	print_walk("stack", stack_address, &stack);
	claim((stack.pte & PTE_WRITE) && (stack.pte & PTE_DIRTY),
	      "the stack is writable, and dirty: the processor noted our write");
	claim(stack_frame < 0 ? UNSEEN : (uint32_t)stack_frame == stack.pte >> 12,
	      "/proc/self/pagemap names the same frame, 0x%05lx", stack_frame);
	claim(text.cr3 == stack.cr3, "one page directory translates both");

	/*
	 * the kernel's own view: of our stack's frame if it is in low memory, else of physical 1
	 * MiB
	 */
	if (!direct_address(stack.pte >> 12, &physical))
		physical = 0xc0100000;
	if (!read_walk(pid, physical, &kernel)) {
		claim(UNSEEN, "the kernel's direct map");
		return;
	}
	print_walk(physical == 0xc0100000 ? "kernel, direct map"
					  : "kernel, our stack's frame again",
		   physical, &kernel);
	stack_address = physical;
	claim(physical_of(stack_address, &kernel, &physical) &&
		      physical == stack_address - 0xc0000000,
	      "in the direct map, physical = virtual - 0xc0000000");
	claim(!(kernel.pde & kernel.pte & PTE_USER) &&
		      !(kernel.pde & PTE_LARGE && kernel.pde & PTE_USER),
	      "no user access there");
}
