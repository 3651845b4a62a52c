// SPDX-License-Identifier: MIT
// The clock: the time stamp counter, whose rate comes from CPUID leaf 15h or 16h (processor.h) or is measured
// against channel 2 of the interval timer (Intel 8254 data sheet), 1,193,182 Hz, or else against the real-time clock (Motorola
// MC146818 data sheet). The calendar: the real-time clock's, read once.
#include "cpu.h"

#define PIT_RATE UINT64_C(1193182)
#define PIT_CHANNEL_2 0x42
#define PIT_COMMAND 0x43
#define PIT_ONCE 0xb0     // channel 2, both bytes, mode 0
#define PORT_B 0x61       // bit 0: the gate of channel 2, bit 5: its output
#define PIT_TICKS 5966u   // 5 ms
#define ROUNDS 6u
#define PRECISION 4000u   // the bounds of the rate are this part of it apart, if ROUNDS are enough: it is within 125 millionths
#define RATE_LEAST UINT64_C(50000000) // every TSC is faster: a timer that is not there answers at once
#define RTC_LOOKS 20000000u
#define NS_PER_SECOND UINT64_C(1000000000)

static struct {
	uint64_t rate;       // [I] Hz
	int64_t calendar;    // [I] of the clock's 0
	const char *source;
	uint64_t measuring;  // [I] ticks that finding the rate took
} tsc;

enum { RTC_SECOND = 0, RTC_MINUTE = 2, RTC_HOUR = 4, RTC_DAY = 7, RTC_MONTH = 8, RTC_YEAR = 9, RTC_A = 10, RTC_B = 11 };
#define RTC_UPDATING 0x80
#define RTC_BINARY 0x04
#define RTC_24_HOURS 0x02

static unsigned rtc_read(uint8_t index)
{
	out8(0x70, index);
	return in8(0x71);
}

struct bounds {
	uint64_t least, most; // Hz
};

// Between which rates the TSC's is, by one run of the timer. What disturbs it (a host that runs something else) widens the bounds. The
// timer begins with the first edge of its clock after the second byte, so it ends PIT_TICKS to PIT_TICKS + 1 later.
static struct bounds pit_measure(void)
{
	out8(PORT_B, (in8(PORT_B) & 0xfc) | 1);
	out8(PIT_COMMAND, PIT_ONCE);
	out8(PIT_CHANNEL_2, PIT_TICKS & 0xff);
	uint64_t before = tsc_read();
	out8(PIT_CHANNEL_2, PIT_TICKS >> 8);
	uint64_t begun = tsc_read(), running = begun, look = begun;
	while (!(in8(PORT_B) & 0x20)) {
		running = look;
		arch_pause();
		look = tsc_read();
	}
	uint64_t ended = tsc_read();
	return (struct bounds){(running - begun) * PIT_RATE / (PIT_TICKS + 1), (ended - before) * PIT_RATE / PIT_TICKS};
}

// Narrower with each run, until they are narrow enough.
static uint64_t pit_rate(void)
{
	struct bounds all = {0, UINT64_MAX};
	for (unsigned i = 0; i < ROUNDS && all.most - all.least > all.most / PRECISION; i++) {
		struct bounds run = pit_measure();
		all.least = run.least > all.least ? run.least : all.least;
		all.most = run.most < all.most ? run.most : all.most;
		if (all.least > all.most) // not the same rate as before
			all = run;
	}
	return all.least + (all.most - all.least) / 2;
}

static uint64_t rtc_next_second(void)
{
	unsigned before = rtc_read(RTC_SECOND);
	for (unsigned i = 0; i < RTC_LOOKS && rtc_read(RTC_SECOND) == before; i++)
		arch_pause();
	return tsc_read();
}

// Ticks in a second of the calendar's clock, which machines without the 8254's gate have.
static uint64_t rtc_measure(void)
{
	uint64_t start = rtc_next_second();
	return rtc_next_second() - start;
}

