/*
 * Shared anonymous memory: a page cache without a file behind it.
 *
 * Each VMA that maps the object holds a reference, so it goes with the last of them. Its pages come
 * into being on the first fault, read or write, and stay until then.
 */
#include "mm/vm/shmem.h"
#include "lib/err.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/vm/commit.h"
#include "mm/vm/page_cache.h"

struct shmem {
	struct address_space as;
	u32 refs;
	u32 ino; /* tells objects apart in /proc/PID/maps */
	u32 nr_committed;
};

static struct kmem_cache *shmem_cache;
static u32 next_ino = 1;

__init void shmem_init(void)
{
	shmem_cache = kmem_cache_create("shmem_object", sizeof(struct shmem), 0, 0, NULL);
	BUG_ON(!shmem_cache);
}

static struct shmem *shmem_of(struct address_space *as)
{
	return container_of(as, struct shmem, as);
}

static void put(struct shmem *shmem)
{
	if (--shmem->refs)
		return;
	page_cache_truncate(&shmem->as, 0);
	uncommit_object(shmem->nr_committed);
	kmem_cache_free(shmem_cache, shmem);
}

static void shmem_open(struct vm_area_struct *vma)
{
	shmem_of(vma->mapping)->refs++;
}

static void shmem_close(struct vm_area_struct *vma)
{
	put(shmem_of(vma->mapping));
}

static void shmem_name(struct vm_area_struct *vma, char *buf, size_t size)
{
	(void)vma;
	strlcpy(buf, "/dev/zero (deleted)", size); /* what Linux calls it */
}

static void shmem_stat(struct vm_area_struct *vma, u32 *dev, u32 *ino)
{
	*dev = 1; /* 00:01, as on Linux */
	*ino = shmem_of(vma->mapping)->ino;
}

static const struct vm_ops shmem_vm_ops = {
	.open = shmem_open,
	.close = shmem_close,
	.name = shmem_name,
	.stat = shmem_stat,
};

int shmem_create(u32 size_bytes, bool committed, struct mmap_object *object)
{
	u32 nr_pages = committed ? size_bytes >> PAGE_SHIFT : 0;
	struct shmem *shmem = NULL;

	if (commit_object(nr_pages))
		return -ENOMEM;
	shmem = kmem_cache_alloc(shmem_cache, GFP_KERNEL);
	if (!shmem) {
		uncommit_object(nr_pages);
		return -ENOMEM;
	}
	address_space_init(&shmem->as, NULL, shmem);
	shmem->as.size_bytes = size_bytes;
	shmem->as.shmem = true;
	shmem->refs = 1;
	shmem->nr_committed = nr_pages;
	shmem->ino = next_ino++;
	*object = (struct mmap_object){.mapping = &shmem->as, .ops = &shmem_vm_ops};
	return 0;
}

void shmem_put(const struct mmap_object *object)
{
	put(shmem_of(object->mapping));
}
