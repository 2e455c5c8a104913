/*
 * New processes and threads by copying the caller.
 *
 *   flag             the child shares, instead of having a copy
 *   CLONE_VM         the address space
 *   CLONE_FILES      the descriptor table
 *   CLONE_SIGHAND    the handlers (needs CLONE_VM)
 *   CLONE_FS         cwd and umask: among the threads of a process (a change goes to all of them),
 * else copied CLONE_THREAD     the process itself (needs CLONE_SIGHAND)
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

#define CLONE_KNOWN                                                                                \
	(CSIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |              \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID |          \
	 CLONE_VFORK | CLONE_DETACHED | CLONE_UNTRACED | CLONE_SYSVSEM | CLONE_IO | CLONE_PARENT | \
	 CLONE_PTRACE | CLONE_PIDFD)

struct clone_request {
	u32 flags;
	vaddr_t stack; /* 0: as the parent's */
	vaddr_t parent_tid, child_tid;
	vaddr_t tls;   /* struct user_desc */
	vaddr_t pidfd; /* with CLONE_PIDFD */
	bool default_handlers;
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

static void copy_attributes(struct task *child, struct task *parent, u32 flags)
{
	child->pgid = parent->pgid;
	child->sid = parent->sid;
	child->umask = parent->umask;
	if (!parent->reset_on_fork) {
		child->nice = parent->nice;
		child->policy = parent->policy;
	}
	child->ioprio = parent->ioprio;
	if (!(flags & CLONE_THREAD)) {
		child->group->personality = parent->group->personality;
		child->group->barriers = parent->group->barriers;
		child->group->no_new_privs = parent->group->no_new_privs;
		child->group->not_dumpable = parent->group->not_dumpable;
	}
	child->sig_blocked = parent->sig_blocked;
	child->trap_number = parent->trap_number;
	child->trap_error = parent->trap_error;
	/* A thread has another stack, and no claim on this one. */
	if (!(flags & CLONE_VM) || (flags & CLONE_VFORK))
		child->alt_stack = parent->alt_stack;
	child->cwd = inode_get(parent->cwd);
	child->exe = parent->exe ? file_get(parent->exe) : NULL;
	if (flags & CLONE_THREAD) {
		child->parent = parent->parent;
		child->thread.on_tick = parent->thread.on_tick;
	} else if (parent->thread.on_tick) {
		cpu_timers_changed(child->group); /* it has the limit, not the timers */
	}
}

static int share_or_copy(struct task *child, struct task *parent, u32 flags)
{
	if (flags & CLONE_SIGHAND) {
		child->sighand = parent->sighand;
		child->sighand->refs++;
	} else {
		child->sighand = sighand_copy(parent->sighand);
	}
	child->files = flags & CLONE_FILES ? files_share(parent->files) : files_copy(parent->files);
	return child->sighand && child->files ? 0 : -ENOMEM;
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
	struct task *waiter = t->vfork_waiter;

	if (!waiter)
		return;
	t->vfork_waiter = NULL;
	waiter->vfork_child = NULL;
	if (waiter->thread.mm) /* the child may have set limits of its own meanwhile */
		limits_to_mm(waiter->group, waiter->thread.mm);
	thread_wake(&waiter->thread);
}

/* Until the child runs a program of its own, or ends. Only its own end keeps the parent from
 * waiting. */
static void wait_for_vfork(struct task *t)
{
	t->killable = true;
	for (;;) {
		WRITE_ONCE(t->thread.state, THREAD_SLEEPING_UNINTERRUPTIBLE);
		barrier();
		if (!READ_ONCE(t->vfork_child) || READ_ONCE(t->fatal_signal))
			break;
		schedule();
	}
	WRITE_ONCE(t->thread.state, THREAD_RUNNING);
	t->killable = false;
	if (t->vfork_child)
		t->vfork_child->vfork_waiter = NULL;
	t->vfork_child = NULL;
}

