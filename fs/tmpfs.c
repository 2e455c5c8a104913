/*
 * tmpfs: a tree of ramfs.c with limits. ramfs and rootfs are the same without.
 *
 * Pages are charged when they are made, whether by write(2), by a fault of a mapping or by fallocate(2),
 * and inodes when they are; a hole costs nothing. Without options the limit is half of all memory, as on
 * Linux.
 */
#include "fs/file.h"
#include "lib/err.h"
#include "lib/seq.h"
#include "lib/string.h"
#include "mm/phys/zone.h"
#include <linux/magic.h>
#include <linux/stat.h>

struct settings {
	u32 max_pages, max_inodes;
	u32 mode, uid, gid;
	bool percent_seen;
};

/* A decimal or octal number. false: *text does not start with one. */
static bool parse_number(const char **text, u32 base, u64 *value)
{
	const char *start = *text;

	for (*value = 0; **text >= '0' && **text < (char)('0' + base) && *value < 1ull << 40;
	     (*text)++)
		*value = *value * base + (u32)(**text - '0');
	return *text != start;
}

/* "16m", "50%", "4096" as a number of bytes; no more than a mapping can have. */
static bool parse_size(const char **text, u64 *bytes)
{
	if (!parse_number(text, 10, bytes))
		return false;
	switch (**text | 0x20) {
	case 'g':
		*bytes <<= 10; /* fall through */
	case 'm':
		*bytes <<= 10; /* fall through */
	case 'k':
		*bytes <<= 10;
		(*text)++;
		break;
	default:
		if (**text == '%') {
			*bytes = (u64)(nr_managed_pages() / 100) * PAGE_SIZE * *bytes;
			(*text)++;
		}
	}
	*bytes = MIN(*bytes, FILE_SIZE_MAX);
	return true;
}

static bool option(const char **text, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(*text, name, len))
		return false;
	*text += len;
	return true;
}

static int parse_options(struct settings *set, const char *text)
{
	while (*text) {
		bool good;
		u64 n = 0;

		if (*text == ',') {
			text++;
			continue;
		}
		if (option(&text, "size=")) {
			good = parse_size(&text, &n);
			set->max_pages = (n + PAGE_SIZE - 1) >> PAGE_SHIFT;
		} else if (option(&text, "nr_blocks=")) {
			good = parse_size(&text, &n);
			set->max_pages = n;
		} else if (option(&text, "nr_inodes=")) {
			good = parse_size(&text, &n);
			set->max_inodes = n;
		} else if (option(&text, "mode=")) {
			good = parse_number(&text, 8, &n);
			set->mode = n & 07777;
		} else if (option(&text, "uid=")) {
			good = parse_number(&text, 10, &n);
			set->uid = n;
		} else if (option(&text, "gid=")) {
			good = parse_number(&text, 10, &n);
			set->gid = n;
		} else {
			return -EINVAL;
		}
		if (!good || (*text && *text != ','))
			return -EINVAL;
		if (*text)
			text++;
	}
	return 0;
}

static int tmpfs_fill(struct mount *m, const char *options)
{
	struct settings set = {.max_pages = nr_managed_pages() / 2, .mode = 01777};
	int err = parse_options(&set, options);

	if (err)
		return err;
	m->max_pages = set.max_pages;
	m->max_inodes = set.max_inodes;
	m->root->mode = S_IFDIR | set.mode;
	m->root->uid = set.uid;
	m->root->gid = set.gid;
	return 0;
}

static int tmpfs_remount(struct mount *m, const char *options)
{
	struct settings set = {.max_pages = m->max_pages, .max_inodes = m->max_inodes};
	int err = parse_options(&set, options);

	if (err)
		return err;
	/* No limit may lie below what is there. */
	if ((set.max_pages && set.max_pages < m->nr_pages) ||
	    (set.max_inodes && set.max_inodes < m->nr_inodes))
		return -EINVAL;
	m->max_pages = set.max_pages;
	m->max_inodes = set.max_inodes;
	return 0;
}

static void tmpfs_show_options(const struct mount *m, struct seq *s)
{
	if (m->max_pages != nr_managed_pages() / 2)
		seq_printf(s, ",size=%uk", m->max_pages * (PAGE_SIZE / 1024));
	if (m->max_inodes)
		seq_printf(s, ",nr_inodes=%u", m->max_inodes);
	if ((m->root->mode & 07777) != 01777)
		seq_printf(s, ",mode=%03o", m->root->mode & 07777);
}

static int ramfs_fill(struct mount *m, const char *options)
{
	(void)m;
	(void)options; /* Linux's ramfs ignores what it does not know, too */
	return 0;
}

static int devtmpfs_fill(struct mount *m, const char *options)
{
	(void)options;
	return devices_make_nodes(m->root);
}

__init void tmpfs_init(void)
{
	static struct fs_type tmpfs = {.name = "tmpfs",
				       .magic = TMPFS_MAGIC,
				       .fill = tmpfs_fill,
				       .remount = tmpfs_remount,
				       .show_options = tmpfs_show_options};
	static struct fs_type devtmpfs = {
		.name = "devtmpfs", .magic = TMPFS_MAGIC, .fill = devtmpfs_fill};
	static struct fs_type ramfs = {.name = "ramfs", .magic = RAMFS_MAGIC, .fill = ramfs_fill};
	static struct fs_type rootfs = {.name = "rootfs", .magic = RAMFS_MAGIC, .fill = ramfs_fill};

	fs_type_register(&rootfs);
	fs_type_register(&tmpfs);
	fs_type_register(&ramfs);
	fs_type_register(&devtmpfs);
}
