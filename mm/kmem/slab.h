/*
 * Object caches (slab) and kmalloc. Theory in slab.c. Nothing here sleeps; not for interrupt handlers.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "mm/phys/gfp.h"

#define SLAB_HWCACHE_ALIGN   0x1u
#define SLAB_CACHE_DMA       0x2u
#define SLAB_RECLAIM_ACCOUNT 0x4u
#define SLAB_POISON          0x8u /* debug builds set these two for every cache without constructor */
#define SLAB_RED_ZONE        0x10u

struct kmem_cache; /* fields in slab_def.h for reports and gdb */

void slab_init(void);
/* name stays the caller's and must live as long. ctor runs once for each object when its slab is made; an object is
 * freed in its constructed state. NULL without memory or for a size above 1 MB. */
__must_check struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
						  u32 flags, void (*ctor)(void *));
/* 0, or -EBUSY if objects are still in use. */
int kmem_cache_destroy(struct kmem_cache *c);
__must_check void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *c, void *obj);
/* Gives empty slabs back. Returns frames freed. */
u32 kmem_cache_shrink(struct kmem_cache *c);
u32 slab_shrink_all(void);

/* Any size up to 4 MB: beyond kmalloc-8192 whole blocks of frames. NULL without memory. kmalloc(0) is NULL. */
__must_check void *kmalloc(size_t size, gfp_t gfp);
__must_check void *kzalloc(size_t size, gfp_t gfp);
void kfree(const void *p); /* NULL is fine */
size_t ksize(const void *p);

struct slab_info { /* one line of slabinfo */
	const char *name;
	u32 active_objs, num_objs, obj_size, objs_per_slab, pages_per_slab, active_slabs, num_slabs;
};
/* Calls fn on each cache in creation order. */
void slab_for_each(void (*fn)(const struct slab_info *info, void *arg), void *arg);
/* Frames of kmalloc()s beyond the largest cache. */
u32 kmalloc_nr_large_pages(void);
/* Frames that slabs hold; those of caches with SLAB_RECLAIM_ACCOUNT. */
u32 slab_nr_pages(void);
u32 slab_nr_reclaimable_pages(void);
/* Objects in use over all caches (for leak tests). */
u32 slab_objects_in_use(void);
/* Every invariant of every cache: 0, or -EIO after a printk. */
int slab_check(void);
