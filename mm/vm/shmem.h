/*
 * Memory shared between processes that belongs to no file: mmap(MAP_SHARED | MAP_ANONYMOUS).
 * Private to this room.
 */
#pragma once

#include "mm/vm/mm.h"

void shmem_init(void);
/* An object of size_bytes zeros, whole pages, in *object, with one reference; committed: all of it is
 * promised (commit.h). 0, or -ENOMEM. */
__must_check int shmem_create(u32 size_bytes, bool committed, struct mmap_object *object);
void shmem_put(const struct mmap_object *object);
