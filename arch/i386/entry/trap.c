/*
 * Exceptions. What the program did wrong becomes a signal, a page fault becomes a page, a faulting copy goes
 * on at its fix-up, and what is left is the kernel's own fault: a report and a panic.
 *
 *   exception        from user mode                    from the kernel
 *   ---------        --------------                    ---------------
 *   #PF              handle_mm_fault, else a signal    user address: the same, else the fix-up
 *                                                      kernel address: the fix-up, else panic
 *   #NM              FPU state, else SIGFPE            panic
 *   #GP #NP #SS      SIGSEGV or SIGBUS                 the fix-up, else panic
 *   #DE #MF #XM      SIGFPE                            panic
 *   #UD              SIGILL                            panic
 *   #DB #BP          SIGTRAP                           a line, and on
 *   #OF #BR #AC      SIGSEGV, SIGBUS                   panic
 *   NMI              a line with its reason            the same
 *   #DF              (task gate) panic                 the same
 */
#include "arch/i386/entry/trap.h"

#include "arch/i386/cpu/backtrace.h"
#include "arch/i386/cpu/cpu.h"
#include "arch/i386/cpu/cr.h"
#include "arch/i386/cpu/fpu.h"
#include "arch/i386/cpu/gdt.h"
#include "arch/i386/cpu/idt.h"
#include "arch/i386/cpu/io.h"
#include "arch/i386/cpu/irqflags.h"
#include "arch/i386/cpu/paging.h"
#include "arch/i386/cpu/probe.h"
#include "arch/i386/cpu/switch.h"
#include "arch/i386/cpu/usercopy.h"
#include "arch/i386/entry/branch.h"
#include "kernel/core/irq.h"
#include "kernel/core/thread.h"
#include "kernel/process/task.h"
#include "lib/panic.h"
#include "lib/printk.h"
#include "mm/kmem/vmalloc.h"
#include "mm/vm/mm.h"
#include <asm/siginfo.h>
#include <asm/signal.h>

static_assert(FAULT_MINOR == 0 && FAULT_MAJOR == 1, "vectors.asm compares with FAULT_MAJOR");

/* Page-fault error code (SDM vol. 3A 4.7); its other bits are FAULT_FLAG_* of mm/vm/mm.h. */
#define PF_RESERVED 0x8u

#define EFLAGS_TF   0x100u

static const char *const exception_names[20] = {
	"#DE divide error",
	"#DB debug",
	"NMI",
	"#BP breakpoint",
	"#OF overflow",
	"#BR bound range exceeded",
	"#UD invalid opcode",
	"#NM no floating point",
	"#DF double fault",
	"coprocessor segment overrun",
	"#TS invalid TSS",
	"#NP segment not present",
	"#SS stack fault",
	"#GP general protection",
	"#PF page fault",
	"reserved 15",
	"#MF floating-point error",
	"#AC alignment check",
	"#MC machine check",
	"#XM SIMD floating-point exception",
};

/* What a program gets; 0: handled elsewhere. Of #DB this is the single step. */
static const struct {
	u8 signo;
	s16 code; /* SI_KERNEL: without an address, as on Linux */
} exception_signal[20] = {
	[EXC_DE] = {SIGFPE, FPE_INTDIV}, [EXC_DB] = {SIGTRAP, TRAP_TRACE},
	[EXC_BP] = {SIGTRAP, SI_KERNEL}, [EXC_OF] = {SIGSEGV, SI_KERNEL},
	[EXC_BR] = {SIGSEGV, SI_KERNEL}, [EXC_UD] = {SIGILL, ILL_ILLOPN},
	[9] = {SIGFPE, SI_KERNEL},       [EXC_TS] = {SIGSEGV, SI_KERNEL},
	[EXC_NP] = {SIGBUS, SI_KERNEL},  [EXC_SS] = {SIGBUS, SI_KERNEL},
	[EXC_GP] = {SIGSEGV, SI_KERNEL}, [EXC_AC] = {SIGBUS, BUS_ADRALN},
};

