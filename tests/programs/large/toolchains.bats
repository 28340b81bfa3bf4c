#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The compilers, package managers and scanners whose packages are large.
# bats file_tags=programs
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # quotes for scripts inside; what run sets

load ../dev

@test "clang compiles; a source can't include a secret" {
    need clang
    printf '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n' >hello.c
    works clang clang -o hello hello.c
    equal hello "$(./hello)"
    printf '#include "%s"\n' "$HOME/.ssh/id_test" >leak.c
    run ! sbx run -- clang -E leak.c
    run -0 clang -E leak.c
    like "$output" the-secret-key
    bounds clang rw no-net
}

@test "go builds and tests a module, and fetches nothing" {
    need go
    printf 'module example.test/hello\n\ngo 1.19\n' >go.mod
    printf 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n' >main.go
    printf 'package main\n\nimport "testing"\n\nfunc TestIt(t *testing.T) { main() }\n' >main_test.go
    works go go build -o hello .
    equal hello "$(./hello)"
    works go go test .
    printf 'package main\n\nimport _ "example.test/other"\n' >other.go
    run ! sbx run -- go build .
    bounds go rw no-net
}

@test "rustc compiles; a source can't include a secret" {
    need rustc
    echo 'fn main() { println!("hello"); }' >hello.rs
    works rustc rustc -o hello hello.rs
    equal hello "$(./hello)"
    echo "fn main() { print!(\"{}\", include_str!(\"$HOME/.ssh/id_test\")); }" >leak.rs
    run ! sbx run -- rustc -o leak leak.rs
    run -0 rustc -o leak leak.rs
    equal the-secret-key "$(./leak)"
    bounds rustc rw no-net
}

@test "cargo builds and tests a package; its build script sees neither keys nor tokens" {
    need cargo
    mkdir -p src "$HOME/.cargo/registry"
    echo token | tee "$HOME/.cargo/credentials.toml" >"$HOME/.cargo/credentials"
    echo '[term]' >"$HOME/.cargo/config.toml"
    printf '[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2021"\n' >Cargo.toml
    printf 'fn main() { println!("hello"); }\n#[test]\nfn it() { main(); }\n' >src/main.rs
    works cargo cargo build -q
    equal hello "$(target/debug/hello)"
    works cargo cargo test -q
    cat >build.rs <<EOF
fn main() {
    for path in ["$HOME/.ssh/id_test", "$HOME/.cargo/credentials.toml"] {
        if let Ok(text) = std::fs::read_to_string(path) { if !text.is_empty() { panic!("leaked {}", text); } }
    }
    assert!(std::fs::read_to_string("$HOME/.cargo/config.toml").is_ok());
}
EOF
    works cargo cargo build -q
    touch -d "+1 min" build.rs
    run ! cargo build -q
    like "$output" leaked
    control find "$HOME/.cargo/credentials" token
    refuses -p cargo -- find "$HOME/.cargo/credentials" token
    bounds cargo rw no-net
}

@test "node runs a script, with workers and processes" {
    need node
    echo 42 >input
    cat >s.js <<'EOF'
const { execFileSync } = require('child_process')
const { Worker } = require('worker_threads')
execFileSync('true')
new Worker('1 + 1', { eval: true })
process.stdout.write(require('fs').readFileSync(process.argv[2]))
EOF
    works node node s.js input
    equal 42 "$output"
    run ! sbx run -- node s.js "$HOME/.ssh/id_test"
    run -0 node s.js "$HOME/.ssh/id_test"
    equal the-secret-key "$output"
    bounds node ro no-net
}

@test "npm runs a script and installs a local package; neither sees tokens" {
    need npm node
    need_scopes
    echo '//registry/:_authToken=token' >"$HOME/.npmrc"
    echo PASSWORD=1 >.env
    mkdir dep
    cat >dep/package.json <<EOF
{ "name": "dep", "version": "1.0.0", "scripts": { "install": "cat $HOME/.npmrc $HOME/.ssh/id_test .env ../.env >$T/w/leak; true" } }
EOF
    echo 'module.exports = 42' >dep/index.js
    cat >package.json <<'EOF'
{ "name": "app", "version": "1.0.0", "scripts": { "say": "node -p 'require(\"dep\")'" } }
EOF
    works npm npm install --no-audit --no-fund --install-links ./dep
    works npm npm run -s say
    equal 42 "$output"
    [[ -e leak && ! -s leak ]]
    control read "$T/w/.env"
    refuses -p npm -- read "$T/w/.env"
    control read "$HOME/.npmrc"
    refuses -p npm -- read "$HOME/.npmrc"
    bounds npm rw net
}

@test "javac compiles, jar packs, java runs" {
    need javac jar java
    cat >Main.java <<'EOF'
import java.nio.file.*;
public class Main {
    public static void main(String[] a) throws Exception {
        System.out.print(Files.readString(Path.of(a[0])));
    }
}
EOF
    echo 42 >input
    works javac javac Main.java
    works javac jar -cfe main.jar Main Main.class
    works java java -jar main.jar input
    equal 42 "$output"
    run ! sbx run -- java -jar main.jar "$HOME/.ssh/id_test"
    run -0 java -jar main.jar "$HOME/.ssh/id_test"
    equal the-secret-key "$output"
    bounds java ro no-net
    bounds javac rw no-net
}

@test "clamscan finds a signature, also in an archive" {
    need clamscan
    echo 'the needle in it' >hay
    tar -czf hay.tar.gz hay
    printf 'Needle:0:*:%s\n' "$(printf needle | od -An -tx1 | tr -d ' \n')" >test.ndb
    run -1 sbx run --report "$REPORT" -- clamscan -d test.ndb --no-summary hay hay.tar.gz
    chosen clamscan
    like "$output" 'hay: Needle.*FOUND' 'hay.tar.gz: Needle.*FOUND'
    run sbx run -- clamscan -d test.ndb --no-summary --log="$T/w/log" hay
    [[ ! -e log ]]
    run -1 clamscan -d test.ndb --no-summary --log="$T/w/log" hay
    [[ -s log ]]
    bounds clamscan ro no-net
}
