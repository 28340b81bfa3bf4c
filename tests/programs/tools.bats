#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Archives, readers of files and databases: each does its work under the profile of its name.
# bats file_tags=programs
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # quotes for scripts inside; what run sets

load dev

# --- archives -------------------------------------------------------------------------------

tree() {
    mkdir -p tree/sub
    echo one >tree/file
    echo two >tree/sub/other
}

@test "tar packs and unpacks; an archive can't write outside" {
    need tar
    tree
    works tar tar -cf tree.tar tree
    mkdir out
    works tar tar -C out -xf tree.tar
    diff -r tree out/tree
    # An archive with a name that leads outside.
    tar -cPf up.tar --transform "s,.*,$T/o/planted," tree/file
    leaves_nothing "$T/o/planted" tar -xPf up.tar
    run ! sbx run -- tar -cf key.tar "$HOME/.ssh"
    run -0 tar -cf key.tar "$HOME/.ssh"
    bounds tar rw no-net
}

@test "tar with a compressor keeps no set-user-ID bit" {
    need tar gzip
    tree
    chmod 4755 tree/file
    works tar tar -czf tree.tar.gz tree
    mkdir out
    run sbx run -- tar -C out -xpzf tree.tar.gz
    [[ ! -u out/tree/file ]]
    run -0 tar -C out -xpzf tree.tar.gz
    [[ -u out/tree/file ]]
}

# packer PROFILE COMMAND UNPACK...: both ways, and the bounds
packer() {
    local profile=$1 command=$2

    shift 2
    need "$command" "$1"
    seq 1000 >numbers
    works "$profile" "$command" numbers
    [[ ! -e numbers ]] || mv numbers kept
    works "$profile" "$@"
    equal "$(seq 1000)" "$(<numbers)"
    run ! sbx run -- "$command" "$HOME/.ssh/id_test"
    bounds "$profile" rw no-net
}

@test "gzip packs and unpacks" { packer gzip gzip gunzip numbers.gz; }
@test "bzip2 packs and unpacks" { packer bzip2 bzip2 bunzip2 numbers.bz2; }
@test "xz packs and unpacks" { packer xz xz unxz numbers.xz; }
@test "zstd packs and unpacks" { packer zstd zstd unzstd numbers.zst; }

@test "zip packs, unzip unpacks; neither goes outside" {
    need zip unzip
    tree
    works zip zip -qr tree.zip tree
    mkdir out
    works unzip unzip -q tree.zip -d out
    diff -r tree out/tree
    leaves_nothing "$T/o/tree" unzip -q tree.zip -d "$T/o"
    run ! sbx run -- zip -q key.zip "$HOME/.ssh/id_test"
    run -0 zip -q key.zip "$HOME/.ssh/id_test"
    bounds zip rw no-net
    bounds unzip rw no-net
}

@test "7z packs and unpacks; it doesn't go outside" {
    need 7z
    tree
    works 7z 7z a -bd tree.7z tree
    mkdir out
    works 7z 7z x -bd -oout tree.7z
    diff -r tree out/tree
    leaves_nothing "$T/o/tree" 7z x -bd "-o$T/o" tree.7z
    bounds 7z rw no-net
}

# --- databases ------------------------------------------------------------------------------

@test "sqlite3 writes a database in the working directory, and nowhere else" {
    need sqlite3
    works sqlite3 sqlite3 db 'create table t (n); insert into t values (6), (7); select sum(n) from t'
    equal 13 "$output"
    [[ -s db ]]
    leaves_nothing "$T/o/db" sqlite3 "$T/o/db" 'create table t (n)'
    run -0 sbx run -- sqlite3 :memory: "select coalesce(readfile('$HOME/.ssh/id_test'), 'nothing')"
    equal nothing "$output"
    run -0 sqlite3 :memory: "select readfile('$HOME/.ssh/id_test')"
    equal the-secret-key "$output"
    bounds sqlite3 rw no-net
}

# --- readers --------------------------------------------------------------------------------

@test "jq reads JSON" {
    need jq
    echo '{"a": [1, 2, 3]}' >in.json
    works jq jq -c '.a | add' in.json
    equal 6 "$output"
    run ! sbx run -- jq -R . "$HOME/.ssh/id_test"
    run -0 jq -R . "$HOME/.ssh/id_test"
    bounds jq ro no-net
}

@test "yq reads YAML" {
    need yq
    printf 'a:\n  - one\n  - two\n' >in.yaml
    works yq yq -r '.a[1]' in.yaml
    equal two "$output"
    run ! sbx run -- yq . "$HOME/.ssh/id_test"
    bounds yq ro no-net
}

@test "file tells what a file is" {
    need file
    works file file -b probe
    like "$output" 'ELF 64-bit'
    run sbx run -- file -b "$HOME/.ssh/id_test"
    like "$output" 'cannot open|No such file'
    run -0 file -b "$HOME/.ssh/id_test"
    like "$output" 'ASCII text'
    bounds file ro no-net
}

@test "strings and objdump read a program" {
    need strings objdump readelf nm
    works strings strings probe
    like "$output" 'connect-tcp'
    works objdump objdump -f probe
    like "$output" 'file format elf64'
    works objdump readelf -h probe
    like "$output" 'ELF64'
    works objdump nm -D probe
    run ! sbx run -- strings "$HOME/.ssh/id_test"
    run -0 strings "$HOME/.ssh/id_test"
    bounds strings ro no-net
    bounds objdump ro no-net
}

@test "xmllint checks a document and follows no entity to a secret" {
    need xmllint
    printf '<?xml version="1.0"?>\n<a><b>text</b></a>\n' >in.xml
    works xmllint xmllint --xpath 'string(/a/b)' in.xml
    equal text "$output"
    printf '<!DOCTYPE a [<!ENTITY key SYSTEM "%s">]>\n<a>&key;</a>\n' "$HOME/.ssh/id_test" >in.xml
    run sbx run -- xmllint --noent in.xml
    unlike "$output" the-secret-key
    run -0 xmllint --noent in.xml
    like "$output" the-secret-key
    bounds xmllint ro no-net
}

@test "shellcheck finds a fault" {
    need shellcheck
    printf '#!/bin/sh\necho $unquoted\n' >script.sh
    run -1 sbx run --report "$REPORT" -- shellcheck script.sh
    chosen shellcheck
    like "$output" SC2086
    run -2 sbx run -- shellcheck "$HOME/.ssh/id_test"
    bounds shellcheck ro no-net
}

@test "yara finds a pattern" {
    need yara
    echo 'rule found { strings: $a = "needle" condition: $a }' >rules
    echo 'hay needle hay' >hay
    works yara yara rules hay
    equal 'found hay' "$output"
    echo 'rule key { strings: $a = "secret" condition: $a }' >rules
    run sbx run -- yara rules "$HOME/.ssh/id_test"
    unlike "$output" '^key '
    run -0 yara rules "$HOME/.ssh/id_test"
    like "$output" '^key '
    bounds yara ro no-net
}
