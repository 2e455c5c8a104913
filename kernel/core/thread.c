/*
 * Making and ending threads. A stack is two pages of vmalloc space with an unmapped page below it. Mapping one costs
 * more than the rest of a thread, so a few stacks of ended threads are kept mapped for the next ones.
 */
#include "arch/i386/cpu/irqflags.h"
#include "kernel/core/thread.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"

#define MAX_SPARE_STACKS 4u

struct kthread {
	struct thread thread; /* first */
	void (*fn)(void *arg);
	void *arg;
};

static void *spare_stacks[MAX_SPARE_STACKS];
static u32 nr_spare_stacks;
static u32 last_id;

static void *stack_alloc(void)
{
	if (nr_spare_stacks)
		return spare_stacks[--nr_spare_stacks];
	return vmalloc_stack(KSTACK_SIZE);
}

static void stack_free(void *stack)
{
	if (nr_spare_stacks == MAX_SPARE_STACKS) {
		vfree(stack);
		return;
	}
	if (DEBUG)
		memset(stack, 0x5A, KSTACK_SIZE);
	spare_stacks[nr_spare_stacks++] = stack;
}

u32 thread_stacks_shrink(void)
{
	u32 frames = nr_spare_stacks * (KSTACK_SIZE / PAGE_SIZE);

	while (nr_spare_stacks)
		vfree(spare_stacks[--nr_spare_stacks]);
	return frames;
}

int thread_init(struct thread *t, const char *name)
{
	u32 flags;

	t->stack = stack_alloc();
	if (!t->stack)
		return -ENOMEM;
	t->state = THREAD_SLEEPING_UNINTERRUPTIBLE;
	t->context.esp0 = (vaddr_t)t->stack + KSTACK_SIZE;
	t->id = ++last_id;
	strlcpy(t->name, name, sizeof(t->name));
	INIT_LIST_HEAD(&t->run_node);
	flags = irq_save();
	list_add_tail(&t->all_node, &all_threads);
	irq_restore(flags);
	return 0;
}

void thread_destroy(struct thread *t)
{
	u32 flags;

	BUG_ON(t == current || t->state == THREAD_RUNNING);
	flags = irq_save();
	list_del(&t->all_node);
	irq_restore(flags);
	stack_free(t->stack);
	t->stack = NULL;
}

static void kthread_reap(struct thread *t)
{
	thread_destroy(t);
	kfree(container_of(t, struct kthread, thread));
}

static void kthread_start(void *arg)
{
	struct kthread *k = arg;

	thread_reap_pending();
	k->fn(k->arg);
	thread_exit(kthread_reap);
}

struct thread *kthread_create(const char *name, void (*fn)(void *), void *arg)
{
	struct kthread *k = kzalloc(sizeof(*k), GFP_KERNEL);

	if (!k)
		return NULL;
	if (thread_init(&k->thread, name)) {
		kfree(k);
		return NULL;
	}
	k->fn = fn;
	k->arg = arg;
	context_init_kernel(&k->thread.context, (void *)k->thread.context.esp0, kthread_start, k);
	thread_wake(&k->thread);
	return &k->thread;
}
