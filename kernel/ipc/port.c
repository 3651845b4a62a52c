// SPDX-License-Identifier: MIT
// Ports: their states from creation to death; see port.h.
#include "port.h"

#include "../task/task.h"
#include "mach_msg.h"
#include "notify.h"
#include "transit.h"

static _Atomic uint32_t last_id;

// Every port is in a registry, for people and for ipc_check; in shards, so that CPUs seldom meet.
#define SHARDS 16u
static struct shard {
	struct lock lock; // RANK_THREAD: a leaf
	struct list ports;
} __attribute__((aligned(64))) shards[SHARDS];

void port_module_init(void)
{
	transit_module_init();
	for (unsigned i = 0; i < SHARDS; i++) {
		lock_init(&shards[i].lock, RANK_THREAD);
		list_init(&shards[i].ports);
	}
}

static void registry_add(struct port *port)
{
	struct shard *shard = &shards[port->id % SHARDS];
	lock_acquire(&shard->lock);
	list_push_back(&shard->ports, &port->registry_link);
	lock_release(&shard->lock);
}

static void registry_remove(struct port *port)
{
	struct shard *shard = &shards[port->id % SHARDS];
	lock_acquire(&shard->lock);
	list_remove(&port->registry_link);
	lock_release(&shard->lock);
}

void port_for_each(void (*visit)(struct port *port, void *context), void *context)
{
	for (unsigned i = 0; i < SHARDS; i++) {
		lock_acquire(&shards[i].lock);
		list_for_each (link, &shards[i].ports)
			visit(container_of(link, struct port, registry_link), context);
		lock_release(&shards[i].lock);
	}
}

static const char *const state_names[] = {"live", "in transit", "kept", "kernel object", "dead"};

static void port_destroy(struct object *object)
{
	struct port *port = container_of(object, struct port, object);
	struct account *account = port->account;
	assert(port_state(port) == PORT_DEAD && list_empty(&port->messages) && !port->destination);
	registry_remove(port);
	assert(atomic_load(&port->plain.send_rights) == 0 && atomic_load(&port->send_once_rights) == 0);
	account_refund(account, ACCOUNT_PORT, 1);
	kfree(account, port, sizeof(*port));
	account_release(account);
}

static void port_print(struct object *object, char *to, size_t room)
{
	struct port *port = container_of(object, struct port, object);
	format_text(to, room, "port %u: %s%s%s, %u of %u messages, %u send, %u send-once rights", port->id,
		    state_names[port_state(port)], port->ops ? ": " : "", port->ops ? port->ops->name : "", port->queued,
		    port->limit, atomic_load(&port->plain.send_rights), atomic_load(&port->send_once_rights));
}

const struct object_kind port_kind = {"port", port_destroy, port_print};

// The only place where states change. Port lock held, or the port is not known to anybody yet.
static void port_set_state(struct port *port, enum port_state to)
{
	static const uint8_t allowed[] = {
		[PORT_LIVE] = 1 << PORT_TRANSIT | 1 << PORT_KEPT,
		[PORT_TRANSIT] = 1 << PORT_LIVE | 1 << PORT_KEPT | 1 << PORT_OBJECT | 1 << PORT_DEAD,
		[PORT_KEPT] = 1 << PORT_TRANSIT | 1 << PORT_DEAD,
		[PORT_OBJECT] = 1 << PORT_DEAD,
		[PORT_DEAD] = 0,
	};
	enum port_state from = port_state(port);
	if (!(allowed[from] & 1 << to))
		panic("port %u: from %s to %s", port->id, state_names[from], state_names[to]);
	atomic_store_explicit(&port->state, (uint8_t)to, memory_order_release);
}

static int badge_compare(const void *key, const struct tree_node *node)
{
	uint64_t value = *(const uint64_t *)key, other = container_of(node, struct badge, node)->value;
	return value < other ? -1 : value > other;
}

struct port *port_create(struct account *account)
{
	if (!account_charge(account, ACCOUNT_PORT, 1))
		return NULL;
	struct port *port = kalloc(account, sizeof(*port));
	if (!port) {
		account_refund(account, ACCOUNT_PORT, 1);
		return NULL;
	}
	object_init(&port->object, &port_kind);
	lock_init(&port->lock, RANK_PORT);
	atomic_init(&port->state, PORT_TRANSIT);
	port->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
	port->limit = MACH_PORT_QLIMIT_DEFAULT;
	list_init(&port->messages);
	wait_queue_init(&port->receivers);
	wait_queue_init(&port->senders);
	list_init(&port->links);
	list_init(&port->requests);
	list_init(&port->armed);
	port->plain.port = port;
	tree_init(&port->badges, badge_compare);
	port->account = account_reference(account);
	registry_add(port);
	return port;
}

void port_watch(struct port *port, const struct port_keeper_ops *keeper, void *data)
{
	port->keeper = keeper;
	port->keeper_data = data;
}

// ---- Into and out of spaces ----------------------------------------------------------------------------------------

void port_enter_space_locked(struct port *port, struct space *space, mach_port_name_t name)
{
	port_set_state(port, PORT_LIVE);
	atomic_store_explicit(&port->space, space, memory_order_relaxed);
	port->name = name;
}

void port_leave_space_locked(struct port *port)
{
	port_set_extract_all_locked(port);
	wait_wake_all(&port->receivers, WAIT_GONE);
	atomic_store_explicit(&port->space, NULL, memory_order_relaxed);
	port->name = MACH_PORT_NULL;
	port->plain.make_send_count = 0;
	port->sequence = 0;
	port->context = 0;
	port->flags &= (uint8_t) ~(PORT_GUARDED | PORT_STRICT_GUARD | PORT_IMMOVABLE | PORT_GUARD_IMMOVABLE);
	port_set_state(port, PORT_TRANSIT);
}

// ---- The end -------------------------------------------------------------------------------------------------------

static void port_die_release_requests(struct port *port, struct doom *doom)
{
	struct right batch[8];
	uint64_t from = 0;
	size_t count;
	do {
		lock_acquire(&port->lock);
		count = badge_take_requests_locked(port, &from, batch, array_count(batch));
		lock_release(&port->lock);
		for (size_t i = 0; i < count; i++)
			right_doom(batch[i], doom);
	} while (count > 0);
	requests_fire_dead(port, doom);
}

// Port lock held on entry, not on return. The caller has a reference.
static void port_die_locked(struct port *port, struct doom *doom)
{
	port_set_state(port, PORT_DEAD);
	wait_wake_all(&port->senders, WAIT_GONE);
	list_splice(&doom->messages, &port->messages);
	port->queued = 0;
	struct right destroyed = port->destroyed;
	port->destroyed = (struct right){NULL, RIGHT_NONE};
	struct object *served = port->served;
	port->served = NULL;
	lock_release(&port->lock);

	right_doom(destroyed, doom);
	port_die_release_requests(port, doom);
	if (served)
		object_release(served);
	if (port->keeper && port->keeper->died)
		port->keeper->died(port);
}

void port_drop_receive(struct port *port, struct doom *doom)
{
	transit_leave(port);
	lock_acquire(&port->lock);
	assert(port_state(port) == PORT_TRANSIT);
	if (port->keeper && port->keeper->returned) {
		port_set_state(port, PORT_KEPT);
		lock_release(&port->lock);
		port->keeper->returned(port);
		port_release(port);
		return;
	}
	if (port->destroyed.kind != RIGHT_NONE) {
		struct right notify = port->destroyed;
		port->destroyed = (struct right){NULL, RIGHT_NONE};
		lock_release(&port->lock);
		notify_port_destroyed(notify, (struct right){&port->plain, RIGHT_RECEIVE}, doom);
		return;
	}
	port_die_locked(port, doom);
	port_release(port);
}

// ---- Keepers -------------------------------------------------------------------------------------------------------

struct port *port_create_kept(struct account *account, const struct port_keeper_ops *keeper, void *data)
{
	struct port *port = port_create(account);
	if (!port)
		return NULL;
	port_watch(port, keeper, data);
	port_set_state(port, PORT_KEPT);
	return port;
}

struct right port_take_kept(struct port *port)
{
	struct right right = {NULL, RIGHT_NONE};
	lock_acquire(&port->lock);
	if (port_state(port) == PORT_KEPT) {
		port_set_state(port, PORT_TRANSIT);
		port_reference(port);
		right = (struct right){&port->plain, RIGHT_RECEIVE};
	}
	lock_release(&port->lock);
	return right;
}

void port_end_kept(struct port *port)
{
	struct doom doom;
	doom_init(&doom);
	lock_acquire(&port->lock);
	assert(port_state(port) == PORT_KEPT);
	port_die_locked(port, &doom);
	doom_run(&doom);
}

bool port_recall(struct port *port)
{
	lock_acquire(&port->lock);
	struct space *space = atomic_load_explicit(&port->space, memory_order_relaxed);
	struct task *task = NULL;
	// While the port is in a space, the space's task cannot have gone: its space_destroy comes past this port's lock.
	if (port_state(port) == PORT_LIVE)
		task = task_reference(container_of(space, struct task, space));
	lock_release(&port->lock);
	if (!task)
		return false;
	bool recalled = space_expel_receive(space, port);
	if (recalled) {
		lock_acquire(&port->lock);
		port_set_state(port, PORT_KEPT);
		lock_release(&port->lock);
		port_release(port);
	}
	task_release(task);
	return recalled;
}

// ---- Kernel objects ------------------------------------------------------------------------------------------------

struct port *port_create_object(struct account *account, const struct port_object_ops *ops, struct object *served)
{
	struct port *port = port_create(account);
	if (!port)
		return NULL;
	port->ops = ops;
	object_reference(served);
	port->served = served;
	port_set_state(port, PORT_OBJECT);
	return port;
}

void port_end_object(struct port *port)
{
	struct doom doom;
	doom_init(&doom);
	lock_acquire(&port->lock);
	if (port_state(port) == PORT_DEAD) {
		lock_release(&port->lock);
		return;
	}
	assert(port_state(port) == PORT_OBJECT);
	port_die_locked(port, &doom);
	doom_run(&doom);
}

struct object *port_object(struct port *port, const struct port_object_ops *ops)
{
	if (port->ops != ops)
		return NULL;
	lock_acquire(&port->lock);
	struct object *served = port->served;
	if (served)
		object_reference(served);
	lock_release(&port->lock);
	return served;
}

// ---- Attributes ----------------------------------------------------------------------------------------------------

static uint32_t status_flags(const struct port *port)
{
	uint32_t flags = 0;
	if (port->flags & PORT_TEMPOWNER)
		flags |= MACH_PORT_STATUS_FLAG_TEMPOWNER;
	if (port->flags & PORT_GUARDED)
		flags |= MACH_PORT_STATUS_FLAG_GUARDED;
	if (port->flags & PORT_STRICT_GUARD)
		flags |= MACH_PORT_STATUS_FLAG_STRICT_GUARD;
	if (port->flags & PORT_IMPORTANCE)
		flags |= MACH_PORT_STATUS_FLAG_IMP_DONATION;
	if (port->flags & (PORT_IMMOVABLE | PORT_GUARD_IMMOVABLE))
		flags |= MACH_PORT_STATUS_FLAG_GUARD_IMMOVABLE_RECEIVE;
	return flags;
}

void port_status_locked(const struct port *port, mach_port_status_t *status)
{
	uint32_t sets = 0;
	list_for_each (link, &port->links)
		sets++;
	*status = (mach_port_status_t){
		.mps_pset = sets,
		.mps_seqno = port->sequence,
		.mps_mscount = port->plain.make_send_count,
		.mps_qlimit = port->limit,
		.mps_msgcount = port->queued,
		.mps_sorights = atomic_load(&port->send_once_rights),
		.mps_srights = atomic_load(&port->plain.send_rights) > 0 || tree_first(&port->badges) != NULL,
		.mps_pdrequest = port->destroyed.kind != RIGHT_NONE,
		.mps_nsrequest = port->plain.no_senders.kind != RIGHT_NONE,
		.mps_flags = status_flags(port),
	};
}

void port_set_limit(struct port *port, uint32_t limit)
{
	lock_acquire(&port->lock);
	port->limit = limit;
	lock_release(&port->lock);
	port_let_senders_in(port);
}
