/*
 * Files under /proc whose contents are made when they are opened.
 *
 * The text of a report is taken once, when it is opened, into a buffer of the open file, so that a
 * reader who takes it in pieces sees one moment. A text that outgrows the buffer is made again into
 * one that is large enough.
 */
#include "fs/file.h"
#include "arch/i386/cpu/usercopy.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/seq.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include <linux/fs.h>
#include <linux/stat.h>

#define FIRST_SIZE 4096u
#define MAX_TRIES  8 /* the size at least doubles each time: 512 KiB */

static LIST_HEAD(reports);

struct text {
	size_t len;
	char data[];
};

static struct text *make_text(struct report *r)
{
	size_t size = FIRST_SIZE - sizeof(struct text);

	for (u32 i = 0; i < MAX_TRIES; i++) {
		struct text *text = vmalloc(sizeof(*text) + size);
		struct seq seq;

		if (!text)
			return ERR_PTR(-ENOMEM);
		seq_init(&seq, text->data, size);
		r->show(&seq);
		text->len = seq.len;
		if (!seq.lost)
			return text;
		vfree(text);
		size = MAX(size * 2, ALIGN_UP(size + seq.lost, PAGE_SIZE));
	}
	return ERR_PTR(-EFBIG);
}

static int report_open(struct inode *inode, struct file *f)
{
	struct report *r = inode->private;
	struct text *text;

	if (!r->show)
		return 0;
	text = make_text(r);
	if (IS_ERR(text))
		return PTR_ERR(text);
	f->private = text;
	return 0;
}

static void report_release(struct file *f)
{
	vfree(f->private);
}

static ssize_t read_records(struct report *r, void __user *buf, size_t len, u64 *pos)
{
	void *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	size_t done = 0;
	ssize_t ret = 0;

	if (!page)
		return -ENOMEM;
	while (done < len) {
		size_t n = MIN(len - done, (size_t)PAGE_SIZE);

		ret = r->read_at(page, n, *pos);
		if (ret <= 0)
			break;
		if (copy_to_user((char __user *)buf + done, page, ret)) {
			ret = -EFAULT;
			break;
		}
		done += ret;
		*pos += ret;
	}
	kfree(page);
	return done ? (ssize_t)done : ret;
}

static ssize_t report_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	struct report *r = f->inode->private;
	struct text *text = f->private;
	size_t left;

	if (!text)
		return read_records(r, buf, len, pos);
	if (*pos >= text->len)
		return 0;
	len = MIN(len, text->len - (size_t)*pos);
	left = copy_to_user(buf, text->data + (size_t)*pos, len);
	if (left == len && len)
		return -EFAULT;
	*pos += len - left;
	return len - left;
}

static ssize_t report_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	struct report *r = f->inode->private;
	char text[128];
	int err;

	(void)pos;
	if (!r->write)
		return -EACCES;
	if (!len || len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = '\0';
	if (text[len - 1] == '\n')
		text[len - 1] = '\0';
	err = r->write(text);
	return err ? err : (ssize_t)len;
}

static s64 report_llseek(struct file *f, s64 offset, int whence)
{
	/* The size of a report is 0 to stat(2); seeking from the end means nothing. */
	return whence == SEEK_SET || whence == SEEK_CUR ? file_llseek_sized(f, offset, whence)
							: -EINVAL;
}

static const struct file_operations report_file_ops = {
	.open = report_open,
	.release = report_release,
	.read = report_read,
	.write = report_write,
	.llseek = report_llseek,
};

static void make_node(struct report *r)
{
	const char *name = strrchr(r->name, '/');
	struct inode *dir = ramfs_make_dirs(root_inode, "proc", 4);
	struct inode *inode;

	if (!IS_ERR(dir) && name)
		dir = ramfs_make_dirs(dir, r->name, name - r->name);
	name = name ? name + 1 : r->name;
	inode = IS_ERR(dir) ? dir
			    : ramfs_create(dir, name, strlen(name),
					   S_IFREG | (r->write ? 0644 : 0444), 0);
	if (IS_ERR(inode))
		panic("/proc/%s cannot be made: error %d", r->name, -PTR_ERR(inode));
	inode->fops = &report_file_ops;
	inode->private = r;
	inode_put(inode);
}

void report_register(struct report *r)
{
	list_add_tail(&r->node, &reports);
	if (root_inode)
		make_node(r);
}

void reports_init(void)
{
	struct report *r;

	list_for_each_entry (r, &reports, node)
		make_node(r);
}
