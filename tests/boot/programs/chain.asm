; A multiboot kernel that starts another one, its first module, and passes it what MAGIC (and INFO)
; say instead of what a multiboot loader promises. It stands at 32 MB, out of the way of a kernel at 1 MB.
bits 32

section .multiboot align=4
	dd 0x1BADB002, 0, -0x1BADB002

section .text
global _start
_start:
	cld
	mov	esp, _start + 0x10000
	mov	ebp, ebx		; multiboot information
	mov	ebx, [ebp + 24]		; mods_addr
	mov	ebx, [ebx]		; mod_start: the ELF file
	movzx	edx, word [ebx + 44]	; e_phnum
	mov	eax, [ebx + 28]		; e_phoff
	add	eax, ebx
.segment:
	cmp	dword [eax], 1		; PT_LOAD
	jne	.next
	mov	edi, [eax + 12]		; p_paddr
	mov	esi, [eax + 4]		; p_offset
	add	esi, ebx
	mov	ecx, [eax + 16]		; p_filesz
	rep movsb
	mov	ecx, [eax + 20]		; p_memsz
	sub	ecx, [eax + 16]
	push	eax
	xor	eax, eax
	rep stosb
	pop	eax
.next:
	add	eax, 32
	dec	edx
	jnz	.segment

	mov	ecx, [ebx + 24]		; e_entry
%ifdef INFO
	mov	ebx, INFO
%else
	mov	ebx, ebp
%endif
	mov	eax, MAGIC
	jmp	ecx
