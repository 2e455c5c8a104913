; The instruction count at which a multiboot loader enters the kernel: a kernel that prints it and
; stops. What a real kernel has counted since is its own.
bits 32
section .multiboot align=4
	dd 0x1BADB002, 0, -0x1BADB002

section .text
global _start
_start:
	rdtsc
	mov	ebx, eax
	mov	ecx, 8
	mov	dx, 0x3F8
.digit:	rol	ebx, 4
	mov	al, bl
	and	al, 15
	add	al, '0'
	cmp	al, '9'
	jbe	.put
	add	al, 'a' - '9' - 1
.put:	out	dx, al
	loop	.digit
	mov	al, 10
	out	dx, al
	mov	al, 0xFE		; reset, which ends QEMU with -no-reboot
	out	0x64, al
.stop:	hlt
	jmp	.stop
