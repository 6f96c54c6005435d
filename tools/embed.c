// SPDX-License-Identifier: AGPL-3.0-or-later
// Puts files into the program: embed OUT.c OUT.h NAME ROOT FILE...
// Makes the table NAME[] with NAME_count rows, sorted by name (the path under ROOT), for bsearch or a walk. The bytes
// are taken in by the assembler (.incbin), so that megabytes of pictures cost the compiler nothing. Every row carries
// the first 12 hex digits of its content's SHA-256, for names that change with the content.
#include <limits.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file {
    const char *path, *name;
    char *absolute;
    size_t size;
    char hash[13];
};

static bool read_file(struct file *f) {
    f->absolute = realpath(f->path, NULL);
    FILE *in = f->absolute != NULL ? fopen(f->absolute, "rb") : NULL;
    if (in == NULL) {
        perror(f->path);
        return false;
    }
    crypto_hash_sha256_state sum;
    (void)crypto_hash_sha256_init(&sum);
    unsigned char chunk[65536];
    size_t n;
    while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0) {
        (void)crypto_hash_sha256_update(&sum, chunk, n);
        f->size += n;
    }
    bool good = ferror(in) == 0;
    (void)fclose(in);
    unsigned char digest[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256_final(&sum, digest);
    for (size_t i = 0; i < 6; i++) {
        (void)snprintf(f->hash + 2 * i, 3, "%02x", digest[i]);
    }
    return good;
}

// The name goes into a C string and the path into an assembler string inside one.
static bool is_plain(const char *s) {
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < ' ' || *s == '"' || *s == '\\' || *s == '%' || *s == '?') {
            return false;
        }
    }
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static bool take_files(struct file *files, size_t count, const char *root, char **paths) {
    size_t n = strlen(root);
    for (size_t i = 0; i < count; i++) {
        const char *path = paths[i];
        bool under = strncmp(path, root, n) == 0 && path[n] == '/';
        const char *slash = strrchr(path, '/');
        // What a build step made lies elsewhere; its name is then the file's own.
        files[i].path = path;
        files[i].name = under ? path + n + 1 : slash != NULL ? slash + 1 : path;
        if (!is_plain(path)) {
            fprintf(stderr, "%s: a file name the assembler would not understand\n", path);
            return false;
        }
        if (!read_file(&files[i]) || !is_plain(files[i].absolute)) {
            return false;
        }
    }
    qsort(files, count, sizeof(*files), by_name);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(files[i - 1].name, files[i].name) == 0) {
            fprintf(stderr, "%s: two files of this name\n", files[i].name);
            return false;
        }
    }
    return true;
}

static void write_header(FILE *out, const char *name) {
    fprintf(out,
            "// Written by tools/embed; not to be edited.\n#pragma once\n#include <stddef.h>\n\n"
            "struct %s_row {\n    const char *name; // path, NUL-terminated; the table is sorted by it (strcmp)\n"
            "    const unsigned char *bytes;\n    size_t size;\n"
            "    const char *hash; // first 12 hex digits of the SHA-256 of the bytes\n};\n"
            "extern const struct %s_row %s[];\nextern const size_t %s_count;\n",
            name, name, name, name);
}

static void write_code(FILE *out, const char *header, const char *name, const struct file *files, size_t count) {
    const char *slash = strrchr(header, '/');
    fprintf(out, "// Written by tools/embed; not to be edited.\n#include \"%s\"\n\n",
            slash != NULL ? slash + 1 : header);
    for (size_t i = 0; i < count; i++) {
        fprintf(
            out,
            "__asm__(\".pushsection .rodata\\n.balign 16\\n.globl %s_bytes_%zu\\n.hidden %s_bytes_%zu\\n%s_bytes_%zu:\\n"
            ".incbin \\\"%s\\\"\\n.byte 0\\n.popsection\\n\");\nextern const unsigned char %s_bytes_%zu[];\n",
            name, i, name, i, name, i, files[i].absolute, name, i);
    }
    fprintf(out, "\nconst size_t %s_count = %zu;\nconst struct %s_row %s[] = {\n", name, count, name, name);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "    {\"%s\", %s_bytes_%zu, %zu, \"%s\"},\n", files[i].name, name, i, files[i].size,
                files[i].hash);
    }
    fputs(count == 0 ? "    {NULL, NULL, 0, NULL},\n};\n" : "};\n", out);
}

static bool close_output(FILE *f, const char *path) {
    bool good = ferror(f) == 0;
    good = fclose(f) == 0 && good;
    if (!good) {
        fprintf(stderr, "%s: cannot be written\n", path);
    }
    return good;
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fputs("usage: embed OUT.c OUT.h NAME ROOT FILE...\n", stderr);
        return 2;
    }
    size_t count = (size_t)(argc - 5);
    struct file *files = calloc(count + 1, sizeof(*files));
    if (files == NULL) {
        abort();
    }
    bool good = take_files(files, count, argv[4], argv + 5);
    FILE *code = good ? fopen(argv[1], "wb") : NULL, *header = good ? fopen(argv[2], "wb") : NULL;
    if (code != NULL && header != NULL) {
        write_header(header, argv[3]);
        write_code(code, argv[2], argv[3], files, count);
    }
    good = code != NULL && close_output(code, argv[1]) && good;
    good = header != NULL && close_output(header, argv[2]) && good;
    for (size_t i = 0; i < count; i++) {
        free(files[i].absolute);
    }
    free(files);
    return good ? 0 : 1;
}
