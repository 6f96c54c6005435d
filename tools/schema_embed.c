// SPDX-License-Identifier: AGPL-3.0-or-later
// Turns the numbered schema files into one C table, so that the program carries its own database.
//   schema_embed OUT.c schema/001-station.sql schema/002-....sql
// A file's number is its version. Comments (-- to the end of the line) are left out; statements end with a semicolon
// at the end of a line, and no literal holds "--" or such a semicolon: that is the schema's own rule.
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 4096

static _Noreturn void die(const char *path, const char *why) {
    fprintf(stderr, "schema_embed: %s: %s\n", path, why);
    exit(1);
}

static long version_of(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    char *end = NULL;
    long version = strtol(name, &end, 10);
    if (version < 1 || end != name + 3 || *end != '-')
        die(path, "a schema file is named NNN-what.sql");
    return version;
}

// Cuts comment and white space off the end; false when nothing is left.
static bool line_clean(char *line) {
    char *comment = strstr(line, "--");
    if (comment != NULL)
        *comment = '\0';
    size_t n = strlen(line);
    while (n > 0 && isspace((unsigned char)line[n - 1]))
        line[--n] = '\0';
    return n > 0;
}

static void put_literal(FILE *out, const char *line) {
    fputs("    \"", out);
    for (const char *p = line; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            fputc('\\', out);
        fputc(*p, out);
    }
    fputs("\\n\"", out);
}

// Writes one array of statements for the file.
static void embed_file(FILE *out, const char *path, long version) {
    FILE *in = fopen(path, "r");
    if (in == NULL)
        die(path, "cannot be read");
    fprintf(out, "static const char *const statements_%ld[] = {\n", version);
    char line[LINE_MAX_BYTES];
    bool open = false;
    while (fgets(line, sizeof line, in) != NULL) {
        if (strchr(line, '\n') == NULL && !feof(in))
            die(path, "a line is too long");
        if (!line_clean(line))
            continue;
        bool last = line[strlen(line) - 1] == ';';
        if (!open) // in parentheses: the lines of one statement are not a forgotten comma
            fputs("    (\n", out);
        put_literal(out, line);
        fputs(last ? "),\n" : "\n", out);
        open = !last;
    }
    if (open)
        die(path, "the last statement has no semicolon at the end of a line");
    fputs("};\n", out);
    fclose(in);
}

int main(int argc, char **argv) {
    if (argc < 3)
        die("usage", "schema_embed OUT.c FILE...");
    FILE *out = fopen(argv[1], "w");
    if (out == NULL)
        die(argv[1], "cannot be written");
    fputs("// Made from schema/*.sql by tools/schema_embed.\n#include \"store/schema.h\"\n\n", out);
    for (int i = 2; i < argc; i++) {
        if (version_of(argv[i]) != i - 1)
            die(argv[i], "versions go up from 001 without a gap");
        embed_file(out, argv[i], i - 1);
    }
    fputs("\nconst struct schema_step schema_steps[] = {\n", out);
    for (int i = 2; i < argc; i++)
        fprintf(out, "    {%d, statements_%d, sizeof statements_%d / sizeof statements_%d[0]},\n", i - 1, i - 1, i - 1,
                i - 1);
    fprintf(out, "};\nconst size_t schema_step_count = %d;\n", argc - 2);
    if (fclose(out) != 0)
        die(argv[1], "could not be written");
    return 0;
}
