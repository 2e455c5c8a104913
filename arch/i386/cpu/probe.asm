; Does this machine check the limit of a code segment? (An emulator may not.)
;
; The caller has made SEL_PROBE a code segment whose base is probe_limit_enter and whose limit is
; probe_limit_last: every EIP in here is an offset from the base. We jump in with a far call, jump to
; `beyond`, which lies behind the limit, and come back with a far return:
;
;   beyond reached     AL = 0   not enforced
;   #GP at the jump    the trap handler puts EIP at probe_limit_fixup in the flat segment: AL = 1

bits 32
%include "offsets.inc"

section .text
global probe_segment_limit, probe_limit_base, probe_limit_last, probe_limit_fixup

probe_segment_limit:		; bool probe_segment_limit(void)
	push ebx
	mov ebx, esp
	call SEL_PROBE:0	; pushes CS, EIP of the next instruction
probe_limit_fixup_done:
	pop ebx
	ret

align 16
probe_limit_base:
	jmp short beyond
probe_limit_last equ $ - probe_limit_base - 1
	align 16
beyond:
	xor eax, eax
	retf

probe_limit_fixup:
	mov esp, ebx		; drops the far return address
	mov eax, 1
	jmp probe_limit_fixup_done
