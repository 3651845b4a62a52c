// SPDX-License-Identifier: MIT
// The driver of the whole-system tests (tests/system/devices.sh). It serves ../probe.defs at the seat of its device.
//
// devprobe [serve | crash | never-sit | leave]: `serve` says what its device is, uses all of it, then tries what is not its
// own, and logs one line about each; `crash` exits with 3 before it takes its seat; `never-sit` does nothing; `leave`
// takes its seat and exits with 5.
#include <abi/probe_server.h>
#include <driver/driver.h>
#include <inttypes.h>
#include <mach/mach.h>
#include <serve/serve.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef DEVPROBE_VERSION
#define DEVPROBE_VERSION 1
#endif

static struct device_info info;
static mach_port_t interrupts;
static uint64_t counted;
static uint32_t interrupt_count;

// ---- ../probe.defs -----------------------------------------------------------------------------------------------------

kern_return_t probe_serve_echo(struct lpc_request *rq, uint64_t value, uint64_t *same, uint32_t *pid)
{
	*same = value;
	*pid = (uint32_t)getpid();
	return KERN_SUCCESS;
}

// So that a test sees which program answers.
kern_return_t probe_serve_count(struct lpc_request *rq, uint64_t *total)
{
	*total = ++counted + 1000 * DEVPROBE_VERSION;
	return KERN_SUCCESS;
}

kern_return_t probe_serve_carry(struct lpc_request *rq, mach_port_t right, mach_port_t *back)
{
	*back = right;
	return KERN_SUCCESS;
}

// A memory object of somebody else: what is it to this driver?
kern_return_t probe_serve_sum(struct lpc_request *rq, mach_port_t memory, uint32_t size, uint64_t *total)
{
	uint64_t address;
	int descriptor;
	kern_return_t address_error = driver_dma_address(memory, &address);
	kern_return_t descriptor_error = driver_dma_descriptor(memory, &descriptor);
	gila_logf("memory of others: %s, %s", gila_error_text(address_error), gila_error_text(descriptor_error));
	gila_port_drop(memory);
	*total = address_error == KERN_INVALID_CAPABILITY && descriptor_error == KERN_INVALID_CAPABILITY;
	return KERN_SUCCESS;
}

kern_return_t probe_serve_hang(struct lpc_request *rq, uint32_t generation)
{
	while (generation == (uint32_t)getpid())
		pause();
	return KERN_SUCCESS;
}

kern_return_t probe_serve_die(struct lpc_request *rq, uint32_t pid, uint32_t status)
{
	if (pid != (uint32_t)getpid())
		return KERN_SUCCESS;
	_exit((int)status);
}

// ---- What is its own -----------------------------------------------------------------------------------------------------

static void use_region(void)
{
	void *address;
	uint64_t size;
	char text[32] = "";
	kern_return_t error = driver_map(0, &address, &size);
	if (error) {
		gila_logf("region 0: %s", gila_error_text(error));
		return;
	}
	memcpy(text, address, sizeof(text) - 1);
	text[strcspn(text, "\n")] = 0;
	memcpy((char *)address + size - 8, "written", 8);
	gila_logf("region 0: %" PRIu64 " bytes, \"%s\"", size, text);
}

static void use_interrupt(struct serve *serve)
{
	int descriptor;
	uint64_t one = 1;
	kern_return_t error = gila_port_make(&interrupts);
	if (!error)
		error = serve_listen(serve, interrupts);
	if (!error)
		error = driver_interrupt(0, interrupts);
	if (!error)
		error = driver_interrupt_descriptor(0, &descriptor);
	if (error) {
		gila_logf("interrupt 0: %s", gila_error_text(error));
		return;
	}
	if (write(descriptor, &one, sizeof(one)) != sizeof(one))
		gila_logf("interrupt 0: cannot be raised");
	close(descriptor);
}

static void serve_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size)
{
	struct device_interrupt interrupt;
	if (message->msgh_local_port != interrupts || message->msgh_id != DEVICE_INTERRUPT_ID || size < sizeof(interrupt))
		return;
	memcpy(&interrupt, message, sizeof(interrupt));
	interrupt_count += interrupt.count;
	gila_logf("interrupt %u: %u so far", interrupt.index, interrupt_count);
	if (driver_interrupt_ack(interrupt.index))
		gila_logf("interrupt %u: cannot be acknowledged", interrupt.index);
}

static void use_memory(void)
{
	mach_port_t memory;
	void *address;
	uint64_t bus;
	int descriptor;
	char byte = 0;
	kern_return_t error = driver_dma(5000, &memory, &address, &bus);
	if (error) {
		gila_logf("memory: %s", gila_error_text(error));
		return;
	}
	error = driver_dma_descriptor(memory, &descriptor);
	memset(address, 7, 5000);
	bool shared = !error && pread(descriptor, &byte, 1, 4999) == 1 && byte == 7;
	bool fixed = !error && ftruncate(descriptor, 0) < 0 && gila_memory_grow(memory, 1 << 20) == KERN_PROTECTION_FAILURE;
	gila_logf("memory: at %s, descriptor %s, size %s", bus && bus % 4096 == 0 ? "a page" : "NOWHERE",
		  shared ? "shared" : "WRONG", fixed ? "fixed" : "NOT FIXED");
	if (!error)
		close(descriptor);
	gila_port_drop(memory);
}

