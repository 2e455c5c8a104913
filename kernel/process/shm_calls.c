/*
 * System V shared memory: segments with a key and a number, which live until they are removed.
 *
 *	shmget    makes a segment or finds the one with this key
 *	shmat     maps it; every VMA that does counts as one attachment
 *	shmdt     unmaps it
 *	shmctl    tells and changes; IPC_RMID takes the key away, and the last detaching takes the
 *	          segment
 *
 * A number is index | sequence << 15, so that an old number does not find a new segment. Processes
 * with many segments are rare: a list will do.
 */
#include "arch/i386/cpu/usercopy.h"
#include "kernel/core/time.h"
#include "kernel/process/syscall.h"
#include "kernel/process/task.h"
#include "lib/err.h"
#include "lib/math64.h"
#include "lib/printf.h"
#include "mm/kmem/slab.h"
#include "mm/vm/commit.h"
#include "mm/vm/mm.h"
#include "mm/vm/page_cache.h"
#include <asm/ipcbuf.h>
#include <asm/shmbuf.h>
#include <linux/ipc.h>
#include <linux/mman.h>

/* <linux/shm.h> has these, but wants a C library's header. */
#define SHMMNI        4096u
#define SHMMAX        (0xFFFFFFFFu - (1u << 24))
#define SHM_HUGETLB   04000u
#define SHM_NORESERVE 010000u
#define SHM_RDONLY    010000u
#define SHM_RND       020000u
#define SHM_REMAP     040000u
#define SHM_EXEC      0100000u
#define SHM_DEST      01000u /* mode: goes with the last detaching */
#define SHM_LOCKED    02000u
#define SHM_LOCK      11
#define SHM_UNLOCK    12
#define SHM_STAT      13
#define SHM_INFO      14
#define SHM_STAT_ANY  15

#define ID_INDEX_BITS 15
#define ID_INDEX(id)  ((id) & ((1u << ID_INDEX_BITS) - 1))

struct shm_info { /* SHM_INFO's answer, as in <linux/shm.h> */
	s32 used_ids;
	u32 total_pages, resident_pages, swapped_pages, swap_attempts, swap_successes;
};

struct segment {
	struct address_space as;
	struct list_head node; /* in segments, by index */
	u32 id;
	u32 size;
	struct ipc64_perm perm;
	u64 attached_at, detached_at, changed_at; /* seconds since 1970 */
	u32 creator, last;                        /* pids */
	u32 attachments;
	u32 nr_committed; /* pages promised (commit.h) */
};

static LIST_HEAD(segments);
static u32 nr_segments, last_sequence;

static u64 now_seconds(void)
{
	u32 rest;

	return div_u64_rem(time_realtime_ns(), 1000000000u, &rest);
}

static u32 pages_of(const struct segment *segment)
{
	return (segment->size - 1) / PAGE_SIZE + 1;
}

static struct segment *find_key(s32 key)
{
	struct segment *segment;

	list_for_each_entry (segment, &segments, node)
		if (segment->perm.key == key)
			return segment;
	return NULL;
}

static struct segment *find_index(u32 index)
{
	struct segment *segment;

	list_for_each_entry (segment, &segments, node)
		if (ID_INDEX(segment->id) == index)
			return segment;
	return NULL;
}

static struct segment *find_id(s32 id)
{
	struct segment *segment = id < 0 ? NULL : find_index(ID_INDEX((u32)id));

	if (!segment)
		return ERR_PTR(-EINVAL);
	return segment->id == (u32)id ? segment : ERR_PTR(-EIDRM);
}

static void destroy(struct segment *segment)
{
	list_del(&segment->node);
	nr_segments--;
	segment->as.size_bytes = 0;
	page_cache_truncate(&segment->as, 0);
	uncommit_object(segment->nr_committed);
	kfree(segment);
}

/* ---- attachments ---- */

static void shm_open(struct vm_area_struct *vma)
{
	struct segment *segment = vma->mapping->host;

	segment->attachments++;
	segment->attached_at = now_seconds();
	segment->last = current_task()->pid;
}

