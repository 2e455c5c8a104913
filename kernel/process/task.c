/*
 * Tasks: made, numbered, found, counted, freed.
 *
 * A pid is the next number behind the last one given that no task has, so that a number is not used
 * again soon.
 */
#include "kernel/process/task.h"
#include "fs/proc.h"
#include "kernel/core/time.h"
#include "kernel/process/capability.h"
#include "kernel/process/files.h"
#include "arch/i386/cpu/cpu.h"
#include "arch/i386/cpu/fpu.h"
#include "arch/i386/cpu/irqflags.h"
#include "lib/bitmap.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/vm/mm.h"
#include <asm/signal.h>
#include <linux/fcntl.h>

#define PID_RESERVED 300u /* numbers below are not used again after a wrap, as on Linux */

LIST_HEAD(all_tasks);
struct task *init_task;

static struct kmem_cache *task_cache, *group_cache;
static struct kmem_cache *fpu_cache;
static DECLARE_BITMAP(pids_used, PID_MAX);
static u32 last_pid;

static void *fpu_alloc(void)
{
	return kmem_cache_alloc(fpu_cache, GFP_KERNEL);
}

static void fpu_free(void *state)
{
	kmem_cache_free(fpu_cache, state);
}

__init void process_init(void)
{
	task_cache = kmem_cache_create("task_struct", sizeof(struct task), 0, 0, NULL);
	fpu_cache = kmem_cache_create("fpu_state", FPU_STATE_SIZE, FPU_STATE_ALIGN, 0, NULL);
	group_cache = kmem_cache_create("thread_group", sizeof(struct thread_group), 0, 0, NULL);
	if (!task_cache || !fpu_cache || !group_cache)
		panic("no memory for the task caches");
	signal_init();
	futex_init();
	fpu_set_allocator(fpu_alloc, fpu_free);
	bitmap_set(pids_used, 0);
	files_init();
	job_control_init();
	copy_calls_init();
	pidfd_init();
	proc_tasks_init();
}

u32 task_last_pid(void)
{
	return last_pid;
}

/* 0: none is left. */
static u32 pid_alloc(void)
{
	u32 pid = bitmap_next_clear(pids_used, PID_MAX, last_pid + 1);

	if (pid >= PID_MAX)
		pid = bitmap_next_clear(pids_used, PID_MAX, PID_RESERVED);
	if (pid >= PID_MAX)
		return 0;
	bitmap_set(pids_used, pid);
	last_pid = pid;
	return pid;
}

static struct thread_group *group_create(struct task *leader, const struct thread_group *from)
{
	struct thread_group *g = kmem_cache_alloc(group_cache, GFP_KERNEL);

	if (!g)
		return NULL;
	memset(g, 0, sizeof(*g));
	INIT_LIST_HEAD(&g->threads);
	INIT_LIST_HEAD(&g->pending.queue);
	INIT_LIST_HEAD(&g->timers);
	g->leader = leader;
	limits_init(g, from);
	if (from) {
		g->ids = from->ids;
		g->oom_score_adj = from->oom_score_adj;
		g->root = from->root ? inode_get(from->root) : NULL;
	} else {
		capabilities_full(&g->ids);
	}
	return g;
}

static void group_free(struct thread_group *g)
{
	if (g->root)
		inode_put(g->root);
	kmem_cache_free(group_cache, g);
}

void group_put(struct thread_group *g)
{
	if (--g->refs)
		return;
	signal_drop(&g->pending);
	group_free(g);
}

/* Into the lists that interrupt handlers walk to send signals. */
static void join_group(struct task *t, struct thread_group *g)
{
	u32 flags = irq_save();

	t->group = g;
	t->leader = g->leader;
	g->refs++;
	g->nr_live++;
	list_add_tail(&t->thread_node, &g->threads);
	if (t == g->leader)
		list_add_tail(&t->node, &all_tasks);
	irq_restore(flags);
}

struct task *task_alloc(const char *name, const struct thread_group *from,
			struct thread_group *group)
{
	struct task *t = kmem_cache_alloc(task_cache, GFP_KERNEL);

