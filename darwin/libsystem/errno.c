// SPDX-License-Identifier: MIT
// Error numbers; see errno.h. Facts: xnu's bsd/sys/errno.h, Linux' asm-generic/errno*.h.
#include "errno.h"

#include "thread.h"

#include <stdio.h>
#include <string.h>

static const uint8_t to_darwin[] = {
	[EPERM] = 1,
	[ENOENT] = 2,
	[ESRCH] = 3,
	[EINTR] = 4,
	[EIO] = 5,
	[ENXIO] = 6,
	[E2BIG] = 7,
	[ENOEXEC] = 8,
	[EBADF] = 9,
	[ECHILD] = 10,
	[EDEADLK] = 11,
	[ENOMEM] = 12,
	[EACCES] = 13,
	[EFAULT] = 14,
	[ENOTBLK] = 15,
	[EBUSY] = 16,
	[EEXIST] = 17,
	[EXDEV] = 18,
	[ENODEV] = 19,
	[ENOTDIR] = 20,
	[EISDIR] = 21,
	[EINVAL] = 22,
	[ENFILE] = 23,
	[EMFILE] = 24,
	[ENOTTY] = 25,
	[ETXTBSY] = 26,
	[EFBIG] = 27,
	[ENOSPC] = 28,
	[ESPIPE] = 29,
	[EROFS] = 30,
	[EMLINK] = 31,
	[EPIPE] = 32,
	[EDOM] = 33,
	[ERANGE] = 34,
	[EAGAIN] = 35,
	[EINPROGRESS] = 36,
	[EALREADY] = 37,
	[ENOTSOCK] = 38,
	[EDESTADDRREQ] = 39,
	[EMSGSIZE] = 40,
	[EPROTOTYPE] = 41,
	[ENOPROTOOPT] = 42,
	[EPROTONOSUPPORT] = 43,
	[ESOCKTNOSUPPORT] = 44,
	[EOPNOTSUPP] = 45,
	[EPFNOSUPPORT] = 46,
	[EAFNOSUPPORT] = 47,
	[EADDRINUSE] = 48,
	[EADDRNOTAVAIL] = 49,
	[ENETDOWN] = 50,
	[ENETUNREACH] = 51,
	[ENETRESET] = 52,
	[ECONNABORTED] = 53,
	[ECONNRESET] = 54,
	[ENOBUFS] = 55,
	[EISCONN] = 56,
	[ENOTCONN] = 57,
	[ESHUTDOWN] = 58,
	[ETOOMANYREFS] = 59,
	[ETIMEDOUT] = 60,
	[ECONNREFUSED] = 61,
	[ELOOP] = 62,
	[ENAMETOOLONG] = 63,
	[EHOSTDOWN] = 64,
	[EHOSTUNREACH] = 65,
	[ENOTEMPTY] = 66,
	[EUSERS] = 68,
	[EDQUOT] = 69,
	[ESTALE] = 70,
	[EREMOTE] = 71,
	[ENOLCK] = 77,
	[ENOSYS] = 78,
	[EOVERFLOW] = 84,
	[ECANCELED] = 89,
	[EIDRM] = 90,
	[ENOMSG] = 91,
	[EILSEQ] = 92,
	[EBADMSG] = 94,
	[EMULTIHOP] = 95,
	[ENODATA] = 96,
	[ENOLINK] = 97,
	[ENOSR] = 98,
	[ENOSTR] = 99,
	[EPROTO] = 100,
	[ETIME] = 101,
	[ENOTRECOVERABLE] = 104,
	[EOWNERDEAD] = 105,
};

int errno_to_darwin(int host)
{
	if (host <= 0)
		return 0;
	if (host < (int)sizeof(to_darwin) && to_darwin[host])
		return to_darwin[host];
	return 5; // EIO: an error that Darwin does not have
}

int errno_from_darwin(int darwin)
{
	for (int host = 1; host < (int)sizeof(to_darwin); host++)
		if (to_darwin[host] == darwin)
			return host;
	return darwin == 102 ? EOPNOTSUPP : 0;
}

int errno_set(int darwin)
{
	thread_self()->error = darwin;
	return -1;
}

long errno_result(long result)
{
	if (result == -1) {
		errno_set(errno_to_darwin(errno));
		if (errno == EINTR)
			thread_cancel_point();
	}
	return result;
}

int *darwin_error(void)
{
	return &thread_self()->error;
}

// ---- texts ----------------------------------------------------------------------------------------------------------

// Those that Linux does not have, or words differently. Facts: Libc's gen/errlst.c says what they mean; Darwin's strerror(3).
static const struct {
	int number;
	const char *text;
} texts[] = {
	{12, "Cannot allocate memory"},
	{25, "Inappropriate ioctl for device"},
	{45, "Operation not supported"},
	{67, "Too many processes"},
	{72, "RPC struct is bad"},
	{79, "Inappropriate file type or format"},
	{80, "Authentication error"},
	{82, "Device power is off"},
	{85, "Bad executable (or shared library)"},
	{86, "Bad CPU type in executable"},
	{88, "Malformed Mach-o file"},
	{93, "Attribute not found"},
	{102, "Operation not supported on socket"},
	{103, "Policy not found"},
	{0, "Undefined error: 0"},
	{60, "Operation timed out"},
	{66, "Directory not empty"},
	{11, "Resource deadlock avoided"},
	{62, "Too many levels of symbolic links"},
	{15, "Block device required"},
	{19, "Operation not supported by device"},
	{18, "Cross-device link"},
	{34, "Result too large"},
	{33, "Numerical argument out of domain"},
	{39, "Destination address required"},
	{42, "Protocol not available"},
	{46, "Protocol family not supported"},
	{47, "Address family not supported by protocol family"},
	{49, "Can't assign requested address"},
	{56, "Socket is already connected"},
	{57, "Socket is not connected"},
	{58, "Can't send after socket shutdown"},
	{59, "Too many references: can't splice"},
	{69, "Disc quota exceeded"},
	{53, "Software caused connection abort"},
	{84, "Value too large to be stored in data type"},
	{89, "Operation canceled"},
};

int darwin_strerror_r(int number, char *to, size_t room)
{
	char unknown[48];
	const char *text = NULL;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && !text; i++)
		if (texts[i].number == number)
			text = texts[i].text;
	int host = errno_from_darwin(number), result = 0;
	if (!text && host)
		text = strerrordesc_np(host);
	if (!text) {
		snprintf(unknown, sizeof(unknown), "Unknown error: %d", number);
		text = unknown;
		result = DARWIN_EINVAL;
	}
	if ((size_t)snprintf(to, room, "%s", text) >= room)
		return DARWIN_ERANGE;
	return result;
}

char *darwin_strerror(int number)
{
	static __thread char text[80];
	darwin_strerror_r(number, text, sizeof(text));
	return text;
}

void darwin_perror(const char *what)
{
	if (what && *what)
		fprintf(stderr, "%s: ", what);
	fprintf(stderr, "%s\n", darwin_strerror(*darwin_error()));
}
