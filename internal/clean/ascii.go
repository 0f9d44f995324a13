package clean

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// inASCII are the characters that this program itself prints, in ASCII.
var inASCII = map[rune]string{'µ': "u", '·': "-", '…': ".", '–': "-", '—': "-", '×': "x", '≤': "<=", '≥': ">=", '\u00a0': " "}

// ASCII returns text for a terminal that shows nothing else. What this program itself prints
// has its nearest form, and every other character is escaped as in a Go string. Control
// characters stay.
func ASCII(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch plain, known := inASCII[r]; {
		case known:
			b.WriteString(plain)
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}
