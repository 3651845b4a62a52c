// SPDX-License-Identifier: MIT
// format_text: the kernel's printf; see base.h for what it understands.
#include "base.h"

struct output {
	char *to;
	size_t room, length;
};

struct spec {
	bool left, zero, has_precision;
	unsigned width, precision, size; // size: bytes of an integer argument
};

static void put(struct output *output, char c)
{
	if (output->length + 1 < output->room)
		output->to[output->length] = c;
	output->length++;
}

static void put_padded(struct output *output, const struct spec *spec, const char *prefix, const char *text,
		       size_t length)
{
	size_t prefix_length = prefix[0] ? (prefix[1] ? 2 : 1) : 0;
	size_t total = length + prefix_length;
	size_t padding = spec->width > total ? spec->width - total : 0;
	bool zeros = spec->zero && !spec->left;
	for (; padding > 0 && !spec->left && !zeros; padding--)
		put(output, ' ');
	for (size_t i = 0; i < prefix_length; i++)
		put(output, prefix[i]);
	for (; padding > 0 && zeros; padding--)
		put(output, '0');
	for (size_t i = 0; i < length; i++)
		put(output, text[i]);
	for (; padding > 0; padding--)
		put(output, ' ');
}

static void put_number(struct output *output, const struct spec *spec, const char *prefix, uint64_t value, unsigned base,
		       bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[72];
	size_t at = sizeof(text);
	do
		text[--at] = digits[value % base];
	while (value /= base);
	while (spec->has_precision && sizeof(text) - at < spec->precision && at > 0)
		text[--at] = '0';
	put_padded(output, spec, prefix, text + at, sizeof(text) - at);
}

static const char *parse_spec(const char *at, struct spec *spec, va_list *list)
{
	*spec = (struct spec){.size = sizeof(int)};
	for (; *at == '-' || *at == '0'; at++)
		*(*at == '-' ? &spec->left : &spec->zero) = true;
	if (*at == '*') {
		spec->width = va_arg(*list, unsigned);
		at++;
	}
	for (; *at >= '0' && *at <= '9'; at++)
		spec->width = spec->width * 10 + (unsigned)(*at - '0');
	if (*at == '.') {
		spec->has_precision = true;
		if (*++at == '*') {
			spec->precision = va_arg(*list, unsigned);
			at++;
		}
		for (; *at >= '0' && *at <= '9'; at++)
			spec->precision = spec->precision * 10 + (unsigned)(*at - '0');
	}
	for (; *at == 'l' || *at == 'z' || *at == 'h'; at++)
		spec->size = *at == 'h' ? sizeof(int) : sizeof(long);
	return at;
}

static void put_argument(struct output *output, const struct spec *spec, char conversion, va_list *list)
{
	switch (conversion) {
	case 'd':
	case 'i': {
		int64_t value = spec->size == sizeof(long) ? va_arg(*list, long) : va_arg(*list, int);
		put_number(output, spec, value < 0 ? "-" : "", value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10,
			   false);
		return;
	}
	case 'u':
	case 'x':
	case 'X': {
		uint64_t value = spec->size == sizeof(long) ? va_arg(*list, unsigned long) : va_arg(*list, unsigned);
		put_number(output, spec, "", value, conversion == 'u' ? 10 : 16, conversion == 'X');
		return;
	}
	case 'p':
		put_number(output, spec, "0x", (uintptr_t)va_arg(*list, void *), 16, false);
		return;
	case 'c': {
		char c = (char)va_arg(*list, int);
		put_padded(output, spec, "", &c, 1);
		return;
	}
	case 's': {
		const char *text = va_arg(*list, const char *);
		if (!text)
			text = "(none)";
		size_t length = 0;
		while ((!spec->has_precision || length < spec->precision) && text[length])
			length++;
		put_padded(output, spec, "", text, length);
		return;
	}
	default:
		put(output, conversion);
	}
}

size_t format_text_list(char *to, size_t room, const char *format, va_list list)
{
	struct output output = {to, room, 0};
	va_list arguments;
	va_copy(arguments, list);
	for (; *format; format++) {
		if (*format != '%') {
			put(&output, *format);
			continue;
		}
		struct spec spec;
		format = parse_spec(format + 1, &spec, &arguments);
		if (!*format)
			break;
		put_argument(&output, &spec, *format, &arguments);
	}
	va_end(arguments);
	if (room > 0)
		to[output.length < room ? output.length : room - 1] = '\0';
	return output.length;
}

size_t format_text(char *to, size_t room, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	size_t length = format_text_list(to, room, format, list);
	va_end(list);
	return length;
}
