; Thread switch: the one place where ESP changes from one kernel stack to another.
;
; The stack of a thread that does not run:
;
;	[esp]	edi esi ebx ebp		callee-saved
;		eip			back into context_switch(), or one of the starts below
;
; A new kernel thread:	edi = entry, esi = argument; eip = stack_start_kernel
; A new user thread:	eip = stack_start_user; above it lies its struct trap_frame

bits 32
section .text

global stack_switch
stack_switch:		; void stack_switch(u32 *save_esp /* EAX */, u32 new_esp /* EDX */)
	push ebp
	push ebx
	push esi
	push edi
	mov [eax], esp
	mov esp, edx
	pop edi
	pop esi
	pop ebx
	pop ebp
	ret

extern context_user_return

global stack_start_kernel
stack_start_kernel:
	xor ebp, ebp
	sti
	mov eax, esi
	call edi
	ud2			; entry must not return

global stack_start_user
stack_start_user:
	xor ebp, ebp
	sti
	jmp [context_user_return]
