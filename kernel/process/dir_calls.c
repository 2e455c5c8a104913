/*
 * System calls that list directories.
 *
 * The records of a listing are put together in memory of the kernel's, and then copied out: a copy may sleep, and
 * meanwhile another thread may remove the name that a listing has come to.
 */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"

/* What a listing fills. The three calls differ in the form of a record only. */
struct dents {
	struct dir_emitter emitter;
	char *records;
	u32 used, room; /* of them */
	bool full;      /* one more had no room */
};

/* A piece begins with a walk to where the last one ended, so it is as large as what the C library asks for. */
#define LIST_AT_ONCE     32768u

#define DT_OF_MODE(mode) ((mode) >> 12 & 15) /* how Linux derives DT_* */

/* struct linux_dirent64: no UAPI header has it. */
struct dirent64 {
	u64 ino;
	s64 next;
	u16 record_len;
	u8 type;
	char name[];
} __packed;

/* struct linux_dirent; behind the name and its NUL, in the last byte, stands the type. */
struct dirent32 {
	u32 ino, next;
	u16 record_len;
	char name[];
} __packed;

/* Puts a record of `size` bytes: its head, the name, zeros, and its last byte. */
static bool put_record(struct dents *d, const void *head, u32 head_len, const char *name, u32 len,
		       u32 size, u8 last)
{
	char *at = d->records + d->used;
	u32 used = head_len + len;

	if (size > d->room - d->used) {
		d->full = true;
		return false;
	}
	memcpy(at, head, head_len);
	memcpy(at + head_len, name, len);
	memset(at + used, 0, size - used);
	if (last)
		at[size - 1] = (char)last;
	d->used += size;
	return true;
}

static bool emit_64(const struct dir_emitter *e, const char *name, u32 len, u32 ino, u32 mode,
		    u64 next)
{
	struct dents *d = container_of(e, struct dents, emitter);
	u32 size = ALIGN_UP((u32)offsetof(struct dirent64, name) + len + 1, 8u);
	struct dirent64 head = {
		.ino = ino, .next = next, .record_len = size, .type = DT_OF_MODE(mode)};

	return put_record(d, &head, offsetof(struct dirent64, name), name, len, size, 0);
}

static bool emit_32(const struct dir_emitter *e, const char *name, u32 len, u32 ino, u32 mode,
		    u64 next)
{
	struct dents *d = container_of(e, struct dents, emitter);
	u32 size = ALIGN_UP((u32)offsetof(struct dirent32, name) + len + 2, 4u);
	struct dirent32 head = {.ino = ino, .next = (u32)next, .record_len = size};

	return put_record(d, &head, offsetof(struct dirent32, name), name, len, size,
			  DT_OF_MODE(mode));
}

/* At most `most` bytes after the other: bytes done, or errno. */
static long list_pieces(struct file *f, struct dents *d, u32 most, vaddr_t buf, u32 size)
{
	u32 done = 0, left = 0;
	int err;

	do {
		u64 before = f->pos;

		/* Where the last copy met a bad address, once more as far as it came. */
		d->room = left ? d->used - left : MIN(size - done, most);
		d->used = 0;
		d->full = false;
		err = f->ops->iterate(f, &d->emitter);
		if (!d->used)
			break;
		left = copy_to_user(uptr(buf + done), d->records, d->used);
		if (left)
			f->pos = before;
		else
			done += d->used;
		thread_make_way();
	} while (left ? left < d->used : d->full && d->room == most);
	if (done || err)
		return done ? (long)done : err;
	return left ? -EFAULT : d->full ? -EINVAL : 0;
}

static long list(u32 fd,
		 bool (*emit)(const struct dir_emitter *e, const char *name, u32 len, u32 ino,
			      u32 mode, u64 next),
		 vaddr_t buf, u32 size)
{
	struct file *f = fd_file(fd);
	struct dents d = {.emitter = {emit}};
	u32 most = MIN(size, LIST_AT_ONCE);
	long ret;

	if (!f || !f->mode)
		return -EBADF;
	if (!f->ops->iterate)
		return -ENOTDIR;
	d.records = kmalloc(MAX(most, 1u), GFP_KERNEL);
	if (!d.records)
		return -ENOMEM;
	ret = list_pieces(f, &d, most, buf, size);
	kfree(d.records);
	return ret;
}

SYSCALL_DEFINE3(getdents64, u32, fd, vaddr_t, buf, u32, size)
{
	return list(fd, emit_64, buf, size);
}

SYSCALL_DEFINE3(getdents, u32, fd, vaddr_t, buf, u32, size)
{
	return list(fd, emit_32, buf, size);
}