	if (!t)
		return NULL;
	memset(t, 0, sizeof(*t));
	if (!group)
		group = group_create(t, from);
	if (!group)
		goto no_group;
	t->pid = pid_alloc();
	if (!t->pid)
		goto no_pid;
	if (thread_init(&t->thread, name))
		goto no_thread;
	t->thread.is_user = true;
	t->exit_signal = SIGCHLD;
	t->umask = 022;
	t->start_ns = time_monotonic_ns();
	INIT_LIST_HEAD(&t->children);
	INIT_LIST_HEAD(&t->sibling);
	INIT_LIST_HEAD(&t->node);
	INIT_LIST_HEAD(&t->sig_pending.queue);
	t->held = t->held_inline;
	t->max_held = HELD_FILES;
	wait_queue_init(&t->child_exit);
	join_group(t, group);
	return t;
no_thread:
	bitmap_clear(pids_used, t->pid);
no_pid:
	if (!group->refs)
		group_free(group);
no_group:
	kmem_cache_free(task_cache, t);
	return NULL;
}

void task_free(struct task *t)
{
	u32 flags;

	ASSERT(list_empty(&t->children) && !t->files && !t->exe && !t->cwd && !t->thread.mm);
	if (!t->reaped)
		thread_destroy(&t->thread);
	flags = irq_save();
	if (t->state == TASK_ALIVE) { /* it never ran */
		list_del(&t->thread_node);
		t->group->nr_live--;
	}
	list_del(&t->sibling);
	list_del(&t->node);
	irq_restore(flags);
	signal_drop(&t->sig_pending);
	if (t->sighand)
		sighand_put(t->sighand);
	group_put(t->group);
	bitmap_clear(pids_used, t->pid);
	proc_task_gone(t->pid);
	kmem_cache_free(task_cache, t);
}

void task_reap(struct thread *thread)
{
	struct task *t = (struct task *)thread;

	thread_destroy(thread);
	t->reaped = true;
	if (t->forgotten)
		task_free(t);
}

void task_release(struct task *t)
{
	list_del_init(&t->sibling);
	if (t->reaped)
		task_free(t);
	else
		t->forgotten = true;
}

void task_set_parent(struct task *t, struct task *parent)
{
	struct task *thread;

	t->parent = parent;
	for_each_thread (thread, t->group)
		thread->parent = parent;
	list_move_tail(&t->sibling, &parent->children);
}

struct task *task_find(u32 pid)
{
	struct task *t;

	if (pid < PID_MAX && bitmap_test(pids_used, pid))
		for_each_task (t)
			if (t->pid == pid)
				return t;
	return NULL;
}

struct task *thread_find(u32 tid)
{
	struct task *leader, *t;

	if (tid >= PID_MAX || !bitmap_test(pids_used, tid))
		return NULL;
	for_each_task (leader) {
		if (leader->pid == tid)
			return leader;
		for_each_thread (t, leader->group)
			if (t->pid == tid)
				return t;
	}
	return NULL;
}

void task_fs_changed(struct task *t)
{
	struct task *other;

	for_each_thread (other, t->group) {
		struct inode *before = other->cwd;

		if (other == t || !other->cwd)
			continue;
		other->umask = t->umask;
		other->cwd = inode_get(t->cwd);
		inode_put(before);
	}
}

/* ---- files in use ---- */

void task_drop_held(struct task *t)
{
	while (t->nr_held)
		file_put(t->held[--t->nr_held]);
	if (t->held != t->held_inline) {
		kfree(t->held);
		t->held = t->held_inline;
		t->max_held = HELD_FILES;
	}
}

/* ---- accounting ---- */

void usage_add(struct task_usage *to, const struct task_usage *from)
{
	to->min_flt += from->min_flt;
	to->maj_flt += from->maj_flt;
	to->user_ticks += from->user_ticks;
	to->kernel_ticks += from->kernel_ticks;
	to->max_rss = MAX(to->max_rss, from->max_rss);
}

struct task_usage task_usage(const struct task *t)
{
	struct task_usage usage = t->usage;
	const struct mm_struct *mm = t->thread.mm;

	usage.user_ticks = t->thread.user_ticks;
	usage.kernel_ticks = t->thread.kernel_ticks;
	if (mm && !t->mm_lent && t == t->leader) {
		u32 rss = mm_rss(mm);

		usage.min_flt += mm->min_flt;
		usage.maj_flt += mm->maj_flt;
		usage.max_rss = MAX(usage.max_rss, MAX(rss, mm->hiwater_rss));
	}
	return usage;
}

struct task_usage group_usage(const struct thread_group *g)
{
	struct task_usage total = g->threads_usage, own;
	const struct task *t;

	for_each_thread (t, g) {
		own = task_usage(t);
		usage_add(&total, &own);
	}
	if (g->leader->state == TASK_ZOMBIE) {
		own = task_usage(g->leader);
		usage_add(&total, &own);
	}
	return total;
}

