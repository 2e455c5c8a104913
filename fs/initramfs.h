/* The boot archive. */
#pragma once

#include "lib/compiler.h"

/* Unpacks a cpio archive that lies in the reserved frames of [start, end) (bytes) into the root, and gives those frames to
 * the buddy on the way. 0, or errno with *error, a text of what is wrong and where. */
__must_check int initramfs_unpack(paddr_t start, paddr_t end, const char **error);
