/*
 * The slab allocator (Bonwick 1994): caches of objects of one size.
 *
 * A slab is a block of frames cut into objects; each is on one of its cache's three lists. Objects come from partial
 * slabs first, so that others can become empty and be given back.
 *
 *   cache_chain ── kmem_cache ── kmem_cache ── ...
 *                   │  array[avail]: objects freed last
 *                   ├─ slabs_full     every object taken
 *                   ├─ slabs_partial
 *                   └─ slabs_empty    a few are kept
 *
 *   on-slab   | colour | struct slab, free_stack | obj 0 | obj 1 | ... | rest |     objects below 512 bytes
 *   off-slab  | colour | obj 0 | obj 1 | ... | rest |    struct slab is a kmalloc object
 *
 * - The fast path is the array: alloc pops and free pushes, and no slab is touched. When it is empty, or full, half of its
 *   capacity moves at once.
 * - free_stack holds the numbers of the free objects; the first nr_taken entries are spent. Nothing is
 *   written into a free object, so one that a constructor has prepared stays prepared.
 * - Colouring: each new slab starts its objects one cache line later, as far as its unused rest allows. Else the
 *   same field of all first objects would compete for the same few cache lines.
 * - kfree: each frame of a slab has PG_SLAB and names cache and slab in its struct page.
 * - Debug builds put a word before and two behind each object, and fill free ones (slab_debug.c).
 *
 * On failure nothing has changed: a new slab is complete before it is linked in. Nothing here sleeps and there are
 * no locks: the kernel is not pre-empted, and interrupt handlers do not allocate.
 *
 * Rejected: a free list threaded through the objects themselves (SLUB). It saves two bytes an object, but undoes
 * constructors, and one stray write into a freed object breaks the list.
 */
#include "mm/kmem/slab_def.h"
#include "lib/failpoint.h"
#include "lib/panic.h"
#include "lib/string.h"
#include <asm/errno.h>

/* Cache line: 16 bytes on a 486, 32 on a Pentium, 64 on a Pentium 4. 32 serves all without waste. */
#define CACHE_LINE 32u
/* Objects from here on have their struct slab elsewhere: on the slab it would cost a whole object. */
#define OFF_SLAB_MIN 512u
/* A slab is of one or two frames unless an object needs more: large blocks are scarce. */
#define PREFERRED_ORDER 1u
#define MAX_OBJ_SIZE    (1u << 20)

struct failpoint slab_alloc_failpoint = {.name = "slab_alloc"};

LIST_HEAD(cache_chain);
static struct kmem_cache cache_cache;

/* ---- slabs ---- */

static u32 on_slab_size(const struct kmem_cache *c)
{
	return c->off_slab ? 0 : ALIGN_UP(c->mgmt_size, c->align);
}

static struct slab *slab_create(struct kmem_cache *c, gfp_t gfp)
{
	gfp_t kind = c->flags & SLAB_RECLAIM_ACCOUNT ? __GFP_RECLAIMABLE : 0;
	gfp_t zone = c->flags & SLAB_CACHE_DMA ? GFP_DMA : GFP_KERNEL;
	struct page *page =
		alloc_pages((gfp & (__GFP_HIGH | __GFP_NOFAILPOINT)) | kind | zone, c->order);
	struct slab *s;
	u8 *start;

	if (!page)
		return NULL;
	start = (u8 *)page_address(page) + c->colour_next * c->colour_unit;
	if (c->off_slab) {
		s = kmalloc(c->mgmt_size, GFP_KERNEL | (gfp & (__GFP_HIGH | __GFP_NOFAILPOINT)));
		if (!s) {
			free_pages(page, c->order);
			return NULL;
		}
	} else {
		s = (struct slab *)start;
	}
	if (++c->colour_next == c->colours)
		c->colour_next = 0;
	for (u32 i = 0; i < 1u << c->order; i++) {
		page[i].flags |= PG_SLAB;
		page[i].cache = c;
		page[i].index = (u32)s;
	}
	s->objs = start + on_slab_size(c);
	s->nr_taken = 0;
	for (u32 i = 0; i < c->objs_per_slab; i++) {
		s->free_stack[i] = i;
		if (c->ctor)
			c->ctor(slab_obj(c, s, i));
		if (DEBUG)
			slab_debug_new(c, slab_obj(c, s, i));
	}
	list_add(&s->list, &c->slabs_empty);
	c->nr_slabs++;
	c->nr_empty++;
	return s;
}

static void slab_destroy(struct kmem_cache *c, struct slab *s)
{
	struct page *page =
		virt_to_page((void *)ALIGN_DOWN((vaddr_t)s->objs, PAGE_SIZE << c->order));

	list_del(&s->list);
	c->nr_slabs--;
	c->nr_empty--;
	for (u32 i = 0; i < 1u << c->order; i++)
		page[i].flags &= ~PG_SLAB;
	if (c->off_slab)
		kfree(s);
	free_pages(page, c->order);
}

