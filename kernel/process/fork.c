/*
 * New processes by copying the caller.
 *
 * Everything that can fail is done before the child is seen by anybody; what fails unwinds in
 * reverse order. The child returns from the same system call with 0: its kernel stack holds a copy
 * of the parent's registers.
 */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "arch/i386/cpu/fpu.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include <asm/ldt.h>
#include <asm/signal.h>
#include <linux/sched.h>

/* What a fork by glibc asks for. Shared memory, tables and handlers (threads) come with a later
 * step. */
#define CLONE_KNOWN                                                                             \
	(CSIGNAL | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |                    \
	 CLONE_CHILD_CLEARTID | CLONE_VFORK | CLONE_DETACHED | CLONE_UNTRACED | CLONE_SYSVSEM | \
	 CLONE_IO)

struct clone_request {
	u32 flags;
	vaddr_t stack; /* 0: as the parent's */
	vaddr_t parent_tid, child_tid;
	vaddr_t tls; /* struct user_desc */
};

static int copy_machine_state(struct task *child, struct task *parent,
			      const struct trap_frame *regs, vaddr_t stack)
{
	struct trap_frame *copy = context_init_user(
		&child->thread.context, (char *)child->thread.stack + KSTACK_SIZE, regs);

	copy->eax = 0;
	if (stack)
		copy->esp = stack;
	context_fork(&child->thread.context, &parent->thread.context);
	return fpu_fork(&child->thread.context, &parent->thread.context);
}

static void copy_attributes(struct task *child, struct task *parent)
{
	child->pgid = parent->pgid;
	child->sid = parent->sid;
	child->umask = parent->umask;
	child->sig_blocked = parent->sig_blocked;
	child->sig_ignored = parent->sig_ignored;
	child->cwd = inode_get(parent->cwd);
	child->exe = parent->exe ? file_get(parent->exe) : NULL;
}

/* Stores the child's pid in the child's own copy of a variable, which is where glibc keeps it. A
 * bad address is no error, as on Linux. */
static void store_child_tid(struct task *child, vaddr_t addr)
{
	struct mm_struct *mm = task_borrow_mm(child->thread.mm);
	int ignored = put_user_u32(uptr(addr), child->pid);

	(void)ignored;
	task_borrow_mm(mm);
}

struct mm_struct *task_borrow_mm(struct mm_struct *mm)
{
	struct mm_struct *before = current->mm;

	current->mm = mm;
	current->context.pgdir = mm ? &mm->pgdir : NULL;
	mm_switch(mm);
	return before;
}

void task_vfork_done(struct task *t)
{
	struct task *parent = t->parent;

	if (parent && parent->vfork_child == t) {
		parent->vfork_child = NULL;
		wake_up_all(&parent->child_exit);
	}
}

/* vfork lends the parent's address space, for the parent sleeps until it has it back. Else the
 * child gets a copy. */
static int give_memory(struct task *child, struct mm_struct *mm, u32 flags)
{
	if (flags & CLONE_VFORK) {
		mm_get(mm);
		child->thread.mm = mm;
		return 0;
	}
	child->thread.mm = dup_mm(mm);
	return child->thread.mm ? 0 : -ENOMEM;
}

static void undo_child(struct task *child)
{
	struct mm_struct *mm = child->thread.mm;

	child->thread.mm = NULL;
	if (mm)
		mm_put(mm);
	if (child->files)
		files_destroy(child->files);
	if (child->exe)
		file_put(child->exe);
	if (child->cwd)
		inode_put(child->cwd);
	child->files = NULL;
	child->exe = NULL;
	child->cwd = NULL;
	fpu_drop(&child->thread.context);
	task_free(child);
}

static long do_fork(struct trap_frame *regs, const struct clone_request *request)
{
	struct task *parent = current_task();
	struct task *child;
	struct user_desc tls;
	u32 pid;
	int err;

	if ((request->flags & CLONE_SETTLS) &&
	    copy_from_user(&tls, uptr(request->tls), sizeof(tls)))
		return -EFAULT;
	child = task_alloc(parent->thread.name);
	if (!child)
		return -ENOMEM;
	copy_attributes(child, parent);
	child->files = files_copy(parent->files);
	err = child->files ? copy_machine_state(child, parent, regs, request->stack) : -ENOMEM;
	if (!err && (request->flags & CLONE_SETTLS))
		err = context_set_child_tls(&child->thread.context, &tls);
	if (!err)
		err = give_memory(child, parent->thread.mm, request->flags);
	if (err) {
		undo_child(child);
		return err;
	}
	child->thread.context.pgdir = &child->thread.mm->pgdir;
	child->exit_signal = request->flags & CSIGNAL;
	if (request->flags & CLONE_CHILD_CLEARTID)
		child->clear_child_tid = request->child_tid;
	task_set_parent(child, parent);
	if (request->flags & CLONE_CHILD_SETTID)
		store_child_tid(child, request->child_tid);
	if (request->flags & CLONE_PARENT_SETTID) {
		int ignored = put_user_u32(uptr(request->parent_tid), child->pid);

		(void)ignored;
	}
	thread_wake(&child->thread);
	pid = child->pid; /* after a sleep the child may be gone */
	if (request->flags & CLONE_VFORK) {
		parent->vfork_child = child;
		if (wait_event_interruptible(parent->child_exit, !parent->vfork_child))
			parent->vfork_child = NULL;
		context_set_code_limit(&parent->thread.context, parent->thread.mm->code_limit,
				       true);
	}
	return pid;
}

long sys_fork(struct trap_frame *regs)
{
	struct clone_request request = {.flags = SIGCHLD};

	return do_fork(regs, &request);
}

long sys_vfork(struct trap_frame *regs)
{
	struct clone_request request = {.flags = SIGCHLD | CLONE_VFORK};

	return do_fork(regs, &request);
}

/* clone(flags, stack, parent_tid, tls, child_tid) */
long sys_clone(struct trap_frame *regs)
{
	struct clone_request request = {
		.flags = regs->ebx,
		.stack = regs->ecx,
		.parent_tid = regs->edx,
		.tls = regs->esi,
		.child_tid = regs->edi,
	};

	if (request.flags & CLONE_VFORK)
		request.flags &= ~CLONE_VM; /* posix_spawn: see give_memory */
	if ((request.flags & ~CLONE_KNOWN) || (request.flags & CSIGNAL) > SIGNAL_MAX)
		return -EINVAL;
	return do_fork(regs, &request);
}
