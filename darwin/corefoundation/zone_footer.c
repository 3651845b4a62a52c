// SPDX-License-Identifier: MIT
// The last line of a time zone's file: the rules of every year after those that it lists. Facts: RFC 8536, 3.3; POSIX, Base Definitions 8.3 (TZ).
#include "gregorian.h"
#include "timezone.h"

#include <math.h>
#include <string.h>

struct text {
	const char *at, *end;
};

static bool take(struct text *text, char wanted)
{
	bool there = text->at < text->end && *text->at == wanted;
	text->at += there;
	return there;
}

static bool take_number(struct text *text, int32_t most, int32_t *value)
{
	const char *from = text->at;
	*value = 0;
	while (text->at < text->end && *text->at >= '0' && *text->at <= '9' && *value <= most)
		*value = *value * 10 + *text->at++ - '0';
	return text->at > from && *value <= most;
}

// Letters, or anything between '<' and '>'.
static bool take_name(struct text *text, char name[12])
{
	bool quoted = take(text, '<');
	size_t length = 0;
	while (text->at < text->end &&
	       (quoted ? *text->at != '>' : (*text->at | 32) >= 'a' && (*text->at | 32) <= 'z')) {
		if (length < 11)
			name[length++] = *text->at;
		text->at++;
	}
	name[length] = '\0';
	return (!quoted || take(text, '>')) && length > 0;
}

// [+-]hh[:mm[:ss]], up to a week.
static bool take_time(struct text *text, int32_t *seconds)
{
	int32_t sign = take(text, '-') ? -1 : 1, part;
	if (sign == 1)
		take(text, '+');
	if (!take_number(text, 167, &part))
		return false;
	*seconds = part * 3600;
	for (int32_t unit = 60; unit > 0 && take(text, ':'); unit /= 60) {
		if (!take_number(text, 59, &part))
			return false;
		*seconds += part * unit;
	}
	*seconds *= sign;
	return true;
}

static bool take_day(struct text *text, struct zone_day *day)
{
	*day = (struct zone_day){.kind = 'n', .time = 7200};
	if (!take(text, ','))
		return false;
	if (take(text, 'M')) {
		day->kind = 'M';
		if (!take_number(text, 12, &day->month) || day->month < 1 || !take(text, '.') ||
		    !take_number(text, 5, &day->week) || day->week < 1 || !take(text, '.') ||
		    !take_number(text, 6, &day->day))
			return false;
	} else {
		day->kind = take(text, 'J') ? 'J' : 'n';
		if (!take_number(text, 365, &day->day) || (day->kind == 'J' && day->day < 1))
			return false;
	}
	return !take(text, '/') || take_time(text, &day->time);
}

bool zone_footer_read(const char *line, size_t size, struct zone_footer *footer)
{
	struct text text = {line, line + size};
	*footer = (struct zone_footer){.there = false};
	if (!take_name(&text, footer->standard.name) || !take_time(&text, &footer->standard.offset))
		return false;
	footer->standard.offset = -footer->standard.offset; // west is positive there
	if (text.at < text.end) {
		footer->changes = true;
		footer->daylight.is_daylight = true;
		footer->daylight.offset = footer->standard.offset + 3600;
		if (!take_name(&text, footer->daylight.name))
			return false;
		if (text.at < text.end && *text.at != ',') {
			if (!take_time(&text, &footer->daylight.offset))
				return false;
			footer->daylight.offset = -footer->daylight.offset;
		}
		if (!take_day(&text, &footer->begins) || !take_day(&text, &footer->ends))
			return false;
	}
	footer->there = text.at == text.end;
	return footer->there;
}

// The day's beginning in seconds since 1970, as if it were UTC.
static double day_of(const struct zone_day *day, int64_t year)
{
	int64_t days;
	if (day->kind == 'M') {
		int64_t first = gregorian_days(year, day->month, 1), next = gregorian_days(year, day->month + 1, 1);
		int64_t weekday = ((first + 1) % 7 + 7) % 7; // 2001 began with a Monday
		days = first + (day->day - weekday + 7) % 7 + (day->week - 1) * 7;
		days -= days >= next ? 7 : 0; // the fifth is the last
	} else {
		int64_t first = gregorian_days(year, 1, 1);
		bool leap = gregorian_days(year, 3, 1) - first == 60;
		days = first + (day->kind == 'n' ? day->day : day->day - 1 + (leap && day->day >= 60));
	}
	return (double)days * 86400 + day->time + EPOCH_2001;
}

struct zone_rule zone_footer_at(const struct zone_footer *footer, double seconds, double *next)
{
	*next = 0;
	if (!footer->changes || !(fabs(seconds) < 1e15))
		return footer->standard;
	int64_t year = gregorian_of(seconds + footer->standard.offset - EPOCH_2001).year;
	struct zone_rule rule = footer->standard;
	double since = -1e300;
	for (int64_t i = year - 1; i <= year + 1; i++) {
		double begins = day_of(&footer->begins, i) - footer->standard.offset,
		       ends = day_of(&footer->ends, i) - footer->daylight.offset;
		if (begins <= seconds && begins > since) {
			since = begins;
			rule = footer->daylight;
		}
		if (ends <= seconds && ends > since) {
			since = ends;
			rule = footer->standard;
		}
		*next = begins > seconds && (*next == 0 || begins < *next) ? begins : *next;
		*next = ends > seconds && (*next == 0 || ends < *next) ? ends : *next;
	}
	return rule;
}
