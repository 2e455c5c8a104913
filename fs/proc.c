/*
 * /proc: reports at names of their own, and a directory for each process.
 *
 * A process' directory comes into being when its number is looked up and goes with the process
 * (proc_task_gone); a listing makes none. It is an ordinary tree of entries, so that walking, opening
 * and standing in it is as everywhere. What changes while the process lives, its descriptors and
 * threads, are directories whose names are made, or found wrong, when they are looked up.
 *
 * Positions in a listing: entries by cookie, as in every directory, then numbers + NUMBERS.
 */
#include "fs/proc.h"
#include "fs/file.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include <linux/magic.h>
#include <linux/stat.h>

#define NUMBERS     0x10000u
#define NUMBER_SIZE 12 /* text of a u32 */

const struct proc_tasks *proc_tasks;
static LIST_HEAD(reports);
static struct fs_type proc_type;
static u32 nr_task_dirs;

bool report_is_for_tasks(const struct report *r)
{
	return !strncmp(r->name, "PID/", 4);
}

/* ---- nodes ---- */

/* The reference is the tree's. ERR_PTR on failure. */
static struct inode *make_node(struct inode *dir, const char *name, u32 mode)
{
	struct inode *inode = ramfs_create(dir, name, strlen(name), mode, 0);

	if (!IS_ERR(inode)) {
		inode->number = dir->number;
		inode->size = 0;
		inode_put(inode);
	}
	return inode;
}

static int make_report(struct inode *dir, struct report *r, const char *path)
{
	const char *name = strrchr(path, '/');
	u32 mode = r->mode ? r->mode : report_is_writable(r) ? 0644 : 0444;
	struct inode *inode;

	if (name)
		dir = ramfs_make_dirs(dir, path, name - path);
	name = name ? name + 1 : path;
	inode = IS_ERR(dir) ? dir : make_node(dir, name, S_IFREG | mode);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->fops = &report_file_ops;
	inode->private = r;
	return 0;
}

static int make_link(struct inode *dir, const char *name, const struct link_operations *ops)
{
	struct inode *inode = make_node(dir, name, S_IFLNK | 0777);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->link = ops;
	return 0;
}

/* An entry that listings leave to their directory's operations. */
static void unlist(struct inode *inode)
{
	inode->entry->cookie = 0;
	inode->entry->dir->last_cookie--;
}

/* false: name is not a number as it would be written here. */
static bool parse_number(const char *name, u32 len, u32 *number)
{
	*number = 0;
	if (!len || len > 9 || (name[0] == '0' && len > 1))
		return false;
	for (u32 i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		*number = *number * 10 + (u32)(name[i] - '0');
	}
	return true;
}

static void remove_entry(struct dir_entry *entry)
{
	ramfs_empty(entry->inode);
	ramfs_remove(entry);
}

/* ---- descriptors ---- */

static struct task *task_of(const struct inode *inode)
{
	return proc_tasks && inode->nlink ? proc_tasks->find(inode->number) : NULL;
}

static void fd_prepare(struct inode *dir, const char *name, u32 len)
{
	struct dir_entry *entry = ramfs_find(dir, name, len);
	struct task *t = task_of(dir);
	struct inode *inode;
	char text[NUMBER_SIZE];
	u32 fd;
	bool open;

	if (!parse_number(name, len, &fd))
		return;
	open = t && proc_tasks->next_fd(t, fd) == (s32)fd;
	if (entry && !open)
		ramfs_remove(entry);
	if (entry || !open)
		return;
	scnprintf(text, sizeof(text), "%u", fd);
	inode = make_node(dir, text, S_IFLNK | 0700);
	if (IS_ERR(inode))
		return;
	inode->link = proc_tasks->fd_link;
	inode->rdev = fd;
	unlist(inode);
}

/* Hands out a number as a name. false: the listing is full. */
static bool emit_number(struct file *f, const struct dir_emitter *e, u32 number, u32 mode)
{
	char text[NUMBER_SIZE];
	u32 len = scnprintf(text, sizeof(text), "%u", number);

	/* Not the number that the inode will have, but one that tells it from its neighbours. */
	if (!e->emit(e, text, len, NUMBERS + number, mode, NUMBERS + number + 1))
		return false;
	f->pos = NUMBERS + number + 1;
	return true;
}

static int iterate_entries(struct file *f, const struct dir_emitter *e, bool *more)
{
	int err = f->pos < NUMBERS ? dir_iterate(f, e) : 0;
	const struct inode *dir = f->inode;

	/* Behind its entries? Else e has taken all that it can. */
	*more = !err && (f->pos >= NUMBERS || f->pos >= (u64)dir->last_cookie + 2);
	if (*more && f->pos < NUMBERS)
		f->pos = NUMBERS;
	return err;
}