static void use_backend(void)
{
	int descriptor;
	char answer[64] = "";
	kern_return_t error = driver_backend(0, &descriptor);
	if (error) {
		gila_logf("backend 0: %s", gila_error_text(error));
		return;
	}
	bool disk = strstr(info.compatible, "vhost-user");
	// VHOST_USER_GET_FEATURES, version 1, no payload (QEMU, "Vhost-user Protocol"): twelve bytes, and eight more come back.
	static const uint32_t question[3] = {1, 1, 0};
	if (disk && write(descriptor, question, sizeof(question)) != sizeof(question))
		gila_logf("backend 0: takes nothing");
	ssize_t size = 0, piece = 1;
	while (piece > 0 && size < (disk ? 20 : 1)) { // an answer may come in pieces
		piece = read(descriptor, answer + size, sizeof(answer) - 1 - (size_t)size);
		size += piece > 0 ? piece : 0;
	}
	answer[size] = 0;
	if (disk)
		gila_logf("backend 0: %s", size == 20 ? "tells its features" : "SAYS NOTHING");
	else
		gila_logf("backend 0: says \"%s\"", answer);
	close(descriptor);
}

// ---- What is not -----------------------------------------------------------------------------------------------------

static unsigned trespasses;

static void expect(const char *what, kern_return_t error, kern_return_t wanted)
{
	if (error == wanted)
		return;
	trespasses++;
	gila_logf("TRESPASS: %s: %s", what, error ? gila_error_text(error) : "allowed");
}

// The error of sitting on the seat of another probe. One that starts at boot may be there before init has registered the other's.
static kern_return_t sit_elsewhere(void)
{
	mach_port_t right;
	kern_return_t error;
	unsigned tries = 1000;
	while ((error = gila_seat_sit(strcmp(info.seat, "probe/1") ? "probe/1" : "probe/0", &right)) == KERN_NOT_FOUND && tries-- > 0)
		usleep(10000);
	return error;
}

static void trespass(void)
{
	void *address;
	uint64_t size, bus;
	int descriptor;
	mach_port_t memory, right;
	expect("a region too far", driver_map(info.region_count, &address, &size), KERN_INVALID_ARGUMENT);
	expect("the last region there could be", driver_map(UINT32_MAX, &address, &size), KERN_INVALID_ARGUMENT);
	expect("an interrupt too far", driver_interrupt(info.interrupt_count, interrupts), KERN_INVALID_ARGUMENT);
	expect("its acknowledgement", driver_interrupt_ack(info.interrupt_count), KERN_INVALID_ARGUMENT);
	expect("its descriptor", driver_interrupt_descriptor(info.interrupt_count, &descriptor), KERN_INVALID_ARGUMENT);
	uint32_t value;
	expect("a port without ports", driver_port_read(0, 0, 1, &value), KERN_INVALID_ARGUMENT);
	expect("writing to one", driver_port_write(0, 0, 1, 0), KERN_INVALID_ARGUMENT);
	expect("a backend too far", driver_backend(info.backend_count, &descriptor), KERN_INVALID_ARGUMENT);
	expect("no port for an interrupt", driver_interrupt(0, mach_task_self()),
	       info.interrupt_count ? KERN_INVALID_RIGHT : KERN_INVALID_ARGUMENT);
	expect("a seat that was not granted", gila_seat("fs/tmp", &right), KERN_DENIED);
	expect("another device's seat", gila_seat("device/other@5000", &right), KERN_DENIED);
	expect("the list of devices", gila_seat(DEVICE_SERVICE, &right), KERN_DENIED);
	if (strncmp(info.seat, "probe/", 6) == 0)
		expect("another device's seat to sit on", sit_elsewhere(), KERN_NOT_RECEIVER);
	if (gila_memory_make(4096, &memory) == KERN_SUCCESS) {
		expect("the address of other memory", driver_dma_address(memory, &bus), KERN_INVALID_CAPABILITY);
		expect("the descriptor of other memory", driver_dma_descriptor(memory, &descriptor), KERN_INVALID_CAPABILITY);
		gila_port_drop(memory);
	}
	gila_logf("%u trespasses", trespasses);
}

static kern_return_t start(struct serve *serve)
{
	if (info.region_count > 0)
		use_region();
	if (info.interrupt_count > 0)
		use_interrupt(serve);
	if (info.backend_count > 0)
		use_backend();
	use_memory();
	trespass();
	return KERN_SUCCESS;
}

static kern_return_t leave(struct serve *serve) { _exit(5); }

int main(int argc, char **argv)
{
	static bool (*const demux[])(struct lpc_request *) = {probe_demux, NULL};
	const char *mode = argc > 1 ? argv[1] : "serve";
	char colour[32] = "no colour";
	size_t size;
	struct serve serve = {.demux = demux, .message = serve_message, .start = strcmp(mode, "leave") == 0 ? leave : start};
	if (strcmp(mode, "crash") == 0)
		_exit(3);
	while (strcmp(mode, "never-sit") == 0)
		pause();
	kern_return_t error = driver_info(&info);
	if (error) {
		gila_logf("no device: %s", gila_error_text(error));
		return 4;
	}
	if (driver_property("colour", colour, sizeof(colour) - 1, &size) == KERN_SUCCESS && size < sizeof(colour))
		colour[size] = 0;
	gila_logf("version %d: %s at %s, seat %s, %u regions, %u interrupts, %u backends, %s", DEVPROBE_VERSION,
		  info.compatible, info.address, info.seat, info.region_count, info.interrupt_count, info.backend_count, colour);
	return serve_main(&serve);
}
