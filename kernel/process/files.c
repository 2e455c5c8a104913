/*
 * Descriptor tables: the first 32 descriptors lie in the structure itself, larger tables are
 * allocated and double up to 1024.
 */
#include "kernel/process/files.h"
#include "fs/locks.h"
#include "lib/bitmap.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <asm-generic/resource.h>

static struct kmem_cache *files_cache;

__init void files_init(void)
{
	files_cache = kmem_cache_create("files_cache", sizeof(struct files), 0, 0, NULL);
	if (!files_cache)
		panic("no memory for the descriptor table cache");
}

struct files *files_create(void)
{
	struct files *files = kmem_cache_alloc(files_cache, GFP_KERNEL);

	if (!files)
		return NULL;
	memset(files, 0, sizeof(*files));
	files->refs = 1;
	files->max = FILES_INLINE;
	files->file = files->inline_file;
	files->cloexec = files->inline_cloexec;
	return files;
}

/* Makes room for max descriptors; max is at most FILES_MAX. */
static int grow(struct files *files, u32 max)
{
	u32 new_max = files->max;
	struct file **table;
	u32 *bits;

	while (new_max < max)
		new_max *= 2;
	if (new_max == files->max)
		return 0;
	table = kzalloc(new_max * sizeof(*table) + new_max / 8, GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	bits = (u32 *)(table + new_max);
	memcpy(table, files->file, files->max * sizeof(*table));
	memcpy(bits, files->cloexec, files->max / 8);
	if (files->file != files->inline_file)
		kfree(files->file);
	files->file = table;
	files->cloexec = bits;
	files->max = new_max;
	return 0;
}

struct files *files_copy(const struct files *from)
{
	struct files *files = files_create();

	if (!files)
		return NULL;
	if (grow(files, from->end)) {
		kmem_cache_free(files_cache, files);
		return NULL;
	}
	for (u32 fd = 0; fd < from->end; fd++)
		if (from->file[fd])
			files->file[fd] = file_get(from->file[fd]);
	memcpy(files->cloexec, from->cloexec, MIN(files->max, from->max) / 8);
	files->first_free = from->first_free;
	files->end = from->end;
	return files;
}

void files_put(struct files *files)
{
	if (--files->refs)
		return;
	for (u32 fd = 0; fd < files->end; fd++)
		files_close(files, fd);
	if (files->file != files->inline_file)
		kfree(files->file);
	kmem_cache_free(files_cache, files);
}

void files_close_on_exec(struct files *files)
{
	for (u32 word = 0; word < files->max / BITMAP_BITS; word++)
		for (u32 bit = 0; files->cloexec[word] && bit < BITMAP_BITS; bit++)
			if (bitmap_test(&files->cloexec[word], bit))
				files_close(files, word * BITMAP_BITS + bit);
}

/* Another thread may close it while this one sleeps in its call. NULL without memory for one more. */
struct file *files_hold(struct file *f)
{
	struct task *t = current_task();

	for (u32 i = 0; i < t->nr_held; i++)
		if (t->held[i] == f)
			return f;
	if (t->nr_held == t->max_held) {
		struct file **more = kmalloc(2 * t->max_held * sizeof(*more), GFP_KERNEL);

		if (!more)
			return NULL;
		memcpy(more, t->held, t->nr_held * sizeof(*more));
		if (t->held != t->held_inline)
			kfree(t->held);
		t->held = more;
		t->max_held *= 2;
	}
	t->held[t->nr_held++] = file_get(f);
	thread_work_set(&t->thread, WORK_FILES);
	return f;
}

u32 files_limit(void)
{
	/* The descriptors of process 1 are made by the kernel. */
	return current->is_user ? current_task()->group->limits[RLIMIT_NOFILE].cur : FILES_MAX;
}

int files_find_free(struct files *files, u32 from)
{
	u32 fd = MAX(from, files->first_free), limit = files_limit();
	int err;

	if (from >= limit)
		return -EINVAL;
	while (fd < files->max && files->file[fd])
		fd++;
	if (from <= files->first_free)
		files->first_free = fd;
	if (fd >= limit)
		return -EMFILE;
	err = grow(files, fd + 1);
	return err ? err : (int)fd;
}

void files_install(struct files *files, u32 fd, struct file *f, bool cloexec)
{
	ASSERT(fd < files->max && !files->file[fd]);
	files->file[fd] = f;
	if (fd >= files->end)
		files->end = fd + 1;
	if (cloexec)
		bitmap_set(files->cloexec, fd);
}

int files_add(struct files *files, struct file *f, bool cloexec)
{
	int fd = files_find_free(files, 0);

	if (fd >= 0)
		files_install(files, fd, f, cloexec);
	return fd;
}

int files_close(struct files *files, u32 fd)
{
	struct file *f = files_get(files, fd);

	if (!f)
		return -EBADF;
	files->file[fd] = NULL;
	bitmap_clear(files->cloexec, fd);
	if (fd < files->first_free)
		files->first_free = fd;
	while (files->end && !files->file[files->end - 1])
		files->end--;
	/* Any close of the file, of whichever descriptor (fcntl(2)). */
	if (unlikely(f->inode->locks))
		locks_drop_owner(f->inode, files, false);
	file_put(f);
	return 0;
}

int files_check(const struct files *files)
{
	for (u32 fd = 0; fd < files->max; fd++) {
		const struct file *f = files->file[fd];

		if (f ? !f->refs || !f->inode || !f->inode->refs || !f->ops
		      : bitmap_test(files->cloexec, fd)) {
			printk("files_check: descriptor %u is not right\n", fd);
			return -EIO;
		}
		if (f && fd >= files->end) {
			printk("files_check: descriptor %u is open, end is %u\n", fd, files->end);
			return -EIO;
		}
		if (!f && fd < files->first_free) {
			printk("files_check: descriptor %u is free, first_free is %u\n", fd,
			       files->first_free);
			return -EIO;
		}
	}
	return 0;
}
