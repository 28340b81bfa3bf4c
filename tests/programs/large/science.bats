#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Computing: Octave and R do their work under the profiles of their names.
# bats file_tags=programs,large
# shellcheck disable=SC2016,SC2154

load ../dev

@test "Octave computes; its scripts can't get out" {
    need octave-cli
    works octave octave-cli --eval 'x = inv([2 0; 0 4]); save -text result.txt x; disp(rank(rand(200)))'
    like "$output" '^200$'
    like "$(<result.txt)" '0.5 .*0' '0.25'
    works octave octave-cli --eval 'try, disp(fileread("'"$HOME/.ssh/id_test"'")), end; system("echo x >'"$T"'/o/planted"); disp("ran")'
    like "$output" '^ran$'
    unlike "$output" the-secret-key
    [[ ! -e $T/o/planted ]]
    run -0 octave-cli --eval 'disp(fileread("'"$HOME/.ssh/id_test"'")); system("echo x >'"$T"'/o/planted");'
    like "$output" the-secret-key
    [[ -e $T/o/planted ]]
    bounds octave rw no-net
}

@test "R computes and draws; its scripts can't get out" {
    need R Rscript
    works R Rscript -e 'write(summary(lm(dist ~ speed, cars))$r.squared, "result.txt"); pdf("plot.pdf"); plot(cars)'
    like "$(<result.txt)" '^0\.651'
    like "$(head -c 5 plot.pdf)" '^%PDF-'
    echo 'print(6 * 7)' >script.R
    works R R --no-save --slave -f script.R
    equal "[1] 42" "$output"
    works R Rscript -e 'try(print(readLines("'"$HOME/.ssh/id_test"'"))); system("echo x >'"$T"'/o/planted"); cat("ran\n")'
    like "$output" '^ran$'
    unlike "$output" the-secret-key
    [[ ! -e $T/o/planted ]]
    run -0 Rscript -e 'print(readLines("'"$HOME/.ssh/id_test"'")); invisible(system("echo x >'"$T"'/o/planted"))'
    like "$output" the-secret-key
    [[ -e $T/o/planted ]]
    bounds R rw no-net
}
