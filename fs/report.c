/*
 * The files of /proc: reports, whose contents are made when they are read.
 *
 * A text is made of records. A short report is one record; a long one goes on from a cursor that says
 * where its last record ended, so that it needs no more memory than its longest record however long it
 * is, and changes between two reads neither lose nor repeat one. The records made last are kept in the
 * open file, for a reader who takes them in pieces. Reading from the start makes them anew, and so
 * does reading elsewhere than the last read ended: what lies before is made again and dropped. Linux's
 * seq_file does the same.
 */
#include "fs/file.h"
#include "fs/proc.h"
#include "arch/i386/cpu/usercopy.h"
#include "kernel/core/wait.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/seq.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/kmem/vmalloc.h"
#include <linux/fs.h>
#include <linux/stat.h>

#define FIRST_SIZE     4096u
#define SIZE_MAX_BYTES (1u << 20) /* of one record */

struct text {
	struct mutex lock; /* readers sleep in copies to their memory */
	char *data;        /* NULL before the first read */
	size_t size, len;
	u64 start;  /* position in the file of data[0] */
	u64 cursor; /* where the next record begins */
	bool ended; /* there is none */
};

/* The task that a file of a process' directory is about; NULL: gone, and its directory with it. */
static struct task *task_of(const struct inode *inode)
{
	return inode->nlink ? proc_tasks->find(inode->number) : NULL;
}

/* The record at *cursor or the first behind it; *cursor moves on. 1, 0: there is none, or errno. */
static int make_record(const struct inode *inode, struct seq *seq, u64 *cursor)
{
	const struct report *r = inode->private;
	struct task *t = NULL;

	if (report_is_for_tasks(r)) {
		t = task_of(inode);
		if (!t)
			return -ESRCH;
	}
	if (r->next)
		return r->next(seq, t, cursor);
	if ((*cursor)++)
		return 0;
	if (!t) {
		if (r->show)
			r->show(seq);
		else
			r->show_this(r, seq);
		return 1;
	}
	r->show_task(seq, t);
	return 1;
}

static int resize(struct text *text, size_t size)
{
	char *data;

	if (size > SIZE_MAX_BYTES)
		return -EFBIG;
	data = vmalloc(size);
	if (!data)
		return -ENOMEM;
	vfree(text->data);
	text->data = data;
	text->size = size;
	return 0;
}

/* Takes the place of the records in text with those that follow: as many as there is room for, one at
 * least. 0 or errno. */
static int make_records(const struct inode *inode, struct text *text)
{
	int got;

	text->start += text->len;
	text->len = 0;
	if (!text->data && resize(text, FIRST_SIZE))
		return -ENOMEM;
	while (!text->ended) {
		u64 cursor = text->cursor;
		struct seq seq;

		seq_init(&seq, text->data + text->len, text->size - text->len);
		got = make_record(inode, &seq, &cursor);
		if (got < 0)
			return text->len ? 0 : got; /* the next time */
		if (seq.lost && text->len)          /* it comes first the next time */
			break;
		if (seq.lost) {
			got = resize(text, MAX(text->size * 2,
					       ALIGN_UP(text->size + seq.lost, PAGE_SIZE)));
			if (got)
				return got;
			continue;
		}
		text->len += seq.len;
		text->cursor = cursor;
		text->ended = !got;
	}
	return 0;
}

static int report_open(struct inode *inode, struct file *f)
{
	const struct report *r = inode->private;
	struct text *text;

	if (!r->show && !r->show_task && !r->show_this && !r->next)
		return 0;
	if (report_is_for_tasks(r) && !task_of(inode))
		return -ESRCH;
	text = kmalloc(sizeof(*text), GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	*text = (struct text){0};
	mutex_init(&text->lock);
	f->private = text;
	return 0;
}

static void report_release(struct file *f)
{
	struct text *text = f->private;

	if (text)
		vfree(text->data);
	kfree(text);
}

/* From *pos on, as far as there is text. */
static ssize_t read_text(const struct inode *inode, struct text *text, void __user *buf, size_t len,
			 u64 *pos)
{
	size_t done = 0;

	if (!*pos || *pos < text->start) {
		text->start = text->cursor = text->len = 0;
		text->ended = false;
	}
	while (done < len) {
		u64 offset = *pos - text->start;
		size_t n, left;

		if (offset >= text->len) {
			int err = text->ended ? 0 : make_records(inode, text);

			if (err)
				return done ? (ssize_t)done : err;
			if (text->ended && *pos - text->start >= text->len)
				break;
			continue;
		}
		n = MIN(len - done, text->len - (size_t)offset);
		left = copy_to_user((char __user *)buf + done, text->data + offset, n);
		done += n - left;
		*pos += n - left;
		if (left)
			return done ? (ssize_t)done : -EFAULT;
		thread_make_way();
	}
	return done;
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
		thread_make_way();
	}
	kfree(page);
	return done ? (ssize_t)done : ret;
}

static ssize_t report_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	const struct report *r = f->inode->private;
	struct text *text = f->private;
	ssize_t ret;

	if (!text)
		return r->read_at || r->read_task ? read_records(f->inode, buf, len, pos) : -EINVAL;
	mutex_lock(&text->lock);
	ret = read_text(f->inode, text, buf, len, pos);
	mutex_unlock(&text->lock);
	return ret;
}

static ssize_t report_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	struct report *r = f->inode->private;
	struct task *t = NULL;
	char text[128];
	int err;

	(void)pos;
	if (!report_is_writable(r))
		return -EACCES;
	if (!len || len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = '\0';
	if (text[len - 1] == '\n')
		text[len - 1] = '\0';
	if (r->write_task && !(t = task_of(f->inode)))
		return -ESRCH;
	err = r->write_this ? r->write_this(r, text)
	      : r->write    ? r->write(text)
			    : r->write_task(t, text);
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
