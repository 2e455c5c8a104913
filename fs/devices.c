/*
 * Character nodes: an open one is bound to its driver by number. Drivers and files know each other only through
 * kernel/core/chardev. What needs no driver is here: null, zero, full, random, urandom, and kmsg, the kernel's messages.
 */
#include "fs/file.h"
#include "arch/i386/cpu/usercopy.h"
#include "kernel/core/chardev.h"
#include "kernel/core/random.h"
#include "kernel/core/thread.h"
#include "kernel/core/time.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/string.h"
#include <asm/poll.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <linux/stat.h>

/* st_rdev of small numbers, as glibc's makedev() has it */
#define RDEV(major, minor) ((major) << 8 | (minor))
#define RDEV_MAJOR(rdev)   ((rdev) >> 8 & 0xFFF)
#define RDEV_MINOR(rdev)   (((rdev)&0xFF) | ((rdev) >> 12 & 0xFFF00))

/*
 * An open file of a driver. private is the device, pos how often it had hung up before: these files have no offset.
 * Since a later hang-up: the end of input, no output, nothing to wait for.
 */
static struct char_device *device_of(const struct file *f, bool *hung_up)
{
	struct char_device *dev = f->private;

	*hung_up = f->pos != dev->hangups;
	return dev;
}

static ssize_t chardev_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	bool hung_up;
	struct char_device *dev = device_of(f, &hung_up);

	(void)pos;
	if (!dev->ops->read)
		return -EINVAL;
	return hung_up ? 0 : dev->ops->read(dev, buf, len, f->flags);
}

static ssize_t chardev_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	bool hung_up;
	struct char_device *dev = device_of(f, &hung_up);

	(void)pos;
	if (!dev->ops->write)
		return -EINVAL;
	return hung_up ? -EIO : dev->ops->write(dev, buf, len, f->flags);
}

static long chardev_ioctl(struct file *f, u32 cmd, vaddr_t arg)
{
	bool hung_up;
	struct char_device *dev = device_of(f, &hung_up);

	if (!dev->ops->ioctl)
		return -ENOTTY;
	return hung_up ? -EIO : dev->ops->ioctl(dev, cmd, arg);
}

static u32 chardev_poll(struct file *f, struct wait_queue **queue)
{
	bool hung_up;
	struct char_device *dev = device_of(f, &hung_up);

	if (hung_up)
		return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;
	return dev->ops->poll ? dev->ops->poll(dev, queue)
			      : POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

static void chardev_release(struct file *f)
{
	struct char_device *dev = f->private;

	if (dev->ops->release)
		dev->ops->release(dev, f->flags);
}

static const struct file_operations driver_file_ops = {
	.read = chardev_read,
	.write = chardev_write,
	.ioctl = chardev_ioctl,
	.poll = chardev_poll,
	.release = chardev_release,
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

/* What may be 2 GB is moved in pieces: between two of them others run, and a signal ends it. */
#define PIECE PAGE_SIZE

static ssize_t zero_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	size_t done = 0;

	(void)f;
	(void)pos;
	while (done < len) {
		size_t n = MIN(len - done, (size_t)PIECE);
		size_t left = clear_user((char __user *)buf + done, n);

		done += n - left;
		if (left)
			return done ? (ssize_t)done : -EFAULT;
		if (thread_make_way_or_end())
			break;
	}
	return done;
}

static ssize_t full_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	(void)f;
	(void)buf;
	(void)len;
	(void)pos;
	return -ENOSPC;
}

static ssize_t random_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	u8 piece[64];
	size_t done = 0;

	(void)f;
	(void)pos;
	while (done < len) {
		size_t n = MIN(len - done, sizeof(piece)), left;

		random_bytes(piece, n);
		left = copy_to_user((char __user *)buf + done, piece, n);
		done += n - left;
		if (left)
			return done ? (ssize_t)done : -EFAULT;
		if (thread_make_way_or_end())
			break;
	}
	return done;
}

/* What is written is read, as on Linux, and makes nothing more random. */
static ssize_t random_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	u8 piece[64];
	size_t done = 0, left = 0;

	(void)f;
	(void)pos;
	while (done < len && !left) {
		size_t n = MIN(len - done, sizeof(piece));

		left = copy_from_user(piece, (const char __user *)buf + done, n);
		done += n - left;
		if (thread_make_way_or_end())
			break;
	}
	return done || !left ? (ssize_t)done : -EFAULT;
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

/* ---- kmsg ---- */

#define KMSG_LINE    512 /* as much as printk() takes */
#define KMSG_LOOK_NS 100000000u
#define KMSG_LEVEL   6 /* LOG_INFO: messages here have no level */

/* pos counts bytes of messages since boot. Each read gives one line, in the form of Linux: level, number, time. The
 * number is where the line begins, and the time is not known. */
