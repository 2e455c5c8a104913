#include "kernel/debug/selftest.h"

#include "arch/i386/cpu/cpu.h"
#include "arch/i386/cpu/extable.h"
#include "arch/i386/cpu/paging.h"
#include "arch/i386/cpu/sections.h"
#include "arch/i386/cpu/usercopy.h"
#include "kernel/core/thread.h"
#include "kernel/core/time.h"
#include "kernel/core/wait.h"
#include "kernel/debug/control.h"
#include "kernel/debug/symbols.h"
#include "lib/err.h"
#include "lib/failpoint.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/kmem/directmap.h"
#include "mm/kmem/kmap.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include "mm/phys/buddy.h"
#include "mm/vm/mm.h"

/* A test returns NULL, or what was wrong. */
#define EXPECT(cond)                  \
	do {                          \
		if (!(cond))          \
			return #cond; \
	} while (0)

/* xorshift32: the tests need variety, not quality; the seed is printed. */
static u32 random_state;
static __init u32 random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static __init const char *test_readonly_text(void)
{
	u32 *text = (u32 *)__text_start;
	u32 before = *text;

	EXPECT(!probe_kernel_write_u32(text, ~before));
	EXPECT(*text == before);
	EXPECT(!probe_kernel_write_u32((u32 *)((vaddr_t)__text_end - 4), 0));
	return NULL;
}

static __init const char *test_readonly_data(void)
{
	EXPECT(!probe_kernel_write_u32((u32 *)__rodata_start, 0));
	EXPECT(!probe_kernel_write_u32((u32 *)(((vaddr_t)__rodata_end - 4) & ~3u), 0));
	EXPECT(probe_kernel_write_u32((u32 *)__data_start, *(u32 *)__data_start));
	return NULL;
}

static __init const char *test_null_pointer(void)
{
	u32 word;

	EXPECT(pde_none(*pde_of(0)));
	EXPECT(!probe_kernel_read(&word, (void *)(VMALLOC_END - PAGE_SIZE), sizeof(word)));
	return NULL;
}

static __init const char *test_stack_guard(void)
{
	u8 *stack = vmalloc_stack(KSTACK_SIZE);
	u32 word;

	EXPECT(stack);
	EXPECT(probe_kernel_write_u32((u32 *)stack, 1));
	EXPECT(probe_kernel_write_u32((u32 *)(stack + KSTACK_SIZE - 4), 1));
	EXPECT(!probe_kernel_read(&word, stack - 4, 4));
	EXPECT(!probe_kernel_read(&word, stack + KSTACK_SIZE, 4));
	vfree(stack);
	return NULL;
}

static __init const char *test_direct_map(void)
{
	u32 last = max_low_pfn - 1;
	u32 tables = 0, large = 0;

	for (vaddr_t va = KERNEL_BASE; va < VMALLOC_BASE; va += PAGE_SIZE_LARGE) {
		pde_t pde = *pde_of(va);
		if (!pde_present(pde))
			continue;
		if (pde_large(pde))
			large++;
		else
			tables++;
	}
	EXPECT(large == directmap.pages_4m);
	EXPECT(cpu_has(CPU_PSE) ? large || max_low_pfn < 4096 : !large);
	EXPECT(directmap.global == cpu_has(CPU_PGE));
	EXPECT(virt_to_phys(phys_to_virt(last << PAGE_SHIFT)) == last << PAGE_SHIFT);
	return NULL;
}

