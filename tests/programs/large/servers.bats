#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Databases: each answers a query of a client in the same sandbox, and of nobody else.
# bats file_tags=programs,large
# shellcheck disable=SC2016,SC2154

load ../servers

@test "PostgreSQL answers a query, to nobody outside; it can't read a key or write outside" {
    need psql
    bin=$(echo /usr/lib/postgresql/*/bin)
    need "$bin/postgres" "$bin/initdb" "$bin/pg_ctl"
    a_port
    matched postgres "$bin/postgres" "$bin/pg_ctl" psql
    works postgres "$bin/initdb" -A trust -D data
    start="$bin/pg_ctl -s -D $T/w/data -o \"-p \$PORT_INSIDE\" -l log -w start"
    query='psql -h localhost -p $PORT_INSIDE -At postgres'
    inside postgres "PORT_INSIDE=$PORT_INSIDE
        $start
        $query -c 'create table t as select 6 * n as x from generate_series(1, 7) n'
        $query -c 'select max(x) from t'
        psql -p \$PORT_INSIDE -At postgres -c 'select count(*) from t'
        $bin/pg_ctl -s -D data -m fast stop"
    like "$output" '^42$' '^7$'

    steal="PORT_INSIDE=$PORT_INSIDE
        $start
        $query -c \"select pg_read_file('$HOME/.ssh/id_test')\" || true
        $query -c \"copy (select 1) to program 'cat >$T/o/planted'\" || true
        $bin/pg_ctl -s -D data -m fast stop"
    inside postgres "$steal"
    unlike "$output" the-secret-key
    [[ ! -e $T/o/planted ]]
    # The same works where both are granted (PostgreSQL won't be run by root outside).
    run -0 sbx run -p postgres --ro "$HOME/.ssh" -w "$T/o" -- bash -c "$prologue$steal"
    like "$output" the-secret-key
    [[ -e $T/o/planted ]]

    secluded postgres "rm -f data/postmaster.pid; $start"
    bounds postgres rw no-net
}

@test "MariaDB answers a query, to nobody outside; it can't read a key or write outside" {
    need mariadbd mariadb mariadb-admin mariadb-install-db
    a_port
    matched mariadb mariadbd mariadb mariadb-install-db
    works mariadb mariadb-install-db --no-defaults --datadir="$T/w/data" --auth-root-authentication-method=normal
    start="mariadbd --no-defaults --datadir=$T/w/data --secure-file-priv= --bind-address=127.0.0.1 --port=\$PORT_INSIDE >log 2>&1 &
        until_ok mariadb-admin -u root ping"
    stop='mariadb-admin -u root shutdown
        wait'
    inside mariadb "PORT_INSIDE=$PORT_INSIDE
        $start
        mariadb -u root -e 'create database d; create table d.t select 6 * seq as x from d.seq_1_to_7'
        mariadb -u root -h 127.0.0.1 -P \$PORT_INSIDE -Ne 'select max(x) from d.t'
        $stop"
    like "$output" '^42$'

    steal="PORT_INSIDE=$PORT_INSIDE
        $start
        mariadb -u root -Ne \"select load_file('$HOME/.ssh/id_test')\"
        mariadb -u root -Ne \"select 1 into outfile '$T/o/planted'\" || true
        $stop"
    inside mariadb "$steal"
    unlike "$output" the-secret-key
    [[ ! -e $T/o/planted ]]
    chmod 755 "$HOME/.ssh"
    chmod 644 "$HOME/.ssh/id_test"
    run -0 sbx run -p mariadb --ro "$HOME/.ssh" -w "$T/o" -- bash -c "$prologue$steal"
    like "$output" the-secret-key
    [[ -e $T/o/planted ]]

    secluded mariadb "$start"
    bounds mariadb rw no-net
}
