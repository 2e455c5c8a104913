/* Files without a name, and seals: see memfd.h. */
#include "fs/memfd.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include <linux/fcntl.h>
#include <linux/stat.h>

#define ALL_SEALS \
	((u32)(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
#define NO_WRITING  ((u32)(F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))

#define NAME_PREFIX "/memfd:" /* as links and maps show it */

/* The file system that they lie in; it is mounted nowhere. */
static struct mount memfd_mount;

void memfd_init(void)
{
	mount_init_hidden(&memfd_mount, "tmpfs", SHM_DEV);
}

struct file *memfd_open(const char *name, bool sealable)
{
	size_t size = sizeof(NAME_PREFIX) + strlen(name);
	struct inode *inode = inode_alloc(S_IFREG | 0777);
	struct file *f = ERR_PTR(-ENOMEM);

	if (!inode)
		return f;
	ramfs_make_regular(inode, &memfd_mount);
	memfd_mount.nr_inodes++;
	if (sealable)
		inode->seals = 0;
	inode->last_name = kmalloc(size, GFP_KERNEL);
	if (inode->last_name) {
		snprintf(inode->last_name, size, NAME_PREFIX "%s", name);
		f = file_open_inode(inode, O_RDWR | O_LARGEFILE);
	}
	inode_put(inode);
	return f;
}

/* ---- seals ---- */

static bool has_seals(const struct inode *inode)
{
	return S_ISREG(inode->mode) && inode->mount && inode->mount->shmem;
}

static bool is_mapped_writable(const struct address_space *as)
{
	const struct vm_area_struct *vma;

	list_for_each_entry (vma, &as->vmas, mapping_node)
		if ((vma->flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE))
			return true;
	return false;
}

int seals_add(struct file *f, u32 seals)
{
	struct inode *inode = f->inode;

	if (!(f->mode & FMODE_WRITE))
		return -EPERM;
	if ((seals & ~ALL_SEALS) || !has_seals(inode))
		return -EINVAL;
	if (is_sealed(inode, F_SEAL_SEAL))
		return -EPERM;
	if ((seals & F_SEAL_WRITE) && !is_sealed(inode, F_SEAL_WRITE) &&
	    is_mapped_writable(&inode->mapping))
		return -EBUSY;
	inode->seals |= seals;
	return 0;
}

int seals_get(const struct file *f)
{
	return has_seals(f->inode) ? (int)f->inode->seals : -EINVAL;
}

int seals_permit_write(const struct inode *inode, u64 end)
{
	if (is_sealed(inode, NO_WRITING) || (is_sealed(inode, F_SEAL_GROW) && end > inode->size))
		return -EPERM;
	return 0;
}

int seals_permit_size(const struct inode *inode, u64 size)
{
	u32 seal = size < inode->size ? F_SEAL_SHRINK : size > inode->size ? F_SEAL_GROW : 0;

	return is_sealed(inode, seal) ? -EPERM : 0;
}