void task_account_mm(struct task *t)
{
	t->usage = task_usage(t);
}

/* ---- process 1 ---- */

static int open_console(struct files *files)
{
	struct file *console = file_open(NULL, "/dev/console", O_RDWR, 0);

	if (IS_ERR(console)) {
		printk("/dev/console cannot be opened (error %d): process 1 has no descriptors\n",
		       -PTR_ERR(console));
		return 0;
	}
	for (u32 fd = 0; fd < 3; fd++) {
		int ret = files_add(files, file_get(console), false);

		if (ret < 0) {
			file_put(console);
			file_put(console);
			return ret;
		}
	}
	file_put(console);
	return 0;
}

__init int process_start_init(const char *path, const char *const *argv)
{
	static const char *const envp[] = {"HOME=/", "TERM=linux", NULL};
	struct task *t = task_alloc("init", NULL, NULL);
	struct trap_frame regs;
	int err = -ENOMEM;

	if (!t)
		return -ENOMEM;
	t->files = files_create();
	t->sighand = sighand_copy(NULL);
	t->cwd = inode_get(root_inode);
	if (!t->files || !t->sighand)
		goto fail;
	err = open_console(t->files);
	if (!err)
		err = exec_load(t, path, argv, envp, true, &regs);
	if (err)
		goto fail;
	t->pgid = t->sid = t->pid;
	init_task = t;
	context_init_user(&t->thread.context, (char *)t->thread.stack + KSTACK_SIZE, &regs);
	thread_wake(&t->thread);
	return 0;
fail:
	if (t->files)
		files_put(t->files);
	inode_put(t->cwd);
	t->files = NULL;
	t->cwd = NULL;
	task_free(t);
	last_pid = 0; /* another path may be tried: it is to be process 1 as well */
	return err;
}

/* ---- check ---- */

static int check_task(const struct task *t)
{
	const struct task *child;

	if (t->pid >= PID_MAX || !bitmap_test(pids_used, t->pid)) {
		printk("process_check: pid %u is not marked as used\n", t->pid);
		return -EIO;
	}
	if ((t->state == TASK_ALIVE) != (t->thread.mm && t->files && t->cwd)) {
		printk("process_check: task %u is %s but holds mm %p files %p cwd %p\n", t->pid,
		       t->state == TASK_ALIVE ? "alive" : "a zombie", (void *)t->thread.mm,
		       (void *)t->files, (void *)t->cwd);
		return -EIO;
	}
	if (t != init_task && t == t->leader && !t->parent) {
		printk("process_check: task %u has no parent\n", t->pid);
		return -EIO;
	}
	list_for_each_entry (child, &t->children, sibling) {
		if (child->parent != t) {
			printk("process_check: task %u is not the parent of its child %u\n", t->pid,
			       child->pid);
			return -EIO;
		}
	}
	if (t->state == TASK_ZOMBIE)
		return list_empty(&t->children) || t->group->nr_live ? 0 : -EIO;
	if (t->thread.context.code_limit != t->thread.mm->code_limit) {
		printk("process_check: task %u runs with code limit %#x, its address space has "
		       "%#x\n",
		       t->pid, t->thread.context.code_limit, t->thread.mm->code_limit);
		return -EIO;
	}
	return files_check(t->files) || mm_check(t->thread.mm) ? -EIO : 0;
}

static int check_group(const struct thread_group *g, u32 *nr)
{
	const struct task *t;
	u32 nr_live = 0, nr_stopped = 0;

	for_each_thread (t, g) {
		if (t->group != g || t->leader != g->leader || t->state != TASK_ALIVE ||
		    (t != g->leader && check_task(t)))
			return -EIO;
		*nr += t != g->leader;
		nr_live++;
		nr_stopped += t->stopped;
	}
	if (nr_live != g->nr_live || nr_stopped != g->nr_stopped || nr_live > g->refs) {
		printk("process_check: process %u has %u threads, counts %u\n", g->leader->pid,
		       nr_live, g->nr_live);
		return -EIO;
	}
	return 0;
}

int process_check(void)
{
	const struct task *t;
	u32 nr = 0;

	thread_reap_pending();
	for_each_task (t) {
		if (check_task(t) || check_group(t->group, &nr))
			return -EIO;
		nr++;
	}
	if (nr + 1 != bitmap_weight(pids_used, PID_MAX)) { /* 0 is marked for nobody */
		printk("process_check: %u tasks, %u pids in use\n", nr,
		       bitmap_weight(pids_used, PID_MAX) - 1);
		return -EIO;
	}
	return 0;
}
