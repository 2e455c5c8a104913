/*
 * Waiting for children: wait4, waitpid, waitid; and what the processes of the past have used.
 *
 *   a child that        is told with            and then
 *   ended               WEXITED                 goes, but for WNOWAIT
 *   stopped             WUNTRACED (WSTOPPED)    is not told again
 *   went on             WCONTINUED              is not told again
 */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "kernel/core/time.h"
#include "lib/math64.h"
#include "lib/string.h"
#include "mm/vm/mm.h"
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/resource.h>
#include <linux/wait.h>

#define WAIT4_OPTIONS (WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE)
#define WAITID_OPTIONS \
	(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE)

#define STATUS_STOPPED(s) ((s) << 8 | 0x7F)
#define STATUS_CONTINUED  0xFFFFu

struct wait_request {
	u32 which; /* P_ALL, P_PID, P_PGID */
	u32 id;
	u32 options;
};

struct wait_result {
	u32 pid, status; /* as wait4 tells it */
	s32 code;        /* CLD_*, and what waitid gives as status */
	u32 value;
	struct task_usage usage;
};

static bool wanted(const struct task *child, const struct wait_request *w)
{
	bool clone = child->exit_signal != SIGCHLD;

	if ((w->which == P_PID && child->pid != w->id) ||
	    (w->which == P_PGID && child->pgid != w->id))
		return false;
	return (w->options & __WALL) || clone == !!(w->options & __WCLONE);
}

static bool has_ended(const struct task *child)
{
	return child->state == TASK_ZOMBIE && !child->group->nr_live;
}

static bool has_news(const struct task *child, u32 options)
{
	return ((options & WEXITED) && has_ended(child)) ||
	       ((options & WSTOPPED) && child->group->stop_news) ||
	       ((options & WCONTINUED) && child->group->continue_news);
}

/* A child that is wanted and has news, else NULL; *any: there are children to wait for. */
static struct task *find_news(struct task *self, const struct wait_request *w, bool *any)
{
	struct task *child;

	*any = false;
	list_for_each_entry (child, &self->children, sibling) {
		if (!wanted(child, w))
			continue;
		*any = true;
		if (has_news(child, w->options))
			return child;
	}
	return NULL;
}

static void take_end(struct task *self, struct task *child, u32 options, struct wait_result *r)
{
	u32 signo = child->exit_status & 0x7F;

	r->status = child->exit_status;
	r->code = signo ? CLD_KILLED : CLD_EXITED;
	r->value = signo ? signo : child->exit_status >> 8;
	usage_add(&r->usage, &child->group->children_usage);
	if (options & WNOWAIT)
		return;
	usage_add(&self->group->children_usage, &r->usage);
	task_release(child);
}

static void take_news(struct task *self, struct task *child, u32 options, struct wait_result *r)
{
	struct thread_group *g = child->group;

	r->pid = child->pid;
	r->usage = group_usage(g);
	if (has_ended(child)) {
		take_end(self, child, options, r);
	} else if ((options & WSTOPPED) && g->stop_news) {
		r->status = STATUS_STOPPED(g->reported_stop);
		r->code = CLD_STOPPED;
		r->value = g->reported_stop;
		g->stop_news = options & WNOWAIT;
	} else {
		r->status = STATUS_CONTINUED;
		r->code = CLD_CONTINUED;
		r->value = SIGCONT;
		g->continue_news = options & WNOWAIT;
	}
}

/* 1: *r is filled. 0: nothing yet (WNOHANG). Or errno. */
static long do_wait(const struct wait_request *w, struct wait_result *r)
{
	struct task *self = current_task()->leader;
	bool any;
	struct task *child = find_news(self, w, &any);

	if (!child && any && !(w->options & WNOHANG)) {
		int err = wait_event_interruptible(self->child_exit,
						   (child = find_news(self, w, &any)) || !any);

		if (err)
			return err;
	}
	if (!child)
		return any ? 0 : -ECHILD;
	take_news(self, child, w->options, r);
	return 1;
}

/* ---- what was used ---- */

static void ticks_to_timeval(u64 ticks, s32 *seconds, s32 *microseconds)
{
	u32 rest;

	*seconds = (s32)div_u64_rem(ticks, HZ, &rest);
	*microseconds = rest * (1000000 / HZ);
}

