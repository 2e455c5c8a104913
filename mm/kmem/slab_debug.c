/*
 * What debug builds do to each object, and the verification of all caches.
 *
 *      obj_offset           obj_size                      to the next object
 *   | ..... red zone | object .......... (to 4) | red zone | last owner | ... |
 *
 * A red zone says whether the object is in use; a write beyond an end, or a second free, is seen at the next
 * alloc, free or slab_check(). A free object is filled with 6B 6B ... A5, an allocated one with 5A.
 */
#include "lib/panic.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/kmem/slab_def.h"
#include <asm/errno.h>

static u32 *front_zone(const void *obj)
{
	return (u32 *)obj - 1;
}
static u32 *end_zone(const struct kmem_cache *c, const void *obj)
{
	return (u32 *)((u8 *)obj + ALIGN_UP(c->obj_size, 4));
}
static u32 *last_owner(const struct kmem_cache *c, const void *obj)
{
	return end_zone(c, obj) + 1;
}

static void mark(struct kmem_cache *c, void *obj, u32 red, void *owner)
{
	if (c->flags & SLAB_RED_ZONE) {
		*front_zone(obj) = red;
		*end_zone(c, obj) = red;
		*last_owner(c, obj) = (u32)owner;
	}
}

static void fill_free(struct kmem_cache *c, void *obj)
{
	if (c->flags & SLAB_POISON) {
		memset(obj, POISON_FREE, c->obj_size - 1);
		((u8 *)obj)[c->obj_size - 1] = POISON_END;
	}
}

static bool is_filled(const struct kmem_cache *c, const u8 *obj)
{
	for (u32 i = 0; i < c->obj_size - 1; i++) {
		if (obj[i] != POISON_FREE)
			return false;
	}
	return obj[c->obj_size - 1] == POISON_END;
}

const char *slab_debug_check(const struct kmem_cache *c, const void *obj, bool in_use)
{
	u32 red = in_use ? RED_IN_USE : RED_FREE;

	if (c->flags & SLAB_RED_ZONE) {
		if (*front_zone(obj) == (RED_IN_USE ^ RED_FREE ^ red) &&
		    *end_zone(c, obj) == (RED_IN_USE ^ RED_FREE ^ red))
			return in_use ? "is already free" : "is already in use";
		if (*front_zone(obj) != red)
			return "was written to in front of its start";
		if (*end_zone(c, obj) != red)
			return "was written to behind its end";
	}
	if (c->flags & SLAB_POISON && !in_use && !is_filled(c, obj))
		return "was written to after it was freed";
	return NULL;
}

const char *slab_obj_check(const struct kmem_cache *c, const void *obj)
{
	const struct page *page;
	const struct slab *s;
	u32 i;

	if ((vaddr_t)obj < PAGE_OFFSET || virt_to_phys(obj) >> PAGE_SHIFT >= max_low_pfn)
		return "is not in the direct map";
	page = virt_to_page(obj);
	if (!(page->flags & PG_SLAB))
		return "is in no slab";
	if (page->cache != c)
		return "is in a slab of another cache";
	s = page_slab(page);
	i = slab_obj_index(c, s, obj);
	if (i >= c->objs_per_slab || slab_obj(c, s, i) != obj)
		return "is not the start of an object";
	for (u32 k = s->nr_taken; k < c->objs_per_slab; k++) {
		if (s->free_stack[k] == i)
			return "is free in its slab";
	}
	return NULL;
}

static void fail(const struct kmem_cache *c, const void *obj, const char *what, void *caller)
{
	bool known = c->flags & SLAB_RED_ZONE && !slab_obj_check(c, obj);

	panic("cache %s: object %p %s (seen by %pS, last owner %pS)", c->name, obj, what, caller,
	      known ? (void *)*last_owner(c, obj) : NULL);
}

void slab_debug_new(struct kmem_cache *c, void *obj)
{
	mark(c, obj, RED_FREE, NULL);
	fill_free(c, obj);
}

void slab_debug_alloc(struct kmem_cache *c, void *obj, void *caller)
{
	const char *what = slab_debug_check(c, obj, false);

	if (what)
		fail(c, obj, what, caller);
	mark(c, obj, RED_IN_USE, caller);
	if (c->flags & SLAB_POISON)
		memset(obj, POISON_IN_USE, c->obj_size);
}

void slab_debug_free(struct kmem_cache *c, void *obj, void *caller)
{
	const char *what = slab_obj_check(c, obj);

	if (!what)
		what = slab_debug_check(c, obj, true);
	for (u32 i = 0; i < c->avail && !what; i++) {
		if (c->array[i] == obj)
			what = "is already free";
	}
	if (what)
		fail(c, obj, what, caller);
	mark(c, obj, RED_FREE, caller);
	fill_free(c, obj);
}