static void shm_close(struct vm_area_struct *vma)
{
	struct segment *segment = vma->mapping->host;

	segment->detached_at = now_seconds();
	segment->last = current_task()->pid;
	if (--segment->attachments == 0 && (segment->perm.mode & SHM_DEST))
		destroy(segment);
}

static void shm_name(struct vm_area_struct *vma, char *buf, size_t size)
{
	struct segment *segment = vma->mapping->host;

	snprintf(buf, size, "/SYSV%08x (deleted)", (u32)segment->perm.key);
}

static void shm_stat(struct vm_area_struct *vma, u32 *dev, u32 *ino)
{
	struct segment *segment = vma->mapping->host;

	*dev = 1; /* 00:01, as on Linux */
	*ino = segment->id;
}

static const struct vm_ops shm_vm_ops = {
	.open = shm_open,
	.close = shm_close,
	.name = shm_name,
	.stat = shm_stat,
};

/* ---- shmget ---- */

/* The lowest free index; *before: the node that its segment goes in front of. */
static u32 free_index(struct list_head **before)
{
	struct segment *segment;
	u32 index = 0;

	list_for_each_entry (segment, &segments, node) {
		if (ID_INDEX(segment->id) != index)
			break;
		index++;
	}
	*before = &segment->node;
	return index;
}

static long new_segment(s32 key, u32 size, u32 flags)
{
	struct list_head *before;
	struct segment *segment;
	u32 nr_pages;

	if (!size || size > SHMMAX || (flags & SHM_HUGETLB))
		return -EINVAL;
	if (nr_segments >= SHMMNI)
		return -ENOSPC;
	nr_pages = (size - 1) / PAGE_SIZE + 1;
	if ((flags & SHM_NORESERVE) && commit_policy.mode != COMMIT_NEVER)
		nr_pages = 0;
	if (commit_object(nr_pages))
		return -ENOMEM;
	segment = kzalloc(sizeof(*segment), GFP_KERNEL);
	if (!segment) {
		uncommit_object(nr_pages);
		return -ENOMEM;
	}
	segment->nr_committed = nr_pages;
	address_space_init(&segment->as, NULL, segment);
	segment->as.shmem = true;
	segment->as.size_bytes = ALIGN_UP(size, PAGE_SIZE);
	segment->size = size;
	segment->perm.key = key;
	segment->perm.mode = flags & 0777;
	segment->creator = current_task()->pid;
	segment->changed_at = now_seconds();
	last_sequence = (last_sequence + 1) & 0x7FFF;
	segment->id = free_index(&before) | last_sequence << ID_INDEX_BITS;
	segment->perm.seq = last_sequence;
	list_add_tail(&segment->node, before);
	nr_segments++;
	return segment->id;
}

static long get_segment(s32 key, u32 size, u32 flags)
{
	struct segment *segment = key == IPC_PRIVATE ? NULL : find_key(key);

	if (!segment)
		return key == IPC_PRIVATE || (flags & IPC_CREAT) ? new_segment(key, size, flags)
								 : -ENOENT;
	if ((flags & IPC_CREAT) && (flags & IPC_EXCL))
		return -EEXIST;
	return segment->size < size ? -EINVAL : (long)segment->id;
}

/* ---- shmat, shmdt ---- */

/* Where SHM_RND and SHM_REMAP put it. 0 or -EINVAL. */
static int check_place(vaddr_t *at, u32 flags, u32 size)
{
	struct vm_area_struct *vma;

	if (!*at)
		return flags & SHM_REMAP ? -EINVAL : 0;
	if (*at & ~PAGE_MASK) {
		if (!(flags & SHM_RND))
			return -EINVAL;
		*at &= PAGE_MASK;
		if (!*at && (flags & SHM_REMAP))
			return -EINVAL;
	}
	if (!*at || (flags & SHM_REMAP))
		return 0;
	if (*at + size < *at)
		return -EINVAL;
	vma = find_vma(current->mm, *at);
	return vma && vma->start < *at + size ? -EINVAL : 0;
}

