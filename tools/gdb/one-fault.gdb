# One page fault, from the instruction to the frame and back (docs/MEMORY.md). In the gdb of
#     make debug CMDLINE="/bin/one-fault then poweroff"
# say
#     source tools/gdb/one-fault.gdb
set pagination off
set confirm off
set width 0

echo \n=== 1. the instruction faults: trap_page_fault, with the registers that entry_page_fault saved\n
tbreak trap_page_fault if $cr2 == 0x40000123
continue
set $frame = f
set $fault_eip = f->eip
printf "cr2 %08x  cr3 %08x  error code %x  eip %04x:%08x  esp %08x\n", $cr2, $cr3, $frame->error, $frame->cs & 0xFFFF, $frame->eip, $frame->esp
x/i $frame->eip
k-walk 0x40000123

echo \n=== 2. handle_mm_fault: which VMA, which case\n
tbreak handle_mm_fault
continue
printf "addr %08x flags %x\n", addr, flags
set $mm = current_mm
printf "tables %u  rss_anon %u  min_flt %u\n", $mm->nr_tables, $mm->rss_anon, $mm->min_flt
tbreak pte_table_alloc
continue
echo no table yet: pte_table_alloc\n
tbreak anon_write_fault
continue
set $vma = vma
set $pte = pte
printf "vma %08x-%08x flags %x pte_bits %03x mapping %p\n", $vma->start, $vma->end, $vma->flags, $vma->pte_bits, $vma->mapping
printf "entry at %08x (page-table window), now %08x\n", $pte, $pte->v
k-walk 0x40000123

echo \n=== 3. alloc_page: the frame\n
tbreak alloc_page
continue
set $hot = first_hot[gfp & 15]
printf "gfp %x: first choice is the hot list at %p, %u frames, first struct page %p\n", gfp, $hot, $hot->count, $hot->first
k-zones
finish
set $page = (struct page *)$eax
set $pfn = $page - mem_map
printf "hot list: %u frames\n", $hot->count
k-page $pfn

echo \n=== 4. cleared, mapped, counted\n
tbreak clear_highpage
continue
# An interrupt may come in between; its frame is another one.
tbreak return_from_trap if $esp == (unsigned)$frame
continue
printf "tables %u  rss_anon %u  min_flt %u\n", $mm->nr_tables, $mm->rss_anon, $mm->min_flt
k-walk 0x40000123
k-page $pfn

echo \n=== 5. iret, and the same instruction again\n
tbreak do_iret if *(unsigned *)$esp == $fault_eip
continue
stepi
printf "eip %08x  cs %04x\n", $eip, $cs & 0xFFFF
x/i $eip
stepi
printf "eip %08x  the byte: ", $eip
x/cb 0x40000123
k-walk 0x40000123
detach
