/* Many small mappings, and the slab cache that their descriptions live in. */
#include "user/tour/tour.h"

#define CACHE "vm_area_struct"
#define AREAS 512u

static bool take(struct slab_figures *slab, const char *when)
{
	if (!read_slab(CACHE, slab))
		return false;
	printf("    %-10s %8lu %8lu %10lu %10lu %8lu\n", when, slab->active, slab->total,
	       slab->object_bytes, slab->per_slab, slab->slabs);
	return true;
}

void tour_slab(void)
{
	struct slab_figures before, during, after;
	char *p;
	bool made = true;

	p = map_pages(AREAS * PAGE_SIZE);
	if (!p || !read_slab(CACHE, &before)) {
		claim(UNSEEN, "the slab cache " CACHE);
		return;
	}
	printf("  One mapping of %u pages. Every second page is then made read-only: neighbours\n",
	       AREAS);
	printf("  that differ cannot share a " CACHE ". No page is touched.\n");
	printf("    /proc/slabinfo   in use  objects  bytes each   per slab    slabs\n");
	take(&before, "before");
	for (unsigned int i = 1; i < AREAS && made; i += 2)
		made = sys_mprotect(p + i * PAGE_SIZE, PAGE_SIZE, PROT_READ) == 0;
	take(&during, "split");
	claim_machine(made && during.active - before.active >= AREAS - 1 - 2 * before.per_slab &&
			      during.active - before.active <= AREAS - 1 + 2 * before.per_slab,
		      "%u areas instead of one: %ld more objects in use", AREAS,
		      (long)(during.active - before.active));
	claim_machine(during.slabs > before.slabs &&
			      during.total - before.total ==
				      (during.slabs - before.slabs) * during.per_slab,
		      "%ld new slabs of %lu objects each", (long)(during.slabs - before.slabs),
		      during.per_slab);
	made = sys_mprotect(p, AREAS * PAGE_SIZE, PROT_READ) == 0;
	take(&after, "merged");
	claim_machine(made && after.active <= before.active + 2 * before.per_slab,
		      "alike again, the areas were merged and their objects freed");
	sys_munmap(p, AREAS * PAGE_SIZE);
}