static int fd_iterate(struct file *f, const struct dir_emitter *e)
{
	struct task *t;
	bool more;
	int err = iterate_entries(f, e, &more);

	while (more && (t = task_of(f->inode))) {
		s32 fd = proc_tasks->next_fd(t, (u32)f->pos - NUMBERS);

		more = fd >= 0 && emit_number(f, e, fd, S_IFLNK);
	}
	return err;
}

static const struct dir_operations fd_dir_ops = {.prepare = fd_prepare};
static const struct file_operations fd_file_ops = {
	.read = dir_read, .llseek = file_llseek_sized, .iterate = fd_iterate};

/* ---- processes and threads ---- */

static int thread_iterate(struct file *f, const struct dir_emitter *e)
{
	bool more;
	int err = iterate_entries(f, e, &more);

	while (more && proc_tasks) {
		u32 at = (u32)f->pos - NUMBERS;
		u32 tid = proc_tasks->next_thread(f->inode->number, at ? at - 1 : 0);

		more = tid && emit_number(f, e, tid, S_IFDIR);
	}
	return err;
}

static void thread_prepare(struct inode *dir, const char *name, u32 len);
static const struct dir_operations thread_dir_ops = {.prepare = thread_prepare};
static const struct file_operations thread_file_ops = {
	.read = dir_read, .llseek = file_llseek_sized, .iterate = thread_iterate};

/* What the directory of a process, or thread, holds. */
static int fill_task_dir(struct inode *dir, bool is_process)
{
	struct inode *fds = make_node(dir, "fd", S_IFDIR | 0500), *threads;
	struct report *r;
	int err = 0;

	if (IS_ERR(fds))
		return PTR_ERR(fds);
	fds->dir_ops = &fd_dir_ops;
	fds->fops = &fd_file_ops;
	if (is_process) {
		threads = make_node(dir, "task", S_IFDIR | 0555);
		if (IS_ERR(threads))
			return PTR_ERR(threads);
		threads->dir_ops = &thread_dir_ops;
		threads->fops = &thread_file_ops;
	}
	list_for_each_entry (r, &reports, node)
		if (report_is_for_tasks(r) && !err)
			err = make_report(dir, r, r->name + sizeof("PID"));
	for (u32 i = 0; i < proc_tasks->nr_links && !err; i++)
		err = make_link(dir, proc_tasks->links[i].name, &proc_tasks->links[i].ops);
	return err;
}

static void make_task_dir(struct inode *above, u32 number, bool is_process)
{
	char name[NUMBER_SIZE];
	struct inode *dir;

	scnprintf(name, sizeof(name), "%u", number);
	dir = make_node(above, name, S_IFDIR | 0555);
	if (IS_ERR(dir))
		return;
	dir->number = number;
	unlist(dir);
	if (fill_task_dir(dir, is_process))
		remove_entry(dir->entry);
	else if (is_process)
		nr_task_dirs++;
}

static void thread_prepare(struct inode *dir, const char *name, u32 len)
{
	struct dir_entry *entry = ramfs_find(dir, name, len);
	u32 tid;
	bool lives;

	if (!parse_number(name, len, &tid) || !tid || !proc_tasks)
		return;
	lives = dir->nlink && proc_tasks->next_thread(dir->number, tid - 1) == tid;
	if (entry && !lives)
		remove_entry(entry);
	else if (!entry && lives)
		make_task_dir(dir, tid, false);
}

static void root_prepare(struct inode *root, const char *name, u32 len)
{
	u32 pid;

	if (parse_number(name, len, &pid) && proc_tasks && !ramfs_find(root, name, len) &&
	    proc_tasks->find(pid))
		make_task_dir(root, pid, true);
}

static int root_iterate(struct file *f, const struct dir_emitter *e)
{
	bool more;
	int err = iterate_entries(f, e, &more);

	while (more && proc_tasks) {
		u32 at = (u32)f->pos - NUMBERS;
		u32 pid = proc_tasks->next_process(at ? at - 1 : 0);

		more = pid && emit_number(f, e, pid, S_IFDIR);
	}
	return err;
}

static const struct dir_operations root_dir_ops = {.prepare = root_prepare};
static const struct file_operations root_file_ops = {
	.read = dir_read, .llseek = file_llseek_sized, .iterate = root_iterate};

