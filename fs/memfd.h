/*
 * Files without a name (memfd_create), and seals: what may no longer be done to a file in memory, by
 * anybody, ever. Files of tmpfs have seals too, but are made with the one that forbids more.
 */
#pragma once

#include "fs/file.h"

void memfd_init(void);

#define MEMFD_NAME_MAX 249 /* NAME_MAX less "memfd:" */

/* An empty file, open for reading and writing. ERR_PTR(-ENOMEM). */
__must_check struct file *memfd_open(const char *name, bool sealable);

/* F_ADD_SEALS, F_GET_SEALS: the seals or 0, or errno as Linux's. */
int seals_add(struct file *f, u32 seals);
int seals_get(const struct file *f);
/* Is one of these F_SEAL_* set? */
static inline bool is_sealed(const struct inode *inode, u32 seals)
{
	return unlikely(inode->seals & seals);
}
/* Bytes up to `end` are about to be written. 0 or -EPERM. */
int seals_permit_write(const struct inode *inode, u64 end);
/* The same for another size. */
int seals_permit_size(const struct inode *inode, u64 size);
