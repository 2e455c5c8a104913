/* /proc/self/exe and /proc/self/cwd: links to what the reader itself has. */
#include "kernel/process/task.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/string.h"
#include <linux/stat.h>

static struct inode *follow_exe(struct inode *link)
{
	const struct file *exe = current_task()->exe;

	(void)link;
	return exe ? exe->inode : ERR_PTR(-ENOENT);
}

static struct inode *follow_cwd(struct inode *link)
{
	(void)link;
	return current_task()->cwd;
}

static ssize_t read_name(struct inode *link, char *buf, size_t size)
{
	const struct inode *target = link->link->follow(link);

	return IS_ERR(target) ? PTR_ERR(target) : inode_path(target, buf, size);
}

static const struct link_operations exe_link = {.read = read_name, .follow = follow_exe};
static const struct link_operations cwd_link = {.read = read_name, .follow = follow_cwd};

static void make_link(struct inode *dir, const char *name, const struct link_operations *ops)
{
	struct inode *inode = ramfs_create(dir, name, strlen(name), S_IFLNK | 0777, 0);

	if (IS_ERR(inode))
		panic("no memory for /proc/self/%s", name);
	inode->link = ops;
	inode_put(inode);
}

void self_links_init(void)
{
	static const char path[] = "proc/self";
	struct inode *dir = ramfs_make_dirs(root_inode, path, sizeof(path) - 1);

	if (IS_ERR(dir))
		panic("no memory for /proc/self");
	make_link(dir, "exe", &exe_link);
	make_link(dir, "cwd", &cwd_link);
}
