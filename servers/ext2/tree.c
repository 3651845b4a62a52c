// SPDX-License-Identifier: MIT
// Paths, and what changes the tree: create, remove, rename; each is one operation.
//
// Links are followed inside of the file system: an absolute target begins at its root. A client's own path has no ".."
// (<gila/file_name.h>), a link's may.
#include "fs.h"

#define LINKS_MAX 40u      // that one path may lead through
#define REST_MAX 8192u     // bytes of a path with the links in it
#define ANCESTORS_MAX 65536u
#define NO_CHANGE (EXT2_IMMUTABLE_FL | EXT2_APPEND_FL)

// ---- Resolving ------------------------------------------------------------------------------------------------------

struct way {
	char buffer[REST_MAX];
	size_t start;    // what is left of the path is at its end
	unsigned links;
	ext2_ino_t here; // where it goes on
};

// Puts a path in front of what is left.
static bool prepend(struct way *way, const char *path, size_t length)
{
	if (length + 1 > way->start)
		return false;
	way->buffer[--way->start] = '/';
	way->start -= length;
	memcpy(way->buffer + way->start, path, length);
	return true;
}

// The next component; false: there is none.
static bool take(struct way *way, const char **name, size_t *length)
{
	while (way->start < REST_MAX) {
		*name = way->buffer + way->start;
		*length = (size_t)((char *)memchr(*name, '/', REST_MAX - way->start) - *name);
		way->start += *length + 1;
		if (*length > 0 && !(*length == 1 && **name == '.'))
			return true;
	}
	return false;
}

static bool is_last(const struct way *way)
{
	for (size_t i = way->start; i < REST_MAX; i++)
		if (way->buffer[i] != '/')
			return false;
	return true;
}

static kern_return_t follow_link(struct fs *fs, struct way *way, struct node *link, ext2_ino_t directory)
{
	char target[4096];
	size_t size;
	if (++way->links > LINKS_MAX)
		return FILE_NOT_FOUND;
	kern_return_t error = data_read(fs, link, 0, target, sizeof(target), &size);
	if (!error && (size == 0 || memchr(target, 0, size)))
		return fs_damaged(fs, "inode %u: a link to nowhere", link->ino);
	if (!error && !prepend(way, target, size))
		return FILE_NAME_TOO_LONG;
	way->here = !error && target[0] == '/' ? EXT2_ROOT_INO : directory;
	return error;
}

// One component: `place` is where it leads, or the way goes on through a link.
static kern_return_t walk_component(struct fs *fs, struct way *way, const char *name, size_t length, bool follow,
				    struct place *place)
{
	struct node *dir, *node;
	ext2_ino_t from = way->here;
	if (!from)
		return FILE_NOT_FOUND;
	if (length > FILE_NAME_MAX)
		return FILE_NAME_TOO_LONG;
	kern_return_t error = node_get(fs, from, &dir);
	if (!error && !node_is_directory(dir))
		error = FILE_NOT_DIRECTORY;
	if (!error)
		error = dir_find(fs, dir, name, length, &place->ino);
	if (error)
		return error;
	place->directory = from;
	place->length = length;
	memcpy(place->name, name, length);
	place->name[length] = 0;
	way->here = place->ino;
	if (!place->ino)
		return KERN_SUCCESS;
	error = node_get(fs, place->ino, &node);
	if (error == FILE_STALE)
		error = fs_damaged(fs, "directory %u: \"%s\" is inode %u, which is not in use", from, place->name,
				   place->ino);
	if (error || !node_is_link(node) || (!follow && is_last(way)))
		return error;
	error = follow_link(fs, way, node, from);
	place->ino = way->here;
	place->directory = 0;
	return error;
}

kern_return_t tree_resolve(struct fs *fs, ext2_ino_t from, const char *path, bool follow, struct place *place)
{
	struct way way = {.start = REST_MAX, .here = from};
	struct file_path check = {.rest = path};
	const char *name;
	size_t length;
	while (file_path_next(&check))
		;
	if (check.error)
		return check.error;
	if (!prepend(&way, path, strlen(path)))
		return FILE_NAME_TOO_LONG;
	*place = (struct place){.ino = from};
	kern_return_t error = KERN_SUCCESS;
	while (!error && take(&way, &name, &length)) {
		error = walk_component(fs, &way, name, length, follow, place);
		if (!error && dir_is_dot(name, length))
			place->directory = 0; // it has no name there
	}
	return error;
}

// ---- Creating -------------------------------------------------------------------------------------------------------

static struct dir_entry entry_of(const struct place *place, const struct node *node)
{
	return (struct dir_entry){.ino = node->ino,
				  .type = dir_type(node->inode.i_mode),
				  .length = (uint8_t)place->length,
				  .name = place->name};
}

