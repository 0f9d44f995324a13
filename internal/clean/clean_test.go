package clean

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestFunctionsPerOutput(t *testing.T) {
	for text, want := range map[string]string{
		"in-process":               "in-process",
		"ü € 😀 日本語 עברית":          "ü € 😀 日本語 עברית",
		"a\x1b[31mred\x1b[0m":      `a\x1b[31mred\x1b[0m`,
		"bell\a":                   `bell\a`,
		"csi\u009b31m":             `csi\u009b31m`,
		"turned\u202egnp.exe":      `turned\u202egnp.exe`,
		"isolated\u2066x\u2069":    `isolated\u2066x\u2069`,
		"marks\u200e\u200f\u061c":  `marks\u200e\u200f\u061c`,
		"no\u200bwidth\ufeff":      `no\u200bwidth\ufeff`,
		"tag\U000e0041":            `tag\U000e0041`,
		"two\r\nlines\tand a tab":  "two  lines and a tab",
		"separators\u2028\u2029":   `separators\u2028\u2029`,
		"no UTF-8\xff\x80":         `no UTF-8\xff\x80`,
		"delete\x7f, nothing\x00":  `delete\x7f, nothing\x00`,
		"hangul\u3164filler\u2800": `hangul\u3164filler\u2800`,
	} {
		if got := Terminal(text); got != want {
			t.Errorf("terminal: %q is shown as %q, want %q", text, got, want)
		}
		if got := HTML(text); got != want {
			t.Errorf("HTML: %q is shown as %q, want %q", text, got, want)
		}
	}
	if got := Lines("one\n\ttwo\r\x1b[2J"); got != "one\n\ttwo \\x1b[2J" {
		t.Errorf("lines: %q", got)
	}
}

func TestFieldsOfATable(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "-2+3": "'-2+3", "@SUM(A1)": "'@SUM(A1)", "＝1": "'＝1",
		"\t=1": "' =1", "\r\n@x": "'  @x", "-12.5": "-12.5", "+1e3": "+1e3", "-": "'-", "-Inf": "'-Inf", "-0x1p2": "'-0x1p2", "": "", "in-process": "in-process", "a=b": "a=b",
	} {
		if got := CSV(text); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
}

// Steers reports whether text can steer what it is shown by.
func steers(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r == utf8.RuneError || r != ' ' && !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r)
	})
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"a\x1b[0m", "\u202e", "=1", "\xff", "ü", "\n", "-1", "'=1", " =1", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, of := range map[string]func(string) string{"terminal": Terminal, "HTML": HTML, "CSV": CSV} {
			got := of(s)
			if steers(strings.ReplaceAll(got, "\ufffd", "")) {
				t.Errorf("%s: %q is shown as %q", name, s, got)
			}
			if again := of(got); again != got {
				t.Errorf("%s: %q becomes %q, and that %q", name, s, got, again)
			}
		}
		if steers(strings.NewReplacer("\n", "", "\t", "", "\ufffd", "").Replace(Lines(s))) {
			t.Errorf("lines: %q is shown as %q", s, Lines(s))
		}
		var b strings.Builder
		w := csv.NewWriter(&b)
		if err := w.Write([]string{CSV(s), "x"}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		back, err := csv.NewReader(strings.NewReader(b.String())).Read()
		if err != nil || back[0] != CSV(s) {
			t.Errorf("%q comes back as %q, %v", CSV(s), back, err)
		}
	})
}

func TestStrings(t *testing.T) {
	type inner struct{ Name string }
	type row struct{ A, B int }
	type all struct {
		Text   string
		List   []string
		Deep   []*inner
		Map    map[string]inner
		Nil    *inner
		Rows   []row
		Bytes  []byte
		Any    map[int]string
		hidden string
		Self   *all
	}
	v := all{Text: "\x1b", List: []string{"a", "\a"}, Deep: []*inner{{"\u202e"}, nil}, Map: map[string]inner{"\x1b": {"\x1b"}},
		Rows: make([]row, 3), Bytes: []byte{0x1b}, Any: map[int]string{1: "\x1b"}, hidden: "\x1b", Self: &all{Text: "\x1b"}}
	Strings(&v, Terminal)
	for what, got := range map[string]string{"text": v.Text, "map": v.Map[`\x1b`].Name, "any": v.Any[1], "self": v.Self.Text} {
		if got != `\x1b` {
			t.Errorf("%s is %q", what, got)
		}
	}
	if v.List[0] != "a" || v.List[1] != `\a` || v.Deep[0].Name != `\u202e` || v.Bytes[0] != 0x1b || v.hidden != "\x1b" {
		t.Errorf("%+v", v)
	}
}
