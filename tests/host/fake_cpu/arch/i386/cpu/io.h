/* Stands in for arch/i386/cpu/io.h: the test is the device. */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

u8 inb(u16 port);
u16 inw(u16 port);
u32 inl(u16 port);
void outb(u16 port, u8 v);
void outw(u16 port, u16 v);
void outl(u16 port, u32 v);

static inline void io_delay(void)
{
}
