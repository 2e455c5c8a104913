/*
 * pagewalk PID ADDR: from an address of a process to its frame, and to all who have that frame.
 *
 * The entries of the page directory and the page table come from PID/pagewalk, which is Pagoda's
 * own; elsewhere only their numbers are shown. The frame comes from PID/pagemap.
 */
#include "user/pagewalk/pagewalk.h"

#include "user/lib/io.h"
#include "user/lib/syscall.h"

/* Returns whether the tables lead to a frame, as they also do for the kernel's own addresses. */
static bool print_tables(const struct place *place, uint64_t *frame)
{
	uint32_t address = place->address;
	struct walk walk;

	if (place->address >> 32 && read_walk(place->pid, 0, &walk)) {
		printf("  tables      none: an address has 32 bits here\n");
		return false;
	}
	if (place->address >> 32) {
		printf("  tables      four levels: entries %u, %u, %u, %u, byte 0x%03x\n",
		       (unsigned int)(place->address >> 39) & 511,
		       (unsigned int)(place->address >> 30) & 511,
		       (unsigned int)(place->address >> 21) & 511,
		       (unsigned int)(place->address >> 12) & 511, address & 0xfff);
		return false;
	}
	printf("  in binary   ");
	print_binary(address >> 22, 10);
	printf(" ");
	print_binary(address >> 12, 10);
	printf(" ");
	print_binary(address, 12);
	printf("\n");
	if (!read_walk(place->pid, address, &walk)) {
		printf("  PDE %4u    PTE %u, byte 0x%03x; this kernel does not show the entries\n",
		       address >> 22, address >> 12 & 1023, address & 0xfff);
		return false;
	}
	printf("  CR3         0x%08x: the page directory is in frame 0x%05x, zone %s\n", walk.cr3,
	       walk.cr3 >> 12, zone_of(walk.cr3 >> 12));
	printf("  PDE %4u    0x%08x: ", address >> 22, walk.pde);
	print_entry_bits(walk.pde);
	printf("\n");
	*frame = (walk.pde >> 22 << 10) + (address >> 12 & 1023);
	if (!(walk.pde & PTE_PRESENT) || walk.pde & PTE_LARGE)
		return walk.pde & PTE_PRESENT;
	printf("              its page table is in frame 0x%05x, zone %s\n", walk.pde >> 12,
	       zone_of(walk.pde >> 12));
	printf("  PTE %4u    0x%08x: ", address >> 12 & 1023, walk.pte);
	print_entry_bits(walk.pte);
	printf("\n");
	*frame = walk.pte >> 12;
	return walk.pte & PTE_PRESENT;
}

/*
 * Returns whether there is a frame to tell of. Of the kernel's addresses a page map says nothing:
 * there it is what the tables said.
 */
static bool print_pagemap(const struct place *place, uint64_t *frame, bool walked)
{
	uint64_t entry;

	if (read_entries_of(pid_path(place->pid, "pagemap"), place->address / PAGE_SIZE, &entry,
			    1) != 1) {
		printf("  pagemap     says nothing of this address\n");
		return walked;
	}
	*frame = entry & PAGEMAP_FRAME;
	printf("  pagemap     0x%016llx: %s%s%s%s\n", (unsigned long long)entry,
	       entry & PAGEMAP_PRESENT   ? "present"
	       : entry & PAGEMAP_SWAPPED ? "swapped out"
					 : "no page",
	       entry & PAGEMAP_FILE ? ", of a file or shared" : "",
	       entry & PAGEMAP_EXCLUSIVE ? ", mapped once" : "",
	       entry & PAGEMAP_SOFT_DIRTY ? ", soft-dirty" : "");
	if (entry & PAGEMAP_PRESENT && !(entry & PAGEMAP_FRAME))
		printf("  frame       told to root only\n");
	return entry & PAGEMAP_PRESENT && entry & PAGEMAP_FRAME;
}

int main(int argc, char *argv[])
{
	static struct place place;
	unsigned long pid = 0;
	char command[64];
	uint64_t frame;
	bool walked;

	if (argc == 3 && !strcmp(argv[1], "self"))
		pid = sys_getpid();
	else if (argc == 3 && *take_number(argv[1], &pid))
		pid = 0;
	if (!pid) {
		printf("usage: pagewalk PID ADDR\n"
		       "  PID   a process, or self\n"
		       "  ADDR  a hexadecimal address, or a region: text, data, heap, stack, or "
		       "a part of\n"
		       "        a name in /proc/PID/maps; its first page that is present is "
		       "shown\n");
		return 2;
	}
	if (!find_place(pid, argv[2], &place))
		return 1;
	read_command(pid, command, sizeof(command));
	printf("0x%08llx of process %lu, %s\n", (unsigned long long)place.address, pid, command);
	if (place.area.end)
		printf("  area        %08llx-%08llx %s %s\n", (unsigned long long)place.area.start,
		       (unsigned long long)place.area.end, place.area.perms, place.area.name);
	else
		printf("  area        none: an access would be a SIGSEGV\n");
	walked = print_tables(&place, &frame);
	if (print_pagemap(&place, &frame, walked))
		print_frame(frame, &place);
	return 0;
}