static vaddr_t attach(s32 id, vaddr_t at, u32 flags)
{
	struct segment *segment = find_id(id);
	u32 prot = PROT_READ, may = VM_MAYREAD | VM_MAYEXEC, map_flags = MAP_SHARED;
	struct mmap_object object;
	bool named = at != 0;
	vaddr_t ret;
	int err;

	if (IS_ERR(segment))
		return (vaddr_t)PTR_ERR(segment);
	err = check_place(&at, flags, segment->size);
	if (err)
		return (vaddr_t)err;
	if (!(flags & SHM_RDONLY)) {
		prot |= PROT_WRITE;
		may |= VM_MAYWRITE;
	}
	if (flags & SHM_EXEC)
		prot |= PROT_EXEC;
	if (named)
		map_flags |= MAP_FIXED;
	object = (struct mmap_object){.mapping = &segment->as, .ops = &shm_vm_ops};
	segment->attachments++; /* SHM_REMAP may take away the last of a segment that goes with it */
	ret = do_mmap(current->mm, at, segment->size, prot, map_flags, &object, 0, may);
	if (--segment->attachments == 0 && (segment->perm.mode & SHM_DEST))
		destroy(segment);
	return ret;
}

/* The first VMA at or above at that maps a segment as an attachment at `at` would. */
static struct vm_area_struct *attached_part(vaddr_t at, vaddr_t from,
					    const struct address_space *mapping)
{
	struct vm_area_struct *vma = find_vma(current->mm, from);

	for (; vma; vma = vma->next)
		if (vma->ops == &shm_vm_ops && (!mapping || vma->mapping == mapping) &&
		    vma->start >= at && (vma->start - at) >> PAGE_SHIFT == vma->pgoff)
			return vma;
	return NULL;
}

static long detach(vaddr_t at)
{
	struct vm_area_struct *vma = at & ~PAGE_MASK ? NULL : attached_part(at, at, NULL);
	struct address_space *mapping;
	u32 size;

	if (!vma)
		return -EINVAL;
	mapping = vma->mapping;
	size = pages_of(mapping->host) * PAGE_SIZE;
	while (vma && vma->start - at < size) { /* parts of it may have been unmapped before */
		vaddr_t end = vma->end;
		bool last = vma->end - at >= size;
		int err = do_munmap(current->mm, vma->start, vma->end - vma->start);

		if (err || last)
			return err; /* with the last part the segment may be gone */
		vma = attached_part(at, end, mapping);
	}
	return 0;
}

/* ---- shmctl ---- */

static long tell(const struct segment *segment, vaddr_t user)
{
	struct shmid64_ds ds = {
		.shm_perm = segment->perm,
		.shm_segsz = segment->size,
		.shm_atime = (u32)segment->attached_at,
		.shm_atime_high = segment->attached_at >> 32,
		.shm_dtime = (u32)segment->detached_at,
		.shm_dtime_high = segment->detached_at >> 32,
		.shm_ctime = (u32)segment->changed_at,
		.shm_ctime_high = segment->changed_at >> 32,
		.shm_cpid = segment->creator,
		.shm_lpid = segment->last,
		.shm_nattch = segment->attachments,
	};

	return copy_to_user(uptr(user), &ds, sizeof(ds)) ? -EFAULT : 0;
}

static long change(struct segment *segment, vaddr_t user)
{
	struct shmid64_ds ds;

	if (copy_from_user(&ds, uptr(user), sizeof(ds)))
		return -EFAULT;
	segment->perm.uid = ds.shm_perm.uid;
	segment->perm.gid = ds.shm_perm.gid;
	segment->perm.mode = (segment->perm.mode & ~0777) | (ds.shm_perm.mode & 0777);
	segment->changed_at = now_seconds();
	return 0;
}

static void remove(struct segment *segment)
{
	if (!segment->attachments) {
		destroy(segment);
		return;
	}
	segment->perm.key = IPC_PRIVATE; /* nobody finds it by its key any more */
	segment->perm.mode |= SHM_DEST;
}