static int give_memory(struct task *child, struct mm_struct *mm, u32 flags)
{
	if (flags & CLONE_VM) {
		mm_get(mm);
		child->thread.mm = mm;
		child->mm_lent = !(flags & CLONE_THREAD);
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
		files_put(child->files);
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

/* The last thing that may fail. */
static int give_pidfd(const struct task *child, vaddr_t to)
{
	long fd = pidfd_make(child, 0);

	if (fd < 0)
		return fd;
	if (!put_user_u32(uptr(to), (u32)fd))
		return 0;
	files_close(current_task()->files, fd);
	return -EFAULT;
}

static void store_tids(struct task *child, const struct clone_request *request)
{
	if (request->flags & CLONE_CHILD_SETTID)
		store_child_tid(child, request->child_tid);
	if (request->flags & CLONE_PARENT_SETTID) {
		int ignored = put_user_u32(uptr(request->parent_tid), child->pid);

		(void)ignored;
	}
}

static long try_fork(struct trap_frame *regs, const struct clone_request *request)
{
	struct task *parent = current_task();
	struct task *child;
	struct user_desc tls;
	u32 pid, flags = request->flags;
	int err;

	if ((flags & CLONE_SETTLS) && copy_from_user(&tls, uptr(request->tls), sizeof(tls)))
		return -EFAULT;
	/* A signal that came before the fork is for the parent alone: first let it have it. */
	if (signal_pending_set(parent) & ~parent->sig_blocked) {
		signal_recalc(parent);
		return -ERESTARTNOINTR;
	}
	if (unlikely(parent->group->ids.uid) && limit_forbids_fork(parent->group))
		return -EAGAIN;
	child = task_alloc(parent->thread.name, parent->group,
			   flags & CLONE_THREAD ? parent->group : NULL);
	if (!child)
		return -EAGAIN;
	copy_attributes(child, parent, flags);
	err = share_or_copy(child, parent, flags);
	if (!err)
		err = copy_machine_state(child, parent, regs, request->stack);
	if (!err && (flags & CLONE_SETTLS))
		err = context_set_child_tls(&child->thread.context, &tls);
	if (!err)
		err = give_memory(child, parent->thread.mm, flags);
	if (!err && (flags & CLONE_PIDFD))
		err = give_pidfd(child, request->pidfd);
	if (err) {
		undo_child(child);
		return err;
	}
	if (request->default_handlers)
		sighand_reset(child);
	child->thread.context.pgdir = &child->thread.mm->pgdir;
	child->thread.context.code_limit = child->thread.mm->code_limit; /* less: MADV_DONTFORK */
	child->exit_signal = flags & CLONE_THREAD   ? 0
			     : flags & CLONE_PARENT ? parent->leader->exit_signal
						    : flags & CSIGNAL;
	if (flags & CLONE_CHILD_CLEARTID)
		child->clear_child_tid = request->child_tid;
	if (!(flags & CLONE_THREAD))
		task_set_parent(child, (flags & CLONE_PARENT) && parent->leader->parent
					       ? parent->leader->parent
					       : parent->leader);
	store_tids(child, request);
	if (parent->fatal_signal && (flags & CLONE_THREAD))
		thread_kill(child);
	pid = child->pid; /* after a sleep the child may be gone */
	if (flags & CLONE_VFORK) {
		parent->vfork_child = child;
		child->vfork_waiter = parent;
	}
	thread_wake(&child->thread);
	if (flags & CLONE_VFORK)
		wait_for_vfork(parent);
	return pid;
}

/* Once more where memory has run out, of whatever kind, and programs can do without some. */
static long do_fork(struct trap_frame *regs, const struct clone_request *request)
{
	long ret = try_fork(regs, request);

	if (unlikely(ret == -ENOMEM || ret == -EAGAIN) && lazyfree_reclaim())
		ret = try_fork(regs, request);
	return ret;
}

long sys_fork(struct trap_frame *regs)
{
	struct clone_request request = {.flags = SIGCHLD};

	return do_fork(regs, &request);
}

long sys_vfork(struct trap_frame *regs)
{
	struct clone_request request = {.flags = SIGCHLD | CLONE_VFORK | CLONE_VM};

	return do_fork(regs, &request);
}

/* What clone and clone3 refuse alike. */
static bool is_sound(const struct clone_request *r)
{
	u32 flags = r->flags;

	return !(flags & ~CLONE_KNOWN) && (flags & CSIGNAL) <= SIGNAL_MAX &&
	       !((flags & CLONE_SIGHAND) && !(flags & CLONE_VM)) &&
	       !((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND)) &&
	       !((flags & CLONE_PARENT) && current_task()->leader == init_task) &&
	       !((flags & CLONE_PIDFD) && (flags & (CLONE_THREAD | CLONE_DETACHED)));
}

/* clone(flags, stack, parent_tid, tls, child_tid) */
long sys_clone(struct trap_frame *regs)
{
	struct clone_request request = {
		.flags = regs->ebx,
		.stack = regs->ecx,
		.parent_tid = regs->edx,
		.tls = regs->esi,
		.pidfd = regs->edx,
		.child_tid = regs->edi,
	};

	/* The descriptor's place is the thread number's. */
	if ((request.flags & CLONE_PIDFD) && (request.flags & CLONE_PARENT_SETTID))
		return -EINVAL;
	return is_sound(&request) ? do_fork(regs, &request) : -EINVAL;
}

/* A structure that may be longer, or shorter, than ours: what we do not know must be 0. */
static int get_clone_args(struct clone_args *args, vaddr_t user, u32 size)
{
	char rest[16];

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	memset(args, 0, sizeof(*args));
	if (copy_from_user(args, uptr(user), MIN(size, (u32)sizeof(*args))))
		return -EFAULT;
	for (u32 at = sizeof(*args); at < size; at += sizeof(rest)) {
		u32 n = MIN(size - at, (u32)sizeof(rest));

		if (copy_from_user(rest, uptr(user + at), n))
			return -EFAULT;
		for (u32 i = 0; i < n; i++)
			if (rest[i])
				return -E2BIG;
	}
	return 0;
}

long sys_clone3(struct trap_frame *regs)
{
	struct clone_args args;
	struct clone_request request;
	int err = get_clone_args(&args, regs->ebx, regs->ecx);

	if (err)
		return err;
	if ((args.flags & ~((u64)CLONE_KNOWN | CLONE_CLEAR_SIGHAND)) ||
	    (args.flags & (CSIGNAL | CLONE_DETACHED)) || args.exit_signal > SIGNAL_MAX ||
	    args.set_tid_size || args.set_tid || args.cgroup)
		return -EINVAL;
	if ((args.flags & CLONE_SIGHAND) && (args.flags & CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if ((args.flags & (CLONE_THREAD | CLONE_PARENT)) && args.exit_signal)
		return -EINVAL;
	if (!args.stack != !args.stack_size || args.stack > USER_END ||
	    args.stack_size > USER_END - args.stack)
		return -EINVAL;
	request = (struct clone_request){
		.flags = (u32)args.flags | (u32)args.exit_signal,
		.stack = (vaddr_t)(args.stack + args.stack_size),
		.parent_tid = (vaddr_t)args.parent_tid,
		.child_tid = (vaddr_t)args.child_tid,
		.tls = (vaddr_t)args.tls,
		.pidfd = (vaddr_t)args.pidfd,
		.default_handlers = (args.flags & CLONE_CLEAR_SIGHAND) != 0,
	};
	return is_sound(&request) ? do_fork(regs, &request) : -EINVAL;
}
