// SPDX-License-Identifier: MIT
// Kernel ports of tasks, threads and the host; see task_port.h.
#include "task_port.h"

#include "../memory/memory_port.h"
#include "task.h"
#include "thread.h"

#include <abi/mach_host_server.h>
#include <abi/mach_port_server.h>
#include <abi/mach_vm_server.h>
#include <abi/task_server.h>
#include <abi/thread_act_server.h>

static bool serve_task(struct lpc_request *request)
{
	return task_demux(request) || mach_vm_demux(request) || mach_port_demux(request);
}

// Numbers are the IKOT_* of macOS.
const struct port_object_ops task_port_ops = {.name = "task", .demux = serve_task, .kobject_type = 2};
const struct port_object_ops thread_port_ops = {.name = "thread", .demux = thread_act_demux, .kobject_type = 1};
const struct port_object_ops host_port_ops = {
	.name = "host", .demux = mach_host_demux, .kobject_type = 3, .reply_size = 640}; // a version has 512 bytes

static void host_destroy(struct object *object) { panic("the host object was released"); }
static void host_print(struct object *object, char *to, size_t room) { format_text(to, room, "host"); }
static const struct object_kind host_kind = {"host", host_destroy, host_print};
static struct object host;
static struct port *host_port;

void task_port_module_init(void)
{
	object_init(&host, &host_kind);
	host_port = port_create_object(&account_kernel, &host_port_ops, &host);
	if (!host_port)
		panic("no memory for the host's port");
}

struct right host_make_send(void) { return port_make_send(host_port); }
struct right task_make_send(struct task *task) { return port_make_send(task->self_port); }

// The thread's port with a reference; NULL: none yet. *over: the thread has ended and gets none.
static struct port *thread_port(struct thread *thread, bool *over)
{
	lock_acquire(&thread->task->lock);
	struct port *port = thread->self_port ? port_reference(thread->self_port) : NULL;
	*over = !thread->registered;
	lock_release(&thread->task->lock);
	return port;
}

// Makes `fresh` (a reference, consumed) the thread's port unless it has one or has ended.
static void thread_set_port(struct thread *thread, struct port *fresh)
{
	lock_acquire(&thread->task->lock);
	bool taken = !thread->self_port && thread->registered;
	if (taken)
		thread->self_port = fresh;
	lock_release(&thread->task->lock);
	if (!taken) {
		port_end_object(fresh);
		port_release(fresh);
	}
}

struct right thread_make_send(struct thread *thread)
{
	bool over;
	struct port *port = thread_port(thread, &over);
	if (!port && !over) {
		struct port *fresh = port_create_object(thread->task->account, &thread_port_ops, &thread->object);
		if (!fresh)
			return (struct right){NULL, RIGHT_NONE};
		thread_set_port(thread, fresh);
		port = thread_port(thread, &over);
	}
	if (!port)
		return (struct right){NULL, RIGHT_DEAD};
	struct right right = port_make_send(port);
	port_release(port);
	return right;
}

void thread_end_port(struct thread *thread)
{
	lock_acquire(&thread->task->lock);
	struct port *port = thread->self_port;
	thread->self_port = NULL;
	lock_release(&thread->task->lock);
	if (!port)
		return;
	port_end_object(port);
	port_release(port);
}

struct task *task_named(struct thread *self, mach_port_name_t name)
{
	struct object *object = space_port_object(&self->task->space, name, &task_port_ops);
	return object ? container_of(object, struct task, object) : NULL;
}

struct thread *thread_named(struct thread *self, mach_port_name_t name)
{
	struct object *object = space_port_object(&self->task->space, name, &thread_port_ops);
	return object ? container_of(object, struct thread, object) : NULL;
}
