/*
 * What entry/vectors.asm leaves on the kernel stack on every trap, interrupt and system call.
 * esp and ss are valid only when the trap came from user mode. FS and GS are not here: the kernel
 * does not use them, so they stay in their registers until another thread is switched to.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/types.h"

/*
 * PUSHA and the processor's own pushes make, from es to ss, the order that Linux's struct
 * sigcontext has for the same reason: a signal frame is a copy of this one (kernel/process/sigframe.c).
 */
struct trap_frame {
	u32 es, ds; /* the upper halves may hold anything, those of cs and ss too */
	u32 edi, esi, ebp, pusha_esp, ebx, edx, ecx, eax; /* POPA ignores pusha_esp */
	u32 vector; /* vector number; a system call's number (Linux's orig_eax) for int 0x80 */
	u32 error;  /* error code, 0 where the processor pushes none; FRAME_SYSCALL for int 0x80 */
	u32 eip, cs, eflags;
	u32 esp, ss;
};
static_assert(sizeof(struct trap_frame) == 17 * 4, "vectors.asm builds it");

#define FRAME_SYSCALL 0xFFFFFFFFu

static inline bool from_user(const struct trap_frame *f)
{
	return f->cs & 3;
}
