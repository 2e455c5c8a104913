/*
 * Descriptor tables: the first 32 descriptors lie in the structure itself, larger tables are
 * allocated and double up to 1024.
 */
#include "kernel/process/files.h"
#include "lib/bitmap.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"

static struct kmem_cache *files_cache;

void files_init(void)
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
	if (grow(files, from->max)) {
		kmem_cache_free(files_cache, files);
		return NULL;
	}
	for (u32 fd = 0; fd < from->max; fd++)
		if (from->file[fd])
			files->file[fd] = file_get(from->file[fd]);
	memcpy(files->cloexec, from->cloexec, from->max / 8);
	files->first_free = from->first_free;
	return files;
}

void files_destroy(struct files *files)
{
	for (u32 fd = 0; fd < files->max; fd++)
		if (files->file[fd])
			file_put(files->file[fd]);
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

int files_find_free(struct files *files, u32 from)
{
	u32 fd = MAX(from, files->first_free);
	int err;

	if (from >= FILES_MAX)
		return -EINVAL;
	while (fd < files->max && files->file[fd])
		fd++;
	if (from <= files->first_free)
		files->first_free = fd;
	if (fd >= FILES_MAX)
		return -EMFILE;
	err = grow(files, fd + 1);
	return err ? err : (int)fd;
}

void files_install(struct files *files, u32 fd, struct file *f, bool cloexec)
{
	ASSERT(fd < files->max && !files->file[fd]);
	files->file[fd] = f;
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
		if (!f && fd < files->first_free) {
			printk("files_check: descriptor %u is free, first_free is %u\n", fd,
			       files->first_free);
			return -EIO;
		}
	}
	return 0;
}
