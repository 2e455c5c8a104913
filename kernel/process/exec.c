/*
 * A program takes the place of another.
 *
 *   open, read, check the ELF file           nothing has changed yet
 *   gather argv and envp
 *   build a whole new address space          any failure goes back to the old one
 *   commit                                   cannot fail: the old address space goes
 *
 * Linux gives the old program up before it maps the new one and kills the caller if that fails. To
 * keep both costs nothing here, since nothing of the new one is in memory before it is touched, and
 * so exec either succeeds or returns.
 *
 * The stack as the program finds it, as on Linux i386:
 *
 *   0xC0000000  4 bytes of zero
 *               the file's name (AT_EXECFN); strings of envp; strings of argv, the lowest
 *               the platform's name (AT_PLATFORM), 16 random bytes (AT_RANDOM)
 *               auxiliary vector
 *               envp[0] ... NULL
 *               argv[0] ... NULL
 *   esp ->      argc                         16-byte aligned
 */
#include "kernel/process/capability.h"
#include "kernel/process/elf.h"
#include "kernel/process/exec_args.h"
#include "kernel/process/files.h"
#include "kernel/process/script.h"
#include "kernel/process/syscall.h"
#include "kernel/core/random.h"
#include "arch/i386/cpu/cpu.h"
#include "lib/string.h"
#include "mm/kmem/slab.h"
#include "mm/vm/mm.h"
#include <asm/signal.h>
#include <linux/auxvec.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/mman.h>
#include <linux/resource.h>
#include <linux/stat.h>

/* Where a program without addresses of its own goes: below its heap. */
#define PIE_BASE      0x08048000u
#define STACK_EXTRA   (128u << 10) /* of stack are mapped below what exec puts there, as on Linux */
#define CLOCK_TICKS   100u         /* AT_CLKTCK: times(2) counts in these */
#define MAX_PHDRS_LEN (ELF_MAX_PHNUM * sizeof(Elf32_Phdr))
#define ALL_MAY       (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

struct image { /* one ELF file */
	struct file *file;
	Elf32_Ehdr header;
	struct elf_plan plan;
	vaddr_t bias; /* added to every address of a position-independent file */
};

struct exec { /* allocated: too large for a kernel stack */
	struct task *task;
	struct image program, interp; /* interp.file NULL: static */
	struct script script;         /* if the file named is one */
	struct exec_args *args;
	struct mm_struct *mm;
	vaddr_t entry, sp;
};

/* ---- before anything is built ---- */

static struct file *open_program(struct inode *cwd, const char *path)
{
	struct file *f = file_open(cwd, path, O_RDONLY, 0);

	if (!IS_ERR(f) &&
	    (!S_ISREG(f->inode->mode) || !(f->inode->mode & (S_IXUSR | S_IXGRP | S_IXOTH)))) {
		file_put(f);
		return ERR_PTR(-EACCES);
	}
	if (!IS_ERR(f) && f->inode->writers > 0) {
		file_put(f);
		return ERR_PTR(-ETXTBSY);
	}
	return f;
}

static int read_plan(struct image *image)
{
	struct inode *inode = image->file->inode;
	const char *why;
	u32 offset, len;
	Elf32_Phdr *phdrs;
	ssize_t got = file_read_kernel(image->file, &image->header, sizeof(image->header), 0);
	int err;

	if (got < 0)
		return got;
	err = elf_check_header(&image->header, got, inode->size, &offset, &len, &why);
	if (err)
		return err;
	if (len > MAX_PHDRS_LEN || !image->file->ops->mmap)
		return -ENOEXEC;
	phdrs = kmalloc(len, GFP_KERNEL);
	if (!phdrs)
		return -ENOMEM;
	got = file_read_kernel(image->file, phdrs, len, offset);
	err = got == (ssize_t)len
		      ? elf_make_plan(&image->header, phdrs, inode->size, &image->plan, &why)
		      : -ENOEXEC;
	kfree(phdrs);
	return err;
}