static struct list_head *slab_home(struct kmem_cache *c, const struct slab *s)
{
	return s->nr_taken == 0                  ? &c->slabs_empty
	       : s->nr_taken == c->objs_per_slab ? &c->slabs_full
						 : &c->slabs_partial;
}

/* ---- between slabs and array ---- */

/* Half a capacity of objects from one or more slabs. The array is empty; it stays so only without memory. */
static void array_fill(struct kmem_cache *c, gfp_t gfp)
{
	u32 want = MAX(c->limit / 2, 1u);

	while (c->avail < want) {
		struct slab *s = list_first_entry_or_null(&c->slabs_partial, struct slab, list);

		if (!s)
			s = list_first_entry_or_null(&c->slabs_empty, struct slab, list);
		/* What there is serves this request; growing is for when there is nothing. */
		if (!s && !c->avail)
			s = slab_create(c, gfp);
		if (!s)
			return;
		c->nr_empty -= s->nr_taken == 0;
		while (c->avail < want && s->nr_taken < c->objs_per_slab) {
			c->array[c->avail++] = slab_obj(c, s, s->free_stack[s->nr_taken++]);
			c->nr_taken++;
		}
		list_move(&s->list, slab_home(c, s));
	}
}

static void slab_put(struct kmem_cache *c, void *obj)
{
	struct slab *s = page_slab(virt_to_page(obj));
	bool was_full = s->nr_taken == c->objs_per_slab;

	s->free_stack[--s->nr_taken] = slab_obj_index(c, s, obj);
	c->nr_taken--;
	if (!was_full && s->nr_taken)
		return;
	list_move(&s->list, slab_home(c, s));
	if (s->nr_taken)
		return;
	c->nr_empty++;
	/* As many empty ones stay as would fill the array. */
	if (c->nr_empty * c->objs_per_slab > MAX(c->limit, c->objs_per_slab))
		slab_destroy(c, s);
}

/* The n objects that lie longest in the array go back to their slabs. */
static void array_flush(struct kmem_cache *c, u32 n)
{
	for (u32 i = 0; i < n; i++)
		slab_put(c, c->array[i]);
	c->avail -= n;
	memmove(c->array, c->array + n, c->avail * sizeof(c->array[0]));
}

/* ---- objects ---- */

noinline void *cache_alloc_slow(struct kmem_cache *c, gfp_t gfp, void *caller)
{
	void *obj;

	if (!(gfp & __GFP_NOFAILPOINT) && failpoint_fires(&slab_alloc_failpoint))
		return NULL;
	if (!c->avail)
		array_fill(c, gfp);
	if (!c->avail)
		return NULL;
	obj = c->array[--c->avail];
	if (DEBUG)
		slab_debug_alloc(c, obj, caller);
	if (gfp & __GFP_ZERO)
		memset(obj, 0, c->obj_size);
	return obj;
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	return cache_alloc(c, gfp, CALLER);
}

noinline void cache_free_slow(struct kmem_cache *c, void *obj, void *caller)
{
	if (DEBUG)
		slab_debug_free(c, obj, caller);
	if (c->avail == c->limit)
		array_flush(c, MAX(c->limit / 2, 1u));
	c->array[c->avail++] = obj;
}

void kmem_cache_free(struct kmem_cache *c, void *obj)
{
	cache_free(c, obj, CALLER);
}

/* ---- caches ---- */

/* How many objects a slab of this order holds, and what then is left over. */
static u32 slab_capacity(const struct kmem_cache *c, u32 order, u32 *rest)
{
	u32 len = PAGE_SIZE << order;
	u32 n = (len - (c->off_slab ? 0 : sizeof(struct slab))) /
		(c->size + (c->off_slab ? 0 : sizeof(u16)));

	/* The alignment of the first object may cost one. */
	while (n && !c->off_slab &&
	       ALIGN_UP(sizeof(struct slab) + n * sizeof(u16), c->align) + n * c->size > len)
		n--;
	*rest = len - n * c->size;
	if (!c->off_slab)
		*rest -= ALIGN_UP(sizeof(struct slab) + n * sizeof(u16), c->align);
	return n;
}

static void cache_lay_out(struct kmem_cache *c)
{
	u32 rest = 0;

	/* The smallest order that wastes at most an eighth. */
	for (c->order = 0;; c->order++) {
		c->objs_per_slab = slab_capacity(c, c->order, &rest);
		if (c->objs_per_slab &&
		    (c->order >= PREFERRED_ORDER || rest * 8 <= PAGE_SIZE << c->order))
			break;
	}
	c->mgmt_size = sizeof(struct slab) + c->objs_per_slab * sizeof(u16);
	c->colour_unit = MAX(c->align, CACHE_LINE);
	c->colours = rest / c->colour_unit + 1;
}

