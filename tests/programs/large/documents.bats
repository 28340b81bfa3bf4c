#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Documents: each program does its work under the profile of its name.
# bats file_tags=programs,large
# shellcheck disable=SC2016,SC2154

load ../dev

@test "pandoc converts there and back, and starts a PDF engine" {
    need pandoc pdflatex pdftotext
    printf '# Title\n\nHello *sandbox*\n' >text.md
    works pandoc pandoc text.md -o text.docx
    works pandoc pandoc text.docx -t markdown
    like "$output" '^# Title' 'Hello \*sandbox\*'
    works pandoc pandoc -V fontfamily=mathptmx text.md -o text.pdf
    like "$(pdftotext text.pdf -)" 'Hello sandbox'
    run ! sbx run -- pandoc -t plain "$HOME/.ssh/id_test"
    run -0 --separate-stderr pandoc -t plain "$HOME/.ssh/id_test"
    like "$output" the-secret-key
    bounds pandoc rw no-net
}

@test "LibreOffice converts to PDF and back from a spreadsheet" {
    need libreoffice soffice pdftotext
    echo 'Hello sandbox' >text.txt
    works libreoffice libreoffice --headless --convert-to odt text.txt
    works libreoffice soffice --headless --convert-to pdf text.odt
    like "$(pdftotext text.pdf -)" 'Hello sandbox'
    printf '6,7,=A1*B1\n' >table.csv
    works libreoffice soffice --headless --convert-to ods table.csv
    rm table.csv
    works libreoffice soffice --headless --convert-to csv table.ods
    equal '6,7,42' "$(<table.csv)"
    bounds libreoffice rw no-net
}

@test "LibreOffice reads nothing of the home and writes nothing outside" {
    need soffice
    echo 'Hello sandbox' >text.txt
    cp text.txt "$HOME/mine.txt"
    run sbx run -- soffice --headless --convert-to pdf "$HOME/mine.txt"
    [[ ! -e mine.pdf ]]
    run sbx run -- soffice --headless --convert-to pdf --outdir "$T/o" text.txt
    [[ ! -e $T/o/text.pdf ]]
    run -0 soffice --headless --convert-to pdf "$HOME/mine.txt"
    [[ -e mine.pdf ]]
    run -0 soffice --headless --convert-to pdf --outdir "$T/o" text.txt
    [[ -e $T/o/text.pdf ]]
}

@test "TeX typesets: pdflatex, xelatex, latexmk" {
    need pdflatex xelatex latexmk pdftotext
    printf '%s\n' '\documentclass{article}' '\begin{document}' \
        'Hello sandbox\label{here}, page \pageref{here}' '\end{document}' >text.tex
    works texlive pdflatex -interaction=batchmode text.tex
    works texlive pdflatex -interaction=batchmode text.tex
    like "$(pdftotext text.pdf -)" 'Hello sandbox, page 1'
    rm text.pdf text.aux
    works texlive latexmk -pdf -silent text.tex
    like "$(pdftotext text.pdf -)" 'Hello sandbox, page 1'
    rm text.pdf
    works texlive xelatex -interaction=batchmode text.tex
    like "$(pdftotext text.pdf -)" 'Hello sandbox'
    bounds texlive rw no-net
}

@test "a TeX document that starts programs can't get out" {
    need pdflatex
    printf '%s\n' '\documentclass{article}' '\begin{document}' \
        "\\immediate\\write18{cat $HOME/.ssh/id_test >stolen; echo x >$T/o/planted; echo x >ran}" \
        x '\end{document}' >text.tex
    run sbx run -- pdflatex -shell-escape -interaction=batchmode text.tex
    [[ -e ran && ! -s stolen && ! -e $T/o/planted ]]
    run -0 pdflatex -shell-escape -interaction=batchmode text.tex
    [[ -e $T/o/planted ]]
    equal the-secret-key "$(<stolen)"
}

@test "wkhtmltopdf draws a page; the page can't show a key" {
    need wkhtmltopdf wkhtmltoimage pdftotext
    echo '<h1 id="h">Hello</h1><script>document.getElementById("h").textContent += " sandbox"</script>' >page.html
    works wkhtmltopdf wkhtmltopdf -q page.html page.pdf
    like "$(pdftotext page.pdf -)" 'Hello sandbox'
    works wkhtmltopdf wkhtmltoimage -q page.html page.png
    like "$(file -b page.png)" 'PNG image data'
    cp "$HOME/.ssh/id_test" "$HOME/.ssh/key.txt"
    echo "<iframe src='file://$HOME/.ssh/key.txt'></iframe>" >steal.html
    steal=(wkhtmltopdf -q --enable-local-file-access steal.html)
    run sbx run -- "${steal[@]}" inside.pdf
    unlike "$(pdftotext inside.pdf - 2>&1)" the-secret
    run -0 env QT_QPA_PLATFORM=offscreen "${steal[@]}" outside.pdf
    like "$(pdftotext outside.pdf -)" the-secret
    bounds wkhtmltopdf rw no-net
}

@test "WeasyPrint draws a page; the page can't take a key along" {
    need weasyprint pdftotext pdfdetach
    echo "<link rel=attachment href='file://$HOME/.ssh/id_test'><h1>Hello sandbox</h1>" >page.html
    works weasyprint weasyprint page.html page.pdf
    like "$(pdftotext page.pdf -)" 'Hello sandbox'
    like "$(pdfdetach -list page.pdf)" '^0 embedded files'
    run -0 weasyprint page.html outside.pdf
    like "$(pdfdetach -list outside.pdf)" '^1 embedded files'
    bounds weasyprint rw no-net
}