static struct file *open_named_interp(struct exec *e, struct inode *cwd)
{
	const struct elf_plan *plan = &e->program.plan;
	struct file *f = ERR_PTR(-ENOEXEC);
	char *path;

	if (plan->interp_len > PATH_MAX)
		return f;
	path = kmalloc(plan->interp_len, GFP_KERNEL);
	if (!path)
		return ERR_PTR(-ENOMEM);
	if (file_read_kernel(e->program.file, path, plan->interp_len, plan->interp_offset) ==
		    (ssize_t)plan->interp_len &&
	    !path[plan->interp_len - 1]) /* "" names the current folder, as on Linux */
		f = *path ? open_program(cwd, path) : ERR_PTR(-EACCES);
	kfree(path);
	return f;
}

static int open_interp(struct exec *e, struct inode *cwd)
{
	if (!e->program.plan.interp_len)
		return 0;
	e->interp.file = open_named_interp(e, cwd);
	if (IS_ERR(e->interp.file)) {
		int err = PTR_ERR(e->interp.file);

		e->interp.file = NULL;
		return err;
	}
	return read_plan(&e->interp) ? -ELIBBAD : 0;
}

/* Where position-independent files go; libraries lie below programs, so that all code is below all
 * data. */
static int choose_addresses(struct exec *e)
{
	const struct elf_plan *program = &e->program.plan, *interp = &e->interp.plan;

	e->program.bias = program->dyn ? PIE_BASE - program->start : 0;
	if (program->dyn && program->end - program->start > STACK_TOP - PIE_BASE)
		return -ENOMEM;
	e->entry = program->entry + e->program.bias;
	if (!e->interp.file)
		return 0;
	e->interp.bias = interp->dyn ? MMAP_LIB_BASE - interp->start : 0;
	if (interp->start + e->interp.bias < program->end + e->program.bias &&
	    program->start + e->program.bias < interp->end + e->interp.bias)
		return -ENOMEM;
	e->entry = interp->entry + e->interp.bias;
	return 0;
}

/* ---- in the new address space ---- */

static int map_error(vaddr_t ret)
{
	return is_err_addr(ret) ? (int)ret : 0;
}

/* The part of a segment that comes from the file, and zeros behind it in its last page. */
static int map_file_part(struct mm_struct *mm, const struct image *image,
			 const struct elf_segment *s)
{
	vaddr_t at = s->vaddr + image->bias, end = at + s->filesz;
	vaddr_t start = ALIGN_DOWN(at, PAGE_SIZE), page_end = ALIGN_UP(end, PAGE_SIZE);
	bool clear = s->memsz > s->filesz && page_end != end;
	struct mmap_object object;
	int err = image->file->ops->mmap(image->file, &object);

	if (err)
		return err;
	err = map_error(do_mmap(mm, start, page_end - start, s->prot | (clear ? PROT_WRITE : 0),
				MAP_PRIVATE | MAP_FIXED, &object,
				ALIGN_DOWN(s->offset, PAGE_SIZE) >> PAGE_SHIFT, ALL_MAY));
	if (err || !clear)
		return err;
	if (clear_user(uptr(end), page_end - end))
		return -EFAULT;
	return s->prot & PROT_WRITE ? 0 : do_mprotect(mm, start, page_end - start, s->prot);
}

static int map_segment(struct mm_struct *mm, const struct image *image, const struct elf_segment *s)
{
	vaddr_t at = s->vaddr + image->bias;
	vaddr_t zeros = s->filesz ? ALIGN_UP(at + s->filesz, PAGE_SIZE) : ALIGN_DOWN(at, PAGE_SIZE);
	vaddr_t end = ALIGN_UP(at + s->memsz, PAGE_SIZE);
	int err = s->filesz ? map_file_part(mm, image, s) : 0;

	if (err || zeros >= end)
		return err;
	return map_error(do_mmap(mm, zeros, end - zeros, s->prot,
				 MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, NULL, 0, ALL_MAY));
}

