/*
 * Processes as files: a descriptor that stands for one, and for no other that has its number later. It
 * can be waited for (it is readable when the process has ended), signalled, and given to waitid.
 */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "mm/kmem/slab.h"
#include <asm/poll.h>
#include <asm/siginfo.h>
#include <linux/fcntl.h>
#include <linux/pidfd.h>

struct pidfd {
	u32 pid;
	u64 start_ns; /* tells the process from a later one with its number */
};

struct wait_queue processes_ended;

static struct task *find(const struct pidfd *p)
{
	struct task *t = task_find(p->pid);

	return t && t->start_ns == p->start_ns ? t : NULL;
}

static u32 pidfd_poll(struct file *f, struct wait_queue **queue)
{
	const struct task *t = find(f->private);

	*queue = &processes_ended;
	return t && t->group->nr_live ? 0 : POLLIN | POLLRDNORM;
}

static void pidfd_release(struct file *f)
{
	kfree(f->private);
}

static const struct file_operations pidfd_ops = {.poll = pidfd_poll, .release = pidfd_release};

void pidfd_init(void)
{
	wait_queue_init(&processes_ended);
}

long pidfd_make(const struct task *t, u32 flags)
{
	struct pidfd *p = kmalloc(sizeof(*p), GFP_KERNEL);
	struct file *f;

	if (!p)
		return -ENOMEM;
	*p = (struct pidfd){.pid = t->pid, .start_ns = t->start_ns};
	f = file_make_anonymous("[pidfd]", &pidfd_ops, p, O_RDWR | flags);
	if (IS_ERR(f)) {
		kfree(p);
		return PTR_ERR(f);
	}
	return file_to_fd(f, true);
}

struct task *pidfd_task(u32 fd, bool *nonblocking)
{
	const struct file *f = fd_file(fd);
	struct task *t;

	if (!f || f->ops != &pidfd_ops)
		return ERR_PTR(-EBADF);
	if (nonblocking)
		*nonblocking = f->flags & O_NONBLOCK;
	t = find(f->private);
	return t ? t : ERR_PTR(-ESRCH);
}

SYSCALL_DEFINE2(pidfd_open, s32, pid, u32, flags)
{
	const struct task *t;

	if ((flags & ~PIDFD_NONBLOCK) || pid <= 0)
		return -EINVAL;
	t = task_find(pid);
	if (!t)
		return thread_find(pid) ? -ENOENT : -ESRCH;
	return pidfd_make(t, flags);
}

SYSCALL_DEFINE4(pidfd_send_signal, u32, fd, s32, signo, vaddr_t, user_info, u32, flags)
{
	struct sig_info info = {
		.signo = signo,
		.code = SI_USER,
		.field = {current_task()->leader->pid, current_task()->group->ids.uid}};
	struct task *t;

	if (flags)
		return -EINVAL;
	t = pidfd_task(fd, NULL);
	if (t == ERR_PTR(-EBADF))
		return -EBADF;
	if (user_info) {
		if (copy_from_user(&info, uptr(user_info), sizeof(info)))
			return -EFAULT;
		t = pidfd_task(fd, NULL); /* the copy may have slept: anew */
		if (info.signo != signo)
			return -EINVAL;
		if (t != current_task()->leader && (info.code >= 0 || info.code == SI_TKILL))
			return -EPERM;
	}
	if (signo < 0 || signo > (s32)SIGNAL_MAX)
		return -EINVAL;
	if (IS_ERR(t))
		return PTR_ERR(t);
	return signo ? signal_send(t, &info, true) : 0;
}

SYSCALL_DEFINE3(pidfd_getfd, u32, fd, u32, target, u32, flags)
{
	struct task *t;
	struct file *f;

	if (flags)
		return -EINVAL;
	t = pidfd_task(fd, NULL);
	if (IS_ERR(t))
		return PTR_ERR(t);
	if (!t->files)
		return -ESRCH;
	f = files_get(t->files, target);
	return f ? file_to_fd(file_get(f), true) : -EBADF;
}
