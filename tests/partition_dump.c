// SPDX-License-Identifier: MIT
// partition_dump IMAGE [BLOCK_SIZE]: what servers/volumes finds on a disk image, for tests/partitions.sh. A line for each partition
// (index, first sector, sectors, UUID, label) and one with what begins there; notes go to standard error.
#include <servers/volumes/disk.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_image(struct disk *disk, uint64_t sector, void *to, uint32_t size)
{
	int file = *(int *)disk->context;
	return pread(file, to, size, (off_t)(sector * DISK_SECTOR)) == (ssize_t)size;
}

static void print_filesystem(struct disk *disk, uint64_t first, uint64_t sectors)
{
	struct disk_filesystem found;
	if (disk_probe(disk, first, sectors, &found))
		printf("fs|%s|%s|%s\n", found.type, found.uuid, found.label);
}

int main(int argc, char **argv)
{
	static struct disk_partitions found;
	static const char *const tables[] = {"none", "dos", "gpt"};
	struct stat info;
	int file = argc > 1 ? open(argv[1], O_RDONLY) : -1;
	if (file < 0 || fstat(file, &info) < 0) {
		perror(argc > 1 ? argv[1] : "usage: partition_dump IMAGE [BLOCK_SIZE]");
		return 2;
	}
	struct disk disk = {.name = "disk",
			    .sectors = (uint64_t)info.st_size / DISK_SECTOR,
			    .block_size = argc > 2 ? (uint32_t)atoi(argv[2]) : DISK_SECTOR,
			    .read = read_image,
			    .context = &file};
	if (!disk_read_table(&disk, &found))
		return 1;
	printf("table|%s\n", tables[found.table]);
	fputs(found.notes, stderr);
	if (found.table == DISK_NO_TABLE)
		print_filesystem(&disk, 0, disk.sectors);
	for (unsigned i = 0; i < found.count; i++) {
		const struct disk_partition *partition = &found.list[i];
		printf("%u|%llu|%llu|%s|%s\n", partition->index, (unsigned long long)partition->first,
		       (unsigned long long)partition->sectors, partition->uuid, partition->label);
		print_filesystem(&disk, partition->first, partition->sectors);
	}
	return 0;
}