// A directory of this many subdirectories counts them no more, if the feature is there (dir_nlink).
static kern_return_t add_link(struct fs *fs, struct node *dir)
{
	if (dir->inode.i_links_count == 1)
		return KERN_SUCCESS;
	if (++dir->inode.i_links_count < EXT2_LINK_MAX)
		return KERN_SUCCESS;
	if (!ext2fs_has_feature_dir_nlink(fs_super(fs)))
		return FILE_NO_SPACE;
	dir->inode.i_links_count = 1;
	return KERN_SUCCESS;
}

static void drop_link(struct node *dir)
{
	if (dir->inode.i_links_count > 2)
		dir->inode.i_links_count--;
}

static kern_return_t put_touched(struct fs *fs, struct node *node)
{
	node_touch(fs, node, true);
	return node_put(fs, node);
}

static kern_return_t create(struct fs *fs, struct node *dir, const struct place *place, bool is_directory,
			    ext2_ino_t *ino)
{
	struct node *node;
	kern_return_t error = node_make(fs, dir, is_directory ? LINUX_S_IFDIR | 0755 : LINUX_S_IFREG | 0644, &node);
	if (error)
		return error;
	struct dir_entry entry = entry_of(place, node);
	if (is_directory)
		error = dir_make(fs, node, dir->ino);
	if (!error && is_directory)
		error = node_put(fs, node);
	if (!error && is_directory)
		error = add_link(fs, dir);
	if (!error)
		error = dir_insert(fs, dir, &entry);
	if (!error)
		error = put_touched(fs, dir);
	*ino = node->ino;
	return error;
}

static kern_return_t create_once(struct fs *fs, const struct place *place, bool is_directory, ext2_ino_t *ino)
{
	struct node *dir;
	kern_return_t error = node_get(fs, place->directory, &dir);
	if (!error && dir->inode.i_links_count == 0)
		error = FILE_STALE;
	if (!error && (dir->inode.i_flags & EXT2_IMMUTABLE_FL))
		error = FILE_NO_RIGHT;
	if (!error)
		error = op_begin(fs);
	return error ? error : op_finish(fs, create(fs, dir, place, is_directory, ino));
}

kern_return_t tree_create(struct fs *fs, const struct place *place, bool is_directory, ext2_ino_t *ino)
{
	kern_return_t error = create_once(fs, place, is_directory, ino);
	if (error == FILE_NO_SPACE && fs_reclaim(fs))
		error = create_once(fs, place, is_directory, ino);
	return error;
}

// ---- Removing -------------------------------------------------------------------------------------------------------

// The node lost a name. A directory has no other.
static kern_return_t lose_name(struct fs *fs, struct node *node, ext2_ino_t *orphan)
{
	kern_return_t error = KERN_SUCCESS;
	if (node_is_directory(node))
		node->inode.i_links_count = 0;
	else if (node->inode.i_links_count > 0)
		node->inode.i_links_count--;
	if (node->inode.i_links_count == 0) {
		*orphan = node->ino;
		error = orphan_add(fs, node, node_is_directory(node) ? ORPHAN_DEAD : ORPHAN_OPEN);
	}
	node_touch(fs, node, false);
	return error ? error : node_put(fs, node);
}

static kern_return_t check_removal(struct fs *fs, const struct node *dir, struct node *node)
{
	uint32_t entries = 0;
	if ((dir->inode.i_flags & NO_CHANGE) || (node->inode.i_flags & NO_CHANGE))
		return FILE_NO_RIGHT;
	kern_return_t error = node_is_directory(node) ? dir_count(fs, node, &entries) : KERN_SUCCESS;
	return error ? error : entries ? FILE_NOT_EMPTY : KERN_SUCCESS;
}

// Directories are in use by nobody once they have no name.
static void free_directory(struct fs *fs, ext2_ino_t *orphan)
{
	bool done;
	struct orphan *found = *orphan ? orphan_find(fs, *orphan) : NULL;
	if (!found || found->kind != ORPHAN_DEAD)
		return;
	if (orphan_step(fs, *orphan, &done))
		gila_logf("%s: a removed directory is freed later", fs->seat);
	*orphan = 0;
}

kern_return_t tree_remove(struct fs *fs, const struct place *place, ext2_ino_t *orphan)
{
	struct node *dir, *node;
	*orphan = 0;
	kern_return_t error = node_get(fs, place->directory, &dir);
	if (!error)
		error = node_get(fs, place->ino, &node);
	if (!error)
		error = check_removal(fs, dir, node);
	if (!error)
		error = op_begin(fs);
	if (error)
		return error;
	error = dir_remove(fs, dir, place->name, place->length);
	if (!error && node_is_directory(node))
		drop_link(dir);
	if (!error)
		error = put_touched(fs, dir);
	if (!error)
		error = lose_name(fs, node, orphan);
	error = op_finish(fs, error);
	if (error)
		*orphan = 0;
	else
		free_directory(fs, orphan);
	return error;
}