static void cache_init(struct kmem_cache *c, const char *name, size_t size, size_t align, u32 flags,
		       void (*ctor)(void *))
{
	memset(c, 0, sizeof(*c));
	c->name = name;
	c->obj_size = size;
	c->ctor = ctor;
	c->flags = flags;
	c->align = MAX((u32)align, 4u);
	if (flags & SLAB_HWCACHE_ALIGN)
		c->align = MAX(c->align, size > CACHE_LINE / 2 ? CACHE_LINE : CACHE_LINE / 2);
	if (DEBUG && !ctor)
		c->flags |= SLAB_POISON | SLAB_RED_ZONE;
	if (!DEBUG || ctor)
		c->flags &= ~(SLAB_POISON | SLAB_RED_ZONE);
	c->size = size;
	if (c->flags & SLAB_RED_ZONE) {
		c->obj_offset = c->align;
		/* In front a word, behind a word and the last owner. */
		c->size = c->obj_offset + ALIGN_UP(size, 4) + 8;
	}
	c->size = ALIGN_UP(c->size, c->align);
	c->off_slab = c->size >= OFF_SLAB_MIN;
	cache_lay_out(c);
	/* About 16 KiB at hand, so that a cache of large objects does not hold on to memory. */
	c->limit = MIN(MAX(4 * PAGE_SIZE / c->size, 4u), SLAB_ARRAY_MAX);
	INIT_LIST_HEAD(&c->slabs_full);
	INIT_LIST_HEAD(&c->slabs_partial);
	INIT_LIST_HEAD(&c->slabs_empty);
	list_add_tail(&c->node, &cache_chain);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, u32 flags,
				     void (*ctor)(void *))
{
	struct kmem_cache *c;

	ASSERT((align & (align - 1)) == 0);
	if (!size || size > MAX_OBJ_SIZE || align > PAGE_SIZE)
		return NULL;
	c = kmem_cache_alloc(&cache_cache, GFP_KERNEL);
	if (c)
		cache_init(c, name, size, align, flags, ctor);
	return c;
}

u32 kmem_cache_shrink(struct kmem_cache *c)
{
	u32 before = c->nr_slabs;

	array_flush(c, c->avail);
	while (!list_empty(&c->slabs_empty))
		slab_destroy(c, list_first_entry(&c->slabs_empty, struct slab, list));
	return (before - c->nr_slabs) << c->order;
}

int kmem_cache_destroy(struct kmem_cache *c)
{
	kmem_cache_shrink(c);
	if (c->nr_slabs)
		return -EBUSY;
	list_del(&c->node);
	kmem_cache_free(&cache_cache, c);
	return 0;
}

__init void slab_init(void)
{
	static struct shrinker shrinker = {.name = "slab", .shrink = slab_shrink_all};

	INIT_LIST_HEAD(&cache_chain);
	register_shrinker(&shrinker);
	if (!failpoint_find(slab_alloc_failpoint.name))
		failpoint_register(&slab_alloc_failpoint);
	cache_init(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), 4, SLAB_HWCACHE_ALIGN,
		   NULL);
	kmalloc_init();
}

/* ---- all caches ---- */

u32 slab_shrink_all(void)
{
	struct kmem_cache *c;
	u32 frames = 0, more;

	/* Giving up a slab can free a struct slab in an earlier cache. */
	do {
		more = 0;
		list_for_each_entry (c, &cache_chain, node)
			more += kmem_cache_shrink(c);
		frames += more;
	} while (more);
	return frames;
}

u32 slab_nr_pages(void)
{
	struct kmem_cache *c;
	u32 frames = 0;

	list_for_each_entry (c, &cache_chain, node)
		frames += c->nr_slabs << c->order;
	return frames;
}

u32 slab_nr_reclaimable_pages(void)
{
	struct kmem_cache *c;
	u32 frames = 0;

	list_for_each_entry (c, &cache_chain, node)
		if (c->flags & SLAB_RECLAIM_ACCOUNT)
			frames += c->nr_slabs << c->order;
	return frames;
}

u32 slab_objects_in_use(void)
{
	struct kmem_cache *c;
	u32 n = 0;

	list_for_each_entry (c, &cache_chain, node) {
		n += c->nr_taken - c->avail;
		/* A struct slab belongs to the allocator, not to its users. */
		n -= c->off_slab ? c->nr_slabs : 0;
	}
	return n;
}

void slab_for_each(void (*fn)(const struct slab_info *info, void *arg), void *arg)
{
	struct kmem_cache *c;

	list_for_each_entry (c, &cache_chain, node) {
		struct slab_info info = {
			.name = c->name,
			.active_objs = c->nr_taken - c->avail,
			.num_objs = c->nr_slabs * c->objs_per_slab,
			.obj_size = c->obj_size,
			.objs_per_slab = c->objs_per_slab,
			.pages_per_slab = 1u << c->order,
			.active_slabs = c->nr_slabs - c->nr_empty,
			.num_slabs = c->nr_slabs,
		};

		fn(&info, arg);
	}
}
