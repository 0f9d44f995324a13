package webconfig

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// configText is the text of a web.config in UTF-8, with line feeds as its only line
// ends.
type configText struct {
	// raw is the text, and parsed what the parser gets, of the same length. In parsed
	// each line feed or tab in an attribute value is a space (XML 1.0, 3.3.3); "&#10;"
	// stays a line feed.
	raw, parsed []byte
	lines       []int // where each line feed lies
	wide        bool  // it was UTF-16
}

// decodeConfig decodes a text in one of the encodings that IIS reads, which it finds by
// the byte order mark or the first "<". It fails if the text is in none of them.
func decodeConfig(data []byte) (configText, error) {
	var t configText
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("<\x00")):
		t.wide = true
	case bytes.HasPrefix(data, []byte("\xfe\xff")), bytes.HasPrefix(data, []byte("\x00<")):
		t.wide = true
	}
	if t.wide {
		var err error
		if data, err = fromUTF16(data); err != nil {
			return t, err
		}
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	t.raw = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	for i, c := range t.raw {
		if c == '\n' {
			t.lines = append(t.lines, i)
		}
	}
	t.parsed = spacedValues(t.raw)
	return t, nil
}

func fromUTF16(data []byte) ([]byte, error) {
	if len(data)%2 != 0 {
		return nil, fmt.Errorf("UTF-16 with half a character at its end")
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if data[0] == 0xfe || data[0] == 0 {
		order = binary.BigEndian
	}
	out := make([]byte, 0, len(data)/2)
	for i := 0; i < len(data); i += 2 {
		c := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(c) {
			if i += 2; i < len(data) {
				c = utf16.DecodeRune(c, rune(order.Uint16(data[i:])))
			}
			if utf16.IsSurrogate(c) || c == utf8.RuneError {
				return nil, fmt.Errorf("UTF-16 with half a pair in it")
			}
		}
		if i == 0 && c == 0xfeff {
			continue
		}
		out = utf8.AppendRune(out, c)
	}
	return out, nil
}

// spacedValues returns raw with a space for each line feed and tab within an
// attribute's value.
func spacedValues(raw []byte) []byte {
	out := slices.Clone(raw)
	for i := 0; i < len(out); {
		if out[i] != '<' {
			i++
			continue
		}
		skipped := false
		for _, s := range []struct{ begin, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}} {
			if bytes.HasPrefix(out[i:], []byte(s.begin)) {
				n := bytes.Index(out[i+len(s.begin):], []byte(s.end))
				if n < 0 {
					return out // unclosed, as the parser will say
				}
				i, skipped = i+len(s.begin)+n+len(s.end), true
				break
			}
		}
		if !skipped {
			i = spacedTag(out, i)
		}
	}
	return out
}

// spacedTag puts these spaces into the tag that begins at i, and returns the index
// behind it.
func spacedTag(out []byte, i int) int {
	var quote byte
	for ; i < len(out); i++ {
		switch c := out[i]; {
		case quote == 0 && c == '>':
			return i + 1
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0 && (c == '\n' || c == '\t'):
			out[i] = ' '
		}
	}
	return i
}

// line returns the number of the line of an offset, from 1.
func (t *configText) line(offset int64) int {
	n, _ := slices.BinarySearch(t.lines, int(offset))
	return 1 + n
}