void proc_task_gone(u32 pid)
{
	char name[NUMBER_SIZE];
	struct mount *m;
	u32 len;

	if (!nr_task_dirs)
		return;
	len = scnprintf(name, sizeof(name), "%u", pid);
	list_for_each_entry (m, &mounts, node) {
		struct dir_entry *entry =
			m->type == &proc_type ? ramfs_find(m->root, name, len) : NULL;

		if (entry) {
			remove_entry(entry);
			nr_task_dirs--;
		}
	}
}

/* ---- self ---- */

static ssize_t self_read(struct inode *link, char *buf, size_t size)
{
	u32 pid = 0, tid;

	(void)link;
	if (proc_tasks)
		proc_tasks->current(&pid, &tid);
	return pid ? (ssize_t)scnprintf(buf, size, "%u", pid) : -ENOENT;
}

static struct inode *task_dir(struct inode *dir, u32 number)
{
	char name[NUMBER_SIZE];
	u32 len = scnprintf(name, sizeof(name), "%u", number);
	struct dir_entry *entry;

	dir->dir_ops->prepare(dir, name, len);
	entry = ramfs_find(dir, name, len);
	return entry ? entry->inode : ERR_PTR(-ENOENT);
}

static struct inode *self_follow(struct inode *link)
{
	u32 pid = 0, tid;

	if (proc_tasks)
		proc_tasks->current(&pid, &tid);
	return pid ? task_dir(link->mount->root, pid) : ERR_PTR(-ENOENT);
}

static ssize_t thread_self_read(struct inode *link, char *buf, size_t size)
{
	u32 pid = 0, tid;

	(void)link;
	if (proc_tasks)
		proc_tasks->current(&pid, &tid);
	return pid ? (ssize_t)scnprintf(buf, size, "%u/task/%u", pid, tid) : -ENOENT;
}

static struct inode *thread_self_follow(struct inode *link)
{
	struct inode *dir = self_follow(link);
	struct dir_entry *threads = IS_ERR(dir) ? NULL : ramfs_find(dir, "task", 4);
	u32 pid, tid;

	if (!threads)
		return ERR_PTR(-ENOENT);
	proc_tasks->current(&pid, &tid);
	return task_dir(threads->inode, tid);
}

static const struct link_operations self_link = {.read = self_read, .follow = self_follow};
static const struct link_operations thread_self_link = {.read = thread_self_read,
							.follow = thread_self_follow};

/* ---- the file system ---- */

static int proc_fill(struct mount *m, const char *options)
{
	static const char mounts_target[] = "self/mounts";
	struct inode *inode;
	struct report *r;
	int err;

	(void)options;
	m->root->mode = S_IFDIR | 0555;
	m->root->size = 0;
	m->root->dir_ops = &root_dir_ops;
	m->root->fops = &root_file_ops;
	err = make_link(m->root, "self", &self_link);
	if (!err)
		err = make_link(m->root, "thread-self", &thread_self_link);
	list_for_each_entry (r, &reports, node)
		if (!err && !report_is_for_tasks(r))
			err = make_report(m->root, r, r->name);
	if (err)
		return err;
	inode = ramfs_symlink(m->root, "mounts", 6, mounts_target, sizeof(mounts_target) - 1);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode_put(inode);
	return 0;
}

void report_register(struct report *r)
{
	struct mount *m;

	list_add_tail(&r->node, &reports);
	list_for_each_entry (m, &mounts, node)
		if (m->type == &proc_type && !report_is_for_tasks(r) &&
		    make_report(m->root, r, r->name))
			panic("/proc/%s cannot be made", r->name);
}

static void task_mounts_show(struct seq *s, struct task *t)
{
	(void)t;
	mounts_show(s);
}

static void task_mountinfo_show(struct seq *s, struct task *t)
{
	(void)t;
	mountinfo_show(s);
}

static struct fs_type proc_type = {.name = "proc", .magic = PROC_SUPER_MAGIC, .fill = proc_fill};
static struct report fs_reports[] = {
	{.name = "filesystems", .show = filesystems_show},
	{.name = "PID/mounts", .show_task = task_mounts_show},
	{.name = "PID/mountinfo", .show_task = task_mountinfo_show},
};

__init void proc_init(void)
{
	struct inode *dir = ramfs_make_dirs(root_inode, "proc", 4);

	fs_type_register(&proc_type);
	for (u32 i = 0; i < ARRAY_SIZE(fs_reports); i++)
		if (!fs_reports[i]
			     .node.next) /* once, however often the tree is made anew (tests) */
			report_register(&fs_reports[i]);
	if (IS_ERR(dir) || mount_at(dir, "proc", "proc", 0, ""))
		panic("/proc cannot be made");
}
