/*
 * What /proc asks about processes (fs/proc.h): their numbers, descriptors, and the links in their
 * directories. And where the walk of a path starts: at the caller's root.
 */
#include "fs/proc.h"
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "lib/err.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include <linux/stat.h>

static struct task *find(u32 pid)
{
	return thread_find(pid);
}

static u32 next_process(u32 after)
{
	const struct task *t;
	u32 next = 0;

	for_each_task (t)
		if (t->pid > after && (!next || t->pid < next))
			next = t->pid;
	return next;
}

static u32 next_thread(u32 pid, u32 after)
{
	const struct task *leader = task_find(pid), *t;
	u32 next = 0;

	if (!leader)
		return 0;
	if (pid > after) /* it may be a zombie, which is in no list of threads */
		next = pid;
	for_each_thread (t, leader->group)
		if (t->pid > after && (!next || t->pid < next))
			next = t->pid;
	return next;
}

static void caller(u32 *pid, u32 *tid)
{
	const struct task *t = current_task();

	*pid = current->is_user ? t->leader->pid : 0;
	*tid = current->is_user ? t->pid : 0;
}

static s32 next_fd(struct task *t, u32 from)
{
	for (; t->files && from < t->files->end; from++)
		if (files_get(t->files, from))
			return (s32)from;
	return -1;
}

/* ---- links ---- */

static struct inode *follow_exe(struct inode *link)
{
	const struct task *t = find(link->number);

	return t && t->exe ? t->exe->inode : ERR_PTR(-ENOENT);
}

static struct inode *follow_cwd(struct inode *link)
{
	const struct task *t = find(link->number);

	return t && t->cwd ? t->cwd : ERR_PTR(-ENOENT);
}

static struct inode *follow_root(struct inode *link)
{
	const struct task *t = find(link->number);

	return !t ? ERR_PTR(-ENOENT) : t->group->root ? t->group->root : root_inode;
}

static struct inode *follow_fd(struct inode *link)
{
	const struct task *t = find(link->number);
	const struct file *f = t && t->files ? files_get(t->files, link->rdev) : NULL;

	return f ? f->inode : ERR_PTR(-ENOENT);
}

static ssize_t read_name(struct inode *link, char *buf, size_t size)
{
	const struct inode *target = link->link->follow(link);

	return IS_ERR(target) ? PTR_ERR(target) : inode_show_name(target, buf, size);
}

static const struct proc_link links[] = {
	{"exe", {read_name, follow_exe}},
	{"cwd", {read_name, follow_cwd}},
	{"root", {read_name, follow_root}},
};
static const struct link_operations fd_link = {read_name, follow_fd};

static struct inode *caller_root(void)
{
	struct inode *root = current->is_user ? current_task()->group->root : NULL;

	return root ? root : root_inode;
}

__init void proc_tasks_init(void)
{
	static const struct proc_tasks ops = {
		.find = find,
		.next_process = next_process,
		.next_thread = next_thread,
		.current = caller,
		.links = links,
		.nr_links = ARRAY_SIZE(links),
		.next_fd = next_fd,
		.fd_link = &fd_link,
	};

	proc_tasks = &ops;
	walk_root = caller_root;
}

/* ---- memory of others ---- */

size_t task_read_memory(struct task *t, vaddr_t addr, void *to, size_t len)
{
	struct mm_struct *mm = t->thread.mm, *own;
	size_t left;

	if (!mm)
		return 0;
	if (mm == current->mm)
		return len - copy_from_user(to, uptr(addr), len);
	mm_get(mm);
	own = task_borrow_mm(mm);
	left = copy_from_user(to, uptr(addr), len);
	task_borrow_mm(own);
	mm_put(mm);
	return len - left;
}
