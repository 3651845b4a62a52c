// SPDX-License-Identifier: MIT
// The clients' program (user.ld) as bytes; -DSTAGE_IMAGE="file".
	.section .rodata.stage_image, "a"
	.globl stage_image, stage_image_end
stage_image:
	.incbin STAGE_IMAGE
stage_image_end:
	.section .note.GNU-stack, "", @progbits
