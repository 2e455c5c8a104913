/*
 * Where did a program want to jump? A jump beyond the code segment's limit arrives as #GP at the jump itself
 * (SDM vol. 2, JMP and CALL), without an address. This reads the instruction and finds the target.
 */
#pragma once

#include "arch/i386/cpu/regs.h"

/* true and *target if the instruction at f->eip, of user mode, is a near jump, call or return. */
bool branch_target(const struct trap_frame *f, vaddr_t *target);
