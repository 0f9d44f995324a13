package hostile_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// A parser of HTTP/1.1 that owes nothing to ours: regular expressions and splits, on
// the whole of what a client has sent. It is strict as our lean front is meant to be,
// and says what must become of a connection: what the app sees of each request, then
// "kept", "refused" for what gets a status of its own, "closed", or that the server
// "waits" for the rest of a head, or of a body that is "short" of its end.

var (
	refLine    = regexp.MustCompile("^([!#$%&'*+\\-.^_`|~0-9A-Za-z]+) ([\\x21\\x22\\x24-\\x7e]+) HTTP/1\\.([0-9])$")
	refField   = regexp.MustCompile("^([!#$%&'*+\\-.^_`|~0-9A-Za-z]+):([\\t\\x20-\\x7e\\x80-\\xff]*)$")
	refSize    = regexp.MustCompile(`^([0-9A-Fa-f]+)([ \t]*;[\t\x20-\x7e\x80-\xff]*)?$`)
	refName    = regexp.MustCompile(`^(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$`)
	refFuture  = regexp.MustCompile(`^v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+$`)
	refEscapes = regexp.MustCompile(`%(?:[^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?$)`)
	refPort    = regexp.MustCompile(`^[0-9]*$`)
	refForm    = regexp.MustCompile(`^(?i:https?)://([^/?]+)(.*)$`)
)

// reference returns what must become of all that a client sends on a connection.
func reference(in []byte) (parts []string) {
	for {
		in = bytes.TrimPrefix(in, []byte("\r\n"))
		head, rest, whole := bytes.Cut(in, []byte("\r\n\r\n"))
		for i, c := range head {
			if c == '\n' && (i == 0 || head[i-1] != '\r') {
				return append(parts, "refused")
			}
		}
		if !whole {
			if i := bytes.IndexByte(in, '\n'); i == 0 || i > 0 && bytes.Contains(bytes.ReplaceAll(in, []byte("\r\n"), nil), []byte("\n")) {
				return append(parts, "refused")
			}
			return append(parts, "waits")
		}
		if len(head)+4 > 64<<10 {
			return append(parts, "refused")
		}
		q, ok := refHead(strings.Split(string(head), "\r\n"))
		if !ok || q.length > 30_000_000 {
			return append(parts, "refused")
		}
		body, trailer, rest, state := refBody(q, rest)
		switch {
		case state == "bad":
			return append(parts, "refused")
		case state == "short":
			return append(parts, "short")
		}
		if strings.HasPrefix(q.text, "GET /end a") && !q.keep {
			return append(parts, "kept")
		}
		parts = append(parts, q.text+fmt.Sprintf(" %q", body)+own("", q.fields)+own("~", trailer))
		if !q.keep {
			return append(parts, "closed")
		}
		in = rest
	}
}

type refRequest struct {
	text    string // method, target and host
	fields  http.Header
	chunked bool
	length  int64
	keep    bool
}

func refHead(lines []string) (q refRequest, ok bool) {
	m := refLine.FindStringSubmatch(lines[0])
	if m == nil {
		return q, false
	}
	method, target, old := m[1], m[2], m[3] == "0"
	if q.fields, ok = refFields(lines[1:]); !ok {
		return q, false
	}
	hosts := q.fields["Host"]
	if len(hosts) > 1 || len(hosts) == 0 && !old {
		return q, false
	}
	host := strings.Join(hosts, "")
	if !refAuthority(host) {
		return q, false
	}
	if target, host, ok = refTarget(method, target, host); !ok {
		return q, false
	}
	q.text = method + " " + target + " " + host
	lengths, codings := q.fields["Content-Length"], q.fields["Transfer-Encoding"]
	switch {
	case len(lengths) > 1 || len(codings) > 1 || len(lengths) > 0 && len(codings) > 0 || len(codings) > 0 && old:
		return q, false
	case len(codings) == 1:
		if !strings.EqualFold(codings[0], "chunked") {
			return q, false
		}
		q.chunked = true
	case len(lengths) == 1:
		if lengths[0] == "" || len(lengths[0]) > 18 || !refPort.MatchString(lengths[0]) {
			return q, false // so many digits are enough for any body
		}
		n, err := strconv.ParseInt(lengths[0], 10, 64)
		if err != nil {
			return q, false
		}
		q.length = n
	}
	options := strings.Split(strings.ToLower(strings.Join(q.fields["Connection"], ",")), ",")
	q.keep = !old
	for _, o := range options {
		if strings.Trim(o, " \t") == "keep-alive" {
			q.keep = true
		}
	}
	for _, o := range options {
		if strings.Trim(o, " \t") == "close" {
			q.keep = false
		}
	}
	return q, true
}

