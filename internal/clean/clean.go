package clean

import (
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Terminal returns text as one line for a terminal. Invisible characters (control
// characters, marks of writing direction, characters without width) and bytes that are
// not UTF-8 are escaped as in a Go string, such as \x1b or \u202e. Line ends and tabs
// become spaces.
func Terminal(s string) string { return visible(s, false) }

// Lines is like Terminal, for text of several lines such as an error or the end of a log:
// it keeps line feeds and tabs.
func Lines(s string) string { return visible(s, true) }

// HTML returns text for a page. Marks of direction would reverse the text that follows,
// and readers copy text from a page to other programs.
func HTML(s string) string { return visible(s, false) }

// CSV returns a field for a table that a spreadsheet may open. A field that would be read
// as a formula gets an apostrophe in front. A number keeps its sign.
func CSV(s string) string {
	s = visible(s, false)
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " "))
	if s == "" || !strings.ContainsRune("=+-@＝＋－＠", first) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil && strings.Trim(s, "+-.0123456789e") == "" {
		return s // and not -Inf, which is a name to a spreadsheet
	}
	return "'" + s
}

func visible(s string, lines bool) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[0])|0x100, 16)[1:])
		case (r == '\n' || r == '\t') && lines:
			b.WriteRune(r)
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case unicode.IsGraphic(r) && !hidden(r):
			b.WriteString(s[:n])
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[n:]
	}
	return b.String()
}

// hidden lists characters that are graphic by their class but invisible: fillers of Hangul
// and Khmer, the blank of Braille, and variation selectors, which can carry text.
func hidden(r rune) bool {
	switch {
	case r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0x2800, r == 0x17b4, r == 0x17b5, r == 0x034f:
		return true
	}
	return r >= 0xfe00 && r <= 0xfe0e || r >= 0xe0100 && r <= 0xe01ef
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// Strings applies one of the functions above to every string that v points to, in place:
// in structs, slices and maps, including the keys of maps. It leaves unexported fields and
// bytes unchanged.
func Strings(v any, by func(string) string) {
	w := walker{by: by, has: map[reflect.Type]bool{}}
	w.walk(reflect.ValueOf(v))
}

type walker struct {
	by  func(string) string
	has map[reflect.Type]bool // whether a type contains a string; most rows of a run do not
}

func (w *walker) walk(v reflect.Value) {
	if !w.hasText(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(w.by(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			w.walk(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				w.walk(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			w.walk(v.Index(i))
		}
	case reflect.Map:
		w.entries(v)
	}
}

// entries builds a new map, because neither keys nor values can be set in place.
func (w *walker) entries(v reflect.Value) {
	if v.IsNil() || !v.CanSet() {
		return
	}
	out := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.Set(it.Key())
		value.Set(it.Value())
		w.walk(key)
		w.walk(value)
		out.SetMapIndex(key, value)
	}
	v.Set(out)
}

func (w *walker) hasText(t reflect.Type) bool {
	if has, known := w.has[t]; known {
		return has
	}
	w.has[t] = false // while its fields are examined, so that a recursive type ends
	has := false
	switch t.Kind() {
	case reflect.String:
		has = true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		has = w.hasText(t.Elem())
	case reflect.Map:
		key, elem := w.hasText(t.Key()), w.hasText(t.Elem())
		has = key || elem
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() && w.hasText(t.Field(i).Type) {
				has = true
			}
		}
	}
	w.has[t] = has
	return has
}
