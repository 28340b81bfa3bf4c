#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Programs with windows, and browsers: each does its work under the profile of its name.
# bats file_tags=programs,large
# shellcheck disable=SC2016,SC2154

load ../dev

convert=/usr/bin/convert

# display: an X server of our own
display() {
    need Xvfb xwininfo
    background Xvfb -displayfd 1 -screen 0 640x480x24 -nolisten tcp >"$T/display" 2>"$T/xvfb.log"
    wait_until has_text "$T/display"
    DISPLAY=:$(<"$T/display")
    export DISPLAY LC_ALL=C.UTF-8
    unset WAYLAND_DISPLAY XAUTHORITY
}

# window PATTERN: is there one of this title?
window() {
    xwininfo -root -tree | grep -qE "\"[^\"]*$1"
}

page() {
    cat >page.html <<'END'
<html><body style="background:#0000ff"><p id="p">Hello</p><script>
document.body.style.background = "#00ff00";
document.getElementById("p").textContent += " sandbox";
</script></body></html>
END
}

# green FILE: the picture's corner is as the page's script has it
green() {
    like "$("$convert" "$1" -format '%[pixel:p{190,190}]' info:)" '\(0,255,0(,1)?\)|lime'
}

# web: serves the working directory on the host's loopback, at $PORT
web() {
    need python3
    background python3 -u -m http.server --bind 127.0.0.1 0 >"$T/http.log" 2>&1
    wait_until grep -q 'port [0-9]' "$T/http.log"
    PORT=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$T/http.log")
}

# --- browsers -----------------------------------------------------------------------------------

chromium=(chromium --headless --disable-gpu)

@test "Chromium renders a local page to a picture" {
    need chromium "$convert"
    page
    mkdir "$HOME/Downloads"
    works chromium "${chromium[@]}" --screenshot="$HOME/Downloads/page.png" --window-size=200,200 "file://$T/w/page.html"
    green "$HOME/Downloads/page.png"
    # Nothing of it stays but what is in Downloads; nothing is written elsewhere.
    equal $'.ssh\nDownloads' "$(find "$HOME" -mindepth 1 -maxdepth 1 -printf '%f\n' | LC_ALL=C sort)"
    run sbx run -- "${chromium[@]}" --screenshot="$T/w/page.png" --window-size=200,200 "file://$T/w/page.html"
    [[ ! -e page.png ]]
    bounds chromium ro net
}

@test "Chromium has the network, and no key" {
    need chromium
    page
    web
    run -0 --separate-stderr sbx run --report "$REPORT" -- "${chromium[@]}" --dump-dom "http://127.0.0.1:$PORT/page.html"
    chosen chromium
    like "$output" 'Hello sandbox'
    run --separate-stderr sbx run -- "${chromium[@]}" --dump-dom "file://$HOME/.ssh/id_test"
    unlike "$output" the-secret-key
    ! is_root || as_root=--no-sandbox
    run -0 --separate-stderr "${chromium[@]}" ${as_root:+"$as_root"} --dump-dom "file://$HOME/.ssh/id_test"
    like "$output" the-secret-key
}

@test "Chromium's own sandbox is on: without --userns there is none, and it doesn't start" {
    need chromium
    page
    cat >no-userns.yaml <<'END'
sbx: 1
extends: chromium
lockdown: { userns: false }
END
    run sbx run -p ./no-userns.yaml -- "${chromium[@]}" --dump-dom "file://$T/w/page.html"
    [[ $status != 0 ]]
    like "$output" 'No usable sandbox'
}

@test "Firefox renders a local page and one from the network to pictures" {
    need firefox-esr "$convert"
    page
    mkdir "$HOME/Downloads"
    works firefox-esr firefox-esr --headless --screenshot "$HOME/Downloads/page.png" --window-size=200,200 "file://$T/w/page.html"
    green "$HOME/Downloads/page.png"
    web
    works firefox-esr firefox-esr --headless --screenshot "$HOME/Downloads/web.png" --window-size=200,200 "http://127.0.0.1:$PORT/page.html"
    green "$HOME/Downloads/web.png"
    if has_abstract_scope; then
        equal '[]' "$(jq -c .degraded "$REPORT")"
    fi
    [[ ! -e $HOME/.mozilla ]]
    run sbx run -- firefox-esr --headless --screenshot "$T/w/page.png" --window-size=200,200 "file://$T/w/page.html"
    [[ ! -e page.png ]]
    bounds firefox-esr ro net
}

@test "a browser sees nothing of the user's own settings" {
    local dir

    for dir in .mozilla .config/chromium; do
        mkdir -p "$HOME/$dir"
        echo secret >"$HOME/$dir/cookies"
        control read "$HOME/$dir/cookies"
        refuses -p chromium -- read "$HOME/$dir/cookies"
        refuses -p firefox-esr -- read "$HOME/$dir/cookies"
    done
}

# --- viewers and players ------------------------------------------------------------------------

@test "Evince shows a PDF in a window" {
    need evince ps2pdf
    display
    echo '%!PS' >text.ps
    echo '/Helvetica findfont 24 scalefont setfont 72 700 moveto (Hello sandbox) show showpage' >>text.ps
    run -0 ps2pdf text.ps text.pdf
    background "$SBX" run --report "$REPORT" -- evince text.pdf >"$T/evince.log" 2>&1
    wait_until window text.pdf
    kill "$!"
    wait_until has_text "$REPORT"
    chosen evince
    bounds evince ro no-net
}

clip() {
    need ffmpeg
    run -0 ffmpeg -nostdin -loglevel error -f lavfi -i testsrc=duration=1:size=64x64:rate=10 \
        -f lavfi -i sine=duration=1 -pix_fmt yuv420p -c:v mpeg2video -c:a mp2 clip.ts
}

@test "mpv plays a clip, in a window too" {
    need mpv
    clip
    works mpv mpv --vo=null --ao=null clip.ts
    like "$output" 'End of file'
    display
    background sbx run -- mpv --vo=x11 --ao=null --loop clip.ts >"$T/mpv.log" 2>&1
    wait_until window 'clip.ts - mpv'
    run sbx run -- mpv --vo=null --ao=null --log-file="$T/w/log" clip.ts
    [[ ! -e log ]]
    run mpv --vo=null --ao=null --log-file="$T/w/log" clip.ts
    [[ -e log ]]
    bounds mpv ro no-net
}

@test "VLC plays a clip, and writes only where it is told it may" {
    need cvlc
    clip
    cvlc=(cvlc -I dummy --play-and-exit clip.ts)
    works vlc "${cvlc[@]}" --vout dummy --aout adummy
    like "$output" 'end of playlist'
    copy=(--sout "#std{access=file,mux=ts,dst=$T/w/copy.ts}")
    run sbx run -- "${cvlc[@]}" "${copy[@]}"
    [[ ! -e copy.ts ]]
    run -0 sbx run -w . -- "${cvlc[@]}" "${copy[@]}"
    like "$(file -b copy.ts)" 'MPEG transport stream'
    bounds vlc ro no-net
}
