#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Film and drawings: each program does its work under the profile of its name.
# bats file_tags=programs,large
# shellcheck disable=SC2016,SC2154

load ../dev

convert=/usr/bin/convert

# clip: clip.mkv, one second of a test picture and a tone
clip() {
    run -0 ffmpeg -nostdin -loglevel error -f lavfi -i testsrc=duration=1:size=64x64:rate=10 \
        -f lavfi -i sine=duration=1 -pix_fmt yuv420p clip.mkv
}

@test "ffmpeg transcodes a clip" {
    need ffmpeg ffprobe
    works ffmpeg ffmpeg -nostdin -loglevel error -f lavfi -i testsrc=duration=1:size=64x64:rate=10 \
        -f lavfi -i sine=duration=1 -pix_fmt yuv420p clip.mkv
    works ffmpeg ffmpeg -nostdin -loglevel error -i clip.mkv -c:v mpeg4 -c:a aac clip.mp4
    works ffmpeg ffprobe -v error -show_entries stream=codec_name -of csv=p=0 clip.mp4
    equal $'mpeg4\naac' "$output"
    bounds ffmpeg rw no-net
}

@test "ffmpeg can't copy a key, nor fetch from the network" {
    need ffmpeg ffprobe python3
    clip
    raw=(ffmpeg -nostdin -loglevel error -y -f u8 -ar 8000 -ac 1 -i "$HOME/.ssh/id_test" -f u8 -c copy out.raw)
    run ! sbx run -- "${raw[@]}"
    run -0 "${raw[@]}"
    like "$(<out.raw)" the-secret-key

    background python3 -u -m http.server --bind 127.0.0.1 0 >"$T/http.log" 2>&1
    wait_until grep -q 'port [0-9]' "$T/http.log"
    port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$T/http.log")
    run ! sbx run -- ffprobe -v error "http://127.0.0.1:$port/clip.mkv"
    run -0 ffprobe -v error "http://127.0.0.1:$port/clip.mkv"
}

@test "mutool draws and rewrites a PDF" {
    need mutool ps2pdf
    echo '%!PS' >text.ps
    echo '/Helvetica findfont 24 scalefont setfont 72 700 moveto (Hello sandbox) show showpage' >>text.ps
    run -0 ps2pdf text.ps text.pdf
    works mutool mutool draw -q -r 40 -o text.png text.pdf
    like "$(file -b text.png)" 'PNG image data'
    works mutool mutool draw -q -F txt text.pdf
    like "$output" 'Hello sandbox'
    works mutool mutool clean text.pdf clean.pdf
    cp text.pdf "$HOME/mine.pdf"
    run ! sbx run -- mutool draw -q -F txt "$HOME/mine.pdf"
    run -0 mutool draw -q -F txt "$HOME/mine.pdf"
    bounds mutool rw no-net
}

@test "Inkscape draws without a window" {
    need inkscape
    echo '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20" fill="#00ff00"/></svg>' >green.svg
    works inkscape inkscape green.svg --export-filename=green.pdf
    like "$(head -c 5 green.pdf)" '^%PDF-'
    works inkscape inkscape green.svg --export-filename=green.png
    like "$(file -b green.png)" 'PNG image data, 20 x 20'
    run sbx run -- inkscape green.svg "--export-filename=$T/o/green.png"
    [[ ! -e $T/o/green.png ]]
    run inkscape green.svg "--export-filename=$T/o/green.png"
    [[ -e $T/o/green.png ]]
    bounds inkscape rw no-net
}

# turn TO: GIMP turns picture.png by 90 degrees and saves it
turn() {
    printf '%s' '(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "picture.png" "picture.png"))))' \
        '(gimp-image-rotate image ROTATE-90)' \
        '(gimp-file-save RUN-NONINTERACTIVE image (car (gimp-image-get-active-layer image)) "'"$1" \
        '" "'"$1"'"))'
}

@test "GIMP turns a picture without a window" {
    need gimp "$convert"
    run -0 "$convert" -size 40x20 gradient:red-blue picture.png
    works gimp gimp -i -b "$(turn turned.png)" -b '(gimp-quit 0)'
    like "$(file -b turned.png)" 'PNG image data, 20 x 40'
    run sbx run -- gimp -i -b "$(turn "$T/o/turned.png")" -b '(gimp-quit 0)'
    [[ ! -e $T/o/turned.png ]]
    run gimp -i -b "$(turn "$T/o/turned.png")" -b '(gimp-quit 0)'
    [[ -e $T/o/turned.png ]]
    bounds gimp rw no-net
}