__init void trap_init(void)
{
	kernel_pgdir.phys = virt_to_phys(kernel_pgdir.entries);
	extable_sort();
	gdt_init(entry_double_fault);
	for (u32 i = 0; i < 20; i++)
		if (exception_entries[i])
			idt_set_gate(i, exception_entries[i], i == EXC_BP || i == EXC_OF);
	idt_set_task_gate(EXC_DF, SEL_DF_TSS);
	for (u32 i = 0; i < NR_IRQS; i++)
		idt_set_gate(IRQ_VECTOR_BASE + i, irq_entries[i], false);
	idt_set_trap_gate(VECTOR_SYSCALL, entry_syscall);
	idt_load();
	context_set_user_return(return_from_trap);
}

void trap_protect_idt(void)
{
	pte_t *slot = pte_of(idt_page());

	if (!cpu.f00f_bug || pde_large(*pde_of(idt_page())))
		return;
	set_pte(slot, pte_wrprotect(*slot));
	flush_tlb_all();
}

static void print_entries(vaddr_t addr)
{
	pde_t pde = *pde_of(addr);

	printk("cr3 %08x  pde[%u] %08x%s%s%s%s%s", read_cr3(), pde_index(addr), pde.v,
	       pde_present(pde) ? " present" : " not present", pde.v & PTE_WRITE ? " write" : "",
	       pde.v & PTE_USER ? " user" : "", pde_large(pde) ? " 4M" : "",
	       pde.v & PTE_GLOBAL ? " global" : "");
	if (pde_present(pde) && !pde_large(pde)) {
		pte_t pte = *pte_of(addr);
		printk("  pte[%u] %08x%s%s%s%s%s", pte_index(addr), pte.v,
		       pte_present(pte) ? " present" : " not present",
		       pte_write(pte) ? " write" : "", pte.v & PTE_USER ? " user" : "",
		       pte_dirty(pte) ? " dirty" : "", pte.v & PTE_GLOBAL ? " global" : "");
	}
	printk("\n");
}

static void print_error_code(const struct trap_frame *f)
{
	if (f->vector == EXC_PF)
		printk("%08x: %s %s, %s%s", f->error,
		       f->error & FAULT_FLAG_USER ? "user" : "kernel",
		       f->error & FAULT_FLAG_WRITE ? "write" : "read",
		       f->error & FAULT_FLAG_PRESENT ? "the page's rights forbid it"
						     : "page not present",
		       f->error & PF_RESERVED ? ", reserved bit set" : "");
	else if (f->error)
		printk("%08x: selector %04x%s%s", f->error, f->error & 0xFFF8,
		       f->error & 2   ? " of the IDT"
		       : f->error & 4 ? " of the LDT"
				      : "",
		       f->error & 1 ? ", external" : "");
	else
		printk("0");
}

void trap_print(const struct trap_frame *f, vaddr_t addr, bool has_addr)
{
	bool user = from_user(f);
	struct vmalloc_info area;
	bool in_guard;

	printk("%s in %s, error code ", f->vector < 20 ? exception_names[f->vector] : "trap",
	       user ? "user mode" : "the kernel");
	print_error_code(f);
	printk("\nthread %u (%s)\n", current ? current->id : 0, current ? current->name : "boot");
	printk("eip %04x:%08x %pS  eflags %08x\n", f->cs & 0xFFFF, f->eip,
	       (void *)(user ? 0 : f->eip), f->eflags);
	printk("eax %08x  ebx %08x  ecx %08x  edx %08x\n", f->eax, f->ebx, f->ecx, f->edx);
	printk("esi %08x  edi %08x  ebp %08x  esp %08x\n", f->esi, f->edi, f->ebp,
	       user ? f->esp : (u32)&f->esp);
	printk("ds %04x  es %04x  ss %04x  cr0 %08x  cr2 %08x\n", f->ds & 0xFFFF, f->es & 0xFFFF,
	       user ? f->ss & 0xFFFF : SEL_KERNEL_DATA, read_cr0(), read_cr2());
	if (has_addr) {
		printk("address %08x: ", addr);
		print_entries(addr);
		if (vmalloc_find(addr, &area, &in_guard) && in_guard)
			printk("address %08x is the guard page behind the area %08x-%08x\n", addr,
			       area.start, area.end);
	}
}

