/*
 * Reads a cpio archive in memory, of the formats "newc" (070701) and "crc" (070702).
 *
 * Pure: no memory is allocated, everything points into the archive.
 */
#pragma once

#include "lib/compiler.h"

struct cpio_iter {
	const u8 *data;
	size_t size;
	size_t pos;
	u32 nr_ended; /* archives whose trailer was passed */
	bool ended;
	const char *error;   /* after -EINVAL: what is wrong */
	size_t error_offset; /* and at which byte of the archive */
};

/*
 * name has no leading "/" or "./" and no component "..", no component is longer than 255 and the whole
 * is shorter than 4096. The root directory is "". Inside it there may be empty components and
 * "." ones, which mean nothing.
 *
 * Files of one archive with nlink > 1 and equal (dev_major, dev_minor, ino) are one file; only one of them,
 * mostly the last, carries its contents.
 */
struct cpio_entry {
	const char *name;
	const void *data;
	u32 size;
	u32 ino, mode, uid, gid, nlink, mtime;
	u32 dev_major, dev_minor;
	u32 rdev_major, rdev_minor;
};

void cpio_start(struct cpio_iter *iter, const void *data, size_t size);

/* => 1 with the next entry, 0 at the end of the last archive, -EINVAL with iter->error and error_offset. */
int __must_check cpio_next(struct cpio_iter *iter, struct cpio_entry *entry);
