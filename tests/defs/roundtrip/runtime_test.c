// SPDX-License-Identifier: MIT
// lib/gila/lpc.c over a scripted mach_msg: what is repeated, what becomes of reply ports and of requests given back.
#include <gila/lpc.h>
#include <gila/test.h>
#include <mach/mig.h>
#include <string.h>

void mach_msg_destroy(mach_msg_header_t *message);

static mach_msg_return_t script[64]; // results of mach_msg, in order; DIED: a send-once notification arrives
#define DIED 0x7fff
static unsigned sent, destroyed, ports_given, ports_put, ports_dropped;
static mach_msg_option_t last_option;
static mach_port_name_t last_receive;
static mach_msg_timeout_t last_timeout;
static char last_data[8];

mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
			   mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
			   mach_port_name_t notify)
{
	mach_msg_return_t result = script[sent++];
	last_option = option;
	last_receive = rcv_name;
	last_timeout = timeout;
	memcpy(last_data, msg + 1, sizeof(last_data));
	memset(msg, 0, sizeof(*msg) + sizeof(last_data)); // the answer overwrites the request
	if (result == DIED)
		msg->msgh_id = MACH_NOTIFY_SEND_ONCE;
	return result == DIED ? MACH_MSG_SUCCESS : result;
}

void mach_msg_destroy(mach_msg_header_t *message)
{
	destroyed++;
}

mach_port_t mig_get_reply_port(void)
{
	return 0x100 + ports_given++;
}

void mig_put_reply_port(mach_port_t reply_port)
{
	ports_put++;
}

void mig_dealloc_reply_port(mach_port_t reply_port)
{
	ports_dropped++;
}

struct call {
	mach_msg_header_t head;
	char data[8];
	char room[32];
};

static struct call request, reply;

static void begin(void)
{
	memset(script, 0, sizeof(script));
	sent = destroyed = ports_given = ports_put = ports_dropped = 0;
	request = (struct call){.head = {.msgh_size = 32, .msgh_remote_port = 5, .msgh_id = 1}, .data = "request"};
}

static mach_msg_return_t call(bool apart, mach_msg_timeout_t timeout, unsigned flags)
{
	return lpc_call(&request.head, 32, apart ? &reply.head : &request.head, sizeof(reply), timeout, flags);
}

TEST(a_call_sends_once)
{
	begin();
	CHECK_EQ(call(false, 0, 0), MACH_MSG_SUCCESS);
	CHECK(sent == 1 && ports_given == 1 && ports_put == 1 && ports_dropped == 0);
	CHECK_EQ(last_option, MACH_SEND_MSG | MACH_RCV_MSG);
	CHECK_EQ(last_receive, 0x100);
}

TEST(an_idempotent_call_is_repeated_with_its_whole_request)
{
	begin();
	script[0] = script[1] = script[2] = DIED;
	CHECK_EQ(call(true, 0, LPC_IDEMPOTENT), MACH_MSG_SUCCESS);
	CHECK_EQ(sent, 4);
	CHECK(!strcmp(last_data, "request"));
	CHECK_EQ(last_option, MACH_SEND_MSG | MACH_RCV_MSG);
}

TEST(other_calls_report_that_the_server_died)
{
	begin();
	script[0] = DIED;
	CHECK_EQ(call(false, 0, 0), MIG_SERVER_DIED);
	CHECK_EQ(sent, 1);
}

TEST(repetition_ends)
{
	begin();
	for (unsigned i = 0; i < 64; i++)
		script[i] = DIED;
	CHECK_EQ(call(true, 0, LPC_IDEMPOTENT), MIG_SERVER_DIED);
	CHECK_EQ(sent, 32);
}

TEST(errors_are_not_repeated)
{
	begin();
	script[0] = MACH_SEND_INVALID_DEST;
	CHECK_EQ(call(true, 0, LPC_IDEMPOTENT), MACH_SEND_INVALID_DEST);
	CHECK(sent == 1 && ports_put == 1 && ports_dropped == 0 && destroyed == 0);
}

TEST(a_call_given_up_drops_its_reply_port)
{
	begin();
	script[0] = MACH_RCV_TIMED_OUT;
	CHECK_EQ(call(false, 30, LPC_TIMEOUT), MACH_RCV_TIMED_OUT);
	CHECK(ports_put == 0 && ports_dropped == 1 && destroyed == 0);
	CHECK_EQ(last_option, MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT);
	CHECK_EQ(last_timeout, 30);
	begin();
	script[0] = MACH_SEND_TIMED_OUT; // the request came back, with rights
	CHECK_EQ(call(false, 30, LPC_TIMEOUT), MACH_SEND_TIMED_OUT);
	CHECK(ports_dropped == 1 && destroyed == 1);
}

TEST(a_reply_port_of_the_caller_stays_the_callers)
{
	begin();
	request.head.msgh_local_port = 0x77;
	script[0] = MACH_RCV_TIMED_OUT;
	CHECK_EQ(call(false, 1, LPC_TIMEOUT), MACH_RCV_TIMED_OUT);
	CHECK(last_receive == 0x77 && ports_given == 0 && ports_dropped == 0);
}

TEST(options_reach_mach_msg)
{
	begin();
	CHECK_EQ(call(false, 0, LPC_INTERRUPTIBLE | MACH_SEND_NOTIFY), MACH_MSG_SUCCESS);
	CHECK_EQ(last_option, MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT | MACH_SEND_NOTIFY);
	begin();
	CHECK_EQ(lpc_send(&request.head, 32, 9, LPC_TIMEOUT), MACH_MSG_SUCCESS);
	CHECK_EQ(last_option, MACH_SEND_MSG | MACH_SEND_TIMEOUT);
	CHECK(ports_given == 0 && last_timeout == 9);
	CHECK(lpc_reply_refuse(&request.head, MIG_TYPE_ERROR) == MIG_TYPE_ERROR && destroyed == 1);
}
