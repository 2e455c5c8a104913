/*
 * What an allocation of frames wants: the highest zone it can use, its migrate type, how hard to try.
 */
#pragma once

#include "lib/types.h"

enum zone_type { ZONE_DMA, ZONE_NORMAL, ZONE_HIGHMEM, MAX_NR_ZONES };
enum migrate_type {
	MIGRATE_UNMOVABLE,
	MIGRATE_MOVABLE,
	MIGRATE_RECLAIMABLE,
	MIGRATE_CMA,
	MIGRATE_TYPES
};

typedef u32 gfp_t;

#define GFP_ZONE_MASK        0x3u /* an enum zone_type: this zone and those below */
#define GFP_MIGRATE_SHIFT    2
#define GFP_MIGRATE_MASK     0xCu
#define __GFP_MOVABLE        (MIGRATE_MOVABLE << GFP_MIGRATE_SHIFT)
#define __GFP_RECLAIMABLE    (MIGRATE_RECLAIMABLE << GFP_MIGRATE_SHIFT)
#define __GFP_HIGH           0x10u /* may go below the min watermark to a quarter of it */
#define __GFP_ZERO           0x20u /* cleared; only together with a zone below HIGHMEM */
#define __GFP_NOFAILPOINT    0x40u /* not counted by fault injection (boot only) */

#define GFP_DMA              ((gfp_t)ZONE_DMA)
#define GFP_KERNEL           ((gfp_t)ZONE_NORMAL)
#define GFP_ATOMIC           (GFP_KERNEL | __GFP_HIGH)
#define GFP_HIGHUSER         ((gfp_t)ZONE_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE (GFP_HIGHUSER | __GFP_MOVABLE)
