# Pagoda: `make run` boots it, `make test` tests it, `make help` lists the rest.

MEM ?= 512
CPU ?= max
CMDLINE ?=
export CMDLINE # recipes take it from the environment, quotes and all
# What make run boots: tour, our own programs, or the name of a user/images/NAME.packages.
IMAGE ?= busybox
CROSS_COMPILE ?= i686-linux-gnu-
DEBUG ?= 0
# Where the Debian packages that tools/setup installs put their modules.
PYTHON ?= /usr/bin/python3

ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
LD := $(CROSS_COMPILE)ld
NM := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy
CLANG ?= clang
NASM ?= nasm
QEMU ?= qemu-system-i386
GDB ?= gdb

B := build
ifeq ($(DEBUG),1)
O := $(B)/debug
else
O := $(B)
endif
KERNEL := $(O)/pagoda.elf
ISO := $(O)/pagoda-tour.iso
INITRD := $(B)/initrd.cpio
RUN_ISO := $(O)/pagoda-$(or $(IMAGE),tour).iso

# As many jobs as there are processors, unless -j says otherwise.
ifeq ($(filter -j% --jobserver%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

# make V=1 shows the commands.
Q := $(if $(filter 1,$(V)),,@)
say = @echo '  $(1)'

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all iso run debug test host-test fuzz-quick fuzz boot-test abi-test soak fuzz-calls bench lint format \
	setup clean help FORCE

all: $(KERNEL) ## build the kernel image and the programs (DEBUG=1: with assertions and red zones)

# --- what the machine must have ---------------------------------------------------------------
# build/toolchain*.mk records what was found out about the compiler. It is a makefile that is made:
# make builds it first, which installs what is missing, and then starts over with everything there.
# make, make iso and the object files only check, because nobody asked them to install anything.
TOOLCHAIN := $(B)/toolchain-$(notdir $(firstword $(CC))).mk
NO_TOOLS := help clean setup
INSTALLING := run debug test host-test fuzz-quick fuzz boot-test abi-test soak fuzz-calls bench lint format

ifneq ($(filter-out $(NO_TOOLS),$(or $(MAKECMDGOALS),all)),)
include $(TOOLCHAIN)
ifeq ($(MAKE_RESTARTS),)
ifneq ($(shell tools/setup --missing),)
# Something was removed, or a tool is new: make the file again. (Not by .PHONY: make does not see that
# a phony makefile has changed, and would not start over.)
$(TOOLCHAIN): FORCE
endif
endif
endif

$(TOOLCHAIN): tools/toolchain
	@tools/setup $(if $(filter $(INSTALLING),$(MAKECMDGOALS)),,--check)
	@mkdir -p $(@D)
	@tools/toolchain "$(CC)" $(B)/uapi > $@

setup: ## install what building, running and testing need (Debian: apt; elsewhere it prints a list)
	@tools/setup

# --- kernel -----------------------------------------------------------------------------------
ROOMS := boot arch/i386/* mm/* kernel/* drivers fs lib
OFFSETS_C := arch/i386/cpu/offsets.c
C_SRC := $(filter-out $(OFFSETS_C),$(sort $(wildcard $(addsuffix /*.c,$(ROOMS)))))
ASM_SRC := $(sort $(wildcard $(addsuffix /*.asm,$(ROOMS))))
OBJ := $(C_SRC:%.c=$(O)/%.o) $(ASM_SRC:%.asm=$(O)/%.asm.o)

WARNINGS := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Werror
CFLAGS_BOTH := -std=gnu11 -m32 -march=i486 -O2 -g -ffreestanding -nostdinc -I. -mregparm=3 \
	-mgeneral-regs-only -fno-pic -fno-pie -fno-stack-protector -fno-strict-aliasing -fno-common \
	-fno-omit-frame-pointer -fno-asynchronous-unwind-tables $(WARNINGS) -DDEBUG=$(DEBUG)
# The processors that profit from aligned code have 8 KB of cache, which they need more.
NO_PADDING := -falign-functions=4 -falign-loops=1 -falign-jumps=1 -falign-labels=1
CFLAGS_KERNEL := $(CFLAGS_BOTH) $(NO_PADDING) -isystem $(GCC_INCLUDE) -isystem $(B)/uapi
NASMFLAGS := -f elf32 -g -F dwarf -w+all -Werror -I$(O)/ -I./ \
	-DDEBUG=$(DEBUG)
LDFLAGS := -m elf_i386 -T linker.ld -nostdlib --build-id=none -z max-page-size=4096 -z noexecstack \
	--orphan-handling=error

$(O)/%.o: %.c Makefile $(TOOLCHAIN)
	@mkdir -p $(@D)
	$(call say,CC      $<)
	$(Q)$(CC) $(CFLAGS_KERNEL) -MMD -MP -c $< -o $@

# A table of jumps would lie in .rodata, which stays when the boot's code goes (__init).
$(O)/boot/multiboot.o: CFLAGS_KERNEL += -fno-jump-tables

$(O)/%.asm.o: %.asm $(O)/offsets.inc Makefile
	@mkdir -p $(@D)
	$(call say,NASM    $<)
	$(Q)$(NASM) $(NASMFLAGS) -MD $(@:.o=.d) -MP -MT $@ $< -o $@

# Structure offsets for assembly come from the compiler: offsets.c is compiled to text, in which
# each DEFINE(SYMBOL, constant) has left a line "->SYMBOL value".
$(O)/offsets.inc: $(wildcard $(OFFSETS_C)) Makefile $(TOOLCHAIN)
	@mkdir -p $(@D)
	$(call say,OFFSETS $(OFFSETS_C))
	$(Q)$(if $(wildcard $(OFFSETS_C)),$(CC) $(CFLAGS_KERNEL) -MMD -MP -MT $@ -S $(OFFSETS_C) -o $(@:.inc=.s),: > $(@:.inc=.s))
	$(Q)sed -n 's/^->\([A-Za-z0-9_]*\) \$$*\(-*[0-9][0-9]*\).*/%define \1 \2/p' $(@:.inc=.s) > $@

# In the same way the gdb commands get the macros of the headers.
$(O)/pagoda_constants.py: tools/gdb/constants.c Makefile $(TOOLCHAIN)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_KERNEL) -MMD -MP -MT $@ -S $< -o $(@:.py=.s)
	$(Q)sed -n 's/^->\([A-Za-z0-9_]*\) \$$*\(-*[0-9][0-9]*\).*/\1 = \2 \& 0xFFFFFFFF/p' $(@:.py=.s) > $@

# The kernel carries its own symbol table. It is linked three times: without the table, with a table
# of the final size, and with the final addresses; the last step checks that nothing moved.
$(KERNEL): $(OBJ) linker.ld tools/symtab.py | $(O)/pagoda_constants.py
	@: | $(PYTHON) tools/symtab.py > $(O)/symtab0.asm
	@$(NASM) -f elf32 $(O)/symtab0.asm -o $(O)/symtab0.o
	@$(LD) $(LDFLAGS) $(OBJ) $(O)/symtab0.o -o $(O)/pass1.elf
	@$(NM) -n $(O)/pass1.elf | $(PYTHON) tools/symtab.py > $(O)/symtab1.asm
	@$(NASM) -f elf32 $(O)/symtab1.asm -o $(O)/symtab1.o
	@$(LD) $(LDFLAGS) $(OBJ) $(O)/symtab1.o -o $(O)/pass2.elf
	@$(NM) -n $(O)/pass2.elf | $(PYTHON) tools/symtab.py > $(O)/symtab2.asm
	@$(NASM) -f elf32 $(O)/symtab2.asm -o $(O)/symtab2.o
	$(call say,LINK    $@)
	$(Q)$(LD) $(LDFLAGS) -Map $(O)/pagoda.map $(OBJ) $(O)/symtab2.o -o $@
	@$(NM) -n $@ | $(PYTHON) tools/symtab.py | cmp -s - $(O)/symtab2.asm || \
		{ echo "the symbol table moved what it describes" >&2; rm -f $@; exit 1; }
	@ln -sfn "$(CURDIR)/tools/gdb/pagoda-gdb.py" $@-gdb.py

-include $(OBJ:.o=.d) $(O)/offsets.d $(O)/pagoda_constants.d

# --- programs and tests, each in its own folder -------------------------------------------------
-include user/Makefile.inc
-include tests/host/Makefile.inc
-include tests/fuzz/Makefile.inc
-include tests/abi/Makefile.inc

ifneq ($(wildcard user/Makefile.inc),)
all: $(INITRD)
endif

# --- image and machine --------------------------------------------------------------------------
iso: $(RUN_ISO) ## build the bootable CD image (also boots from a USB stick), build/pagoda-IMAGE.iso

$(ISO): $(KERNEL) $(INITRD) iso/grub.cfg tools/mkiso
	$(call say,ISO     $@)
	$(Q)tools/mkiso $(OBJCOPY) $(KERNEL) $(INITRD) iso/grub.cfg "$$CMDLINE" $@

# The menu is written with the command line in it, so a new CMDLINE is a new image.
$(O)/cmdline: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$CMDLINE" | cmp -s - $@ || printf '%s\n' "$$CMDLINE" > $@
$(ISO): $(O)/cmdline

QEMU_MACHINE = $(QEMU) -accel tcg -m $(MEM) -cpu $(CPU) -no-reboot

# Images with a shell and Debian's programs, which are fetched into build/debian.
$(B)/initrd-%.cpio: user/images/%.packages $(INITRD) $(addprefix user/images/,make steps profile motd) tools/debian user/mkinitrd.py
	$(call say,IMAGE   $@)
	$(Q)PYTHON="$(PYTHON)" user/images/make $* $@

$(O)/pagoda-%.iso: $(KERNEL) $(B)/initrd-%.cpio iso/grub.cfg tools/mkiso $(O)/cmdline
	$(call say,ISO     $@)
	$(Q)tools/mkiso $(OBJCOPY) $(KERNEL) $(B)/initrd-$*.cpio iso/grub.cfg "$$CMDLINE" $@

.PRECIOUS: $(B)/initrd-%.cpio

ifneq ($(filter run iso,$(MAKECMDGOALS)),)
IMAGES := tour $(patsubst user/images/%.packages,%,$(wildcard user/images/*.packages))
$(if $(filter $(or $(IMAGE),tour),$(IMAGES)),,$(error There is no image $(IMAGE); there are: $(IMAGES)))
endif

run: $(RUN_ISO) ## boot in QEMU in this terminal, up to a shell (IMAGE=busybox, full, tour); Ctrl-A X leaves
	tools/run $(QEMU_MACHINE) -display none -serial mon:stdio -boot d -cdrom $(RUN_ISO)

debug: $(KERNEL) $(INITRD) ## start QEMU stopped, with gdb attached and our commands loaded
	tools/debug "$(GDB)" $(KERNEL) $(QEMU_MACHINE) -display none -kernel $(KERNEL) -initrd $(INITRD) \
		-append "$$CMDLINE"

test: ## run every test; the last line is "N passed, N failed"
	@MAKE="$(MAKE)" tools/test-all $(B)/results host-test fuzz-quick abi-test boot-test

boot-test: $(KERNEL) user $(ISO) $(O)/pagoda-busybox.iso ## boot many machines and look at what they say (ARGS="-k name")
	@mkdir -p $(B)/results
	@$(MAKE) --no-print-directory DEBUG=1 build/debug/pagoda.elf
	$(PYTHON) -m pytest -q -n 2 --dist loadgroup -p no:cacheprovider tests/boot --results $(B)/results/boot-test $(ARGS)

soak: $(KERNEL) user ## an hour of a mixed load (ARGS="SEED SECONDS PROCESSES", MEM=128, SHIFT=3)
	BUILD=$(O) $(PYTHON) tests/boot/long_run.py soak $(ARGS)

fuzz-calls: $(KERNEL) user ## ten million random system calls (ARGS="SEED CALLS PROCESSES", MEM=128, SHIFT=3)
	BUILD=$(O) $(PYTHON) tests/boot/long_run.py fuzz $(ARGS)

bench: $(KERNEL) $(INITRD) ## count the instructions of the operations in docs/PERFORMANCE.md (ARGS=--update: into its table)
	$(PYTHON) tools/bench/run.py --qemu $(QEMU) --kernel $(KERNEL) --initrd $(INITRD) $(ARGS)

# --- care ---------------------------------------------------------------------------------------
FORMATTED = $(shell find . -name build -prune -o -name '*.[ch]' -print)

lint: $(OBJ) ## room ranks, formatting, cppcheck, clang, forbidden constructs
	@CLANG="$(CLANG)" NM="$(NM)" $(PYTHON) tools/lint/lint.py --uapi $(B)/uapi --objects $(O) --sources "$(C_SRC)" \
		--cflags "$(CFLAGS_BOTH) -isystem $(B)/uapi"

format: ## format all C files in place
	@clang-format -i $(FORMATTED)

clean: ## remove everything that was built
	rm -rf $(B)

help: ## list the targets
	@echo 'Usage: make [TARGET] [MEM=512] [CPU=max] [CMDLINE="..."] [IMAGE=busybox] [CROSS_COMPILE=i686-linux-gnu-] [DEBUG=1] [V=1]'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile user/Makefile.inc tests/*/Makefile.inc 2>/dev/null | \
		awk -F '\t' '{ printf "  %-12s %s\n", $$1, $$2 }'
