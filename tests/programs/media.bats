#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Pictures and sound: each program does its work under the profile of its name.
# bats file_tags=programs
# shellcheck disable=SC2016,SC2154

load dev

# Debian's convert; another one may stand before it in PATH.
convert=/usr/bin/convert

# kind PATTERN FILE: what file(1) says of it
kind() {
    like "$(file -b "$2")" "$1"
}

@test "ImageMagick makes, converts, changes and describes a picture" {
    need "$convert" mogrify identify
    works imagemagick "$convert" -size 64x48 gradient:red-blue picture.png
    works imagemagick "$convert" picture.png -rotate 90 picture.jpg
    works imagemagick mogrify -resize 50% picture.jpg
    works imagemagick identify -format '%m %w %h' picture.jpg
    equal "JPEG 24 32" "$output"
    # A picture outside can't be overwritten, and one in the home can't be read.
    run ! sbx run -- "$convert" picture.png "$T/o/picture.png"
    [[ ! -e $T/o/picture.png ]]
    run -0 "$convert" picture.png "$T/o/picture.png"
    cp picture.png "$HOME/mine.png"
    run ! sbx run -- identify "$HOME/mine.png"
    run -0 identify "$HOME/mine.png"
    bounds imagemagick rw no-net
}

@test "rsvg-convert draws; a drawing can't show a picture of the home" {
    need rsvg-convert "$convert"
    echo '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20" fill="#00ff00"/></svg>' >green.svg
    works rsvg-convert rsvg-convert green.svg -o green.png
    like "$("$convert" green.png -format '%[pixel:p{5,5}]' info:)" '0,255,0|lime'
    works rsvg-convert rsvg-convert -f pdf green.svg -o green.pdf
    like "$(head -c 5 green.pdf)" '^%PDF-'
    cp green.svg "$HOME/mine.svg"
    run ! sbx run -- rsvg-convert "$HOME/mine.svg"
    run -0 --separate-stderr rsvg-convert "$HOME/mine.svg" -o mine.png
    bounds rsvg-convert rw no-net
}

@test "exiftool writes and reads metadata; Perl that it is given can't get out" {
    need exiftool "$convert"
    run -0 "$convert" -size 8x8 xc:red picture.jpg
    works exiftool exiftool -q -Artist=Somebody picture.jpg
    works exiftool exiftool -s3 -Artist picture.jpg
    equal Somebody "$output"
    # -if takes Perl, as the hole CVE-2021-22204 made file content do.
    expression='open(F, ">", "'$T/o/planted'") and print F "x"; 1'
    run sbx run -- exiftool -if "$expression" -s3 -Artist picture.jpg
    [[ ! -e $T/o/planted ]]
    run -0 exiftool -if "$expression" -s3 -Artist picture.jpg
    [[ -e $T/o/planted ]]
    bounds exiftool rw no-net
}

@test "tesseract reads a text from a picture" {
    need tesseract gs
    echo '/Helvetica findfont 40 scalefont setfont 40 700 moveto (Hello sandbox) show showpage' >text.ps
    run -0 gs -q -dNOPAUSE -dBATCH -sDEVICE=pnggray -r100 -sOutputFile=text.png text.ps
    works tesseract tesseract text.png text
    like "$(<text.txt)" 'Hello sandbox'
    cp text.png "$HOME/mine.png"
    run ! sbx run -- tesseract "$HOME/mine.png" mine
    run -0 tesseract "$HOME/mine.png" mine
    bounds tesseract rw no-net
}

@test "sox, flac and lame make, pack and unpack a sound" {
    need sox soxi flac lame
    works sox sox -n tone.wav synth 1 sine 440
    works sox soxi -D tone.wav
    like "$output" '^1\.0'
    cp tone.wav kept.wav
    works flac flac -s --best tone.wav
    works flac flac -s -d -f tone.flac -o back.wav
    run -0 cmp -n 40000 <(tail -c 40000 kept.wav) <(tail -c 40000 back.wav)
    works lame lame --quiet tone.wav tone.mp3
    works lame lame --quiet --decode tone.mp3 again.wav
    [[ $(stat -c %s again.wav) -gt 40000 ]]
    run ! sbx run -- sox tone.wav "$T/o/tone.wav"
    run -0 sox tone.wav "$T/o/tone.wav"
    bounds sox rw no-net
    bounds flac rw no-net
    bounds lame rw no-net
}

@test "jpegoptim and optipng make pictures smaller in their place" {
    need jpegoptim optipng "$convert"
    run -0 "$convert" -size 200x200 plasma:fractal -quality 98 picture.jpg
    before=$(stat -c %s picture.jpg)
    works jpegoptim jpegoptim -q -m 50 picture.jpg
    [[ $(stat -c %s picture.jpg) -lt $before ]]
    run -0 "$convert" -size 200x200 xc:blue -define png:compression-level=0 picture.png
    before=$(stat -c %s picture.png)
    works optipng optipng -quiet picture.png
    [[ $(stat -c %s picture.png) -lt $before ]]
    # In a directory outside they can't.
    cp picture.jpg "$T/o/outside.jpg"
    before=$(sha256sum "$T/o/outside.jpg")
    run sbx run -- jpegoptim -q -m 20 "$T/o/outside.jpg"
    equal "$before" "$(sha256sum "$T/o/outside.jpg")"
    run -0 jpegoptim -q -m 20 "$T/o/outside.jpg"
    [[ $before != "$(sha256sum "$T/o/outside.jpg")" ]]
    bounds jpegoptim rw no-net
    bounds optipng rw no-net
}
