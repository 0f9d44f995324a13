package hostile_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"ancmbench/models/ancm"
	"ancmbench/models/hostile"
	"ancmbench/models/httpsys"
)

// FuzzDowngrade sends any pseudo-header fields, one field and one body over HTTP/2 to
// the forwarder. The app sees one request at most; and of that, method, target, host,
// field and body as they were sent, with nothing in them that HTTP/1.1 could read
// otherwise.
func FuzzDowngrade(f *testing.F) {
	for _, s := range hostile.Streams() {
		values := map[string]string{}
		name, value := "", ""
		for _, field := range s.Fields {
			values[field.Name] = field.Value
			if !strings.HasPrefix(field.Name, ":") {
				name, value = field.Name, field.Value
			}
		}
		f.Add(values[":method"], values[":path"], values[":authority"], name, value, strings.Join(s.Data, ""))
	}
	p := &place{name: "downgrade", app: newRecorder()}
	front, err := httpsys.New(httpsys.Options{Handler: &ancm.Forwarder{Backends: ancm.Fixed(backend(f, p.app))}, H2C: true})
	if err != nil {
		f.Fatal(err)
	}
	p.serve(f, front)
	method := regexp.MustCompile("^[!#$%&'*+\\-.^_`|~0-9A-Za-z]+$")
	target := regexp.MustCompile(`^(/[\x21\x22\x24-\x7e]*|\*)$`)
	f.Fuzz(func(t *testing.T, m, path, authority, name, value, body string) {
		if len(m)+len(path)+len(authority)+len(name)+len(value) > 8000 || len(body) > 60_000 {
			return
		}
		s := &hostile.Stream{Fields: []hostile.Field{{Name: ":method", Value: m}, {Name: ":scheme", Value: "http"}, {Name: ":authority", Value: authority}, {Name: ":path", Value: path}}}
		if name != "" {
			s.Fields = append(s.Fields, hostile.Field{Name: name, Value: value})
		}
		if body != "" {
			for len(body) > 16_000 {
				s.Data, body = append(s.Data, body[:16_000]), body[16_000:]
			}
			s.Data = append(s.Data, body)
		}
		_, client, err := streamed(p, s, 16<<10)
		if err != nil {
			t.Fatal(err)
		}
		saw := p.app.take(client)
		if len(saw) == 0 {
			return
		}
		want := fmt.Sprintf("%s %s %s %q", m, path, authority, strings.Join(s.Data, ""))
		if len(saw) > 1 || !strings.HasPrefix(saw[0].text, want) {
			t.Fatalf("the app saw %q, want %s", saw, want)
		}
		if !method.MatchString(m) || !target.MatchString(path) || !refAuthority(authority) {
			t.Fatalf("the app saw %q", saw)
		}
		if strings.ContainsAny(name, " \t\r\n:") || strings.ContainsAny(value, "\r\n\x00") {
			t.Fatalf("with the field %q: %q, the app saw %q", name, value, saw)
		}
	})
}