#define BLOCKS 64
static __init const char *test_buddy(void)
{
	static struct {
		struct page *page;
		u32 order;
	} held[BLOCKS];
	u32 before;

	drain_hot_lists();
	before = nr_free_pages();
	for (u32 round = 0; round < 2000; round++) {
		u32 i = random_next() % BLOCKS;

		if (held[i].page) {
			free_pages(held[i].page, held[i].order);
			held[i].page = NULL;
		} else {
			gfp_t gfp = random_next() % 3 | (random_next() % 3) << GFP_MIGRATE_SHIFT;

			held[i].order = random_next() % 5;
			held[i].page = alloc_pages(gfp, held[i].order);
			EXPECT(!held[i].page ||
			       IS_ALIGNED(page_to_pfn(held[i].page), 1u << held[i].order));
		}
		if (round % 200 == 0)
			EXPECT(!buddy_check());
	}
	for (u32 i = 0; i < BLOCKS; i++)
		if (held[i].page)
			free_pages(held[i].page, held[i].order);
	memset(held, 0, sizeof(held));
	drain_hot_lists();
	EXPECT(nr_free_pages() == before);
	EXPECT(!buddy_check());
	return NULL;
}

static __init const char *test_slab(void)
{
	static void *held[BLOCKS];
	static size_t size[BLOCKS];
	u32 before = slab_objects_in_use();

	for (u32 round = 0; round < 4000; round++) {
		u32 i = random_next() % BLOCKS;

		if (held[i]) {
			u8 *p = held[i];
			EXPECT(p[0] == (u8)i && p[size[i] - 1] == (u8)i);
			kfree(p);
			held[i] = NULL;
		} else {
			size[i] = 1 + random_next() % 9000;
			held[i] = kmalloc(size[i], GFP_KERNEL);
			if (held[i])
				memset(held[i], (int)i, size[i]);
		}
	}
	EXPECT(!slab_check());
	for (u32 i = 0; i < BLOCKS; i++) {
		kfree(held[i]);
		held[i] = NULL;
	}
	EXPECT(slab_objects_in_use() == before);
	EXPECT(!slab_check());
	return NULL;
}

static __init const char *test_vmalloc(void)
{
	u8 *p = vmalloc(5 * PAGE_SIZE + 1);
	u32 word;

	EXPECT(p && (vaddr_t)p >= VMALLOC_BASE && (vaddr_t)p < VMALLOC_END);
	for (u32 i = 0; i < 6; i++)
		p[i * PAGE_SIZE] = (u8)i;
	for (u32 i = 0; i < 6; i++)
		EXPECT(p[i * PAGE_SIZE] == i);
	EXPECT(!probe_kernel_read(&word, p + 6 * PAGE_SIZE, 4));
	EXPECT(!vmalloc_check());
	vfree(p);
	EXPECT(!probe_kernel_read(&word, p, 4));
	EXPECT(!vmalloc_check());
	return NULL;
}

static __init const char *test_kmap(void)
{
	struct page *a = alloc_page(GFP_HIGHUSER);
	struct page *b = alloc_page(GFP_HIGHUSER);
	u32 *pa, *pb, *pk;

	EXPECT(a && b);
	pa = kmap_local(a);
	pb = kmap_local(b);
	pa[0] = 0xA;
	pb[0] = 0xB;
	EXPECT(pa[0] == 0xA && pb[0] == 0xB);
	kunmap_local(pb);
	kunmap_local(pa);
	pk = kmap(a);
	EXPECT(pk && pk[0] == 0xA);
	EXPECT(kmap(a) == pk);
	kunmap(a);
	kunmap(a);
	clear_highpage(a);
	copy_highpage(b, a);
	pb = kmap_local(b);
	EXPECT(pb[0] == 0 && pb[1023] == 0);
	kunmap_local(pb);
	put_page(a);
	put_page(b);
	EXPECT(!kmap_check());
	return NULL;
}

static __init const char *test_zero_page(void)
{
	u32 *p = kmap_local(zero_page);

	for (u32 i = 0; i < PAGE_SIZE / 4; i++)
		EXPECT(!p[i]);
	kunmap_local(p);
	return NULL;
}

static __init const char *test_failpoint(void)
{
	struct failpoint *fp = failpoint_find("page_alloc");
	struct page *page;

	EXPECT(fp && !failpoint_arm("page_alloc", 1, 1));
	page = alloc_page(GFP_KERNEL);
	failpoint_disarm(fp);
	EXPECT(!page && fp->fired == 1);
	EXPECT(!failpoint_arm("slab_alloc", 1, 1));
	EXPECT(!kmalloc(32, GFP_KERNEL));
	failpoint_disarm(failpoint_find("slab_alloc"));
	return NULL;
}