static void __noreturn die(const struct trap_frame *f, vaddr_t addr, bool has_addr)
{
	irq_disable();
	printk_recover(false);
	trap_print(f, addr, has_addr);
	backtrace_print(f->eip, f->ebp);
	panic("%s in the kernel at %pS", f->vector < 20 ? exception_names[f->vector] : "trap",
	      (void *)f->eip);
}

/* Goes on at the fix-up of a kernel instruction that may fault. */
static bool fix_up(struct trap_frame *f)
{
	vaddr_t fixup = extable_find(f->eip);

	if (!fixup)
		return false;
	f->eip = fixup;
	return true;
}

/* On processors with the F00F bug the IDT is read-only, and the locked invalid opcode arrives as a write to it. */
static bool is_f00f(vaddr_t addr)
{
	return cpu.f00f_bug && addr == idt_page() + EXC_UD * 8;
}

/* what NULL: the access that the error code tells. */
static __always_inline void send_fault(struct trap_frame *f, s16 signo, s16 code, vaddr_t addr,
				       const char *what)
{
	current_task()->fault_what = what;
	process_fault_signal(f, (struct fault_cause){signo, code}, code == SI_KERNEL ? 0 : addr);
}

static __always_inline void user_fault_failed(struct trap_frame *f, vaddr_t addr,
					      enum fault_result result, const char *what)
{
	if (likely(result == FAULT_SEGV_MAPERR))
		send_fault(f, SIGSEGV, SEGV_MAPERR, addr, what);
	else if (result == FAULT_SEGV_ACCERR)
		send_fault(f, SIGSEGV, SEGV_ACCERR, addr, what);
	else if (result == FAULT_BUS)
		send_fault(f, SIGBUS, BUS_ADRERR, addr, what);
	else
		process_out_of_memory();
}

/* A fault in the kernel, or at an address that no program may have. */
static noinline enum fault_result rare_page_fault(struct trap_frame *f, vaddr_t addr, u32 flags)
{
	enum fault_result result;

	if (addr >= USER_END || !current_mm) {
		if (is_f00f(addr)) {
			send_fault(f, SIGILL, ILL_ILLOPN, f->eip, "execution of");
		} else if (from_user(f)) {
			current->context.cr2 = addr;
			f->error |= FAULT_FLAG_PRESENT; /* what the kernel maps does not show */
			user_fault_failed(f, addr, FAULT_SEGV_MAPERR, NULL);
		} else if (!fix_up(f)) {
			die(f, addr, true);
		}
		return FAULT_MINOR;
	}
	/* The kernel touched a user address: only instructions with a fix-up may. Without one it is a bug, and a
	 * page there would hide it. */
	if (!extable_find(f->eip))
		die(f, addr, true);
	result = handle_mm_fault(current_mm, addr, flags);
	if (result <= FAULT_MAJOR)
		return FAULT_MINOR;
	if (result == FAULT_OOM && process_out_of_memory())
		return FAULT_MINOR; /* once more */
	fix_up(f);
	return FAULT_MINOR;
}

static u32 access_flags(const struct trap_frame *f, vaddr_t addr)
{
	u32 flags = f->error & (FAULT_FLAG_PRESENT | FAULT_FLAG_WRITE | FAULT_FLAG_USER);

	if (unlikely(f->eip == addr))
		flags |= FAULT_FLAG_EXEC;
	return flags;
}

/* Ends in a tail call: what comes after a failure, and only then, is trap_page_fault_failed(). */
enum fault_result trap_page_fault(struct trap_frame *f)
{
	vaddr_t addr = read_cr2();
	u32 flags = access_flags(f, addr);

	/* An interrupt gate kept CR2 safe up to here. */
	if (likely(f->eflags & EFLAGS_IF))
		irq_enable();
	if (unlikely(!(flags & FAULT_FLAG_USER) || addr >= USER_END))
		return rare_page_fault(f, addr, flags);
	current->context.cr2 = addr;
	return handle_mm_fault(current_mm, addr, flags);
}

void trap_page_fault_failed(struct trap_frame *f, enum fault_result result)
{
	user_fault_failed(f, current->context.cr2, result, NULL);
}

