// SPDX-License-Identifier: MIT
// Property lists: plist FILE... reads each and writes FILE.xml and FILE.bin; of one that cannot be read it prints why.
#include "check.h"

#include <CoreFoundation/CoreFoundation.h>
#include <string.h>

static CFDataRef read_file(const char *path)
{
	static UInt8 bytes[1 << 20];
	FILE *file = fopen(path, "r");
	CHECK(file);
	CFDataRef data = CFDataCreate(NULL, bytes, (CFIndex)fread(bytes, 1, sizeof(bytes), file));
	CHECK(CFDataGetLength(data) < (CFIndex)sizeof(bytes));
	fclose(file);
	return data;
}

static void write_file(const char *path, const char *end, CFPropertyListRef list, CFIndex format)
{
	char name[1024];
	CFDataRef data = CFPropertyListCreateData(NULL, list, format, 0, NULL);
	snprintf(name, sizeof(name), "%s.%s", path, end);
	FILE *file = fopen(name, "w");
	CHECK(file && data);
	CHECK(fwrite(CFDataGetBytePtr(data), 1, (size_t)CFDataGetLength(data), file) == (size_t)CFDataGetLength(data));
	fclose(file);
	CFRelease(data);
}

int main(int count, char **words)
{
	for (int i = 1; i < count; i++) {
		char text[256];
		CFIndex format = 0;
		CFErrorRef error = NULL;
		CFDataRef data = read_file(words[i]);
		CFPropertyListRef list = CFPropertyListCreateWithData(NULL, data, 0, &format, &error);
		if (!list) {
			CHECK(CFStringGetCString(CFErrorCopyDescription(error), text, sizeof(text),
						 kCFStringEncodingUTF8));
			printf("%ld %s\n", CFErrorGetCode(error), text);
			continue;
		}
		write_file(words[i], "xml", list, kCFPropertyListXMLFormat_v1_0);
		write_file(words[i], "bin", list, kCFPropertyListBinaryFormat_v1_0);
		CFRelease(list);
		CFRelease(data);
	}
	return 0;
}