static __init const char *test_symbols(void)
{
	u32 offset;
	const char *name = symbol_find((vaddr_t)symbol_find + 1, &offset);

	EXPECT(name && !strcmp(name, "symbol_find") && offset == 1);
	EXPECT(!symbol_find(0, &offset) && !symbol_find(0xFFFFFFFF, &offset));
	return NULL;
}

static __init const char *test_user_pointers(void)
{
	u32 word = 0;

	/* No process yet: nothing can be faulted in, and nothing may be touched beyond user space. */
	EXPECT(copy_from_user(&word, (void *)USER_END, 4) == 4);
	EXPECT(copy_from_user(&word, (void *)(USER_END - 2), 4) == 4);
	EXPECT(copy_to_user((void *)__text_start, &word, 4) == 4);
	EXPECT(copy_from_user(&word, (void *)0x1000, 4) == 4);
	EXPECT(clear_user((void *)0xFFFFFFFC, 8) == 8);
	return NULL;
}

static __init const char *test_clock(void)
{
	u64 start = time_monotonic_ns(), last = start;

	while (last - start < 30000000) { /* three ticks */
		u64 now = time_monotonic_ns();
		EXPECT(now >= last);
		last = now;
	}
	EXPECT(time_ticks() >= 2);
	return NULL;
}

/* ---- threads: the boot thread is idle, so it only looks on ---- */

#define ROUNDS 200u

static struct {
	struct wait_queue a, b;
	struct mutex mutex;
	bool turn_b;
	u32 rounds, counted, ended;
	int slept, interrupted;
	u64 slept_ns, left_ns;
} table;

static __init void ping(void *arg)
{
	(void)arg;
	for (u32 i = 0; i < ROUNDS; i++) {
		table.turn_b = true;
		wake_up_all(&table.b);
		wait_event(table.a, !table.turn_b);
	}
	table.ended++;
}

static __init void pong(void *arg)
{
	(void)arg;
	for (u32 i = 0; i < ROUNDS; i++) {
		wait_event(table.b, table.turn_b);
		table.rounds++;
		table.turn_b = false;
		wake_up_all(&table.a);
	}
	table.ended++;
}

/* Gives way in the middle of what the mutex protects. */
static __init void count_up(void *arg)
{
	(void)arg;
	for (u32 i = 0; i < ROUNDS; i++) {
		u32 n;

		mutex_lock(&table.mutex);
		n = table.counted;
		thread_yield();
		table.counted = n + 1;
		mutex_unlock(&table.mutex);
	}
	table.ended++;
}

static __init bool wait_for_ended(u32 n, u64 limit_ns)
{
	u64 end = time_monotonic_ns() + limit_ns;

	while (READ_ONCE(table.ended) < n && time_monotonic_ns() < end)
		schedule();
	return READ_ONCE(table.ended) >= n;
}

static __init const char *test_threads(void)
{
	u32 pages;

	memset(&table, 0, sizeof(table));
	wait_queue_init(&table.a);
	wait_queue_init(&table.b);
	mutex_init(&table.mutex);
	thread_stacks_shrink();
	pages = vmalloc_nr_pages();
	EXPECT(kthread_create("ping", ping, NULL) && kthread_create("pong", pong, NULL));
	for (u32 i = 0; i < 5; i++)
		EXPECT(kthread_create("count", count_up, NULL));
	EXPECT(!sched_check());
	EXPECT(wait_for_ended(7, 2 * NSEC_PER_SEC));
	EXPECT(table.rounds == ROUNDS);
	EXPECT(table.counted == 5 * ROUNDS);
	/* The last one is reaped by whoever comes back from schedule() next. */
	schedule();
	thread_stacks_shrink();
	EXPECT(vmalloc_nr_pages() == pages);
	return NULL;
}

