// SPDX-License-Identifier: MIT
// From the loader to C, in 32-bit protected mode without paging; ebx is the physical address of what the loader tells.
// pvh_start: Xen's PVH interface (xen docs/misc/pvh.pandoc, "x86/HVM direct boot ABI").
// multiboot_start: Multiboot2 Specification 2.0, 3.3; eax = 0x36d76289. GRUB comes here from BIOS and from UEFI: the header
// does not ask for boot services, so they have been left (3.1.14).
//
// The page tables made here map the first 4 GiB three times: as they are, at DIRECT_BASE, and (1 GiB) at -2 GiB. They
// are all that CPU 0 needs until paging.c has made the real ones; every other CPU goes through them again (smp.c).

#define KERNEL_VIRTUAL 0xffffffff80000000
#define PAGE_LARGE 0x83 // present, writable, 2 MiB
#define CR4_BOOT 0x20   // PAE
#define EFER 0xc0000080
#define EFER_BOOT 0x901 // NXE, LME, SCE
#define CR0_BOOT 0x80010001 // PG, WP, PE
#define TRAMPOLINE 0x8000   // where smp.c copies the code between trampoline_begin and trampoline_end

	.section .note.pvh, "a", @note
	.long	4, 8, 18 // XEN_ELFNOTE_PHYS32_ENTRY (xen/include/public/elfnote.h)
	.asciz	"Xen"
	.quad	pvh_start

// The header (3.1.2): a sum that makes zero, tags at multiples of 8 bytes. Optional are tags with the flag 1.
#define HEADER_MAGIC 0xe85250d6
	.section .boot.header, "a"
	.balign	8
header:
	.long	HEADER_MAGIC, 0, header_end - header, -(HEADER_MAGIC + header_end - header)
	.short	3, 0 // entry address
	.long	12, multiboot_start
	.balign	8
	.short	1, 1 // information request: command line, modules, memory map, framebuffer, ACPI's root pointers
	.long	32, 1, 3, 6, 8, 14, 15
	.balign	8
	.short	5, 1 // framebuffer: width, height, bits of a pixel
	.long	20, 1024, 768, 32
	.balign	8
	.short	6, 0 // modules at the beginning of pages
	.long	8
	.short	0, 0
	.long	8
header_end:

	.section .boot.text, "ax"
	.code32
	.globl	pvh_start
multiboot_start:
	movl	%eax, %esi
	jmp	start
pvh_start:
	xorl	%esi, %esi
// esi: the loader's magic number, 0 for PVH, which has one in what it tells.
start:
	cli
	cld
	movl	%ebx, %ebp
	// Four directories of 2 MiB pages.
	movl	$boot_directories, %edi
	movl	$PAGE_LARGE, %eax
	xorl	%edx, %edx
1:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	jnc	1b
	// The tables above them: the first and the last.
	movl	$boot_directories + 3, %eax
	movl	$boot_table_low, %edi
	movl	$4, %ecx
2:	movl	%eax, (%edi)
	addl	$4096, %eax
	addl	$8, %edi
	loop	2b
	movl	$boot_directories + 3, boot_table_high + 510 * 8
	movl	$boot_table_low + 3, boot_root
	movl	$boot_table_low + 3, boot_root + 256 * 8
	movl	$boot_table_high + 3, boot_root + 511 * 8
	lgdt	boot_gdt_pointer
	movl	$first_long, %ebx

// ebx: where to go on in 64-bit mode (Intel SDM volume 3, 9.8.5, "Initializing IA-32e Mode").
go_long:
	movl	$CR4_BOOT, %eax
	movl	%eax, %cr4
	movl	$boot_root, %eax
	movl	%eax, %cr3
	movl	$EFER, %ecx
	movl	$EFER_BOOT, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$CR0_BOOT, %eax
	movl	%eax, %cr0
	ljmp	$8, $in_long
	.code64
in_long:
	xorl	%eax, %eax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	jmp	*%rbx
first_long:
	movabs	$boot_high, %rax
	jmp	*%rax
other_long:
	movabs	$other_high, %rax
	jmp	*%rax

	// Another CPU, from the trampoline, in 32-bit mode.
	.code32
other_start:
	movw	$16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$other_long, %ebx
	jmp	go_long

// Copied to TRAMPOLINE; a CPU starts here in real mode after its start-up message (Intel SDM volume 3, 8.4.4.2).
	.code16
	.globl	trampoline_begin, trampoline_end
trampoline_begin:
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	TRAMPOLINE + trampoline_gdt_pointer - trampoline_begin
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$24, $other_start
	.balign	4
trampoline_gdt_pointer:
	.word	boot_gdt_end - boot_gdt - 1
	.long	boot_gdt
trampoline_end:

	.section .boot.data, "aw"
	.balign	16
boot_gdt: // null; 64-bit code, data; 32-bit code (Intel SDM volume 3, 3.4.5)
	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff
boot_gdt_end:
boot_gdt_pointer:
	.word	boot_gdt_end - boot_gdt - 1
	.long	boot_gdt

	.section .boot.bss, "aw", @nobits
	.balign	4096
	.globl	boot_root
boot_root:
	.skip	4096
boot_table_low:
	.skip	4096
boot_table_high:
	.skip	4096
boot_directories:
	.skip	4 * 4096

	.text
	.code64
boot_high:
	leaq	boot_stack_end(%rip), %rsp
	movl	%ebp, %edi
	xorl	%ebp, %ebp
	call	boot_start // (information, magic)
	ud2
other_high:
	movq	other_root(%rip), %rax
	movq	%rax, %cr3
	movq	other_stack(%rip), %rsp
	movq	other_block(%rip), %rdi
	xorl	%ebp, %ebp
	call	cpu_start_here
	ud2

	.bss
	.balign	16
boot_stack:
	.skip	16384
boot_stack_end:
	.globl	other_root, other_stack, other_block
other_root:
	.skip	8
other_stack:
	.skip	8
other_block:
	.skip	8

	.section .note.GNU-stack,"",@progbits
