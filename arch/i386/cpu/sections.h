/* Where linker.ld put the kernel. All but the last three are kernel virtual addresses. */
#pragma once

#include "lib/types.h"

extern char __kernel_start[], __kernel_end[]; /* all of the image but .boot */
extern char __init_start[], __init_end[];     /* what only the boot needs: free afterwards */
extern char __text_start[], __text_end[];
extern char __rodata_start[], __rodata_end[]; /* with the exception and symbol tables */
extern char __data_start[], __data_end[];
extern char __bss_start[], __bss_end[];

/* Physical: the whole image, .boot first. .boot is given back once the direct map stands. */
extern char __kernel_start_phys[], __boot_end_phys[], __kernel_end_phys[];