static uint64_t rate_find(void)
{
	uint64_t told = cpu_tsc_rate(&tsc.source);
	if (told >= RATE_LEAST)
		return told;
	uint64_t rate = pit_rate();
	tsc.source = "the TSC against the 8254";
	if (rate < RATE_LEAST) {
		rate = rtc_measure();
		tsc.source = "the TSC against the real-time clock";
	}
	if (rate < RATE_LEAST)
		panic("there is no clock: neither CPUID, nor the 8254, nor the real-time clock tells the rate of the TSC");
	return rate;
}

const char *clock_source(void) { return tsc.source; }
uint64_t clock_base(void) { return cpu_blocks[0].clock_base; }
uint64_t clock_measuring(void) { return tsc.measuring; }

// Ticks of a counter of `rate` Hz (less than 2^36) until the clock shows `deadline`, about; 0: it is past.
uint64_t clock_ticks_until(uint64_t deadline, uint64_t rate)
{
	uint64_t now = md_clock_now();
	if (deadline <= now)
		return 0;
	return (uint64_t)((unsigned __int128)(deadline - now) * ((rate << 28) / NS_PER_SECOND) >> 28) + 1;
}

uint64_t clock_tsc_at(uint64_t deadline)
{
	return tsc_read() + clock_ticks_until(deadline, tsc.rate);
}

void clock_spin(uint64_t ns)
{
	uint64_t end = md_clock_now() + ns;
	while (md_clock_now() < end)
		arch_pause();
}

// ---- Calendar ------------------------------------------------------------------------------------------------------

struct rtc_time {
	unsigned second, minute, hour, day, month, year;
};

static unsigned rtc_number(unsigned value, unsigned mode) { return mode & RTC_BINARY ? value : (value >> 4) * 10 + (value & 15); }

static struct rtc_time rtc_take(void)
{
	unsigned mode = rtc_read(RTC_B);
	for (unsigned i = 0; i < 100000 && rtc_read(RTC_A) & RTC_UPDATING; i++)
		arch_pause();
	unsigned hour = rtc_read(RTC_HOUR);
	struct rtc_time time = {
		.second = rtc_number(rtc_read(RTC_SECOND), mode),
		.minute = rtc_number(rtc_read(RTC_MINUTE), mode),
		.hour = rtc_number(hour & 0x7f, mode),
		.day = rtc_number(rtc_read(RTC_DAY), mode),
		.month = rtc_number(rtc_read(RTC_MONTH), mode),
		.year = 2000 + rtc_number(rtc_read(RTC_YEAR), mode),
	};
	if (!(mode & RTC_24_HOURS))
		time.hour = time.hour % 12 + (hour & 0x80 ? 12 : 0);
	return time;
}

// Days from 1970-01-01 to the date in the Gregorian calendar.
static int64_t days_until(unsigned year, unsigned month, unsigned day)
{
	static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	unsigned y = year - 1;
	int64_t days = (int64_t)365 * (year - 1970) + (y / 4 - y / 100 + y / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days + before[(month - 1) % 12] + (leap && month > 2) + (day - 1);
}

static int64_t rtc_seconds(void)
{
	struct rtc_time a, b = rtc_take();
	do { // twice the same: not in the middle of a change
		a = b;
		b = rtc_take();
	} while (memcmp(&a, &b, sizeof(a)) != 0);
	return days_until(a.year, a.month, a.day) * 86400 + a.hour * 3600 + a.minute * 60 + a.second;
}

int64_t md_clock_calendar(void) { return tsc.calendar + (int64_t)md_clock_now(); }

void clock_init(void)
{
	uint64_t before = tsc_read();
	tsc.rate = rate_find();
	uint64_t base = tsc_read();
	tsc.measuring = base - before;
	for (unsigned i = 0; i < MD_CPU_LIMIT; i++) {
		cpu_blocks[i].clock_multiplier = (NS_PER_SECOND << 32) / tsc.rate;
		cpu_blocks[i].clock_base = base;
	}
	tsc.calendar = rtc_seconds() * (int64_t)NS_PER_SECOND;
}