static void handle_nmi(void)
{
	u8 reason = inb(0x61);

	printk("NMI: reason %02x%s%s\n", reason, reason & 0x80 ? ", memory parity error" : "",
	       reason & 0x40 ? ", I/O channel check" : "");
}

static void execution_failed(struct trap_frame *f, vaddr_t target)
{
	bool mapped = target < USER_END && vma_at(current_mm, target);

	user_fault_failed(f, target, mapped ? FAULT_SEGV_ACCERR : FAULT_SEGV_MAPERR,
			  "execution of");
}

/* Execution of data, on a machine that checks the limit of the code segment: by a branch, or step by step. */
static bool left_code(struct trap_frame *f)
{
	vaddr_t limit = current->context.code_limit, target = f->eip;

	if (f->error || (target < limit && (!branch_target(f, &target) || target < limit)))
		return false;
	execution_failed(f, target);
	return true;
}

void trap_dispatch(struct trap_frame *f)
{
	if (f->vector == EXC_NMI) {
		handle_nmi();
		return;
	}
	if (f->eflags & EFLAGS_IF)
		irq_enable();
	if (from_user(f)) {
		if (f->vector == EXC_MF || f->vector == EXC_XM) {
			send_fault(f, SIGFPE,
				   fpu_fault_code(&current->context, f->vector == EXC_XM), f->eip,
				   exception_names[f->vector]);
			return;
		}
		if (f->vector == EXC_NM && fpu_handle_nm(&current->context))
			return;
		if (f->vector == EXC_GP && left_code(f))
			return;
		if (f->vector == EXC_DB && !(take_dr6() & DR6_SINGLE_STEP)) { /* INT1 */
			send_fault(f, SIGTRAP, TRAP_BRKPT, f->eip, exception_names[EXC_DB]);
			return;
		}
		if (f->vector < 20 && exception_signal[f->vector].signo)
			send_fault(f, exception_signal[f->vector].signo,
				   exception_signal[f->vector].code,
				   f->vector == EXC_AC ? 0 : f->eip, exception_names[f->vector]);
		else if (f->vector == EXC_NM)
			send_fault(f, SIGFPE, FPE_FLTINV, f->eip, exception_names[EXC_NM]);
		else
			die(f, 0, false);
		return;
	}
	if (f->vector == EXC_GP && (f->cs & 0xFFFF) == SEL_PROBE) {
		f->cs = SEL_KERNEL_CODE;
		f->eip = (u32)probe_limit_fixup;
		return;
	}
	if (f->vector == EXC_DB) {
		f->eflags &= ~EFLAGS_TF;
		return;
	}
	if (f->vector == EXC_BP) {
		printk("breakpoint at %pS\n", (void *)f->eip);
		return;
	}
	if (!fix_up(f))
		die(f, 0, false);
}

void trap_bad_iret(struct trap_frame *f)
{
	irq_enable();
	if (f->eip >= current->context.code_limit)
		execution_failed(f, f->eip);
	else /* CS or SS */
		send_fault(f, SIGSEGV, SI_KERNEL, 0, exception_names[EXC_GP]);
}

void trap_double_fault(void)
{
	const struct tss *t = &kernel_tss;
	struct trap_frame f = {
		.eax = t->eax,
		.ebx = t->ebx,
		.ecx = t->ecx,
		.edx = t->edx,
		.esi = t->esi,
		.edi = t->edi,
		.ebp = t->ebp,
		.ds = t->ds,
		.es = t->es,
		.vector = EXC_DF,
		.eip = t->eip,
		.cs = t->cs,
		.eflags = t->eflags,
		.esp = t->esp,
		.ss = t->ss,
	};

	printk_recover(false);
	trap_print(&f, t->esp - 4, true);
	printk("esp at the fault %08x; kernel stack %08x-%08x\n", t->esp,
	       current ? (u32)current->stack : 0, current ? (u32)current->stack + KSTACK_SIZE : 0);
	if (current && t->esp - (u32)current->stack + PAGE_SIZE <= PAGE_SIZE)
		printk("the kernel stack overflowed into its guard page\n");
	backtrace_print(f.eip, f.ebp);
	panic("double fault at %pS", (void *)t->eip);
}
