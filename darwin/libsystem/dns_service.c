// SPDX-License-Identifier: MIT
// dns_sd: addresses of names, asked without waiting. DNSServiceCreateConnection, _QueryRecord, _GetAddrInfo, _RefSockFD, _ProcessResult,
// _RefDeallocate. Facts: Apple's <dns_sd.h>; RFC 1035 and 3596 (types A and AAAA).
//
// There is no mDNSResponder: each question is a thread that asks Debian's resolver (/etc/hosts and all that nsswitch.conf says) and leaves
// answers at its connection, whose descriptor becomes readable; DNSServiceProcessResult hands them to callbacks. A question is a connection
// of its own, or shares one. Only types A and AAAA are known. How long an answer holds is not told by the resolver: a minute.
// Lock: one for all connections; callbacks run without it.
#include "abi.h"
#include "errno.h"
#include "futex.h"
#include "thread.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { TYPE_A = 1, TYPE_AAAA = 28, CLASS_IN = 1, SECONDS = 60 };
enum { FLAG_MORE = 0x1, FLAG_ADD = 0x2, FLAG_SHARE = 0x4000 };
enum { PROTOCOL_IPV4 = 1, PROTOCOL_IPV6 = 2 };
enum {
	ERROR_NO_MEMORY = -65539,
	ERROR_BAD_PARAM = -65540,
	ERROR_BAD_REFERENCE = -65541,
	ERROR_UNSUPPORTED = -65544,
	ERROR_NO_RECORD = -65554,
	ERROR_NOT_RUNNING = -65563
};

struct service;
typedef void record_callback(struct service *service, uint32_t flags, uint32_t interface, int32_t error, const char *name, uint16_t type,
			     uint16_t class, uint16_t size, const void *data, uint32_t seconds, void *context);
typedef void address_callback(struct service *service, uint32_t flags, uint32_t interface, int32_t error, const char *name,
			      const void *address, uint32_t seconds, void *context);

struct answer {
	struct answer *next;
	struct service *question;
	int32_t error;
	uint16_t type, size;
	uint8_t data[16];
};

struct service {
	unsigned references;	 // [lock] the program's, its threads', of those that share it
	bool ended;		 // [lock] the program gave it back
	struct service *shared; // [I] the connection of a question that shares one, or itself
	int wake;		 // [I] eventfd: counts answers
	struct answer *first, **last; // [lock] of a connection
	record_callback *record; // [I] or
	address_callback *address;
	void *context; // [I]
	unsigned protocols; // [I] PROTOCOL_*
	char name[1024];    // [I]
};

static _Atomic uint32_t lock;

static struct service *service_make(struct service *shared)
{
	struct service *service = calloc(1, sizeof(*service));
	if (!service)
		return NULL;
	service->references = 1;
	service->last = &service->first;
	service->shared = shared ? shared : service;
	service->wake = shared ? shared->wake : eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
	if (service->wake < 0) {
		free(service);
		return NULL;
	}
	if (shared) {
		futex_lock(&lock);
		shared->references++;
		futex_unlock(&lock);
	}
	return service;
}

static void service_release(struct service *service)
{
	futex_lock(&lock);
	bool last = --service->references == 0;
	futex_unlock(&lock);
	if (!last)
		return;
	while (service->first) {
		struct answer *answer = service->first;
		service->first = answer->next;
		if (answer->question != service)
			service_release(answer->question);
		free(answer);
	}
	if (service->shared != service)
		service_release(service->shared);
	else
		close(service->wake);
	free(service);
}

// The answer holds its question, unless that is the connection itself.
static void leave_answer(struct service *question, int32_t error, uint16_t type, const void *data, uint16_t size)
{
	struct service *connection = question->shared;
	struct answer *answer = calloc(1, sizeof(*answer));
	uint64_t one = 1;
	if (!answer)
		return;
	*answer = (struct answer){NULL, question, error, type, size, {0}};
	if (size)
		memcpy(answer->data, data, size);
	futex_lock(&lock);
	question->references += question != connection;
	*connection->last = answer;
	connection->last = &answer->next;
	futex_unlock(&lock);
	if (write(connection->wake, &one, sizeof(one)) < 0)
		return; // 2^64 answers nobody took
}

static void ask(struct service *question, int family, uint16_t type)
{
	struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM}, *found = NULL;
	if (getaddrinfo(question->name, NULL, &hints, &found) != 0 || !found) {
		leave_answer(question, ERROR_NO_RECORD, type, NULL, 0);
		return;
	}
	for (struct addrinfo *at = found; at; at = at->ai_next)
		if (family == AF_INET)
			leave_answer(question, 0, type, &((struct sockaddr_in *)(void *)at->ai_addr)->sin_addr, 4);
		else
			leave_answer(question, 0, type, &((struct sockaddr_in6 *)(void *)at->ai_addr)->sin6_addr, 16);
	freeaddrinfo(found);
}