static int map_image(struct mm_struct *mm, const struct image *image)
{
	for (u32 i = 0; i < image->plan.nr_segments; i++) {
		int err = map_segment(mm, image, &image->plan.segments[i]);

		if (err)
			return err;
	}
	return 0;
}

struct aux_vector {
	u32 *words; /* mm->auxv */
	u32 nr;
};

static void add_aux(struct aux_vector *aux, u32 type, u32 value)
{
	aux->words[aux->nr++] = type;
	aux->words[aux->nr++] = value;
}

static struct aux_vector fill_auxv(struct exec *e, vaddr_t platform, vaddr_t random, vaddr_t name)
{
	const struct credentials *ids = &e->task->group->ids;
	struct aux_vector aux = {.words = e->mm->auxv};
	const struct image *program = &e->program;

	add_aux(&aux, AT_HWCAP, cpu.cpuid_edx);
	add_aux(&aux, AT_PAGESZ, PAGE_SIZE);
	add_aux(&aux, AT_CLKTCK, CLOCK_TICKS);
	if (program->plan.phdr)
		add_aux(&aux, AT_PHDR, program->plan.phdr + program->bias);
	add_aux(&aux, AT_PHENT, sizeof(Elf32_Phdr));
	add_aux(&aux, AT_PHNUM, program->plan.phnum);
	add_aux(&aux, AT_BASE, e->interp.file ? e->interp.bias : 0);
	add_aux(&aux, AT_FLAGS, 0);
	add_aux(&aux, AT_ENTRY, program->plan.entry + program->bias);
	add_aux(&aux, AT_UID, ids->uid);
	add_aux(&aux, AT_EUID, ids->euid);
	add_aux(&aux, AT_GID, ids->gid);
	add_aux(&aux, AT_EGID, ids->egid);
	add_aux(&aux, AT_SECURE, ids->uid != ids->euid || ids->gid != ids->egid);
	add_aux(&aux, AT_RANDOM, random);
	add_aux(&aux, AT_HWCAP2, 0);
	add_aux(&aux, AT_EXECFN, name);
	add_aux(&aux, AT_PLATFORM, platform);
	add_aux(&aux, AT_NULL, 0);
	return aux;
}

/* An array of pointers to count strings, the first at offset, ended by NULL. Returns the address
 * behind it; 0: a fault. */
static vaddr_t store_pointers(const struct exec_args *args, vaddr_t to, u32 count, u32 offset,
			      vaddr_t strings)
{
	for (u32 i = 0; i < count; i++, to += sizeof(u32)) {
		if (put_user_u32(uptr(to), strings + offset))
			return 0;
		offset += exec_args_string_len(args, offset);
	}
	return put_user_u32(uptr(to), 0) ? 0 : to + sizeof(u32);
}

static int build_stack(struct exec *e)
{
	const struct exec_args *args = e->args;
	struct mm_struct *mm = e->mm;
	const char *platform_name = machine_name();
	u32 random[4];
	vaddr_t strings = STACK_TOP - sizeof(u32) - args->len;
	vaddr_t platform = (strings & ~15u) - ALIGN_UP(strlen(platform_name) + 1, 16u);
	vaddr_t random_at = platform - sizeof(random);
	struct aux_vector aux = fill_auxv(e, platform, random_at, strings + args->name_at);
	u32 words = 1 + args->argc + 1 + args->envc + 1 + aux.nr;
	vaddr_t at;

	random_bytes(random, sizeof(random));
	e->sp = (random_at - words * sizeof(u32)) & ~15u;
	if (exec_args_store(args, strings) ||
	    copy_to_user(uptr(platform), platform_name, strlen(platform_name) + 1) ||
	    copy_to_user(uptr(random_at), random, sizeof(random)) ||
	    put_user_u32(uptr(e->sp), args->argc))
		return -EFAULT;
	at = store_pointers(args, e->sp + sizeof(u32), args->argc, 0, strings);
	if (at)
		at = store_pointers(args, at, args->envc, args->env_at, strings);
	if (!at || copy_to_user(uptr(at), mm->auxv, aux.nr * sizeof(u32)))
		return -EFAULT;
	mm->start_stack = e->sp;
	mm->arg_start = strings;
	mm->arg_end = mm->env_start = strings + args->env_at;
	mm->env_end = strings + args->name_at;
	return 0;
}

