#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Servers that need little room: each serves a client of the same sandbox, and nobody else.
# bats file_tags=programs
# shellcheck disable=SC2016,SC2154

load servers

# --- nginx, Apache ------------------------------------------------------------------------------

nginx_conf() {
    cat >nginx.conf <<END
daemon off;
pid nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {
        listen 127.0.0.1:$PORT_INSIDE;
        root $T/w;
        location /keys/ { alias $HOME/.ssh/; }
    }
}
END
    echo "a page" >page.html
}

@test "nginx serves a file to curl in the same sandbox, and to nobody else" {
    need nginx curl
    a_port
    nginx_conf
    script='nginx -e stderr -p . -c nginx.conf &
        until_ok curl -sf http://127.0.0.1:$PORT_INSIDE/page.html'
    matched nginx nginx
    works nginx nginx -e stderr -p . -c nginx.conf -t
    inside nginx "PORT_INSIDE=$PORT_INSIDE
        $script
        curl -sf http://127.0.0.1:$PORT_INSIDE/page.html"
    like "$output" '^a page$'
    secluded nginx "$script"
    bounds nginx rw no-net
}

@test "nginx can't serve the keys of the home" {
    need nginx curl
    a_port
    nginx_conf
    # Its workers are another user's where root starts it outside.
    chmod 755 "$HOME/.ssh"
    chmod 644 "$HOME/.ssh/id_test"
    get="until_ok curl -sf http://127.0.0.1:$PORT_INSIDE/page.html
        curl -s http://127.0.0.1:$PORT_INSIDE/keys/id_test"
    inside nginx "nginx -e stderr -p . -c nginx.conf &
        $get"
    like "$output" '404 Not Found'
    unlike "$output" the-secret-key
    background nginx -e stderr -p . -c nginx.conf
    run -0 bash -c "$prologue$get"
    like "$output" the-secret-key
}

@test "Apache serves a file to curl in the same sandbox, and to nobody else" {
    need apache2 curl
    a_port
    echo "a page" >page.html
    cat >httpd.conf <<END
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
ServerName localhost
Listen 127.0.0.1:$PORT_INSIDE
PidFile httpd.pid
ErrorLog error.log
DocumentRoot $T/w
END
    matched apache2 apache2
    works apache2 apache2 -d . -f httpd.conf -t
    script='apache2 -d . -f httpd.conf -DFOREGROUND &
        until_ok curl -sf http://127.0.0.1:$PORT_INSIDE/page.html
        curl -sf http://127.0.0.1:$PORT_INSIDE/page.html'
    inside apache2 "PORT_INSIDE=$PORT_INSIDE
        $script"
    like "$output" '^a page$'
    secluded apache2 "rm -f httpd.pid; $script"
    bounds apache2 rw no-net
}

# --- Redis, memcached ---------------------------------------------------------------------------

@test "Redis keeps a value and its file; it can't write its file outside" {
    need redis-server redis-cli
    a_port
    matched redis redis-server redis-cli
    works redis redis-server --version
    script='redis-server --port $PORT_INSIDE --save "" >redis.log &
        until_ok redis-cli -p $PORT_INSIDE ping'
    inside redis "PORT_INSIDE=$PORT_INSIDE
        $script
        redis-cli -p \$PORT_INSIDE set name value
        redis-cli -p \$PORT_INSIDE get name
        redis-cli -p \$PORT_INSIDE save
        redis-cli -p \$PORT_INSIDE shutdown nosave || true
        wait"
    like "$output" '^value$'
    like "$(head -c 5 dump.rdb)" '^REDIS'
    # The way in of many attacks: have it write its dump where a program reads it.
    plant="redis-server --port $PORT_INSIDE --save '' --dir $T/o >/dev/null &
        until_ok redis-cli -p $PORT_INSIDE ping
        redis-cli -p $PORT_INSIDE save
        redis-cli -p $PORT_INSIDE shutdown nosave"
    run sbx run -p redis -- timeout 4 bash -c "$prologue$plant"
    [[ ! -e $T/o/dump.rdb ]]
    run bash -c "$prologue$plant"
    [[ -e $T/o/dump.rdb ]]
    secluded redis "$script"
    bounds redis rw no-net
}

@test "memcached keeps a value" {
    need memcached
    a_port
    matched memcached memcached
    works memcached memcached -V
    script='memcached -l 127.0.0.1 -p $PORT_INSIDE &
        answers() { : >/dev/tcp/127.0.0.1/$PORT_INSIDE; }
        until_ok answers'
    inside memcached "PORT_INSIDE=$PORT_INSIDE
        $script
        exec 3<>/dev/tcp/127.0.0.1/\$PORT_INSIDE
        printf 'set name 0 0 5\r\nvalue\r\nget name\r\nquit\r\n' >&3
        cat <&3"
    like "$output" '^value'
    secluded memcached "$script"
    bounds memcached ro no-net
}
