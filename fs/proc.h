/*
 * What /proc asks the process room, and tells it.
 */
#pragma once

#include "fs/inode.h"
#include "lib/compiler.h"

struct task;

/* A link in the directory of a process; its inode's number is the pid. */
struct proc_link {
	const char *name;
	struct link_operations ops;
};

struct proc_tasks {
	/* A process or thread, zombies included, or NULL. */
	struct task *(*find)(u32 pid);
	/* The lowest number above `after` of a process; of a thread of process pid. 0: none. */
	u32 (*next_process)(u32 after);
	u32 (*next_thread)(u32 pid, u32 after);
	/* The calling process and thread; 0: neither. */
	void (*current)(u32 *pid, u32 *tid);
	const struct proc_link *links;
	u32 nr_links;
	/* Descriptors of t: the lowest open one from `from` on, or -1, and the link that shows one: its
	 * inode's number is the pid, its rdev the descriptor. */
	s32 (*next_fd)(struct task *t, u32 from);
	const struct link_operations *fd_link;
};

extern const struct proc_tasks *proc_tasks; /* NULL: there are no processes yet */
/* The number is free: its directories go. */
void proc_task_gone(u32 pid);
