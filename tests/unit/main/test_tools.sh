#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# tools/layers and tools/sqllint let good sources pass and name each thing they must refuse, in small trees made here.
# test_tools.sh TOOLS-DIRECTORY
set -eu
tools=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0

fresh() {
    rm -rf "$dir/tree"
    mkdir -p "$dir/tree/src/low" "$dir/tree/src/high" "$dir/tree/src/side"
    printf 'low:\nside: low\nhigh: low\n' >"$dir/tree/LAYERS"
    for f in low side high; do echo "// $f" >"$dir/tree/src/$f/$f.h"; done
    echo '#include "low/low.h"' >"$dir/tree/src/high/a.c"
}

# expect WHAT TOOL PATTERN: TOOL must refuse the tree and print PATTERN; an empty PATTERN: it must pass.
expect() {
    code=0
    "$tools/$2" "$dir/tree" >"$dir/out" 2>&1 || code=$?
    if [ -z "$3" ] && [ $code = 0 ] && [ ! -s "$dir/out" ]; then passed=$((passed + 1)); return; fi
    if [ -n "$3" ] && [ $code = 1 ] && grep -qF -- "$3" "$dir/out"; then passed=$((passed + 1)); return; fi
    echo "not ok: $1 (exit code $code)"
    cat "$dir/out"
    exit 1
}

fresh
expect "a tree in order" layers ""
echo '#include "high/high.h"' >"$dir/tree/src/low/a.c"
expect "upward" layers "src/low/a.c:1: low may not use high"
fresh
echo '#include "side/side.h"' >"$dir/tree/src/high/b.c"
expect "sideways" layers "src/high/b.c:1: high may not use side"
fresh
echo '// x' >"$dir/tree/src/low/inside.h"
printf '\n#include "low/inside.h"\n' >"$dir/tree/src/high/b.c"
expect "private" layers "src/high/b.c:2: low/inside.h is private to low"
fresh
echo '#include "high/one.h"' >"$dir/tree/src/high/two.h"
echo '#include "high/two.h"' >"$dir/tree/src/high/one.h"
expect "circle" layers "circle of includes"
fresh
echo '#include "low/gone.h"' >"$dir/tree/src/low/b.c"
expect "missing" layers "src/low/b.c:1: there is no src/low/gone.h"
fresh
echo 'low: high' >"$dir/tree/LAYERS"
expect "a folder without a line, and a line that looks up" layers "src/high/"

sql() { # WHAT SQL PATTERN
    fresh
    printf '%s\n' "    db_sql(db, $2);" >"$dir/tree/src/high/a.c"
    expect "$1" sqllint "$3"
}
sql "plain" '"SELECT a FROM t WHERE a = $1 ORDER BY a LIMIT $2"' ""
sql "escaped like" '"SELECT a FROM t WHERE a LIKE $1 ESCAPE '"'!'"'"' ""
sql "no sql at all" '"what? an offset, datetime( and json_x"' ""
sql "text in sql" '"SELECT a FROM t WHERE a = '"'?'"'"' ""
sql "offset" '"SELECT a FROM t LIMIT $1 OFFSET $2"' "OFFSET"
sql "autoincrement" '"CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)"' "ids are made"
sql "rowid" '"SELECT rowid FROM t"' "rowid"
sql "insert or" '"INSERT OR IGNORE INTO t VALUES ($1)"' "ON CONFLICT"
sql "json" '"SELECT json_extract(a, $1) FROM t"' "JSON"
sql "datetime" '"SELECT a FROM t WHERE b < datetime('"'now'"')"' "times come"
sql "strftime" '"SELECT strftime($1) FROM t"' "times come"
sql "random" '"SELECT a FROM t ORDER BY RANDOM()"' "random numbers"
sql "like" '"SELECT a FROM t WHERE a LIKE $1"' "LIKE without ESCAPE"
sql "question mark" '"SELECT a FROM t WHERE a = ?"' "not ?"
sql "in pieces" '"SELECT a " "FROM t LIMIT $1 " "OFF" "SET $2"' "OFFSET"
fresh
printf 'x("SELECT a "\n  "FROM t WHERE b = ?");\n' >"$dir/tree/src/high/a.c"
expect "two lines" sqllint "src/high/a.c:1: write"
fresh
printf '// sqllint: this table belongs to the engine\nx("SELECT rowid FROM t");\n' >"$dir/tree/src/high/a.c"
expect "a waiver with its reason" sqllint ""
fresh
printf '// sqllint:\nx("SELECT rowid FROM t");\n' >"$dir/tree/src/high/a.c"
expect "a waiver without one" sqllint "rowid"
fresh
echo 'sqlite3_step(st);' >"$dir/tree/src/high/a.c"
expect "the engine elsewhere" sqllint "the engine is spoken to"

fresh
mkdir -p "$dir/tree/schema" "$dir/tree/src/store"
touch "$dir/tree/schema/001-a.sql" "$dir/tree/schema/002-b.sql"
echo "'../../schema/001-a.sql'," >"$dir/tree/src/store/meson.build"
expect "a step that is built nowhere" sqllint "schema/002-b.sql: not in"
echo "'../../schema/002-b.sql'," >>"$dir/tree/src/store/meson.build"
expect "all steps built" sqllint ""

# Written as cmocka does, which is what ./test counts.
echo "[  PASSED  ] $passed test(s)."
