; Every way into the kernel, and the one way back.
;
; The processor has pushed, on the stack that the TSS names if it came from ring 3:
;
;	ss esp		from ring 3 only
;	eflags cs eip
;	error		with some exceptions; the stubs push 0 for the others
;
; and below it we build struct trap_frame (arch/i386/cpu/regs.h), lowest address last:
;
;	vector		or the number of the system call
;	eax ecx edx ebx esp ebp esi edi
;	ds es		<- esp
;
; FS and GS stay as they are: the kernel does not use them.

bits 32
%include "offsets.inc"

FAULT_MAJOR equ 1		; enum fault_result; asserted in trap.c

extern current, syscall_table, nr_syscalls
extern trap_dispatch, trap_page_fault, trap_page_fault_failed, irq_dispatch, process_return_work, trap_bad_iret
extern trap_double_fault, sys_unknown

%macro SAVE_REGS 0
	pusha
	push ds
	push es
	mov ecx, SEL_KERNEL_DATA
	mov ds, ecx
	mov es, ecx
	cld
%endmacro

section .text

; int 0x80: number in EAX, arguments in EBX ECX EDX ESI EDI EBP, result in EAX.
align 16
global entry_syscall
entry_syscall:
	push -1				; FRAME_SYSCALL: eax can be restored, and the call made again
	push eax
	SAVE_REGS
	cmp eax, [nr_syscalls]
	jae syscall_unknown
	mov edx, [syscall_table + eax * 4]
	mov eax, esp
	call edx
syscall_done:
	mov [esp + FRAME_EAX], eax
	mov eax, [current]
	cmp dword [eax], 0		; thread->work is its first member
	jne return_work
return_user:
pop_es:	pop es
pop_ds:	pop ds
	popa
	add esp, 8
do_iret:
	iret
syscall_unknown:
	mov eax, esp
	call sys_unknown
	jmp syscall_done

align 16
global entry_page_fault
entry_page_fault:
	push 14
	SAVE_REGS
	mov eax, esp
	call trap_page_fault
	cmp eax, FAULT_MAJOR
	ja page_fault_failed
global return_from_trap
return_from_trap:			; also where new user threads begin
	test byte [esp + FRAME_CS], 3
	jz return_user			; to the kernel: it is not pre-empted
return_to_program:
	mov eax, [current]
	cmp dword [eax], 0
	je return_user
return_work:
	mov eax, esp
	call process_return_work
	mov eax, [current]
	cmp dword [eax], 0
	jne return_work
	jmp return_user

page_fault_failed:
	mov edx, eax
	mov eax, esp
	call trap_page_fault_failed	; only for faults from user mode
	jmp return_to_program

; A user segment register that no longer names a segment becomes null.
bad_segment_ds:
	mov dword [esp], 0
	jmp pop_ds
bad_segment_es:
	mov dword [esp], 0
	jmp pop_es
; EIP, CS or SS that iret refuses: the program's own doing. The iret frame is at ESP, its other registers are
; loaded: make a whole frame again.
bad_iret:
	push 0
	push 13
	SAVE_REGS
	mov eax, esp
	call trap_bad_iret
	jmp return_from_trap

section __ex_table progbits alloc noexec nowrite align=4
	dd pop_ds, bad_segment_ds
	dd pop_es, bad_segment_es
	dd do_iret, bad_iret
section .text

; The other exceptions.
%macro EXCEPTION 1		; without error code
exception_%1:
	push 0
	push %1
	jmp exception_common
%endmacro
%macro EXCEPTION_ERROR 1	; the processor pushed one
exception_%1:
	push %1
	jmp exception_common
%endmacro

EXCEPTION 0
EXCEPTION 1
EXCEPTION 2
EXCEPTION 3
EXCEPTION 4
EXCEPTION 5
EXCEPTION 6
EXCEPTION 7
EXCEPTION 9
EXCEPTION_ERROR 10
EXCEPTION_ERROR 11
EXCEPTION_ERROR 12
EXCEPTION_ERROR 13
EXCEPTION 15
EXCEPTION 16
EXCEPTION_ERROR 17
EXCEPTION 18
EXCEPTION 19

exception_common:
	SAVE_REGS
	mov eax, esp
	call trap_dispatch
	jmp return_from_trap

; Runs in a task of its own (gdt.c). Nothing to go back to.
global entry_double_fault
entry_double_fault:
	call trap_double_fault

%assign irq 0
%rep 16
irq_stub_ %+ irq:
	push 0
	push 0x20 + irq
	jmp irq_common
%assign irq irq + 1
%endrep

align 16
irq_common:
	SAVE_REGS
	mov eax, esp
	call irq_dispatch
	jmp return_from_trap

section .rodata
global exception_entries, irq_entries
exception_entries:			; 0: no stub
	dd exception_0, exception_1, exception_2, exception_3
	dd exception_4, exception_5, exception_6, exception_7
	dd 0, exception_9, exception_10, exception_11
	dd exception_12, exception_13, entry_page_fault, exception_15
	dd exception_16, exception_17, exception_18, exception_19
irq_entries:
%assign irq 0
%rep 16
	dd irq_stub_ %+ irq
%assign irq irq + 1
%endrep