static u32 stack_bytes(const struct exec_args *args)
{
	/* 512: auxiliary vector, platform, random bytes, alignment */
	u32 need = args->len + (args->argc + args->envc + 3) * sizeof(u32) + 512;

	return ALIGN_UP(need + STACK_EXTRA, PAGE_SIZE);
}

static void set_layout(struct mm_struct *mm, const struct image *program)
{
	const struct elf_plan *plan = &program->plan;
	vaddr_t bias = program->bias;

	mm->start_code = plan->start_code + bias;
	mm->end_code = plan->end_code + bias;
	mm->start_data = plan->start_data + bias;
	mm->end_data = plan->end_data + bias;
	mm->start_brk = mm->brk = plan->brk + bias;
}

/* The new address space is loaded. */
static int build(struct exec *e)
{
	/* Without PT_GNU_STACK the stack is executable, as on Linux: the program is older than the
	 * mark. */
	int err =
		setup_stack_vma(e->mm, stack_bytes(e->args), e->program.plan.stack != ELF_STACK_NX);

	if (!err)
		err = map_image(e->mm, &e->program);
	if (!err && e->interp.file)
		err = map_image(e->mm, &e->interp);
	if (!err) {
		set_layout(e->mm, &e->program);
		err = build_stack(e);
	}
	return err;
}

/* ---- commit ---- */

static void code_limit_changed(struct mm_struct *mm)
{
	struct task *leader, *t;

	if (mm->users > 1)
		for_each_task (leader)
			for_each_thread (t, leader->group)
				if (t->thread.mm == mm)
					context_set_code_limit(&t->thread.context, mm->code_limit,
							       false);
	if (current->is_user && current->mm == mm)
		context_set_code_limit(&current->context, mm->code_limit, true);
}

static void set_name(struct task *t, const char *path)
{
	const char *slash = strrchr(path, '/');

	strlcpy(t->thread.name, slash ? slash + 1 : path, sizeof(t->thread.name));
}

/*
 * The other threads end, and tables that others share are left to them: after this t has all to
 * itself. The futexes of the old address space are let go of in it.
 */
static int become_single(struct task *t, struct exec *e, struct mm_struct *old)
{
	struct files *files = NULL;
	struct sighand *sighand = NULL;
	int err = -ENOMEM;

	if (t->files->refs > 1 && t->files->refs > t->group->nr_live) {
		files = files_copy(t->files);
		if (!files)
			return err;
	}
	if (t->sighand->refs > 1) {
		sighand = sighand_copy(t->sighand);
		if (!sighand)
			goto fail;
	}
	task_borrow_mm(old);
	err = group_become_single(t);
	if (!err)
		futex_exit(t);
	task_borrow_mm(e->mm);
	if (err)
		goto fail;
	if (files) {
		files_put(t->files);
		t->files = files;
	}
	if (sighand) {
		struct sighand *before = t->sighand;

		t->sighand = sighand; /* first: an interrupt may send a signal */
		sighand_put(before);
	}
	return 0;
fail:
	if (files)
		files_put(files);
	if (sighand)
		sighand_put(sighand);
	return err;
}

