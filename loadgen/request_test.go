package loadgen

import (
	"net/url"
	"strings"
	"testing"

	"ancmbench"
)

func TestHostField(t *testing.T) {
	for _, c := range []struct {
		target ancmbench.Target
		want   string
	}{
		{ancmbench.Target{Address: "127.0.0.1:80"}, "127.0.0.1:80"},
		{ancmbench.Target{Address: "127.0.0.1:80", Host: "a.test"}, "a.test"},
		{ancmbench.Target{Address: "/tmp/s", Network: "unix"}, "localhost"},
		{ancmbench.Target{Address: "[fe80::1%eth0]:80"}, "[fe80::1]:80"},
		{ancmbench.Target{Address: "[::1%lo]:80", Host: "[::1%lo]:80"}, "[::1]:80"},
		{ancmbench.Target{Address: "x:1", Host: "[::1%25lo]"}, "[::1]"},
	} {
		if got := HostField(c.target); got != c.want {
			t.Errorf("%+v: %q, want %q", c.target, got, c.want)
		}
	}
}

func TestCloses(t *testing.T) {
	for value, want := range map[string]bool{"close": true, "CLOSE": true, "x, close": true, "close ,x": true, "keep-alive": false, "closed": false, "": false} {
		if got := Closes(ancmbench.Request{Header: []ancmbench.Field{{Name: "connection", Value: value}}}); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
	if Closes(ancmbench.Request{Header: []ancmbench.Field{{Name: "X-Connection", Value: "close"}}}) {
		t.Error("another field closes")
	}
}

// FuzzEscapePath: what is written is plain ASCII, means the same, and stays as it is when
// it is written once more.
func FuzzEscapePath(f *testing.F) {
	for in, want := range map[string]string{"/": "/", "/é?q=ü": "/%C3%A9?q=%C3%BC", "/a%2Fb": "/a%2Fb", "/{a}|\"<>`^\\": "/%7Ba%7D%7C%22%3C%3E%60%5E%5C",
		"/a?b=c&d[]=e": "/a?b=c&d[]=e", "*": "*", "/a#b": "/a%23b"} {
		if got := EscapePath(in); got != want {
			f.Errorf("%q: %q, want %q", in, got, want)
		}
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := EscapePath(in)
		if strings.ContainsFunc(out, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}#", r) }) {
			t.Errorf("%q is written %q", in, out)
		}
		if again := EscapePath(out); again != out {
			t.Errorf("%q is written %q, and that %q", in, out, again)
		}
		if strings.ContainsRune(in, '%') {
			return
		}
		if back, err := url.PathUnescape(out); err != nil || back != in {
			t.Errorf("%q is written %q, which means %q (%v)", in, out, back, err)
		}
	})
}

func TestStatuses(t *testing.T) {
	for text, want := range map[string]map[int]bool{
		"2xx,304":    {200: true, 299: true, 304: true, 303: false, 300: false, 404: false},
		" 4XX , 200": {404: true, 200: true, 204: false, 500: false},
		"503":        {503: true, 200: false},
	} {
		words, err := ancmbench.ParseStatuses(text)
		if err != nil {
			t.Fatal(err)
		}
		x := expecting(t, ancmbench.Expect{Statuses: words})
		for status, ok := range want {
			if got := x.Judge(new(Answer), status) == OK; got != ok {
				t.Errorf("%q: %d is right: %v", text, status, got)
			}
		}
	}
	for _, bad := range []string{"", "2xx,", "1xx", "6xx", "20", "2000", "99", "600", "-200", "xx", "ok"} {
		if words, err := ancmbench.ParseStatuses(bad); err == nil {
			t.Errorf("%q was taken as %q", bad, words)
		}
	}
}