// ---- Renaming -------------------------------------------------------------------------------------------------------

static kern_return_t check_not_above(struct fs *fs, ext2_ino_t moved, ext2_ino_t directory)
{
	struct node *node;
	for (unsigned i = 0; i < ANCESTORS_MAX; i++) {
		if (directory == moved)
			return FILE_BUSY;
		if (directory == EXT2_ROOT_INO)
			return KERN_SUCCESS;
		kern_return_t error = node_get(fs, directory, &node);
		if (!error && !node_is_directory(node))
			error = fs_damaged(fs, "inode %u is somebody's parent and no directory", directory);
		if (!error)
			error = dir_find(fs, node, "..", 2, &directory);
		if (error)
			return error;
	}
	return fs_damaged(fs, "directory %u: no way up to the root", moved);
}

// What takes part in a rename; `gone` may be NULL.
struct move {
	const struct place *from, *to;
	struct node *from_dir, *to_dir, *node, *gone;
};

static kern_return_t check_move(struct fs *fs, const struct move *move)
{
	if ((move->from_dir->inode.i_flags & NO_CHANGE) || (move->to_dir->inode.i_flags & EXT2_IMMUTABLE_FL) ||
	    (move->node->inode.i_flags & NO_CHANGE))
		return FILE_NO_RIGHT;
	if (move->to_dir->inode.i_links_count == 0)
		return FILE_STALE;
	kern_return_t error = node_is_directory(move->node) ? check_not_above(fs, move->node->ino, move->to->directory)
							    : KERN_SUCCESS;
	if (error || !move->gone)
		return error;
	if (node_is_directory(move->node) != node_is_directory(move->gone))
		return node_is_directory(move->node) ? FILE_NOT_DIRECTORY : FILE_IS_DIRECTORY;
	return check_removal(fs, move->to_dir, move->gone);
}

// The moved directory's ".." and the counts of links of both its parents.
static kern_return_t change_parent(struct fs *fs, const struct move *move)
{
	kern_return_t error = KERN_SUCCESS;
	if (!node_is_directory(move->node))
		return KERN_SUCCESS;
	if (move->from_dir != move->to_dir) {
		error = dir_replace(
			fs, move->node,
			&(struct dir_entry){
				.ino = move->to->directory, .type = EXT2_FT_DIR, .length = 2, .name = ".."});
		drop_link(move->from_dir);
		if (!error && !move->gone)
			error = add_link(fs, move->to_dir);
	} else if (move->gone) {
		drop_link(move->to_dir);
	}
	return error;
}

static kern_return_t carry_out(struct fs *fs, const struct move *move, ext2_ino_t *orphan)
{
	struct dir_entry entry = entry_of(move->to, move->node);
	kern_return_t error = move->gone ? dir_replace(fs, move->to_dir, &entry) : dir_insert(fs, move->to_dir, &entry);
	if (!error)
		error = dir_remove(fs, move->from_dir, move->from->name, move->from->length);
	if (!error)
		error = change_parent(fs, move);
	if (!error)
		error = put_touched(fs, move->from_dir);
	if (!error && move->to_dir != move->from_dir)
		error = put_touched(fs, move->to_dir);
	if (!error) {
		node_touch(fs, move->node, false);
		error = node_put(fs, move->node);
	}
	if (!error && move->gone)
		error = lose_name(fs, move->gone, orphan);
	return error;
}

static kern_return_t rename_once(struct fs *fs, const struct place *from, const struct place *to, ext2_ino_t *orphan)
{
	struct move move = {.from = from, .to = to};
	*orphan = 0;
	kern_return_t error = node_get(fs, from->directory, &move.from_dir);
	if (!error)
		error = node_get(fs, to->directory, &move.to_dir);
	if (!error)
		error = node_get(fs, from->ino, &move.node);
	if (!error && to->ino)
		error = node_get(fs, to->ino, &move.gone);
	if (!error)
		error = check_move(fs, &move);
	if (!error)
		error = op_begin(fs);
	return error ? error : op_finish(fs, carry_out(fs, &move, orphan));
}

kern_return_t tree_rename(struct fs *fs, const struct place *from, const struct place *to, ext2_ino_t *orphan)
{
	*orphan = 0;
	if (from->ino == to->ino)
		return KERN_SUCCESS; // POSIX, rename: two names of one file stay
	kern_return_t error = rename_once(fs, from, to, orphan);
	if (error == FILE_NO_SPACE && fs_reclaim(fs))
		error = rename_once(fs, from, to, orphan);
	if (error)
		*orphan = 0;
	else
		free_directory(fs, orphan);
	return error;
}
