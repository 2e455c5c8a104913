#!/usr/bin/env python3
"""Turn `nm -n` output (stdin) into the kernel's own symbol table (nasm source, stdout).

The table is sorted by address: an array of addresses and, in the same order, the names behind each
other, with an array that tells where every sixteenth begins.
"""
import sys

NAMES_A_GROUP = 16  # kernel/debug/symbols.c


def read_symbols(lines):
    symbols = []
    for line in lines:
        fields = line.split()
        if len(fields) != 3 or fields[1] in "aAUN":
            continue
        address, _, name = fields
        # The table does not list itself: its own size would change what it says.
        if not name.startswith("kernel_symtab"):
            symbols.append((int(address, 16), name))
    # Of several names for one address the last wins in a search; let it not be a linker's mark.
    return sorted(symbols, key=lambda s: (s[0], not s[1].startswith("__"), s[1]))


def main():
    symbols = read_symbols(sys.stdin)
    out = ["section .symtab_kernel progbits alloc noexec nowrite align=4"]
    out += ["global kernel_symtab_count, kernel_symtab_addresses",
            "global kernel_symtab_groups, kernel_symtab_names"]
    out.append("kernel_symtab_count: dd %d" % len(symbols))
    out.append("kernel_symtab_addresses:")
    out += ["dd 0x%08x" % address for address, _ in symbols]
    out.append("kernel_symtab_groups:")
    offset = 0
    for index, (_, name) in enumerate(symbols):
        if index % NAMES_A_GROUP == 0:
            out.append("dd %d" % offset)
        offset += len(name) + 1
    out.append("kernel_symtab_names:")
    out += ['db "%s", 0' % name for _, name in symbols]
    out.append("db 0")
    print("\n".join(out))


main()
