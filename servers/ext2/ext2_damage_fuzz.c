// SPDX-License-Identifier: MIT
// Fuzz target: images of several kinds with any bytes changed, mounted, walked and written. Nothing crashes, nothing
// takes for ever, and what is refused says so by an error.
//
// Input: a byte that chooses the image, then records: a place (two bytes, times eight, in the first half megabyte, or,
// with its upper bit set, in blocks of directories and extent trees), a length (1 to 8) and so many bytes.
#include "store_fake_test.c"
#include "fs_rig_test.c"

#include <gila/fuzz.h>
#include <serve/serve_fake.h>

void test_fail(const char *file, int line, const char *expression) { abort(); }
void test_fail_values(const char *file, int line, const char *expression, uint64_t left, uint64_t right) { abort(); }

#define must(true_here)                                                                                                \
	((true_here) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #true_here), abort()))

static const char *const kinds[] = {
	"-t ext4 -b 1024 -O ^metadata_csum -N 128",
	"-t ext3 -b 1024 -N 128 -I 128",
	"-t ext4 -b 1024 -N 128",
	"-t ext4 -b 1024 -O ^metadata_csum,inline_data -N 128",
	"-t ext2 -b 1024 -N 128",
	"-t ext4 -b 1024 -O ^metadata_csum,uninit_bg -N 256 -g 1024",
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
#define FIXED " -U 12345678-1234-1234-1234-123456789abc -E hash_seed=12345678-1234-1234-1234-123456789abc"

static struct rig bases[KINDS];
static uint64_t places[KINDS][256]; // of blocks of directories and trees
static unsigned place_count[KINDS];
static struct rig rig;
static uint8_t bytes[4096];

// ---- The images -----------------------------------------------------------------------------------------------------

static ext2_ino_t make(struct rig *base, const char *path, bool is_directory)
{
	struct place place;
	ext2_ino_t ino = 0;
	fs_trim(base->fs);
	must(tree_resolve(base->fs, EXT2_ROOT_INO, path, false, &place) == KERN_SUCCESS);
	must(tree_create(base->fs, &place, is_directory, &ino) == KERN_SUCCESS);
	return ino;
}

static void note(unsigned kind, struct rig *base, ext2_ino_t ino)
{
	struct map_run run;
	struct node *node;
	must(node_get(base->fs, ino, &node) == KERN_SUCCESS);
	for (uint32_t i = 0; i < dir_blocks(base->fs, node) && place_count[kind] < 200; i++)
		if (!node_is_inline(node) && !map_find(base->fs, node, i, &run) && run.kind == MAP_WRITTEN)
			places[kind][place_count[kind]++] = (run.block + (i - run.first)) * 1024;
}

// The block that the inode's tree begins with, if it has one.
static void note_tree(unsigned kind, struct rig *base, ext2_ino_t ino)
{
	struct node *node;
	must(node_get(base->fs, ino, &node) == KERN_SUCCESS);
	const uint32_t *block = node->inode.i_block;
	bool extents = node->inode.i_flags & EXT4_EXTENTS_FL;
	const uint32_t found[] = {extents ? block[4] : block[12], extents ? 0 : block[13]};
	for (int i = 0; i < 2; i++)
		if (found[i])
			places[kind][place_count[kind]++] = (uint64_t)found[i] * 1024;
}

static void furnish(unsigned kind)
{
	struct rig *base = &bases[kind];
	char arguments[256], path[64];
	setenv("E2FSPROGS_FAKE_TIME", "1700000000", 1);
	snprintf(arguments, sizeof(arguments), "%s" FIXED, kinds[kind]);
	must(rig_make(base, arguments, "", 2400, 1) && rig_mount(base));
	note(kind, base, EXT2_ROOT_INO);
	ext2_ino_t dir = make(base, "dir", true), file = make(base, "file", false), holes = make(base, "holes", false);
	(void)make(base, "dir/below", true);
	for (int i = 0; i < 60; i++) {
		snprintf(path, sizeof(path), "dir/a-file-with-a-long-name-%d", i);
		(void)make(base, path, false);
	}
	for (uint64_t i = 0; i < 20; i++)
		must(data_write(base->fs, holes, i * 5000, bytes, 700) == KERN_SUCCESS);
	must(data_write(base->fs, holes, 400000, bytes, 4000) == KERN_SUCCESS);
	for (uint64_t i = 0; i < 20; i++)
		must(data_write(base->fs, file, i * 4000, bytes, 4000) == KERN_SUCCESS);
	note(kind, base, dir);
	note_tree(kind, base, holes);
	note_tree(kind, base, file);
	must(rig_check(base) == NULL);
	rig_leave(base);
	if (kind != 3)
		return;
	// Inline data only debugfs and mke2fs make.
	rig_run(base, "echo small > $RIG/small; debugfs -w -f /dev/stdin $RIG/image >/dev/null 2>&1 <<X\nwrite "
		      "$RIG/small small\nmkdir inl\nX\n");
	if (snprintf(path, sizeof(path), "%s/image", base->folder) >= (int)sizeof(path))
		abort();
	fake_disk_free(&base->disk);
	must(fake_disk_load(&base->disk, path, 1));
}

static void clean(void)
{
	for (unsigned kind = 0; kind < KINDS; kind++)
		rig_run(&bases[kind], "rm -rf $RIG");
}

static void begin(void)
{
	static bool begun;
	if (begun)
		return;
	begun = true;
	(void)atexit(clean);
	fake_calendar = INT64_C(1700000000) * 1000000000;
	for (unsigned kind = 0; kind < KINDS; kind++)
		furnish(kind);
	rig = bases[0];
	fake_disk_make(&rig.disk, bases[0].disk.size, 1);
	fake_client_make(&rig.client, &rig.disk, STORE_MEMORY_MIN);
	rig.fs = NULL;
}

// ---- What is done with it -------------------------------------------------------------------------------------------

struct visit {
	ext2_ino_t found[64];
	unsigned count;
};

static bool see(void *context, const struct dir_entry *entry)
{
	struct visit *visit = context;
	if (visit->count < 64)
		visit->found[visit->count++] = entry->ino;
	return true;
}

static void look(ext2_ino_t ino, unsigned depth)
{
	struct visit visit = {.count = 0};
	struct node *node;
	uint64_t cookie = 0;
	uint32_t counted;
	size_t got;
	fs_trim(rig.fs);
	if (node_get(rig.fs, ino, &node))
		return;
	if (!node_is_directory(node)) {
		uint64_t size = node_size(node);
		(void)!data_read(rig.fs, node, 0, bytes, sizeof(bytes), &got);
		(void)!data_read(rig.fs, node, size > 3000 ? size - 3000 : 0, bytes, sizeof(bytes), &got);
		(void)!data_read(rig.fs, node, size / 2, bytes, sizeof(bytes), &got);
		return;
	}
	(void)!dir_count(rig.fs, node, &counted);
	for (unsigned i = 0; i < 4 && !dir_list(rig.fs, node, cookie, see, &visit, &cookie) && cookie; i++)
		;
	for (unsigned i = 0; i < visit.count && depth < 3; i++)
		look(visit.found[i], depth + 1);
}

static ext2_ino_t find(const char *path, struct place *place)
{
	fs_trim(rig.fs);
	return tree_resolve(rig.fs, EXT2_ROOT_INO, path, true, place) ? 0 : place->ino;
}

static void change(void)
{
	static const char *const files[] = {"file", "holes", "small", "dir/a-file-with-a-long-name-7"};
	struct place place, to;
	ext2_ino_t ino, orphan;
	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		ino = find(files[i], &place);
		(void)!(ino && data_write(rig.fs, ino, 2000, bytes, 3000));
		(void)!(ino && data_write(rig.fs, ino, 50000, bytes, 3000));
		(void)!(ino && data_resize(rig.fs, ino, 30000));
		(void)!(ino && data_resize(rig.fs, ino, 10));
	}
	(void)!(!find("dir/new", &place) && place.length && tree_create(rig.fs, &place, false, &ino));
	(void)!(!find("inl/new", &place) && place.length && tree_create(rig.fs, &place, true, &ino));
	(void)!(!find("newdir", &place) && place.length && tree_create(rig.fs, &place, true, &ino));
	if (find("dir", &place) && !find("newdir/moved", &to) && to.length)
		(void)!tree_rename(rig.fs, &place, &to, &orphan);
	if (find("newdir/moved/a-file-with-a-long-name-9", &place) && find("file", &to))
		(void)!tree_rename(rig.fs, &place, &to, &orphan);
	static const char *const removed[] = {"holes", "newdir/moved/a-file-with-a-long-name-3", "newdir/moved/below",
					      "small", "lost+found"};
	for (unsigned i = 0; i < sizeof(removed) / sizeof(removed[0]); i++)
		if (find(removed[i], &place) && !tree_remove(rig.fs, &place, &orphan))
			orphan_release(rig.fs, orphan);
	for (unsigned i = 0; i < 100 && orphan_waits(rig.fs); i++)
		(void)!orphan_work(rig.fs);
}

static int fuzz_ext2_damage(const uint8_t *data, size_t size)
{
	begin();
	if (size < 4)
		return 0;
	unsigned kind = data[0] % KINDS;
	memcpy(rig.disk.image, bases[kind].disk.image, rig.disk.size);
	for (size_t at = 1; at + 4 <= size;) {
		uint32_t place = data[at] | (uint32_t)data[at + 1] << 8, length = data[at + 2] % 8 + 1;
		uint64_t offset = (uint64_t)(place & 0x7fff) * 8;
		if (place & 0x8000)
			offset = places[kind][place / 128 % 256 % place_count[kind]] + place % 128 * 8;
		else if (data[at + 2] & 0x80)
			offset += 0x7fff * 8;
		for (uint32_t i = 0; i < length && at + 3 + i < size && offset + i < rig.disk.size; i++)
			rig.disk.image[offset + i] = data[at + 3 + i];
		at += 3 + length;
	}
	memcpy(rig.disk.medium, rig.disk.image, rig.disk.size);
	rig.disk.unflushed_count = 0;
	memset(rig.client.data, 0, rig.client.data_size);
	if (!rig_mount(&rig))
		return 0;
	look(EXT2_ROOT_INO, 0);
	change();
	look(EXT2_ROOT_INO, 0);
	fs_work(rig.fs);
	(void)!fs_settle(rig.fs);
	rig_leave(&rig);
	if (rig_mount(&rig)) // what was made of it is taken over
		look(EXT2_ROOT_INO, 0);
	rig_leave(&rig);
	return 0;
}

FUZZ_TARGET(fuzz_ext2_damage)
