// SPDX-License-Identifier: MIT
// Devices in the registry, as /sys has them: serial ports, disks and their parts, USB devices. A device's paths are Linux' own (/dev/ttyUSB0).
// Facts: IOSerialKeys.h, IOMedia.h, IOBSD.h, USB.h of IOKit; Linux' Documentation/ABI (sysfs-block, sysfs-bus-usb, sysfs-tty).
#include "devices.h"

#include "../corefoundation/object.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool sys_read(const char *folder, const char *name, char *text, size_t room)
{
	char path[512];
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return false;
	FILE *file = fopen(path, "re");
	bool read = file && fgets(text, (int)room, file);
	if (file)
		fclose(file);
	if (read)
		text[strcspn(text, "\n")] = '\0';
	return read;
}

static bool number_read(const char *folder, const char *name, int base, int64_t *number)
{
	char text[64], *end;
	if (!sys_read(folder, name, text, sizeof(text)))
		return false;
	*number = strtoll(text, &end, base);
	return end != text;
}

static void put_flag(struct dictionary *to, const char *key, bool flag)
{
	dictionary_put(to, key, flag ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse);
}

// The same for the same path as long as the computer runs.
static struct registry_entry entry_make(const char *class, const char *super, const char *name, const char *path)
{
	struct registry_entry entry = {class, super, "", 0x400000000u + (uint32_t)object_hash_bytes(path, strlen(path)),
				       dictionary_make()};
	snprintf(entry.name, sizeof(entry.name), "%s", name);
	return entry;
}

struct visitor {
	bool (*visit)(void *context, struct registry_entry *entry);
	void *context;
};

static bool visit_one(const struct visitor *visitor, struct registry_entry entry)
{
	bool more = visitor->visit(visitor->context, &entry);
	darwin_CFRelease(entry.properties);
	return more;
}

// ---- serial ports ---------------------------------------------------------------------------------------------------

// Ports that a driver has places for, but are not there, have the type 0.
static bool serial_visit(const struct visitor *visitor, const char *folder, const char *name)
{
	char device[512], path[300];
	int64_t type;
	snprintf(device, sizeof(device), "%s/device", folder);
	if (access(device, F_OK) < 0 || (number_read(folder, "type", 10, &type) && type == 0))
		return true;
	struct registry_entry entry = entry_make("IOSerialBSDClient", "IOService", name, folder);
	snprintf(path, sizeof(path), "/dev/%s", name);
	dictionary_put(entry.properties, "IOTTYDevice", string_from_text(name));
	dictionary_put(entry.properties, "IOTTYBaseName", string_format("%.*s", (int)strcspn(name, "0123456789"), name));
	dictionary_put(entry.properties, "IOTTYSuffix", string_from_text(name + strcspn(name, "0123456789")));
	dictionary_put(entry.properties, "IOCalloutDevice", string_from_text(path));
	dictionary_put(entry.properties, "IODialinDevice", string_from_text(path));
	dictionary_put(entry.properties, "IOSerialBSDClientType", string_format("IORS232SerialStream"));
	return visit_one(visitor, entry);
}

// ---- disks ----------------------------------------------------------------------------------------------------------

static bool media_visit(const struct visitor *visitor, const char *folder, const char *name, bool whole, bool removable)
{
	int64_t sectors = 0, fixed = 0, block = 512;
	unsigned major = 0, minor = 0;
	char device[32];
	if (!number_read(folder, "size", 10, &sectors) || sectors == 0)
		return true; // nothing is in it
	number_read(folder, "ro", 10, &fixed);
	number_read(folder, "queue/logical_block_size", 10, &block);
	struct registry_entry entry = entry_make("IOMedia", "IOService", name, folder);
	dictionary_put(entry.properties, "BSD Name", string_from_text(name));
	if (sys_read(folder, "dev", device, sizeof(device)) && sscanf(device, "%u:%u", &major, &minor) == 2) {
		dictionary_put(entry.properties, "BSD Major", number_make(major));
		dictionary_put(entry.properties, "BSD Minor", number_make(minor));
	}
	dictionary_put(entry.properties, "Size", number_make(sectors * 512));
	dictionary_put(entry.properties, "Preferred Block Size", number_make(block));
	put_flag(entry.properties, "Whole", whole);
	put_flag(entry.properties, "Writable", !fixed);
	put_flag(entry.properties, "Removable", removable);
	put_flag(entry.properties, "Ejectable", removable);
	put_flag(entry.properties, "Open", true);
	return visit_one(visitor, entry);
}