static long tell_limits(vaddr_t user)
{
	struct shminfo64 limits = {
		.shmmax = SHMMAX,
		.shmmin = 1,
		.shmmni = SHMMNI,
		.shmseg = SHMMNI,
		.shmall = SHMMAX,
	};

	return copy_to_user(uptr(user), &limits, sizeof(limits)) ? -EFAULT : 0;
}

static long tell_sums(vaddr_t user)
{
	struct shm_info info = {.used_ids = nr_segments};
	struct segment *segment;

	list_for_each_entry (segment, &segments, node) {
		info.total_pages += pages_of(segment);
		info.resident_pages += segment->as.nr_pages;
	}
	return copy_to_user(uptr(user), &info, sizeof(info)) ? -EFAULT : 0;
}

static u32 highest_index(void)
{
	return nr_segments ? ID_INDEX(list_last_entry(&segments, struct segment, node)->id) : 0;
}

/* The commands about one segment. */
static long control_segment(struct segment *segment, s32 command, vaddr_t user)
{
	switch (command) {
	case IPC_STAT:
		return tell(segment, user);
	case IPC_SET:
		return change(segment, user);
	case IPC_RMID:
		remove(segment);
		return 0;
	case SHM_LOCK: /* nothing is paged out yet: only the mark is kept */
		segment->perm.mode |= SHM_LOCKED;
		return 0;
	case SHM_UNLOCK:
		segment->perm.mode &= ~SHM_LOCKED;
		return 0;
	default:
		return -EINVAL;
	}
}

static long control(s32 id, s32 command, vaddr_t user)
{
	struct segment *segment;
	long err;

	if (id < 0 || command < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
	case SHM_INFO:
		err = command == IPC_INFO ? tell_limits(user) : tell_sums(user);
		return err ? err : (long)highest_index();
	case SHM_STAT:
	case SHM_STAT_ANY:
		segment = find_index(id);
		if (!segment)
			return -EINVAL;
		err = tell(segment, user);
		return err ? err : (long)segment->id;
	default:
		segment = find_id(id);
		if (IS_ERR(segment))
			return PTR_ERR(segment);
		return control_segment(segment, command, user);
	}
}

/* ---- the calls, and the older one that was all of them ---- */

SYSCALL_DEFINE3(shmget, s32, key, u32, size, u32, flags)
{
	return get_segment(key, size, flags);
}

SYSCALL_DEFINE3(shmat, s32, id, vaddr_t, at, u32, flags)
{
	return attach(id, at, flags);
}

SYSCALL_DEFINE1(shmdt, vaddr_t, at)
{
	return detach(at);
}

SYSCALL_DEFINE3(shmctl, s32, id, s32, command, vaddr_t, user)
{
	return control(id, command, user);
}

static long attach_and_store(s32 id, vaddr_t at, u32 flags, vaddr_t result)
{
	vaddr_t ret = attach(id, at, flags);

	if (is_err_addr(ret))
		return ret;
	return put_user_u32(uptr(result), ret) ? -EFAULT : 0;
}

/* Semaphores and message queues are not there. */
SYSCALL_DEFINE6(ipc, u32, call, s32, first, u32, second, vaddr_t, third, vaddr_t, pointer, u32,
		fifth)
{
	u32 version = call >> 16;

	(void)fifth;
	switch (call & 0xFFFF) {
	case SHMGET:
		return get_segment(first, second, third);
	case SHMAT:
		return version == 1 ? -EINVAL : attach_and_store(first, pointer, second, third);
	case SHMDT:
		return detach(pointer);
	case SHMCTL:
		/* Without IPC_64 the answer would have a layout that no C library asks for any
		 * more. */
		if (!(second & IPC_64) && second != IPC_RMID && second != SHM_LOCK &&
		    second != SHM_UNLOCK)
			return -EINVAL;
		return control(first, second & ~IPC_64, pointer);
	default:
		return -ENOSYS;
	}
}