static ssize_t kmsg_next(char *text, u64 *pos)
{
	char line[KMSG_LINE];
	u32 at = *pos, after;
	size_t n = printk_read(&at, line, sizeof(line));
	const char *end = memchr(line, '\n', n);
	size_t len = end ? (size_t)(end - line) : n;

	if (!n || (!end && n < sizeof(line)))
		return 0;
	after = at - n + len + !!end;
	*pos = after;
	return scnprintf(text, KMSG_LINE + 64, "%u,%u,0,-;%.*s\n", KMSG_LEVEL, (u32)(after - len),
			 (int)len, line);
}

/* printk() is called where nobody can be woken, so a reader looks for news from time to time. */
static ssize_t kmsg_read(struct file *f, void __user *buf, size_t len, u64 *pos)
{
	char text[KMSG_LINE + 64];
	u64 before = *pos, left_ns;
	ssize_t n;

	while (!(n = kmsg_next(text, pos))) {
		int ret;

		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		ret = sleep_until(time_monotonic_ns() + KMSG_LOOK_NS, &left_ns);
		if (ret)
			return ret;
	}
	if ((size_t)n > len || copy_to_user(buf, text, n)) {
		*pos = before;
		return (size_t)n > len ? -EINVAL : -EFAULT;
	}
	return n;
}

/* A line, perhaps with its level before it as <4>. */
static ssize_t kmsg_write(struct file *f, const void __user *buf, size_t len, u64 *pos)
{
	char text[KMSG_LINE - 16];
	size_t n = MIN(len, sizeof(text) - 1);
	const char *from = text;

	(void)f;
	(void)pos;
	if (copy_from_user(text, buf, n))
		return -EFAULT;
	text[n] = '\0';
	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	if (*from == '<' && strchr(from, '>'))
		from = strchr(from, '>') + 1;
	printk("%s\n", from);
	return len;
}

static s64 kmsg_llseek(struct file *f, s64 offset, int whence)
{
	char line[KMSG_LINE];
	u32 end = 0;

	if (offset)
		return -ESPIPE;
	if (whence == SEEK_SET) {
		f->pos = 0;
	} else if (whence == SEEK_END) {
		while (printk_read(&end, line, sizeof(line)))
			;
		f->pos = end;
	} else {
		return -EINVAL;
	}
	return 0;
}

/* ---- nodes ---- */

static const struct file_operations null_ops = {
	.read = null_read, .write = null_write, .llseek = mem_llseek};
static const struct file_operations zero_ops = {
	.read = zero_read, .write = null_write, .llseek = mem_llseek, .mmap = zero_mmap};
static const struct file_operations full_ops = {
	.read = zero_read, .write = full_write, .llseek = mem_llseek};
static const struct file_operations random_ops = {
	.read = random_read, .write = random_write, .llseek = mem_llseek};
static const struct file_operations kmsg_ops = {
	.read = kmsg_read, .write = kmsg_write, .llseek = kmsg_llseek};

static const struct {
	const char *name;
	u32 minor; /* of MEM_MAJOR, <linux/major.h> */
	const struct file_operations *ops;
} mem_devices[] = {
	{"null", 3, &null_ops},     {"zero", 5, &zero_ops},      {"full", 7, &full_ops},
	{"random", 8, &random_ops}, {"urandom", 9, &random_ops}, {"kmsg", 11, &kmsg_ops},
};

/* Binds an open file to what its node's number means. */
static int chardev_open(struct inode *inode, struct file *f)
{
	u32 major = RDEV_MAJOR(inode->rdev), minor = RDEV_MINOR(inode->rdev);
	struct char_device *dev;

	if (major == MEM_MAJOR) {
		for (u32 i = 0; i < ARRAY_SIZE(mem_devices); i++) {
			if (mem_devices[i].minor == minor) {
				f->ops = mem_devices[i].ops;
				return 0;
			}
		}
	}
	dev = char_device_find(major, minor);
	if (!dev)
		return -ENXIO;
	if (dev->ops->open)
		dev = dev->ops->open(dev, f->flags);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	f->private = dev;
	f->pos = dev->hangups;
	f->ops = &driver_file_ops;
	return 0;
}

const struct file_operations chardev_file_ops = {.open = chardev_open};

static int make_node(struct inode *dir, const char *name, u32 rdev)
{
	struct inode *node = ramfs_create(dir, name, strlen(name), S_IFCHR | 0666, rdev);

	if (IS_ERR(node))
		return PTR_ERR(node);
	inode_put(node);
	return 0;
}

int devices_make_nodes(struct inode *dir)
{
	const struct char_device *driver;
	int err = 0;

	list_for_each_entry (driver, &char_devices, node)
		if (!err)
			err = make_node(dir, driver->name, RDEV(driver->major, driver->minor));
	for (u32 i = 0; i < ARRAY_SIZE(mem_devices) && !err; i++)
		err = make_node(dir, mem_devices[i].name, RDEV(MEM_MAJOR, mem_devices[i].minor));
	return err;
}

__init void devices_init(void)
{
	struct inode *dev = ramfs_make_dirs(root_inode, "dev", 3);

	if (IS_ERR(dev) || devices_make_nodes(dev))
		panic("no memory for /dev");
}
