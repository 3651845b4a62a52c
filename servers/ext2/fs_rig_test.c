// SPDX-License-Identifier: MIT
// The rig of fs_test.h.
#include "fs_test.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int rig_run(const struct rig *rig, const char *format, ...)
{
	char command[4096], *text;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	snprintf(command, sizeof(command), "export RIG=%s PATH=/sbin:/usr/sbin:$PATH; %s", rig->folder, text);
	free(text);
	int status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool rig_make(struct rig *rig, const char *arguments, const char *source, uint64_t kib, uint64_t seed)
{
	char path[128];
	*rig = (struct rig){.folder = "/tmp/gila-ext2-XXXXXX"};
	if (!mkdtemp(rig->folder))
		return false;
	snprintf(path, sizeof(path), "%s/image", rig->folder);
	if (rig_run(rig, "truncate -s %lluK $RIG/image && mke2fs -q -F %s %s%s $RIG/image >/dev/null 2>&1",
		    (unsigned long long)kib, arguments, *source ? "-d " : "", source) != 0)
		return false;
	if (!fake_disk_load(&rig->disk, path, seed))
		return false;
	fake_client_make(&rig->client, &rig->disk, RIG_CACHE);
	return true;
}

void rig_free(struct rig *rig)
{
	if (rig->fs)
		fs_unmount(rig->fs);
	fake_client_free(&rig->client);
	fake_disk_free(&rig->disk);
	rig_run(rig, "rm -rf $RIG");
}

bool rig_mount(struct rig *rig)
{
	struct fs_open how = {.seat = "fs/test", .client = &rig->client, .super = rig->disk.image + 1024,
			      .device_bytes = rig->disk.size, .read_only = rig->read_only};
	rig->fs = NULL;
	return fs_mount(&how, &rig->fs) == KERN_SUCCESS;
}

void rig_leave(struct rig *rig)
{
	if (rig->fs)
		fs_unmount(rig->fs);
	rig->fs = NULL;
}

void rig_power_loss(struct rig *rig)
{
	rig_leave(rig);
	fake_power_loss(&rig->disk);
	memset(rig->client.data, 0, rig->client.data_size);
}

bool rig_save(const struct rig *rig)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/image", rig->folder);
	return fake_disk_save(&rig->disk, path);
}

const char *rig_check(struct rig *rig)
{
	while (rig->fs && orphan_waits(rig->fs))
		if (orphan_work(rig->fs))
			return "an orphan cannot be freed";
	if (rig->fs && fs_can_write(rig->fs) && fs_settle(rig->fs))
		return "fs_settle";
	if (!rig_save(rig))
		return "the image cannot be saved";
	if (rig_run(rig, "e2fsck -fn $RIG/image >$RIG/fsck 2>&1") != 0) {
		rig_run(rig, "cat $RIG/fsck");
		return "e2fsck -fn";
	}
	return NULL;
}