static __init void sleep_a_little(void *arg)
{
	u64 start = time_monotonic_ns(), left;

	(void)arg;
	table.slept = sleep_until(start + 25000000, &left);
	table.slept_ns = time_monotonic_ns() - start;
	table.ended++;
}

static __init void sleep_for_long(void *arg)
{
	(void)arg;
	table.interrupted = sleep_until(time_monotonic_ns() + 1000 * NSEC_PER_SEC, &table.left_ns);
	table.ended++;
}

static __init const char *test_sleep(void)
{
	struct thread *sleeper;

	memset(&table, 0, sizeof(table));
	sleeper = kthread_create("long", sleep_for_long, NULL);
	EXPECT(sleeper && kthread_create("short", sleep_a_little, NULL));
	EXPECT(wait_for_ended(1, 2 * NSEC_PER_SEC));
	EXPECT(table.slept == 0 && table.slept_ns >= 25000000);
	thread_interrupt(sleeper);
	EXPECT(wait_for_ended(2, 2 * NSEC_PER_SEC));
	EXPECT(table.interrupted == -EINTR);
	EXPECT(table.left_ns > 990 * NSEC_PER_SEC && table.left_ns < 1000 * NSEC_PER_SEC);
	EXPECT(!timers_check());
	return NULL;
}

static __init const char *test_everything_holds(void)
{
	EXPECT(!check_everything());
	return NULL;
}

/* ---- those that end the machine ---- */

static __init noinline u32 recurse(u32 depth)
{
	volatile u8 frame[256];

	frame[depth & 255] = (u8)depth;
	return depth > 1u << 20 ? depth : recurse(depth + 1) + frame[depth & 255];
}

static __init void overflow_stack(void *arg)
{
	(void)arg;
	printk("selftest: depth %u\n", recurse(0));
}

static __init const char *test_double_fault(void)
{
	kthread_create("overflow", overflow_stack, NULL);
	schedule();
	return "the kernel survived the overflow of a stack";
}

static __init const char *test_panic(void)
{
	panic("selftest: a panic was asked for");
	return NULL;
}

static __init const char *test_rodata_write(void)
{
	*(volatile char *)__rodata_start = 1;
	return "the write went through";
}

static __initdata struct {
	const char *name;
	const char *(*fn)(void);
	bool ends; /* the machine: only by name */
} tests[] = {
	{"readonly-text", test_readonly_text, false},
	{"readonly-data", test_readonly_data, false},
	{"null-pointer", test_null_pointer, false},
	{"stack-guard", test_stack_guard, false},
	{"direct-map", test_direct_map, false},
	{"buddy", test_buddy, false},
	{"slab", test_slab, false},
	{"vmalloc", test_vmalloc, false},
	{"kmap", test_kmap, false},
	{"zero-page", test_zero_page, false},
	{"failpoint", test_failpoint, false},
	{"symbols", test_symbols, false},
	{"user-pointers", test_user_pointers, false},
	{"clock", test_clock, false},
	{"threads", test_threads, false},
	{"sleep", test_sleep, false},
	{"checks", test_everything_holds, false},
	{"doublefault", test_double_fault, true},
	{"panic", test_panic, true},
	{"rodata-write", test_rodata_write, true},
};

__init void selftest_run(const char *which)
{
	bool all = !which || !*which;
	u32 passed = 0, failed = 0;

	random_state = (u32)time_monotonic_ns() | 1;
	printk("selftest: seed %u\n", random_state);
	for (u32 i = 0; i < ARRAY_SIZE(tests); i++) {
		const char *wrong;

		if (all ? tests[i].ends : strcmp(which, tests[i].name))
			continue;
		wrong = tests[i].fn();
		printk("selftest: %-14s %s%s\n", tests[i].name, wrong ? "FAILED: " : "ok",
		       wrong ? wrong : "");
		if (wrong)
			failed++;
		else
			passed++;
	}
	printk("selftest: %u passed, %u failed\n", passed, failed);
}
