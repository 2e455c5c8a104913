/*
 * Resource limits. A process has them in thread_group.limits; a fork copies them, exec keeps them.
 *
 *	STACK, DATA, AS   copied to the address space, where mmap, brk and the stack's growth look
 *	MEMLOCK           the same; root has none
 *	NOFILE            files_find_free
 *	FSIZE             write, truncate and their kind
 *	NPROC             fork; root has none
 *	CPU               itimer.c, by ticks
 *	SIGPENDING        what waits for one process, where Linux counts all of a user's (signal.c)
 *	CORE              there are no core files
 *	others            kept and told
 */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "mm/phys/zone.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include <linux/stat.h>

#define STACK_DEFAULT    (8u << 20)
#define MEMLOCK_DEFAULT  (8u << 20)
#define MSGQUEUE_DEFAULT 819200u
#define NOFILE_HARD      FILES_MAX

static_assert(NR_LIMITS == RLIM_NLIMITS && sizeof(struct limit) == sizeof(struct rlimit),
	      "Linux i386 ABI");
static_assert(RLIM_INFINITY == 0xFFFFFFFFul, "the limits in mm have it as 32 bits of ones");

void limits_init(struct thread_group *g, const struct thread_group *from)
{
	u32 nr_tasks;

	if (from) {
		memcpy(g->limits, from->limits, sizeof(g->limits));
		return;
	}
	nr_tasks = nr_managed_pages() / 16; /* a process takes at least 64 KiB */
	for (u32 i = 0; i < RLIM_NLIMITS; i++)
		g->limits[i] = (struct limit){RLIM_INFINITY, RLIM_INFINITY};
	g->limits[RLIMIT_STACK].cur = STACK_DEFAULT;
	g->limits[RLIMIT_CORE].cur = 0;
	g->limits[RLIMIT_NOFILE] = (struct limit){FILES_MAX, NOFILE_HARD};
	g->limits[RLIMIT_NPROC] = (struct limit){nr_tasks, nr_tasks};
	g->limits[RLIMIT_SIGPENDING] = g->limits[RLIMIT_NPROC];
	g->limits[RLIMIT_MEMLOCK] = (struct limit){MEMLOCK_DEFAULT, MEMLOCK_DEFAULT};
	g->limits[RLIMIT_MSGQUEUE] = (struct limit){MSGQUEUE_DEFAULT, MSGQUEUE_DEFAULT};
	g->limits[RLIMIT_NICE] = g->limits[RLIMIT_RTPRIO] = (struct limit){0, 0};
}

void limits_to_mm(const struct thread_group *g, struct mm_struct *mm)
{
	mm->stack_limit_bytes = g->limits[RLIMIT_STACK].cur;
	mm->brk_limit_bytes = g->limits[RLIMIT_DATA].cur;
	/* As on Linux: 0 is said to keep brk, and only that, from memory. */
	mm->data_limit_bytes =
		mm->brk_limit_bytes ? mm->brk_limit_bytes : g->limits[RLIMIT_DATA].max;
	mm->as_limit_bytes = g->limits[RLIMIT_AS].cur;
	mm->admin = g->ids.euid == 0;
	mm->memlock_limit_bytes = mm->admin ? RLIM_INFINITY : g->limits[RLIMIT_MEMLOCK].cur;
}

/* ---- RLIMIT_FSIZE ---- */

static int too_large(void)
{
	task_signal_self(SIGXFSZ);
	return -EFBIG;
}

int limit_write(const struct file *f, u64 pos, size_t *len)
{
	u32 limit = current_task()->group->limits[RLIMIT_FSIZE].cur;

	if (limit == RLIM_INFINITY || !S_ISREG(f->inode->mode) || !*len)
		return 0;
	if (f->flags & O_APPEND)
		pos = f->inode->size;
	if (pos >= limit)
		return too_large();
	*len = (size_t)MIN((u64)*len, limit - pos);
	return 0;
}

int limit_file_size(const struct inode *inode, u64 size)
{
	u32 limit = current_task()->group->limits[RLIMIT_FSIZE].cur;

	return limit != RLIM_INFINITY && size > inode->size && size > limit ? too_large() : 0;
}

/* ---- RLIMIT_NPROC ---- */

bool limit_forbids_fork(const struct thread_group *g)
{
	u32 nr = 0, limit = g->limits[RLIMIT_NPROC].cur;
	const struct task *t;

	if (!g->ids.uid || !g->ids.euid || limit == RLIM_INFINITY)
		return false;
	for_each_task (t)
		if (t->group->ids.uid == g->ids.uid)
			nr += MAX(t->group->nr_live,
				  1u); /* a zombie counts until it is waited for */
	return nr >= limit;
}

static int set_limit(struct task *t, u32 resource, const struct limit *limit)
{
	struct thread_group *g = t->group;

	if (resource >= RLIM_NLIMITS || limit->cur > limit->max)
		return -EINVAL;
	if (limit->max > g->limits[resource].max && current_task()->group->ids.euid)
		return -EPERM;
	/* The table of descriptors has an end. */
	if (resource == RLIMIT_NOFILE && limit->max > NOFILE_HARD)
		return -EPERM;
	g->limits[resource] = *limit;
	if (t->thread.mm)
		limits_to_mm(g, t->thread.mm);
	if (resource == RLIMIT_CPU)
		cpu_timers_changed(g);
	return 0;
}

SYSCALL_DEFINE2(ugetrlimit, u32, resource, vaddr_t, to)
{
	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	return copy_to_user(uptr(to), &current_task()->group->limits[resource],
			    sizeof(struct limit))
		       ? -EFAULT
		       : 0;
}

/* The first getrlimit knew no value above 2^31 - 1. */
SYSCALL_DEFINE2(old_getrlimit, u32, resource, vaddr_t, to)
{
	struct limit limit;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	limit = current_task()->group->limits[resource];
	limit.cur = MIN(limit.cur, 0x7FFFFFFFu);
	limit.max = MIN(limit.max, 0x7FFFFFFFu);
	return copy_to_user(uptr(to), &limit, sizeof(limit)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(setrlimit, u32, resource, vaddr_t, from)
{
	struct limit limit;

	if (copy_from_user(&limit, uptr(from), sizeof(limit)))
		return -EFAULT;
	return set_limit(current_task(), resource, &limit);
}

static u64 widen_limit(u32 limit)
{
	return limit == RLIM_INFINITY ? RLIM64_INFINITY : limit;
}

static u32 narrow_limit(u64 limit)
{
	return (u32)MIN(limit, (u64)RLIM_INFINITY);
}

SYSCALL_DEFINE4(prlimit64, s32, pid, u32, resource, vaddr_t, new, vaddr_t, old)
{
	struct task *t;
	struct limit before, limit;
	struct rlimit64 wide;
	int err = 0;

	if (new &&copy_from_user(&wide, uptr(new), sizeof(wide)))
		return -EFAULT;
	t = pid ? thread_find(pid) : current_task(); /* the copy may have slept */
	if (!t)
		return -ESRCH;
	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	before = t->group->limits[resource];
	if (new) {
		if (wide.rlim_cur > wide.rlim_max)
			return -EINVAL;
		limit = (struct limit){narrow_limit(wide.rlim_cur), narrow_limit(wide.rlim_max)};
		err = set_limit(t, resource, &limit);
	}
	if (err || !old)
		return err;
	wide.rlim_cur = widen_limit(before.cur);
	wide.rlim_max = widen_limit(before.max);
	return copy_to_user(uptr(old), &wide, sizeof(wide)) ? -EFAULT : 0;
}