/* struct rusage on i386: two timevals of 32 bits, then 14 longs. */
static void fill_rusage(struct rusage *to, const struct task_usage *from)
{
	s32 seconds, microseconds;

	memset(to, 0, sizeof(*to));
	ticks_to_timeval(from->user_ticks, &seconds, &microseconds);
	to->ru_utime.tv_sec = seconds;
	to->ru_utime.tv_usec = microseconds;
	ticks_to_timeval(from->kernel_ticks, &seconds, &microseconds);
	to->ru_stime.tv_sec = seconds;
	to->ru_stime.tv_usec = microseconds;
	to->ru_maxrss = from->max_rss * (PAGE_SIZE / 1024);
	to->ru_minflt = from->min_flt;
	to->ru_majflt = from->maj_flt;
}

static int put_rusage(vaddr_t to, const struct task_usage *from)
{
	struct rusage usage;

	fill_rusage(&usage, from);
	return copy_to_user(uptr(to), &usage, sizeof(usage)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(getrusage, s32, who, vaddr_t, to)
{
	struct task *t = current_task();
	struct task_usage total;

	switch (who) {
	case RUSAGE_SELF:
		total = group_usage(t->group);
		break;
	case RUSAGE_CHILDREN:
		total = t->group->children_usage;
		break;
	case RUSAGE_THREAD:
		total = task_usage(t);
		break;
	default:
		return -EINVAL;
	}
	return put_rusage(to, &total);
}

/* ---- system calls ---- */

static long wait4(s32 pid, vaddr_t status, u32 options, vaddr_t rusage)
{
	struct wait_request w = {.options = options | WEXITED};
	struct wait_result r;
	long ret;

	if (options & ~WAIT4_OPTIONS)
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	w.which = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
	w.id = pid > 0 ? (u32)pid : pid ? (u32)-pid : current_task()->pgid;
	ret = do_wait(&w, &r);
	if (ret != 1)
		return ret;
	if ((status && put_user_u32(uptr(status), r.status)) ||
	    (rusage && put_rusage(rusage, &r.usage)))
		return -EFAULT;
	return r.pid;
}

SYSCALL_DEFINE4(wait4, s32, pid, vaddr_t, status, u32, options, vaddr_t, rusage)
{
	return wait4(pid, status, options, rusage);
}

SYSCALL_DEFINE3(waitpid, s32, pid, vaddr_t, status, u32, options)
{
	return wait4(pid, status, options, 0);
}

/* A child named by a descriptor: by its number from here on. */
static long pidfd_request(struct wait_request *w, u32 fd)
{
	bool nonblocking = false;
	const struct task *t = pidfd_task(fd, &nonblocking);

	if (IS_ERR(t))
		return PTR_ERR(t) == -ESRCH ? -ECHILD : PTR_ERR(t);
	w->which = P_PID;
	w->id = t->pid;
	if (nonblocking)
		w->options |= WNOHANG;
	return 0;
}

SYSCALL_DEFINE5(waitid, u32, which, u32, id, vaddr_t, info, u32, options, vaddr_t, rusage)
{
	struct wait_request w = {.which = which, .id = id, .options = options};
	struct sig_info tell = {0};
	struct wait_result r;
	long ret;

	if ((options & ~WAITID_OPTIONS) || !(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	if (which > P_PIDFD || (which == P_PID && (s32)id <= 0) || (which >= P_PGID && (s32)id < 0))
		return -EINVAL;
	if (which == P_PIDFD) {
		ret = pidfd_request(&w, id);
		if (ret)
			return ret;
	}
	if (which == P_PGID && !id)
		w.id = current_task()->pgid;
	ret = do_wait(&w, &r);
	if (!ret && which == P_PIDFD && !(options & WNOHANG))
		return -EAGAIN;
	if (ret < 0)
		return ret;
	if (ret && rusage && put_rusage(rusage, &r.usage))
		return -EFAULT;
	if (ret)
		tell = (struct sig_info){
			.signo = SIGCHLD, .code = r.code, .field = {r.pid, 0, r.value}};
	/* signo, errno, code, pid, uid, status, as Linux stores them */
	if (info && copy_to_user(uptr(info), &tell, 6 * sizeof(u32)))
		return -EFAULT;
	return 0;
}
