/*
 * The files of /proc: reports, whose contents are made when they are opened.
 *
 * The text of a report is taken once, when it is opened, into a buffer of the open file, so that a
 * reader who takes it in pieces sees one moment. A text that outgrows the buffer is made again into
 * one that is large enough.
 */
#include "fs/file.h"
#include "fs/proc.h"
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

struct text {
	size_t len;
	char data[];
};

/* The task that a file of a process' directory is about; NULL: gone, and its directory with it. */
static struct task *task_of(const struct inode *inode)
{
	return inode->nlink ? proc_tasks->find(inode->number) : NULL;
}

static int show(const struct inode *inode, struct seq *seq)
{
	const struct report *r = inode->private;
	struct task *t;

	if (r->show) {
		r->show(seq);
		return 0;
	}
	t = task_of(inode);
	if (t)
		r->show_task(seq, t);
	return t ? 0 : -ESRCH;
}

static struct text *make_text(const struct inode *inode)
{
	size_t size = FIRST_SIZE - sizeof(struct text);

	for (u32 i = 0; i < MAX_TRIES; i++) {
		struct text *text = vmalloc(sizeof(*text) + size);
		struct seq seq;
		int err;

		if (!text)
			return ERR_PTR(-ENOMEM);
		seq_init(&seq, text->data, size);
		err = show(inode, &seq);
		if (err) {
			vfree(text);
			return ERR_PTR(err);
		}
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

	if (!r->show && !r->show_task)
		return 0;
	text = make_text(inode);
	if (IS_ERR(text))
		return PTR_ERR(text);
	f->private = text;
	return 0;
}

static void report_release(struct file *f)
{
	vfree(f->private);
}

static ssize_t read_once(const struct inode *inode, void *buf, size_t len, u64 pos)
{
	const struct report *r = inode->private;
	struct task *t;

	if (r->read_at)
		return r->read_at(buf, len, pos);
	t = task_of(inode);
	return t ? r->read_task(t, buf, len, pos) : -ESRCH;
}

static ssize_t read_records(const struct inode *inode, void __user *buf, size_t len, u64 *pos)
{
	void *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	size_t done = 0;
	ssize_t ret = 0;

	if (!page)
		return -ENOMEM;
	while (done < len) {
		size_t n = MIN(len - done, (size_t)PAGE_SIZE);

		ret = read_once(inode, page, n, *pos);
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
	struct text *text = f->private;
	size_t left;

	if (!text)
		return read_records(f->inode, buf, len, pos);
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
	struct task *t = NULL;
	char text[128];
	int err;

	(void)pos;
	if (!r->write && !r->write_task)
		return -EACCES;
	if (!len || len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = '\0';
	if (text[len - 1] == '\n')
		text[len - 1] = '\0';
	if (!r->write && !(t = task_of(f->inode)))
		return -ESRCH;
	err = r->write ? r->write(text) : r->write_task(t, text);
	return err ? err : (ssize_t)len;
}

static s64 report_llseek(struct file *f, s64 offset, int whence)
{
	/* The size of a report is 0 to stat(2); seeking from the end means nothing. */
	return whence == SEEK_SET || whence == SEEK_CUR ? file_llseek_sized(f, offset, whence)
							: -EINVAL;
}

const struct file_operations report_file_ops = {
	.open = report_open,
	.release = report_release,
	.read = report_read,
	.write = report_write,
	.llseek = report_llseek,
};