// Its partitions are folders of its own that begin with its name.
static bool disk_visit(const struct visitor *visitor, const char *folder, const char *name)
{
	int64_t removable = 0;
	char part[512];
	number_read(folder, "removable", 10, &removable);
	bool more = media_visit(visitor, folder, name, true, removable);
	DIR *list = more ? opendir(folder) : NULL;
	for (struct dirent *at; list && more && (at = readdir(list));) {
		if (strncmp(at->d_name, name, strlen(name)) != 0 ||
		    snprintf(part, sizeof(part), "%s/%s", folder, at->d_name) >= (int)sizeof(part))
			continue;
		more = media_visit(visitor, part, at->d_name, false, removable);
	}
	if (list)
		closedir(list);
	return more;
}

// ---- USB ------------------------------------------------------------------------------------------------------------

static void put_number(struct dictionary *to, const char *key, const char *folder, const char *name, int base)
{
	int64_t number;
	if (number_read(folder, name, base, &number))
		dictionary_put(to, key, number_make(number));
}

static void put_text(struct dictionary *to, const char *key, const char *folder, const char *name)
{
	char text[256];
	if (sys_read(folder, name, text, sizeof(text)) && *text)
		dictionary_put(to, key, string_from_text(text));
}

// The bus, then four bits for each hub's port on the way: locationID of macOS.
static uint32_t location_of(const char *folder, const char *path)
{
	int64_t bus = 0;
	uint32_t location = 0;
	int shift = 20;
	number_read(folder, "busnum", 10, &bus);
	const char *at = strchr(path, '-');
	for (at = at ? at + 1 : ""; isdigit((unsigned char)*at) && shift >= 0; shift -= 4) {
		location |= (uint32_t)(strtoul(at, (char **)(uintptr_t)&at, 10) & 15) << shift;
		at += *at == '.';
	}
	return location | (uint32_t)bus << 24;
}

static bool usb_visit(const struct visitor *visitor, const char *folder, const char *name)
{
	int64_t vendor;
	char product[128];
	if (!number_read(folder, "idVendor", 16, &vendor))
		return true; // an interface
	bool named = sys_read(folder, "product", product, sizeof(product)) && *product;
	struct registry_entry entry =
		entry_make("IOUSBHostDevice", "IOUSBDevice", named ? product : "IOUSBHostDevice", folder);
	dictionary_put(entry.properties, "idVendor", number_make(vendor));
	put_number(entry.properties, "idProduct", folder, "idProduct", 16);
	put_number(entry.properties, "bcdDevice", folder, "bcdDevice", 16);
	put_number(entry.properties, "bDeviceClass", folder, "bDeviceClass", 16);
	put_number(entry.properties, "bDeviceSubClass", folder, "bDeviceSubClass", 16);
	put_number(entry.properties, "bDeviceProtocol", folder, "bDeviceProtocol", 16);
	put_number(entry.properties, "bNumConfigurations", folder, "bNumConfigurations", 10);
	put_number(entry.properties, "USB Address", folder, "devnum", 10);
	put_text(entry.properties, "USB Product Name", folder, "product");
	put_text(entry.properties, "USB Vendor Name", folder, "manufacturer");
	put_text(entry.properties, "USB Serial Number", folder, "serial");
	put_text(entry.properties, "kUSBProductString", folder, "product");
	put_text(entry.properties, "kUSBVendorString", folder, "manufacturer");
	put_text(entry.properties, "kUSBSerialNumberString", folder, "serial");
	dictionary_put(entry.properties, "locationID", number_make(location_of(folder, name)));
	dictionary_put(entry.properties, "sessionID", number_make((int64_t)entry.id));
	return visit_one(visitor, entry);
}

// ---- all ------------------------------------------------------------------------------------------------------------

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool folder_walk(const struct visitor *visitor, const char *folder,
			bool (*visit)(const struct visitor *visitor, const char *folder, const char *name))
{
	char **names = NULL, path[512];
	size_t count = 0;
	bool more = true;
	DIR *list = opendir(folder);
	for (struct dirent *at; list && (at = readdir(list));) {
		if (at->d_name[0] == '.')
			continue;
		names = realloc(names, (count + 1) * sizeof(*names));
		if (!names || !(names[count++] = strdup(at->d_name)))
			abort();
	}
	if (list)
		closedir(list);
	if (count)
		qsort(names, count, sizeof(*names), by_name); // the same order each time
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%.256s", folder, names[i]);
		more = more && visit(visitor, path, names[i]);
		free(names[i]);
	}
	free(names);
	return more;
}

bool devices_walk(bool (*visit)(void *context, struct registry_entry *entry), void *context)
{
	struct visitor visitor = {visit, context};
	return folder_walk(&visitor, "/sys/class/tty", serial_visit) && folder_walk(&visitor, "/sys/block", disk_visit) &&
	       folder_walk(&visitor, "/sys/bus/usb/devices", usb_visit);
}
