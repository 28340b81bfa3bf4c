#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# PostScript, PDF, graphs and plots: each program does its work under the profile of its name.
# bats file_tags=programs
# shellcheck disable=SC2016,SC2154

load dev

# document: text.ps with one line of text
document() {
    echo '%!PS' >text.ps
    echo '/Helvetica findfont 24 scalefont setfont 72 700 moveto (Hello sandbox) show showpage' >>text.ps
}

pdf() {
    document
    run -0 ps2pdf text.ps text.pdf
}

@test "Ghostscript makes a PDF and a picture" {
    need gs ps2pdf
    document
    works ghostscript ps2pdf text.ps text.pdf
    like "$(head -c 5 text.pdf)" '^%PDF-'
    works ghostscript gs -q -dNOPAUSE -dBATCH -sDEVICE=png16m -r50 -sOutputFile=text.png text.ps
    like "$(file -b text.png)" 'PNG image data, [0-9]+ x [0-9]+, 8-bit/color RGB'
    bounds ghostscript rw no-net
}

@test "a PostScript program with no safety of its own can't read a key or write outside" {
    need gs
    echo "($HOME/.ssh/id_test) (r) file 100 string readline pop print flush" >steal.ps
    echo "($T/o/planted) (w) file (x) writestring" >plant.ps
    run sbx run -- gs -q -dNOSAFER -dNODISPLAY -dBATCH -dNOPAUSE steal.ps
    unlike "$output" the-secret-key
    run sbx run -- gs -q -dNOSAFER -dNODISPLAY -dBATCH -dNOPAUSE plant.ps
    [[ ! -e $T/o/planted ]]
    run -0 gs -q -dNOSAFER -dNODISPLAY -dBATCH -dNOPAUSE steal.ps
    like "$output" the-secret-key
    run -0 gs -q -dNOSAFER -dNODISPLAY -dBATCH -dNOPAUSE plant.ps
    [[ -e $T/o/planted ]]
}

@test "poppler's tools read a PDF" {
    need pdftotext pdftoppm pdfinfo pdfunite ps2pdf
    pdf
    works poppler pdftotext text.pdf -
    like "$output" 'Hello sandbox'
    works poppler pdftoppm -png -r 40 text.pdf page
    like "$(file -b page-1.png)" 'PNG image data'
    works poppler pdfunite text.pdf text.pdf two.pdf
    works poppler pdfinfo two.pdf
    like "$output" '^Pages: +2$'
    cp text.pdf "$HOME/mine.pdf"
    run ! sbx run -- pdftotext "$HOME/mine.pdf" -
    run -0 pdftotext "$HOME/mine.pdf" -
    run ! sbx run -- pdftotext text.pdf "$T/o/text.txt"
    run -0 pdftotext text.pdf "$T/o/text.txt"
    bounds poppler rw no-net
}

@test "qpdf rewrites a PDF" {
    need qpdf ps2pdf pdftotext
    pdf
    works qpdf qpdf --linearize text.pdf fast.pdf
    works qpdf qpdf --encrypt word word 256 -- fast.pdf locked.pdf
    run ! pdftotext locked.pdf -
    run -0 pdftotext -upw word locked.pdf -
    like "$output" 'Hello sandbox'
    run ! sbx run -- qpdf text.pdf --add-attachment "$HOME/.ssh/id_test" -- stolen.pdf
    run -0 qpdf text.pdf --add-attachment "$HOME/.ssh/id_test" -- stolen.pdf
    bounds qpdf rw no-net
}

@test "Graphviz draws a graph" {
    need dot neato
    echo 'digraph { one -> two }' >graph.dot
    works graphviz dot -Tsvg graph.dot -o graph.svg
    like "$(<graph.svg)" '<title>one&#45;&gt;two</title>'
    works graphviz neato -Tpng graph.dot -o graph.png
    like "$(file -b graph.png)" 'PNG image data'
    run ! sbx run -- dot -Tsvg graph.dot -o "$T/o/graph.svg"
    run -0 dot -Tsvg graph.dot -o "$T/o/graph.svg"
    bounds graphviz rw no-net
}

@test "gnuplot plots; its scripts can't get out" {
    need gnuplot
    works gnuplot gnuplot -e 'set terminal svg; set output "plot.svg"; plot sin(x)'
    like "$(<plot.svg)" '<svg' 'sin\(x\)'
    echo "print system('cat $HOME/.ssh/id_test; echo x >$T/o/planted')" >script.gp
    run sbx run -- gnuplot script.gp
    unlike "$output" the-secret-key
    [[ ! -e $T/o/planted ]]
    run -0 gnuplot script.gp
    like "$output" the-secret-key
    [[ -e $T/o/planted ]]
    bounds gnuplot rw no-net
}