/* ---- slab_check ---- */

static int bad(const struct kmem_cache *c, const void *where, const char *what)
{
	printk("slab_check: cache %s: %p %s\n", c->name, where, what);
	return -EIO;
}

static bool in_array(const struct kmem_cache *c, const void *obj)
{
	for (u32 i = 0; i < c->avail; i++) {
		if (c->array[i] == obj)
			return true;
	}
	return false;
}

static bool on_free_stack(const struct kmem_cache *c, const struct slab *s, u32 index)
{
	for (u32 i = s->nr_taken; i < c->objs_per_slab; i++) {
		if (s->free_stack[i] == index)
			return true;
	}
	return false;
}

static int check_slab(const struct kmem_cache *c, const struct slab *s)
{
	vaddr_t block = ALIGN_DOWN((vaddr_t)s->objs, PAGE_SIZE << c->order);
	const struct page *page = virt_to_page((void *)block);
	u32 nr_free = 0;

	if (block < PAGE_OFFSET || virt_to_phys((void *)block) >> PAGE_SHIFT >= max_low_pfn)
		return bad(c, s, "is a slab outside the direct map");
	if (c->flags & SLAB_CACHE_DMA && page_to_pfn(page) >= DMA_ZONE_END_PFN)
		return bad(c, s, "is a DMA slab above 16 MB");
	if (s->objs + c->objs_per_slab * c->size > (u8 *)block + (PAGE_SIZE << c->order) ||
	    (vaddr_t)s->objs % c->align)
		return bad(c, s, "is a slab whose objects lie outside or askew");
	for (u32 i = 0; i < 1u << c->order; i++) {
		if (!(page[i].flags & PG_SLAB) || page[i].cache != c || page_slab(&page[i]) != s)
			return bad(c, s, "is a slab whose frames do not know it");
	}
	for (u32 i = 0; i < c->objs_per_slab; i++) {
		const void *obj = slab_obj(c, s, i);
		bool is_free = on_free_stack(c, s, i);
		const char *what = slab_debug_check(c, obj, !is_free && !in_array(c, obj));

		nr_free += is_free;
		if (what)
			return bad(c, obj, what);
	}
	/* Each number that is there counts once: a number that is there twice makes the count too small. */
	return nr_free == c->objs_per_slab - s->nr_taken
		       ? 0
		       : bad(c, s, "is a slab whose free stack is wrong");
}

struct tally {
	u32 slabs, taken;
};

/* A list of slabs, each of which has between low and high objects taken. */
static int check_list(const struct kmem_cache *c, const struct list_head *head, u32 low, u32 high,
		      struct tally *tally)
{
	const struct list_head *prev = head;

	for (const struct list_head *node = head->next; node != head; node = node->next) {
		const struct slab *s = list_entry(node, struct slab, list);
		int err;

		if (node->prev != prev || tally->slabs++ == c->nr_slabs)
			return bad(c, node, "is where a list of slabs is broken");
		if (s->nr_taken < low || s->nr_taken > high)
			return bad(c, s, "is on the wrong list");
		tally->taken += s->nr_taken;
		err = check_slab(c, s);
		if (err)
			return err;
		prev = node;
	}
	return 0;
}

static int check_cache(const struct kmem_cache *c)
{
	struct tally tally = {0};
	u32 n = c->objs_per_slab;
	int err = check_list(c, &c->slabs_empty, 0, 0, &tally);

	if (!err && tally.slabs != c->nr_empty)
		err = bad(c, c, "has another number of empty slabs than counted");
	if (!err)
		err = check_list(c, &c->slabs_partial, 1, n - 1, &tally);
	if (!err)
		err = check_list(c, &c->slabs_full, n, n, &tally);
	if (!err && (tally.slabs != c->nr_slabs || tally.taken != c->nr_taken))
		err = bad(c, c, "has other slabs or objects than counted");
	if (!err && (c->avail > c->limit || c->avail > c->nr_taken || c->limit > SLAB_ARRAY_MAX))
		err = bad(c, c, "has too many objects at hand");
	for (u32 i = 0; i < c->avail && !err; i++) {
		const char *what = slab_obj_check(c, c->array[i]);

		for (u32 k = 0; k < i && !what; k++)
			what = c->array[k] == c->array[i] ? "is at hand twice" : NULL;
		if (what)
			err = bad(c, c->array[i], what);
	}
	return err;
}

int slab_check(void)
{
	struct kmem_cache *c;

	list_for_each_entry (c, &cache_chain, node) {
		int err = check_cache(c);

		if (err)
			return err;
	}
	return 0;
}
