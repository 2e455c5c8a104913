/*
 * The stack: it grows on access within its limit, keeps away from what lies beneath, and is per
 * process.
 */
#include "tests/abi/lib/abi.h"

static char *stack_page(void)
{
	volatile char here;

	return (char *)((uintptr_t)&here & ~(PAGE_SIZE - 1));
}

static int touch_below(void *distance)
{
	volatile char *p = stack_page() - (size_t)distance;

	*p = 'b';
	return *p == 'b' ? 0 : 1;
}

static int walk_down(void *pages)
{
	volatile char *p = stack_page();

	for (size_t i = 0; i < (size_t)pages; i++)
		p[-(long)(i * PAGE_SIZE)] = 'd';
	return 0;
}

/* A call that writes to a place the stack has not reached grows it as well. */
static int kernel_writes_below(void *distance)
{
	struct timespec *time = (struct timespec *)(stack_page() - (size_t)distance);

	return syscall2(__NR_clock_gettime, 1, (long)time) == 0 ? 0 : 1;
}

static int deep(int depth)
{
	volatile char frame[2000];

	frame[0] = depth;
	return depth ? deep(depth - 1) + (frame[0] == (char)depth) : 0;
}

static int recurses(void *depth)
{
	return deep((int)depth) == (int)depth ? 0 : 1;
}

static int meets_a_mapping(void *unused)
{
	char *floor = stack_page() - 2 * 1024 * 1024;
	char *p = sys_mmap(floor, PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	(void)unused;
	if (p != floor)
		return 9;
	*p = 'f';
	/* far above it: fine. Right above it: within the gap, which is 256 pages on Linux. */
	*(volatile char *)(floor + 300 * PAGE_SIZE) = 1;
	*(volatile char *)(floor + PAGE_SIZE) = 1;
	return 0;
}

int main(void)
{
	say_status("one page below", in_child(touch_below, (void *)PAGE_SIZE));
	say_status("1 MB below at once", in_child(touch_below, (void *)(1u << 20)));
	say_status("7 MB below at once", in_child(touch_below, (void *)(7u << 20)));
	say_status("9 MB below: past the limit of 8 MB", in_child(touch_below, (void *)(9u << 20)));
	say_status("1500 pages down, one by one", in_child(walk_down, (void *)1500));
	say_status("the kernel writes 1 MB below",
		   in_child(kernel_writes_below, (void *)(1u << 20)));
	say_status("the kernel writes 9 MB below",
		   in_child(kernel_writes_below, (void *)(9u << 20)));
	say_status("recursion of 2000 frames of 2000 bytes", in_child(recurses, (void *)2000));
	say_status("growth towards a mapping", in_child(meets_a_mapping, NULL));
	return 0;
}
