/*
 * Character nodes: an open one is bound to its driver by number. Drivers and files know each other
 * only through kernel/core/chardev. null, zero and full need no driver and are here.
 */
#include "fs/file.h"
#include "arch/i386/cpu/usercopy.h"
#include "kernel/core/chardev.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/string.h"
#include <asm/termios.h>
#include <linux/fcntl.h>
#include <linux/major.h>
#include <linux/stat.h>

/* st_rdev of small numbers, as glibc's makedev() has it */
#define RDEV(major, minor)   ((major) << 8 | (minor))
#define RDEV_MAJOR(rdev)     ((rdev) >> 8 & 0xFFF)
#define RDEV_MINOR(rdev)     (((rdev)&0xFF) | ((rdev) >> 12 & 0xFFF00))

#define TTYAUX_CONSOLE_MINOR 1
#define BOUNCE_SIZE          512 /* user text passes through the stack in pieces of this size */

static ssize_t chardev_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	struct char_device *dev = f->private;
	char bounce[BOUNCE_SIZE];
	ssize_t got;

	(void)pos;
	if (!dev->ops->read)
		return -EINVAL;
	if (!len)
		return 0;
	if ((f->flags & O_NONBLOCK) && dev->ops->readable && !dev->ops->readable(dev))
		return -EAGAIN;
	got = dev->ops->read(dev, bounce, MIN(len, sizeof(bounce)));
	if (got > 0 && copy_to_user(buf, bounce, got))
		return -EFAULT;
	return got;
}

static ssize_t chardev_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	struct char_device *dev = f->private;
	char bounce[BOUNCE_SIZE];
	size_t done = 0;

	(void)pos;
	if (!dev->ops->write)
		return -EINVAL;
	while (done < len) {
		size_t n = MIN(len - done, sizeof(bounce));
		size_t left = copy_from_user(bounce, (const char __user *)buf + done, n);
		ssize_t ret = left < n ? dev->ops->write(dev, bounce, n - left) : -EFAULT;

		if (ret < 0)
			return done ? (ssize_t)done : ret;
		done += ret;
		if ((size_t)ret < n)
			break;
	}
	return done;
}

static long terminal_ioctl(struct char_device *dev, u32 cmd, vaddr_t arg)
{
	struct termios termios;
	struct winsize size;

	switch (cmd) {
	case TCGETS:
		memset(&termios, 0, sizeof(termios));
		dev->ops->get_termios(dev, &termios);
		return copy_to_user((void __user *)arg, &termios, sizeof(termios)) ? -EFAULT : 0;
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		if (copy_from_user(&termios, (void __user *)arg, sizeof(termios)))
			return -EFAULT;
		return dev->ops->set_termios ? dev->ops->set_termios(dev, &termios) : -EINVAL;
	case TIOCGWINSZ:
		memset(&size, 0, sizeof(size));
		if (dev->ops->get_size)
			dev->ops->get_size(dev, &size.ws_row, &size.ws_col);
		return copy_to_user((void __user *)arg, &size, sizeof(size)) ? -EFAULT : 0;
	case FIONREAD: {
		u32 n = dev->ops->readable ? dev->ops->readable(dev) : 0;

		return put_user_u32((u32 __user *)arg, n);
	}
	}
	return -EINVAL;
}

static long chardev_ioctl(struct file *f, u32 cmd, vaddr_t arg)
{
	struct char_device *dev = f->private;

	return dev->ops->get_termios ? terminal_ioctl(dev, cmd, arg) : -ENOTTY;
}

static const struct file_operations driver_file_ops = {
	.read = chardev_read,
	.write = chardev_write,
	.ioctl = chardev_ioctl,
};

/* ---- memory devices ---- */

static ssize_t null_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	(void)f;
	(void)buf;
	(void)len;
	(void)pos;
	return 0;
}

static ssize_t null_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	(void)f;
	(void)buf;
	(void)pos;
	return len;
}

static ssize_t zero_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	size_t left = clear_user(buf, len);

	(void)f;
	(void)pos;
	return left == len && len ? -EFAULT : (ssize_t)(len - left);
}

static ssize_t full_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	(void)f;
	(void)buf;
	(void)len;
	(void)pos;
	return -ENOSPC;
}

static s64 mem_llseek(struct file *f, s64 offset, int whence)
{
	(void)f;
	(void)offset;
	(void)whence;
	return 0;
}

static int zero_mmap(struct file *f, struct mmap_object *object)
{
	(void)f;
	*object = (struct mmap_object){0};
	return 0;
}

static const struct file_operations null_ops = {
	.read = null_read, .write = null_write, .llseek = mem_llseek};
static const struct file_operations zero_ops = {
	.read = zero_read, .write = null_write, .llseek = mem_llseek, .mmap = zero_mmap};
static const struct file_operations full_ops = {
	.read = zero_read, .write = full_write, .llseek = mem_llseek};

static const struct {
	const char *name;
	u32 minor; /* of MEM_MAJOR, <linux/major.h> */
	const struct file_operations *ops;
} mem_devices[] = {
	{"null", 3, &null_ops},
	{"zero", 5, &zero_ops},
	{"full", 7, &full_ops},
};

/* Binds an open file to what its node's number means. */
static int chardev_open(struct inode *inode, struct file *f)
{
	u32 major = RDEV_MAJOR(inode->rdev), minor = RDEV_MINOR(inode->rdev);

	if (major == MEM_MAJOR) {
		for (u32 i = 0; i < ARRAY_SIZE(mem_devices); i++) {
			if (mem_devices[i].minor == minor) {
				f->ops = mem_devices[i].ops;
				return 0;
			}
		}
	}
	f->private = char_device_find(major, minor);
	if (!f->private)
		return -ENXIO;
	f->ops = &driver_file_ops;
	return 0;
}

const struct file_operations chardev_file_ops = {.open = chardev_open};

static void make_node(struct inode *dev, const char *name, u32 rdev)
{
	struct inode *node = ramfs_create(dev, name, strlen(name), S_IFCHR | 0666, rdev);

	if (IS_ERR(node))
		panic("no memory for /dev/%s", name);
	inode_put(node);
}

void devices_init(void)
{
	struct inode *dev = ramfs_make_dirs(root_inode, "dev", 3);

	if (IS_ERR(dev))
		panic("no memory for /dev");
	make_node(dev, "console", RDEV(TTYAUX_MAJOR, TTYAUX_CONSOLE_MINOR));
	for (u32 i = 0; i < ARRAY_SIZE(mem_devices); i++)
		make_node(dev, mem_devices[i].name, RDEV(MEM_MAJOR, mem_devices[i].minor));
}
