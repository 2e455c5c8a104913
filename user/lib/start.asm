; The first instruction of a program on the small runtime, and the system calls that C cannot make.
;
; The kernel enters with ESP pointing at
;
;       esp -> argc
;              argv[0] ... argv[argc - 1], 0
;              envp[0] ..., 0
;              auxiliary vector, ended by AT_NULL
;
bits 32

extern main
global _start
global syscall6

section .text

_start:
	xor	ebp, ebp		; the outermost frame
	mov	eax, [esp]		; argc
	lea	edx, [esp + 4]		; argv
	lea	ecx, [edx + eax * 4 + 4] ; envp
	and	esp, ~15
	sub	esp, 4
	push	ecx
	push	edx
	push	eax
	call	main
	mov	ebx, eax
	mov	eax, 252		; exit_group
	int	0x80
	hlt				; not reached

; long syscall6(long nr, long a, long b, long c, long d, long e, long f)
;
;       esp + 20 -> return address, nr, a, b, c, d, e, f
;       esp      -> edi, esi, ebx, ebp as they were
;
; The sixth argument is EBP, which the compiler keeps for itself.
syscall6:
	push	ebp
	push	ebx
	push	esi
	push	edi
	mov	eax, [esp + 20]
	mov	ebx, [esp + 24]
	mov	ecx, [esp + 28]
	mov	edx, [esp + 32]
	mov	esi, [esp + 36]
	mov	edi, [esp + 40]
	mov	ebp, [esp + 44]
	int	0x80
	pop	edi
	pop	esi
	pop	ebx
	pop	ebp
	ret

; Where a signal handler returns to that was set with SA_SIGINFO.
global signal_return
signal_return:
	mov	eax, 173		; rt_sigreturn
	int	0x80

section .note.GNU-stack noalloc noexec nowrite progbits
