/*
 * Directories as open files. Position 0 is ".", 1 is "..", and behind them stands each name at its
 * cookie + 1, in the order in which they were made. Names that go or come meanwhile move no other.
 */
#include "fs/file.h"
#include "lib/err.h"
#include <linux/fs.h>
#include <linux/stat.h>

ssize_t dir_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	(void)f;
	(void)buf;
	(void)len;
	(void)pos;
	return -EISDIR;
}

static bool emit_dots(struct file *f, const struct dir_emitter *e)
{
	if (f->pos == 0) {
		if (!e->emit(e, ".", 1, f->inode->ino, S_IFDIR, 1))
			return false;
		f->pos = 1;
	}
	if (f->pos == 1) {
		if (!e->emit(e, "..", 2, inode_above(f->inode)->ino, S_IFDIR, 2))
			return false;
		f->pos = 2;
	}
	return true;
}

int dir_iterate(struct file *f, const struct dir_emitter *e)
{
	struct dir_entry *entry;

	if (!f->inode->nlink)
		return -ENOENT;
	if (!emit_dots(f, e))
		return 0;
	list_for_each_entry (entry, &f->inode->entries, node) {
		u64 at = (u64)entry->cookie + 1;

		if (at < f->pos)
			continue;
		if (!e->emit(e, entry->name, entry->len, entry->inode->ino, entry->inode->mode,
			     at + 1))
			return 0;
		f->pos = at + 1;
	}
	return 0;
}

/* A directory has no end to count from. */
static s64 dir_llseek(struct file *f, s64 offset, int whence)
{
	return whence == SEEK_SET || whence == SEEK_CUR ? file_llseek_sized(f, offset, whence)
							: -EINVAL;
}

const struct file_operations dir_file_ops = {
	.read = dir_read,
	.llseek = dir_llseek,
	.iterate = dir_iterate,
};