/* t runs and has e->mm loaded; old is what it had. */
static void commit_running(struct task *t, struct exec *e, struct mm_struct *old)
{
	t->thread.mm = old;
	task_account_mm(t);
	t->thread.mm = e->mm;
	t->mm_lent = false;
	t->did_exec = true;
	t->exit_signal = SIGCHLD;
	context_flush(&t->thread.context);
	files_close_on_exec(t->files);
	sighand_reset(t);
	t->alt_stack = (struct alt_stack){0, 0, 0};
	t->group->barriers = t->group->not_dumpable = false;
	posix_timers_drop(t->group);
	t->robust_list = 0;
	task_vfork_done(t);
	mm_put(old);
}

static void commit(struct task *t, struct exec *e, const char *path, struct mm_struct *old,
		   struct trap_frame *regs)
{
	t->group->ids.keep_caps = false;
	if (t == current_task()) {
		commit_running(t, e, old);
	} else {
		task_borrow_mm(old);
		t->thread.mm = e->mm;
		t->thread.context.pgdir = &e->mm->pgdir;
	}
	context_set_code_limit(&t->thread.context, e->mm->code_limit, t == current_task());
	if (t->exe)
		file_put(t->exe);
	t->exe = file_get(e->program.file);
	set_name(t, path);
	capabilities_at_exec(&t->group->ids);
	regs_init_user(regs, e->entry, e->sp);
}

static void free_exec(struct exec *e)
{
	if (e->args)
		exec_args_free(e->args);
	if (e->program.file)
		file_put(e->program.file);
	if (e->interp.file)
		file_put(e->interp.file);
	script_free(&e->script);
	kfree(e);
}

/* Opens what path names; of a script, what reads it. */
static int find_program(struct exec *e, struct inode *cwd, const char *path)
{
	int err;

	for (;;) {
		struct file *f = open_program(cwd, path);

		if (IS_ERR(f))
			return PTR_ERR(f);
		e->program.file = f;
		err = read_plan(&e->program);
		if (err != -ENOEXEC)
			return err ? err : file_deny_writing(f);
		path = script_read(&e->script, f, path);
		if (!path || IS_ERR(path))
			return path ? PTR_ERR(path) : err;
		file_put(f);
		e->program.file = NULL;
	}
}

static int prepare(struct exec *e, struct task *t, const char *path, const void *argv,
		   const void *envp, bool kernel)
{
	int err = find_program(e, t->cwd, path);

	if (!err)
		err = open_interp(e, t->cwd);
	if (!err)
		err = choose_addresses(e);
	if (err)
		return err;
	e->args = exec_args_gather(path, e->script.words, argv, envp, kernel,
				   t->group->limits[RLIMIT_STACK].cur);
	if (IS_ERR(e->args)) {
		err = PTR_ERR(e->args);
		e->args = NULL;
	}
	return err;
}

int exec_load(struct task *t, const char *path, const void *argv, const void *envp, bool kernel,
	      struct trap_frame *regs)
{
	struct exec *e = kzalloc(sizeof(*e), GFP_KERNEL);
	struct mm_struct *old;
	int err;

	if (!e)
		return -ENOMEM;
	e->task = t;
	err = prepare(e, t, path, argv, envp, kernel);
	if (err)
		goto out;
	e->mm = mm_create();
	if (!e->mm) {
		err = -ENOMEM;
		goto out;
	}
	e->mm->code_limit_changed = code_limit_changed;
	limits_to_mm(t->group, e->mm);
	mm_place_stack(e->mm);
	old = task_borrow_mm(e->mm);
	err = build(e);
	if (!err && t == current_task())
		err = become_single(t, e, old);
	if (!err) {
		commit(t, e, path, old, regs);
	} else {
		task_borrow_mm(old);
		mm_put(e->mm);
		if (old)
			context_set_code_limit(&current->context, old->code_limit, true);
	}
out:
	free_exec(e);
	return err;
}

long sys_execve(struct trap_frame *regs)
{
	char *path = path_get(regs->ebx);
	long ret;

	if (IS_ERR(path))
		return PTR_ERR(path);
	ret = exec_load(current_task(), path, uptr(regs->ecx), uptr(regs->edx), false, regs);
	path_put(path);
	return ret;
}
