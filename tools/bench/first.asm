; A process 1 that prints the instruction count of its first instruction and restarts the machine.
bits 32
section .text
global _start
_start:
	rdtsc
	mov	ebx, eax
	mov	ecx, 8
	mov	edi, text
.digit:	rol	ebx, 4
	mov	al, bl
	and	al, 15
	add	al, '0'
	cmp	al, '9'
	jbe	.put
	add	al, 'a' - '9' - 1
.put:	stosb
	loop	.digit
	mov	eax, 4			; write(1, text, 9)
	mov	ebx, 1
	mov	ecx, first
	mov	edx, first_end - first
	int	0x80
	mov	eax, 88			; reboot(RESTART)
	mov	ebx, 0xFEE1DEAD
	mov	ecx, 672274793
	mov	edx, 0x01234567
	int	0x80
.stop:	jmp	.stop

section .data
first:	db "first "
text:	db "........", 10
first_end:
