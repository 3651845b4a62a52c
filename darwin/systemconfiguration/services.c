// SPDX-License-Identifier: MIT
// SCNetworkService and SCNetworkSet: a service for each interface, one set of them all, in the order of their numbers but for the one of the
// default route, which is first. Facts: SCNetworkConfiguration.h.
#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct service {
	struct object head;
	const void *interface;
	struct string *id;
};
struct set {
	struct object head;
};

struct array *darwin_SCNetworkInterfaceCopyAll(void);
const void *darwin_SCNetworkInterfaceGetBSDName(const void *interface);
const void *darwin_SCNetworkInterfaceGetLocalizedDisplayName(const void *interface);
void darwin_CFArrayInsertValueAtIndex(struct array *array, int64_t index, const void *value);
const void *darwin_SCDynamicStoreCopyValue(const void *store, const void *key);

static void service_destroy(struct object *object)
{
	darwin_CFRelease(((struct service *)object)->interface);
	darwin_CFRelease(((struct service *)object)->id);
}

static bool service_equal(const struct object *left, const struct object *right)
{
	return darwin_CFEqual(((const struct service *)left)->id, ((const struct service *)right)->id);
}

static uint64_t service_hash(const struct object *object)
{
	return darwin_CFHash(((const struct service *)object)->id);
}

static const struct object_type service_type = {
	.name = "SCNetworkService", .destroy = service_destroy, .equal = service_equal, .hash = service_hash};
static const struct object_type network_set_type = {.name = "SCNetworkSet"};

// The interface's name is the service's, as the dynamic store has it.
struct string *network_service_id(const char *interface)
{
	return string_format("%s", interface);
}

static struct service *service_make(const void *interface)
{
	struct service *service = object_make(&service_type, sizeof(*service));
	char *name = string_to_utf8(darwin_SCNetworkInterfaceGetBSDName(interface));
	service->interface = darwin_CFRetain(interface);
	service->id = network_service_id(name);
	free(name);
	return service;
}

uint64_t darwin_SCNetworkServiceGetTypeID(void)
{
	return (uintptr_t)&service_type;
}

struct array *darwin_SCNetworkServiceCopyAll(const void *preferences)
{
	struct array *interfaces = darwin_SCNetworkInterfaceCopyAll(), *list = array_make(true);
	struct route route;
	bool any = network_default_route(&route);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(interfaces); i++) {
		struct service *service = service_make(darwin_CFArrayGetValueAtIndex(interfaces, i));
		if (any && string_is(service->id, route.interface))
			darwin_CFArrayInsertValueAtIndex(list, 0, service);
		else
			darwin_CFArrayAppendValue(list, service);
		darwin_CFRelease(service);
	}
	darwin_CFRelease(interfaces);
	return list;
}

const void *darwin_SCNetworkServiceCopy(const void *preferences, const void *id)
{
	struct array *list = darwin_SCNetworkServiceCopyAll(preferences);
	const void *found = NULL;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(list) && !found; i++) {
		const struct service *service = darwin_CFArrayGetValueAtIndex(list, i);
		found = darwin_CFEqual(service->id, id) ? darwin_CFRetain(service) : NULL;
	}
	darwin_CFRelease(list);
	if (!found)
		sc_fail(SC_NO_KEY);
	return found;
}

const void *darwin_SCNetworkServiceGetServiceID(const struct service *service)
{
	return service->id;
}

const void *darwin_SCNetworkServiceGetName(const struct service *service)
{
	return darwin_SCNetworkInterfaceGetLocalizedDisplayName(service->interface);
}

const void *darwin_SCNetworkServiceGetInterface(const struct service *service)
{
	return service->interface;
}

uint8_t darwin_SCNetworkServiceGetEnabled(const struct service *service)
{
	return 1;
}

// ---- sets -----------------------------------------------------------------------------------------------------------

uint64_t darwin_SCNetworkSetGetTypeID(void)
{
	return (uintptr_t)&network_set_type;
}

struct set *darwin_SCNetworkSetCopyCurrent(const void *preferences)
{
	return object_make(&network_set_type, sizeof(struct set));
}

struct array *darwin_SCNetworkSetCopyAll(const void *preferences)
{
	struct array *list = array_make(true);
	array_add(list, darwin_SCNetworkSetCopyCurrent(preferences));
	return list;
}

struct array *darwin_SCNetworkSetCopyServices(const struct set *set)
{
	return darwin_SCNetworkServiceCopyAll(NULL);
}

const struct array *darwin_SCNetworkSetGetServiceOrder(const struct set *set)
{
	static __thread struct array *order; // lent until the thread asks again
	struct array *services = darwin_SCNetworkServiceCopyAll(NULL);
	darwin_CFRelease(order);
	order = array_make(true);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(services); i++)
		darwin_CFArrayAppendValue(order,
					  ((const struct service *)darwin_CFArrayGetValueAtIndex(services, i))->id);
	darwin_CFRelease(services);
	return order;
}
