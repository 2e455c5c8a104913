; The first instruction. GRUB (or QEMU's -kernel) enters at _start in protected mode, paging off,
; EAX = magic, EBX = physical address of the boot information (multiboot 0.6.96 3.2, multiboot2 3.3).
;
; Everything up to `high` runs where it was loaded, at physical = virtual. It makes this page
; directory and turns paging on:
;
;   PDE 0, 1       identity map of 0-8 MB, only until `high`
;   PDE 768, 769   the same 8 MB at KERNEL_BASE: kernel image, VGA text, boot tables
;   PDE 1022       an empty table: the window of boot/early_map.c
;   PDE 1023       the directory itself
;
; The three tables lie in .boot.bss, which is given back once the direct map stands.

bits 32
%include "offsets.inc"

MB1_MAGIC equ 0x1BADB002
MB1_FLAGS equ 0x00000003	; page-align modules; give the memory map
MB2_MAGIC equ 0xE85250D6

section .multiboot progbits alloc noexec nowrite align=8
align 8
mb2_header:
	dd MB2_MAGIC
	dd 0			; i386
	dd mb2_end - mb2_header
	dd -(MB2_MAGIC + 0 + (mb2_end - mb2_header))
align 8
	dw 6, 0			; modules page-aligned
	dd 8
align 8
	dw 0, 0			; end
	dd 8
mb2_end:
align 4
mb1_header:
	dd MB1_MAGIC
	dd MB1_FLAGS
	dd -(MB1_MAGIC + MB1_FLAGS)

PHYS_OFFSET equ KERNEL_BASE & 0xFFFFFFFF	; the compiler prints it signed
PTE_KERNEL_RW equ 0x003
TABLES_LOW equ 2

section .boot.bss nobits alloc noexec write align=4096
global boot_tables_low, boot_window_table
boot_tables_low: resb TABLES_LOW * 4096
boot_window_table: resb 4096

section .bss.boot nobits alloc noexec write align=4096
extern boot_page_directory
global boot_stack, boot_stack_top
boot_stack: resb KSTACK_SIZE
boot_stack_top:

section .boot.text progbits alloc exec nowrite align=16
global _start
_start:
	cli
	cld
	mov esp, boot_stack_top - PHYS_OFFSET
	mov esi, eax			; magic
	mov ebp, ebx			; information

	; CR4 exists where CPUID does; start it from zero, whatever the loader left.
	pushf
	pop eax
	mov ecx, eax
	xor eax, 1 << 21		; EFLAGS.ID
	push eax
	popf
	pushf
	pop eax
	xor eax, ecx
	test eax, 1 << 21
	jz .no_cr4
	xor eax, eax
	mov cr4, eax
.no_cr4:

	mov edi, boot_tables_low
	mov eax, PTE_KERNEL_RW
	mov ecx, TABLES_LOW * 1024
.fill:	mov [edi], eax
	add edi, 4
	add eax, 4096
	dec ecx
	jnz .fill

	mov edi, boot_page_directory - PHYS_OFFSET
	mov eax, boot_tables_low + PTE_KERNEL_RW
	mov ecx, TABLES_LOW
.pde:	mov [edi], eax
	mov [edi + (PHYS_OFFSET >> 22) * 4], eax
	add edi, 4
	add eax, 4096
	dec ecx
	jnz .pde
	mov edi, boot_page_directory - PHYS_OFFSET
	mov dword [edi + 1022 * 4], boot_window_table + PTE_KERNEL_RW
	lea eax, [edi + PTE_KERNEL_RW]
	mov [edi + 1023 * 4], eax

	mov cr3, edi
	mov eax, cr0
	and eax, 0x9FFBFFF1		; CD, NW, AM, TS, EM, MP off: caches on
	or eax, 0x80010021		; PG, WP, NE, PE
	mov cr0, eax
	mov eax, high
	jmp eax

section .text
extern kernel_main
high:
	mov esp, boot_stack_top
	mov eax, esi
	mov edx, ebp
	xor ebp, ebp			; end of the backtrace
	call kernel_main
.stop:	cli
	hlt
	jmp .stop
