// SPDX-License-Identifier: MIT
// CFURL, for its files: url.c makes URLs and gives their parts, url_path.c changes paths, url_escape.c has escapes, url_file.c asks about files.
#ifndef DARWIN_CF_URL_H
#define DARWIN_CF_URL_H

#include "object.h"
#include "url_parts.h"

extern const struct object_type url_type;
struct url;

// NULL: the text is no URL. `base` may be NULL.
struct url *url_make(const char *text, size_t size, const struct url *base);
// Of a path of the file system; a folder's ends with a slash.
struct url *url_make_file(const char *path, size_t size, bool folder, const struct url *base);
// The text as it was given, and without its base.
const char *url_text(const struct url *url);
// Its parts; those of the absolute URL are valid until `text` is freed.
struct url_parts url_parts_of(const struct url *url);
struct url_parts url_absolute(const struct url *url, struct bytes *text);
const struct url *url_base(const struct url *url);
// The path in the file system, malloced: absolute if there is a base, without a slash at the end. NULL: it has none.
char *url_file_path(const struct url *url, bool absolute);
bool url_is_file(const struct url *url);
// Where the file system of that device is mounted. False: nowhere.
bool volume_mount_point(unsigned wanted_major, unsigned wanted_minor, char point[4096]);
// What the file system that a file is on says under one of kCFURLVolume*Key. NULL: that is none, or not known.
const void *url_volume_value(const char *path, uint64_t device, const void *key);
// The URLs of what is in a folder (url_resource.c). NULL: it cannot be read.
struct array *url_folder_list(const char *path);

#endif
