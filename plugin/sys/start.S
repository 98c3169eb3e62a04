// SPDX-License-Identifier: MIT
// Where the kernel enters the freestanding reader: the stack holds argc, argv, NULL, envp, NULL.
// Aligns the stack as the ABI demands of a caller and hands argc, argv and envp to reader_start.
#if defined(__x86_64__)
        .text
        .globl  _start
        .type   _start, @function
_start:
        xorl    %ebp, %ebp
        movl    (%rsp), %edi
        leaq    8(%rsp), %rsi
        leaq    8(%rsi,%rdi,8), %rdx
        andq    $-16, %rsp
        call    reader_start
        hlt
        .size   _start, .-_start
#elif defined(__aarch64__)
        .text
        .globl  _start
        .type   _start, %function
_start:
        mov     x29, #0
        mov     x30, #0
        ldr     w0, [sp]
        add     x1, sp, #8
        add     x2, x1, x0, lsl #3
        add     x2, x2, #8
        mov     x9, sp
        and     sp, x9, #-16
        bl      reader_start
        brk     #1
        .size   _start, .-_start
#endif
        .section .note.GNU-stack,"",%progbits
