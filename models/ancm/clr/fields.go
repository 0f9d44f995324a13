//go:build clr && linux && amd64 && cgo

package clr

/*
#include "half.h"
*/
import "C"

import (
	"unsafe"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// Numbers of known fields that this package itself needs.
const (
	knownConnection = 1
	knownTransfer   = 6
	knownUpgrade    = 7
	knownLength     = 11
	knownCookie     = 25
	knownHost       = 28
)

// both are the names of the known fields, by their numbers, that requests and responses
// share.
var both = []string{
	"Cache-Control", "Connection", "Date", "Keep-Alive", "Pragma", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Warning",
	"Allow", "Content-Length", "Content-Type", "Content-Encoding", "Content-Language", "Content-Location", "Content-MD5",
	"Content-Range", "Expires", "Last-Modified",
}

// knownRequest has the lower-case names of the known fields of requests by their length.
var knownRequest = func() (byLength [20][]knownName) {
	names := append(both[:len(both):len(both)], "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language",
		"Authorization", "Cookie", "Expect", "From", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
		"If-Unmodified-Since", "Max-Forwards", "Proxy-Authorization", "Referer", "Range", "TE", "Translate", "User-Agent")
	for i, name := range names {
		byLength[len(name)] = append(byLength[len(name)], knownName{lower(name), i})
	}
	return byLength
}()

type knownName struct {
	lower string
	id    int
}

func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// knownID returns the number of a known field of a request, -1 for another.
func knownID(name []byte) int {
	if len(name) < len(knownRequest) {
		for _, k := range knownRequest[len(name)] {
			if http1.EqualFold(name, k.lower) {
				return k.id
			}
		}
	}
	return -1
}

// fillFields writes the request's fields. It fails if there are more than can be given.
func (s *slot) fillFields(x *httpsys.Exchange, r *C.raw_request) error {
	fields := merged(x.Fields)
	s.align()
	unknown := unsafe.Slice((*C.unknown_field)(unsafe.Pointer(&s.text[s.used])), len(fields)+1)
	s.used += len(unknown) * int(unsafe.Sizeof(unknown[0]))
	n := 0
	for i := range fields {
		f := &fields[i]
		if len(f.Value) > most || len(f.Name) > most || n == most {
			return errTooLarge
		}
		value, length := s.put(f.Value), C.uint16_t(len(f.Value))
		if id := knownID(f.Name); id >= 0 {
			r.fields.known[id] = C.known_field{value: value, length: length}
			continue
		}
		unknown[n] = C.unknown_field{name: s.put(f.Name), name_length: C.uint16_t(len(f.Name)), value: value, length: length}
		n++
	}
	r.fields.unknown, r.fields.unknown_count = &unknown[0], C.uint16_t(n)
	if len(x.Host) > 0 {
		r.fields.known[knownHost] = C.known_field{value: s.put(x.Host), length: C.uint16_t(len(x.Host))}
	}
	if x.Length < 0 && r.fields.known[knownTransfer].length == 0 { // HTTP/2: only so the server knows of a body
		r.fields.known[knownTransfer] = C.known_field{value: s.put([]byte("chunked")), length: 7}
	}
	return nil
}

// most is the length of a name or a value, and the number of unknown fields, that 16
// bits can say.
const most = 65535

// manyFields is the number of fields from which on a map finds a name sooner.
const manyFields = 32

// merged returns the fields with all lines of a name as one (RFC 9110, 5.3; Cookie: RFC
// 9113, 8.2.3): of several unknown ones the app would see the last.
func merged(fields []httpsys.Field) []httpsys.Field {
	if len(fields) <= manyFields && !repeats(fields) {
		return fields
	}
	out := make([]httpsys.Field, 0, len(fields))
	at := make(map[string]int, len(fields))
	for _, f := range fields {
		name := lower(string(f.Name))
		i, again := at[name]
		if !again {
			at[name] = len(out)
			f.Value = f.Value[:len(f.Value):len(f.Value)] // what is appended goes elsewhere
			out = append(out, f)
			continue
		}
		between := ", "
		if name == "cookie" {
			between = "; "
		}
		out[i].Value = append(append(out[i].Value, between...), f.Value...)
	}
	return out
}

func repeats(fields []httpsys.Field) bool {
	for i := range fields {
		for k := range i {
			if len(fields[k].Name) == len(fields[i].Name) && foldEqual(fields[k].Name, fields[i].Name) {
				return true
			}
		}
	}
	return false
}

// foldEqual reports whether two names of the same length differ in case only.
func foldEqual(a, b []byte) bool {
	for i := range a {
		x, y := a[i], b[i]
		if x != y && (x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z') {
			return false
		}
	}
	return true
}
