package ancmbench

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

const (
	maxDepth  = 64
	maxText   = 64 << 10 // bytes of a text, as it stands in the file
	maxWords  = 512 << 10
	maxName   = 8 * MaxName
	maxDigits = 64
	maxMemory = 512 << 20 // bytes that reading one text may take
)

// UnmarshalBounded is json.Unmarshal for text from an untrusted source. Before it
// allocates anything, it returns a short error for text that is nested too deeply,
// has strings or lists that are too long, has numbers out of range, or would take
// too much memory.
func UnmarshalBounded(b []byte, v any) error {
	s := scanner{data: b, room: maxMemory, fields: map[reflect.Type]map[string]field{}}
	if err := s.value(reflect.TypeOf(v).Elem(), "", 0); err != nil && err != errNotJSON {
		return err
	}
	return json.Unmarshal(b, v) // its error says where the text is not JSON
}

// errNotJSON ends a scan of malformed text; the caller returns json.Unmarshal's error.
var errNotJSON = errors.New("not JSON")

// scanner goes once over JSON text, together with the Go type that it is decoded into.
type scanner struct {
	data   []byte
	at     int
	room   int64
	fields map[reflect.Type]map[string]field // by the name in the file
}

// field is the destination of a value: its type, nil if the value is ignored, and
// its name in the tables of bounds.
type field struct {
	typ  reflect.Type
	name string
}

// rawType is of text that is kept as it stands. Who decodes it does so with bounds of its own,
// by the types that it has there: a text in it may be a body or a histogram.
var rawType = reflect.TypeFor[json.RawMessage]()

func (s *scanner) value(t reflect.Type, name string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
		if err := s.take(int64(t.Size())); err != nil {
			return err
		}
	}
	switch c := s.next(); {
	case c == '{':
		return s.object(t, name, depth)
	case c == '[':
		return s.list(t, name, depth)
	case c == '"':
		text, err := s.text(mostText(t, name), name)
		if err != nil {
			return err
		}
		return s.take(int64(len(text)))
	case c == '-' || c >= '0' && c <= '9':
		return s.number(t, name)
	}
	return s.word()
}

// take subtracts n bytes from the memory left, and fails if none is left.
func (s *scanner) take(n int64) error {
	if s.room -= n; s.room < 0 {
		return errors.New("would take too much memory")
	}
	return nil
}

// next skips white space and returns the byte that follows, or 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// more steps over a comma, or over the end of a list or an object, and reports
// whether another element follows.
func (s *scanner) more(end byte, first bool) (bool, error) {
	switch c := s.next(); {
	case c == end:
		s.at++
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.at++
		return true, nil
	}
	return false, errNotJSON
}

func (s *scanner) object(t reflect.Type, name string, depth int) error {
	s.at++
	most, entries := listBounds[name], 0
	inMap := t != nil && t.Kind() == reflect.Map
	for first := true; ; first = false {
		if more, err := s.more('}', first); !more {
			return err
		}
		if s.next() != '"' {
			return errNotJSON
		}
		key, err := s.text(maxName, "the name of a field")
		if err != nil {
			return err
		}
		if s.next() != ':' {
			return errNotJSON
		}
		s.at++
		to := field{}
		if t == rawType {
			to.typ = rawType
		} else if inMap {
			to = field{t.Elem(), name}
			if entries++; most > 0 && entries > most {
				return tooMany(name, most)
			}
			if err := s.take(64 + int64(len(key)) + int64(to.typ.Size())); err != nil {
				return err
			}
		} else if t != nil && t.Kind() == reflect.Struct {
			to = s.fieldOf(t, key)
		}
		if err := s.value(to.typ, to.name, depth+1); err != nil {
			return err
		}
	}
}

// list scans a list and counts its elements and their memory.
func (s *scanner) list(t reflect.Type, name string, depth int) error {
	s.at++
	var elem reflect.Type
	var cost int64
	if t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
		elem, cost = t.Elem(), int64(t.Elem().Size())
	}
	if t == rawType {
		elem, cost = rawType, 0
	}
	most := listBounds[name]
	for n := 0; ; n++ {
		if more, err := s.more(']', n == 0); !more {
			return err
		}
		if most > 0 && n == most {
			return tooMany(name, most)
		}
		if err := s.take(cost); err != nil {
			return err
		}
		if err := s.value(elem, name, depth+1); err != nil {
			return err
		}
	}
}

