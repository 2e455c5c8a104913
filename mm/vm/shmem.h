/*
 * Memory shared between processes that belongs to no file: mmap(MAP_SHARED | MAP_ANONYMOUS).
 * Private to this room.
 */
#pragma once

#include "mm/vm/mm.h"

void shmem_init(void);
/* An object of size_bytes zeros in *object, with one reference. 0, or -ENOMEM. */
__must_check int shmem_create(u32 size_bytes, struct mmap_object *object);
void shmem_put(const struct mmap_object *object);
