package html

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"ancmbench/reports/page"
)

//go:embed page.html.tmpl
var pageTemplate string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// filled is a Page with what is the same on all.
type filled struct {
	*Page
	Policy string
	Style  template.CSS
	Script template.JS
	Data   template.HTML
	Listed []listed
}

// Write writes the page. It needs nothing else: no font, no network, and the policy in its
// head allows no script and no style but its own. The same page gives the same bytes. It
// fails if w does.
func (p *Page) Write(w io.Writer) error {
	t, err := template.New("page").Funcs(functions).Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("html page: %w", err)
	}
	style := colours + page.PaletteCSS() + pageStyle
	f := filled{Page: p, Style: template.CSS(style), Script: template.JS(pageScript),
		Policy: fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", digest(style), digest(pageScript))}
	var b bytes.Buffer
	if len(p.Files) > 0 { // they get the room that all else leaves
		if err := t.Execute(&b, f); err != nil {
			return fmt.Errorf("html page: %w", err)
		}
		data, files, err := packed(p.Files, (mostPage-b.Len())/4*3)
		if err != nil {
			return fmt.Errorf("html page: %w", err)
		}
		f.Data, f.Listed = template.HTML(data), files
		b.Reset()
	}
	if err := t.Execute(&b, f); err != nil {
		return fmt.Errorf("html page: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// mostPage limits a page with its files to somewhat under 1 MB; one without may be larger.
const mostPage = 980_000

// digest names a text in a content security policy.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// colours are those that stand for no thing: ground, text, lines, and how serious it is.
// Text has a contrast of at least 4.5 to the grounds it stands on.
var colours = page.Schemes(strings.Join([]string{
	"--bg:#fff", "--panel:#f4f6f8", "--ink:#1a1f24", "--soft:#4d5863", "--line:#d5dbe1", "--grid:#e4e9ed", "--accent:#0b5a96", "--on:#fff",
	"--serious:#a81f35", "--caution:#855000", "--notice:#4d5863", "--good:#1f6b2c", "--band:#dfe6ec"}, ";")+";",
	strings.Join([]string{
		"--bg:#12161a", "--panel:#1b2127", "--ink:#e6eaee", "--soft:#a6b3bf", "--line:#333c45", "--grid:#262e36", "--accent:#7dbcf5", "--on:#101418",
		"--serious:#f19aa6", "--caution:#ecb65c", "--notice:#a6b3bf", "--good:#86d394", "--band:#2a343e"}, ";")+";")
