/* Where the parts of the kernel's image lie (linker.ld): kernel virtual addresses, compared but never followed. */
#pragma once

extern char __kernel_start[], __kernel_end[];
extern char __text_start[], __text_end[];
extern char __rodata_start[], __rodata_end[];
extern char __data_start[], __data_end[];
extern char __bss_start[], __bss_end[];
