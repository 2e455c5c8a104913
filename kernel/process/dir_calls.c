/* System calls that list directories. */
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "lib/string.h"

/* What a listing fills. The three calls differ in the form of a record only. */
struct dents {
	struct dir_emitter emitter;
	vaddr_t buf;
	u32 left, done;
	int err;
};

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
	vaddr_t at = d->buf + d->done;
	u32 used = head_len + len;

	if (size > d->left) {
		d->err = -EINVAL;
		return false;
	}
	if (copy_to_user(uptr(at), head, head_len) ||
	    copy_to_user(uptr(at + head_len), name, len) ||
	    clear_user(uptr(at + used), size - used) ||
	    (last && copy_to_user(uptr(at + size - 1), &last, 1))) {
		d->err = -EFAULT;
		return false;
	}
	d->left -= size;
	d->done += size;
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

static long list(u32 fd, struct dents *d)
{
	struct file *f = fd_file(fd);
	int err;

	if (!f || !f->mode)
		return -EBADF;
	if (!f->ops->iterate)
		return -ENOTDIR;
	err = f->ops->iterate(f, &d->emitter);
	if (d->done)
		return d->done;
	return err ? err : d->err;
}

SYSCALL_DEFINE3(getdents64, u32, fd, vaddr_t, buf, u32, size)
{
	struct dents d = {.emitter = {emit_64}, .buf = buf, .left = size};

	return list(fd, &d);
}

SYSCALL_DEFINE3(getdents, u32, fd, vaddr_t, buf, u32, size)
{
	struct dents d = {.emitter = {emit_32}, .buf = buf, .left = size};

	return list(fd, &d);
}
