/* memfd_create. */
#include "arch/i386/cpu/usercopy.h"
#include "fs/memfd.h"
#include "kernel/process/files.h"
#include "kernel/process/syscall.h"
#include "lib/err.h"
#include <linux/memfd.h>

SYSCALL_DEFINE2(memfd_create, vaddr_t, user_name, u32, flags)
{
	char name[MEMFD_NAME_MAX + 1];
	struct file *f;
	ssize_t len;
	int fd;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	len = strncpy_from_user(name, uptr(user_name), sizeof(name));
	if (len < 0)
		return len;
	if (len == (ssize_t)sizeof(name))
		return -EINVAL;
	f = memfd_open(name, flags & MFD_ALLOW_SEALING);
	if (IS_ERR(f))
		return PTR_ERR(f);
	fd = files_add(current_task()->files, f, flags & MFD_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}
