/* SPDX-License-Identifier: MIT
 * Runs a fuzz target on files, without a fuzzer. Usage: replay file-or-folder... The target is run
 * on the whole content of each file, and on many prefixes of the content. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MOST_CUTS = 512 }; /* largest number of prefixes tested per file */

static int passed, failed;

/* Runs the target on prefixes of the input. Each prefix is copied to a memory block of exactly its
 * size, so that a sanitizer detects reads beyond the end. */
static void replay_cuts(const uint8_t *bytes, size_t size)
{
    size_t step = size / MOST_CUTS + 1;
    for (size_t cut = 0; cut < size; cut += step) {
        uint8_t *copy = malloc(cut ? cut : 1);
        if (!copy)
            return;
        memcpy(copy, bytes, cut);
        LLVMFuzzerTestOneInput(copy, cut);
        free(copy);
    }
}

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    long size = -1;
    uint8_t *bytes = NULL;
    if (file && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0)
        bytes = malloc(size ? (size_t)size : 1);
    if (!bytes || fseek(file, 0, SEEK_SET) != 0 ||
        fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "replay: could not read %s\n", path);
        failed++;
    } else {
        LLVMFuzzerTestOneInput(bytes, (size_t)size);
        replay_cuts(bytes, (size_t)size);
        passed++;
    }
    free(bytes);
    if (file)
        fclose(file);
}

static void replay(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        replay_file(path);
        return;
    }
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char inside[4096];
        int size = snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && size > 0 && (size_t)size < sizeof inside)
            replay_file(inside);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed;
}