func tooMany(name string, most int) error {
	return fmt.Errorf("%s: more than %d elements, the limit", said(name), most)
}

// said returns the field's name in the file for a name in the tables of bounds.
func said(name string) string {
	_, field, found := strings.Cut(name, ".")
	if !found {
		return "a value"
	}
	return field
}

func mostText(t reflect.Type, name string) int {
	if t == reflect.TypeFor[Histogram]() {
		return maxHistogramText
	}
	if t == rawType {
		return math.MaxInt
	}
	if most := textBounds[name]; most > 0 {
		return most
	}
	return maxText
}

// text returns the bytes between two quotes, with their escapes.
func (s *scanner) text(most int, name string) ([]byte, error) {
	s.at++
	from := s.at
	for ; s.at < len(s.data); s.at++ {
		switch s.data[s.at] {
		case '"':
			s.at++
			return s.data[from : s.at-1], nil
		case '\\':
			s.at++
		}
		if s.at-from > most {
			if strings.Contains(name, ".") {
				name = said(name)
			} else if name == "" {
				name = "a text"
			}
			return nil, fmt.Errorf("%s: longer than %d bytes", name, most)
		}
	}
	return nil, errNotJSON
}

// word steps over true, false and null.
func (s *scanner) word() error {
	from := s.at
	for s.at < len(s.data) && s.data[s.at] >= 'a' && s.data[s.at] <= 'z' && s.at-from < 6 {
		s.at++
	}
	if s.at == from {
		return errNotJSON
	}
	return nil
}

// number scans a number and checks it against the bounds of its destination.
func (s *scanner) number(t reflect.Type, name string) error {
	from := s.at
	for s.at < len(s.data) && strings.IndexByte("+-.eE0123456789", s.data[s.at]) >= 0 {
		s.at++
	}
	text := string(s.data[from:min(s.at, from+maxDigits)])
	switch {
	case s.at-from > maxDigits:
		return fmt.Errorf("%s: a number of more than %d digits", said(name), maxDigits)
	case t == nil:
		return nil
	case t == reflect.TypeFor[Seconds]():
		return s.magnitude(text, name, maxSeconds)
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return whole(text, name)
	case reflect.Float64:
		if unbounded[name] {
			return nil
		}
		return s.magnitude(text, name, maxNumber)
	}
	return nil
}

func (s *scanner) magnitude(text, name string, most float64) error {
	if i := strings.IndexAny(text, ".eE"); i < 0 && len(text) <= 8 || i >= 0 && i <= 8 && text[i] == '.' && !strings.ContainsAny(text, "eE") {
		return nil // eight digits: below every bound
	}
	v, err := strconv.ParseFloat(text, 64)
	if !errors.Is(err, strconv.ErrSyntax) && !(math.Abs(v) <= most) {
		return fmt.Errorf("%s: %s is out of range: the limit is %.0e", said(name), text, most)
	}
	return nil
}

func whole(text, name string) error {
	if len(text) < 3 && text[0] != '-' {
		return nil // below every bound
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil // json.Unmarshal reports it
	}
	most, named := numberBounds[name]
	if !named {
		most = maxWhole
	}
	if v > most || v < 0 && (!signed[name] || v < -most) {
		return fmt.Errorf("%s: %d is out of range", said(name), v)
	}
	return nil
}

// fieldOf returns the destination of an object's key, as json.Unmarshal finds it: by
// the exact name, or else without regard to case.
func (s *scanner) fieldOf(t reflect.Type, key []byte) field {
	byName := s.fields[t]
	if byName == nil {
		byName = fieldsOf(t)
		s.fields[t] = byName
	}
	if f, ok := byName[string(key)]; ok {
		return f
	}
	var plain string
	if json.Unmarshal(append(append([]byte{'"'}, key...), '"'), &plain) != nil {
		return field{}
	}
	if f, ok := byName[plain]; ok {
		return f
	}
	for name, f := range byName {
		if strings.EqualFold(name, plain) {
			return f
		}
	}
	return field{}
}

func fieldsOf(t reflect.Type) map[string]field {
	out := map[string]field{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		owner := t
		if len(f.Index) > 1 {
			owner = t.FieldByIndex(f.Index[:len(f.Index)-1]).Type
		}
		out[name] = field{f.Type, owner.Name() + "." + name}
	}
	return out
}