func refFields(lines []string) (http.Header, bool) {
	h := http.Header{}
	for _, line := range lines {
		m := refField.FindStringSubmatch(strings.Map(refLatin, line))
		if m == nil {
			return nil, false
		}
		name, value, _ := strings.Cut(line, ":")
		name = http.CanonicalHeaderKey(name)
		h[name] = append(h[name], strings.Trim(value, " \t"))
	}
	return h, true
}

// refLatin lets the expressions see bytes that are no UTF-8 as one letter.
func refLatin(r rune) rune {
	if r > 0x7f {
		return 0x80
	}
	return r
}

func refAuthority(s string) bool {
	host, port := s, ""
	if rest, ok := strings.CutPrefix(s, "["); ok {
		inside, behind, closed := strings.Cut(rest, "]")
		if a, err := netip.ParseAddr(inside); !closed || (err != nil || !a.Is6() || a.Zone() != "") && !refFuture.MatchString(inside) {
			return false
		}
		return behind == "" || behind[0] == ':' && refPort.MatchString(behind[1:])
	}
	if i := strings.IndexByte(s, ':'); i == 0 {
		return false // RFC 9110, 4.2.1: no http URI is without a host
	} else if i > 0 {
		host, port = s[:i], s[i+1:]
	}
	return refName.MatchString(host) && refPort.MatchString(port)
}

func refTarget(method, target, host string) (string, string, bool) {
	switch {
	case method == "CONNECT":
		i := strings.LastIndexByte(target, ':')
		return target, host, i > 0 && i < len(target)-1 && refAuthority(target) && refAuthority(target[:i])
	case target == "*":
		return target, host, method == "OPTIONS"
	case target[0] == '/':
		return target, host, refPath(target)
	}
	m := refForm.FindStringSubmatch(target)
	if m == nil || !refAuthority(m[1]) || !refPath(m[2]) {
		return "", "", false
	}
	rest := m[2]
	if rest == "" && method == "OPTIONS" {
		rest = "*"
	} else if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	return rest, m[1], true
}

// refPath reports whether the escapes of a path are whole. Those of a query are the
// app's to read.
func refPath(target string) bool {
	path, _, _ := strings.Cut(target, "?")
	return !refEscapes.MatchString(path)
}

// refBody takes the body off rest: state is "", "bad", or "short" if it does not end.
func refBody(q refRequest, rest []byte) (body []byte, trailer http.Header, behind []byte, state string) {
	if !q.chunked {
		if int64(len(rest)) < q.length {
			return nil, nil, nil, "short"
		}
		return rest[:q.length], nil, rest[q.length:], ""
	}
	extensions := 0
	for {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		if !whole && len(line) < 1024 {
			return nil, nil, nil, "short"
		}
		m := refSize.FindSubmatch(bytes.Map(refLatin, bytes.TrimSuffix(line, []byte("\r"))))
		if len(line) >= 1024 || !bytes.HasSuffix(line, []byte("\r")) || m == nil {
			return nil, nil, nil, "bad"
		}
		size := strings.TrimLeft(string(m[1]), "0")
		if extensions += len(m[2]); len(size) > 15 || extensions > 16<<10 {
			return nil, nil, nil, "bad"
		}
		n, _ := strconv.ParseInt("0"+size, 16, 64) // digits by the expression
		rest = after
		if n == 0 {
			break
		}
		if int64(len(rest)) < n { // beyond the limit of a body, too: the server sees it once it is there
			return nil, nil, nil, "short"
		}
		body, rest = append(body, rest[:n]...), rest[n:]
		end := rest[:min(2, len(rest))]
		if !bytes.HasPrefix([]byte("\r\n"), end) {
			return nil, nil, nil, "bad"
		}
		if len(end) < 2 {
			return nil, nil, nil, "short"
		}
		rest = rest[2:]
	}
	section, after, whole := bytes.Cut(append([]byte("\r\n"), rest...), []byte("\r\n\r\n"))
	if strings.Contains(strings.ReplaceAll(string(section), "\r\n", ""), "\n") {
		return nil, nil, nil, "bad"
	}
	if !whole {
		return nil, nil, nil, "short"
	}
	lines := strings.Split(string(section), "\r\n")[1:]
	trailer, ok := refFields(lines)
	if !ok || len(section) > 64<<10 {
		return nil, nil, nil, "bad"
	}
	return body, trailer, after, ""
}
