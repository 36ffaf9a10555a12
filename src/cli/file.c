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

bool furrow__file_holds(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "rb");
    char block[4096];
    size_t at = 0, got;
    if (!file)
        return false;
    while ((got = fread(block, 1, sizeof block, file)) > 0 && got <= size - at &&
           memcmp(block, text + at, got) == 0)
        at += got;
    bool same = got == 0 && at == size && !ferror(file);
    fclose(file);
    return same;
}

bool furrow__file_write(const char *path, const char *text, size_t size)
{
    if (furrow__file_holds(path, text, size))
        return true;
    furrow__buffer beside = {0};
    furrow__buffer_format(&beside, "%s.%ld.new", path, (long)getpid());
    const char *name = furrow__buffer_text(&beside);
    bool fine = false;
    int problem = 0;
    int file = name ? open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    if (!name)
        errno = ENOMEM;
    if (file >= 0) {
        fine = true;
        for (size_t at = 0; fine && at < size;) {
            ssize_t wrote = write(file, text + at, size - at);
            if (wrote > 0)
                at += (size_t)wrote;
            else
                fine = wrote < 0 && errno == EINTR;
        }
        problem = errno;
        if (close(file) != 0 && fine) {
            fine = false;
            problem = errno;
        }
        if (fine && rename(name, path) != 0) {
            fine = false;
            problem = errno;
        }
        if (!fine) {
            unlink(name);
            errno = problem;
        }
    }
    if (!fine)
        complain("write", path);
    furrow__buffer_done(&beside);
    return fine;
}
