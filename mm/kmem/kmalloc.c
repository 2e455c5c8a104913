/*
 * kmalloc: caches of the sizes 8, 16, 32, 64, 96, 128, 192, 256, 512 ... 8192, and larger requests as blocks of frames.
 * 96 and 192 are there because what is a little more than 64 or 128 is frequent.
 *
 * The size leads to the cache by a table up to 192 bytes and by the position of its highest bit above. The DMA
 * caches are the same again in ZONE_DMA.
 */
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmem/slab_def.h"

#define KMALLOC_MAX_SHIFT 13 /* 8192 */
#define KMALLOC_MAX       (1u << KMALLOC_MAX_SHIFT)
#define TABLE_MAX         192u
#define NR_SIZES          13

static const struct {
	u32 size;
	const char *name, *dma_name;
} sizes[NR_SIZES] = {
#define SIZE(n)                                     \
	{                                           \
		n, "kmalloc-" #n, "dma-kmalloc-" #n \
	}
	SIZE(8),   SIZE(16),  SIZE(32),   SIZE(64),   SIZE(96),   SIZE(128),  SIZE(192),
	SIZE(256), SIZE(512), SIZE(1024), SIZE(2048), SIZE(4096), SIZE(8192),
};

/* [0] for GFP_KERNEL, [1] for GFP_DMA. */
static struct kmem_cache *by_eighth[2][TABLE_MAX / 8 + 1];    /* of size rounded up to 8 */
static struct kmem_cache *by_shift[2][KMALLOC_MAX_SHIFT + 1]; /* of log2(size) rounded up */

static u32 nr_large_pages;

u32 kmalloc_nr_large_pages(void)
{
	return nr_large_pages;
}

static struct kmem_cache *kmalloc_cache(size_t size, gfp_t gfp)
{
	unsigned dma = (gfp & GFP_ZONE_MASK) == ZONE_DMA;

	if (size <= TABLE_MAX)
		return by_eighth[dma][(size + 7) / 8];
	return by_shift[dma][32 - __builtin_clz(size - 1)];
}

/* Whole frames. free_pages() finds the order in the head. */
static void *alloc_large(size_t size, gfp_t gfp)
{
	unsigned order = 0;
	struct page *page;

	if (size > PAGE_SIZE << (MAX_ORDER - 1))
		return NULL;
	while (PAGE_SIZE << order < size)
		order++;
	page = alloc_pages(gfp & ~GFP_MIGRATE_MASK, order);
	if (!page)
		return NULL;
	nr_large_pages += 1u << order;
	return page_address(page);
}

static __always_inline void *alloc(size_t size, gfp_t gfp, void *caller)
{
	ASSERT((gfp & GFP_ZONE_MASK) < ZONE_HIGHMEM);
	if (unlikely(!size))
		return NULL;
	if (unlikely(size > KMALLOC_MAX))
		return alloc_large(size, gfp);
	return cache_alloc(kmalloc_cache(size, gfp), gfp, caller);
}

void *kmalloc(size_t size, gfp_t gfp)
{
	return alloc(size, gfp, CALLER);
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return alloc(size, gfp | __GFP_ZERO, CALLER);
}

void kfree(const void *p)
{
	struct page *page;

	if (!p)
		return;
	ASSERT((vaddr_t)p >= PAGE_OFFSET && virt_to_phys(p) >> PAGE_SHIFT < max_low_pfn);
	page = virt_to_page(p);
	if (likely(page->flags & PG_SLAB)) {
		cache_free(page->cache, (void *)p, CALLER);
		return;
	}
	if (!(page->flags & PG_COMPOUND) || (vaddr_t)p & ~PAGE_MASK)
		panic("kfree of %p by %pS: not from kmalloc", p, CALLER);
	nr_large_pages -= 1u << page->private;
	free_pages(page, page->private);
}

size_t ksize(const void *p)
{
	const struct page *page = virt_to_page(p);

	return page->flags & PG_SLAB ? page->cache->obj_size : PAGE_SIZE << page->private;
}

__init void kmalloc_init(void)
{
	for (unsigned dma = 0; dma < 2; dma++) {
		u32 eighths = 1;

		for (unsigned i = 0; i < NR_SIZES; i++) {
			u32 size = sizes[i].size;
			u32 flags =
				(size >= 64 ? SLAB_HWCACHE_ALIGN : 0) | (dma ? SLAB_CACHE_DMA : 0);
			struct kmem_cache *c = kmem_cache_create(
				dma ? sizes[i].dma_name : sizes[i].name, size, 8, flags, NULL);

			if (!c)
				panic("no memory for the cache %s", sizes[i].name);
			while (eighths <= MIN(size, TABLE_MAX) / 8)
				by_eighth[dma][eighths++] = c;
			if (!(size & (size - 1)))
				by_shift[dma][__builtin_ctz(size)] = c;
		}
	}
}
