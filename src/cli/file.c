/* SPDX-License-Identifier: MIT
 * Reads and writes whole files: see cli.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

static bool complain(const char *what, const char *path)
{
    fprintf(stderr, "furrow: error: could not %s %s: %s\n", what, path, strerror(errno));
    return false;
}

bool furrow__file_read(const char *path, size_t limit, furrow__buffer *out)
{
    struct stat status;
    char block[65536];
    /* Refuse a named pipe: opening it would block until another process opens it for writing. */
    bool known = stat(path, &status) == 0;
    if (known && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        fprintf(stderr, "furrow: error: could not read %s: not a regular file\n", path);
        return false;
    }
    if (known && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return complain("read", path);
    }
    FILE *file = fopen(path, "rb");
    if (!file)
        return complain("read", path);
    for (size_t got; out->size <= limit && (got = fread(block, 1, sizeof block, file)) > 0;)
        furrow__buffer_add(out, block, got);
    bool failed = ferror(file);
    int problem = errno;
    fclose(file);
    errno = problem;
    if (failed)
        return complain("read", path);
    if (!furrow__buffer_text(out)) {
        errno = ENOMEM;
        return complain("read", path);
    }
    return true;
}

/* Returns whether the path leads to a file that is not a regular file, such as a device or a pipe.
 * Such a file cannot be compared with the new contents, and must not be replaced. */
static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

bool furrow__file_holds(const char *path, const char *text, size_t size)
{
    char block[4096];
    size_t at = 0, got;
    FILE *file = is_special(path) ? NULL : fopen(path, "rb");
    if (!file)
        return false;
    while ((got = fread(block, 1, sizeof block, file)) > 0 && got <= size - at &&
           memcmp(block, text + at, got) == 0)
        at += got;
    bool same = got == 0 && at == size && !ferror(file);
    fclose(file);
    return same;
}

/* Writes the text and closes the file. Returns an errno value, or 0. */
static int write_all(int file, const char *text, size_t size)
{
    int problem = 0;
    for (size_t at = 0; !problem && at < size;) {
        ssize_t wrote = write(file, text + at, size - at);
        if (wrote > 0)
            at += (size_t)wrote;
        else if (wrote == 0 || errno != EINTR)
            problem = wrote == 0 ? EIO : errno;
    }
    return close(file) != 0 && !problem ? errno : problem;
}

static int write_in_place(const char *path, const char *text, size_t size)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    return file < 0 ? errno : write_all(file, text, size);
}

/* Writes a temporary file in the same folder, and renames it. */
static int write_and_rename(const char *path, const char *text, size_t size)
{
    furrow__buffer beside = {0};
    furrow__buffer_format(&beside, "%s.%ld.new", path, (long)getpid());
    const char *name = furrow__buffer_text(&beside);
    int file = name ? open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    int problem = !name ? ENOMEM : file < 0 ? errno : write_all(file, text, size);
    if (!problem && rename(name, path) != 0)
        problem = errno;
    if (problem && file >= 0)
        unlink(name);
    furrow__buffer_done(&beside);
    return problem;
}

bool furrow__file_write(const char *path, const char *text, size_t size)
{
    bool special = is_special(path);
    if (!special && furrow__file_holds(path, text, size))
        return true;
    int problem = special ? write_in_place(path, text, size) : write_and_rename(path, text, size);
    errno = problem;
    return problem ? complain("write", path) : true;
}