static void *question_thread(void *argument)
{
	struct service *question = argument;
	thread_adopt();
	if (question->protocols & PROTOCOL_IPV4)
		ask(question, AF_INET, TYPE_A);
	if (question->protocols & PROTOCOL_IPV6)
		ask(question, AF_INET6, TYPE_AAAA);
	service_release(question);
	return NULL;
}

static int32_t question_start(struct service **service, uint32_t flags, const char *name, struct service what)
{
	pthread_t thread;
	if (!service || !name || strlen(name) >= sizeof(what.name))
		return ERROR_BAD_PARAM;
	struct service *question = service_make(flags & FLAG_SHARE ? *service : NULL);
	if (!question)
		return ERROR_NO_MEMORY;
	question->record = what.record;
	question->address = what.address;
	question->context = what.context;
	question->protocols = what.protocols;
	strcpy(question->name, name);
	question->references++;
	if (thread_start_helper(&thread, question_thread, question) != 0) {
		question->references--;
		service_release(question);
		return ERROR_NOT_RUNNING;
	}
	*service = question;
	return 0;
}

// ---- what programs call ---------------------------------------------------------------------------------------------

int32_t darwin_DNSServiceCreateConnection(struct service **service)
{
	return (*service = service_make(NULL)) ? 0 : ERROR_NO_MEMORY;
}

int32_t darwin_DNSServiceQueryRecord(struct service **service, uint32_t flags, uint32_t interface, const char *name, uint16_t type,
				     uint16_t class, record_callback *callback, void *context)
{
	(void)interface; // any: the resolver asks where it likes
	if (class != CLASS_IN || (type != TYPE_A && type != TYPE_AAAA))
		return ERROR_UNSUPPORTED;
	return question_start(service, flags, name,
			      (struct service){.record = callback, .context = context, .protocols = type == TYPE_A ? PROTOCOL_IPV4 : PROTOCOL_IPV6});
}

int32_t darwin_DNSServiceGetAddrInfo(struct service **service, uint32_t flags, uint32_t interface, uint32_t protocols, const char *name,
				     address_callback *callback, void *context)
{
	(void)interface;
	protocols &= PROTOCOL_IPV4 | PROTOCOL_IPV6;
	return question_start(service, flags, name,
			      (struct service){.address = callback, .context = context, .protocols = protocols ? protocols : PROTOCOL_IPV4 | PROTOCOL_IPV6});
}

int darwin_DNSServiceRefSockFD(const struct service *service)
{
	return service ? service->wake : -1;
}

void darwin_DNSServiceRefDeallocate(struct service *service)
{
	if (!service)
		return;
	futex_lock(&lock);
	service->ended = true;
	futex_unlock(&lock);
	service_release(service);
}

static void tell(const struct answer *answer, uint32_t flags)
{
	struct service *question = answer->question;
	struct {
		uint8_t size, family;
		uint16_t port;
		uint8_t rest[24]; // sin_addr; or sin6_flowinfo, sin6_addr, sin6_scope_id
	} address = {answer->type == TYPE_A ? 16 : 28, answer->type == TYPE_A ? 2 : 30, 0, {0}}; // xnu's bsd/netinet/in.h
	flags |= answer->error ? 0 : FLAG_ADD;
	if (question->record) {
		question->record(question, flags, 0, answer->error, question->name, answer->type, CLASS_IN, answer->size, answer->data,
				 answer->error ? 0 : SECONDS, question->context);
		return;
	}
	memcpy(address.rest + (answer->type == TYPE_A ? 0 : 4), answer->data, answer->size);
	question->address(question, flags, 0, answer->error, question->name, &address, answer->error ? 0 : SECONDS, question->context);
}

// Waits for an answer and tells it, with all that came meanwhile.
int32_t darwin_DNSServiceProcessResult(struct service *service)
{
	uint64_t one;
	bool more = true;
	if (!service)
		return ERROR_BAD_REFERENCE;
	struct service *connection = service->shared;
	futex_lock(&lock);
	connection->references++; // a callback may give it back
	futex_unlock(&lock);
	while (more && read(connection->wake, &one, sizeof(one)) == sizeof(one)) {
		futex_lock(&lock);
		struct answer *answer = connection->first;
		connection->first = answer->next;
		if (!connection->first)
			connection->last = &connection->first;
		more = connection->first;
		bool wanted = !answer->question->ended && !connection->ended;
		futex_unlock(&lock);
		if (wanted)
			tell(answer, more ? FLAG_MORE : 0);
		if (answer->question != connection)
			service_release(answer->question);
		free(answer);
	}
	service_release(connection);
	return 0;
}
