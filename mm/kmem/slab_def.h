/* What slab.c is made of: for kmalloc.c, slab_check.c, reports and gdb. */
#pragma once

#include "lib/failpoint.h"
#include "mm/kmem/slab.h"
#include "mm/phys/buddy.h"

/* Recently freed objects that a cache keeps at hand. */
#define SLAB_ARRAY_MAX 64u

/* Debug words and bytes (Linux's, so that they are known by sight). */
#define RED_FREE      0x9D6E635Bu
#define RED_IN_USE    0xD84156C5u
#define POISON_FREE   0x6Bu
#define POISON_IN_USE 0x5Au
#define POISON_END    0xA5u

struct kmem_cache {
	u32 avail; /* objects in array */
	u32 limit; /* capacity of array that is used; objects move between it and the slabs by half of that */
	u32 flags; /* SLAB_* */
	u32 size;  /* from one object to the next, debug words included */
	u32 obj_size, align;
	u32 obj_offset; /* of the object behind its front red zone */
	u32 objs_per_slab;
	u32 order;     /* of a slab's block of frames */
	u32 mgmt_size; /* struct slab with its stack */
	bool off_slab; /* struct slab is a kmalloc object of its own */
	u32 colours, colour_unit, colour_next;
	u32 nr_slabs, nr_empty;
	u32 nr_taken; /* objects out of the slabs: in use, or in array */
	void (*ctor)(void *obj);
	const char *name;
	struct list_head slabs_full, slabs_partial, slabs_empty;
	struct list_head node; /* in cache_chain */
	void *array[SLAB_ARRAY_MAX];
};

/* One block of frames full of objects. page->cache and page->index of each of its frames lead to the cache and here. */
struct slab {
	struct list_head list;
	u8 *objs;     /* the first object's front */
	u32 nr_taken; /* free_stack[nr_taken...] are the free objects' numbers */
	u16 free_stack[];
};

extern struct list_head cache_chain;

static inline struct slab *page_slab(const struct page *page)
{
	return (struct slab *)page->index;
}
static inline void *slab_obj(const struct kmem_cache *c, const struct slab *s, u32 i)
{
	return s->objs + i * c->size + c->obj_offset;
}
static inline u32 slab_obj_index(const struct kmem_cache *c, const struct slab *s, const void *obj)
{
	return (u32)((const u8 *)obj - s->objs) / c->size;
}

/* Whom debug builds remember as an object's last owner; others do not pay for it. */
#define CALLER (DEBUG ? __builtin_return_address(0) : NULL)

/* slab.c */
extern struct failpoint slab_alloc_failpoint;
void *cache_alloc_slow(struct kmem_cache *c, gfp_t gfp, void *caller);
void cache_free_slow(struct kmem_cache *c, void *obj, void *caller);

static inline void *cache_alloc(struct kmem_cache *c, gfp_t gfp, void *caller)
{
	u32 avail = c->avail;

	if (DEBUG || unlikely(!avail) || unlikely(gfp & __GFP_ZERO) ||
	    unlikely(slab_alloc_failpoint.armed))
		return cache_alloc_slow(c, gfp, caller);
	c->avail = --avail;
	return c->array[avail];
}
static inline void cache_free(struct kmem_cache *c, void *obj, void *caller)
{
	u32 avail = c->avail;

	if (DEBUG || unlikely(avail == c->limit)) {
		cache_free_slow(c, obj, caller);
		return;
	}
	c->array[avail] = obj;
	c->avail = avail + 1;
}

void kmalloc_init(void);

/* slab_debug.c: the words around an object, and what it is filled with while it is free. */
void slab_debug_new(struct kmem_cache *c, void *obj);
void slab_debug_alloc(struct kmem_cache *c, void *obj, void *caller);
void slab_debug_free(struct kmem_cache *c, void *obj, void *caller);
/* NULL, or what is wrong with an object. */
const char *slab_debug_check(const struct kmem_cache *c, const void *obj, bool in_use);
/* NULL, or why obj is not an object of the cache. */
const char *slab_obj_check(const struct kmem_cache *c, const void *obj);
