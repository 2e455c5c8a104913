/*
 * The page fault that docs/MEMORY.md follows: 4 MB that no page table covers yet, and one write into them.
 * tools/gdb/one-fault.gdb stops on its way.
 */
#include "user/lib/io.h"
#include "user/lib/syscall.h"

#define PLACE ((char *)0x40000000) /* page-directory entry 256, page-table entry 0 */
#define LEN   0x400000

static void __attribute__((noinline)) write_a_byte(volatile char *at)
{
	*at = 'x';
}

int main(void)
{
	char *p = sys_mmap(PLACE, LEN, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (p != PLACE) {
		printf("one-fault: no memory at %p\n", (void *)PLACE);
		return 1;
	}
	write_a_byte(p + 0x123);
	printf("one-fault: %p holds '%c'\n", (void *)(p + 0x123), p[0x123]);
	return 0;
}
