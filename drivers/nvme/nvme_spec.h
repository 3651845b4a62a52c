// SPDX-License-Identifier: MIT
// What of NVM Express is used here: registers, queue entries and identify data, as the NVM Express Base Specification, revision 1.4,
// lays them out (sections in comments). All little-endian.
#ifndef NVME_SPEC_H
#define NVME_SPEC_H

#include <stddef.h>
#include <stdint.h>

#define NVME_PAGE 4096u // CC.MPS = 0

// 3.1: controller registers, by offset.
enum {
	NVME_CAP = 0x00,
	NVME_CC = 0x14,
	NVME_CSTS = 0x1c,
	NVME_AQA = 0x24,
	NVME_ASQ = 0x28,
	NVME_ACQ = 0x30,
	NVME_DOORBELLS = 0x1000, // 3.1.24, 3.1.25
};

// 3.1.1
#define NVME_CAP_MQES(cap) ((uint32_t)((cap) & 0xffff))
#define NVME_CAP_TO(cap) ((uint32_t)((cap) >> 24 & 0xff)) // in 500 ms
#define NVME_CAP_DSTRD(cap) ((uint32_t)((cap) >> 32 & 0xf))
#define NVME_CAP_NVM(cap) ((cap) >> 37 & 1)
#define NVME_CAP_MPSMIN(cap) ((uint32_t)((cap) >> 48 & 0xf))
#define NVME_TO_NS UINT64_C(500000000)

#define NVME_CC_ENABLE 1u                                // 3.1.5
#define NVME_CC_SIZES (6u << 16 | 4u << 20)              // entries of 64 and 16 bytes
enum { NVME_CSTS_READY = 1, NVME_CSTS_FATAL = 2 };       // 3.1.6

// 4.2
struct nvme_submission {
	uint8_t opcode, flags;
	uint16_t id;
	uint32_t namespace, word2, word3;
	uint64_t metadata;
	uint64_t prp1, prp2;
	uint32_t word10, word11, word12, word13, word14, word15;
};

// 4.6
struct nvme_completion {
	uint32_t result, reserved;
	uint16_t head, queue;
	uint16_t id, status; // bit 0: phase
};

enum { NVME_SUBMISSION = sizeof(struct nvme_submission), NVME_COMPLETION = sizeof(struct nvme_completion) };
_Static_assert(NVME_SUBMISSION == 64 && NVME_COMPLETION == 16, "4.2, 4.6");

// 4.6.1: status code and its type, without the phase, the retry hints and "more".
#define NVME_STATUS(status) ((status) >> 1 & 0x7ff)
enum { NVME_STATUS_OK = 0, NVME_STATUS_OPCODE = 1, NVME_STATUS_FIELD = 2 };

enum { // 5
	NVME_ADMIN_CREATE_SQ = 0x01,
	NVME_ADMIN_CREATE_CQ = 0x05,
	NVME_ADMIN_IDENTIFY = 0x06,
	NVME_ADMIN_SET_FEATURES = 0x09,
};
#define NVME_QUEUE_CONTIGUOUS 1u // 5.3, 5.4
#define NVME_QUEUE_INTERRUPTS 2u // 5.3
#define NVME_FEATURE_QUEUES 7u   // 5.21.1.7
enum { NVME_CNS_NAMESPACE = 0, NVME_CNS_CONTROLLER = 1, NVME_CNS_ACTIVE = 2 }; // 5.15.1

enum nvme_opcode { // 6
	NVME_FLUSH = 0x00,
	NVME_WRITE = 0x01,
	NVME_READ = 0x02,
	NVME_WRITE_ZEROES = 0x08,
	NVME_DATASET = 0x09,
};
#define NVME_DATASET_DEALLOCATE 4u // 6.7: word 11
#define NVME_BLOCKS_MAX 65536u     // of one command: 16 bits, 0's based

// 6.7.1.1
struct nvme_range {
	uint32_t attributes, blocks;
	uint64_t first;
};

// 5.15.2.2: identify controller, by offset.
enum {
	NVME_CTRL_SERIAL = 4,
	NVME_CTRL_MDTS = 77,
	NVME_CTRL_SQES = 512,
	NVME_CTRL_CQES = 513,
	NVME_CTRL_ONCS = 520,
	NVME_CTRL_VWC = 525,
};
#define NVME_SERIAL_BYTES 20u
enum { NVME_ONCS_DATASET = 1 << 2, NVME_ONCS_WRITE_ZEROES = 1 << 3 };

// 5.15.2.1: identify namespace, by offset.
enum {
	NVME_NS_SIZE = 0,
	NVME_NS_FORMATS = 25, // how many, 0's based
	NVME_NS_FORMAT = 26,  // the present one
	NVME_NS_PROTECTION = 29,
	NVME_NS_ATTRIBUTES = 99,
	NVME_NS_LBAF = 128,   // 4 bytes each: metadata (u16), log2 of the block, performance
};

#endif
