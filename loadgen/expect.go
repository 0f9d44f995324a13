package loadgen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"sync/atomic"

	"ancmbench"
)

// Expectation is an ancmbench.Expect prepared for judging many answers. It is safe for
// concurrent use; each answer needs its own Answer.
type Expectation struct {
	status statuses
	length int64 // -1 is any
	sum    []byte
	fields []field
	names  []string
	all    uint64 // one bit for each of fields
	// good is a body with the right hash. Later bodies are compared with it instead of
	// being hashed, which takes a tenth of the time.
	good atomic.Pointer[[]byte]
	part []byte // the body must contain it; empty is anything
	// watch compares the bodies with the first right one, and first is that one.
	watch bool
	first atomic.Pointer[seenBody]
}

// seenBody is a body as far as it is kept for comparing.
type seenBody struct {
	length int64
	begins []byte // at most keepBody bytes
}

type field struct {
	name  string // lower case
	value string
	model bool
}

const (
	maxFields = 64
	// keepBody limits the body that is kept for comparing; larger ones are hashed.
	keepBody = 64 << 10
)

// NewExpectation prepares e. It fails on an illegal status, a negative length, a
// malformed hash or too many header fields.
func NewExpectation(e ancmbench.Expect) (*Expectation, error) {
	x := &Expectation{length: -1}
	var err error
	if x.status, err = statusesOf(e); err != nil {
		return nil, err
	}
	if e.BodyBytes != nil {
		if x.length = *e.BodyBytes; x.length < 0 {
			return nil, fmt.Errorf("expected body of %d bytes: must not be negative", x.length)
		}
	}
	if e.BodySHA256 != "" {
		sum, err := hex.DecodeString(e.BodySHA256)
		if err != nil || len(sum) != sha256.Size {
			return nil, fmt.Errorf("expected body hash %q: must be 64 hexadecimal digits", e.BodySHA256)
		}
		x.sum = sum
	}
	x.part = []byte(e.BodyContains)
	if len(e.Header) > maxFields {
		return nil, fmt.Errorf("%d expected header fields: at most %d", len(e.Header), maxFields)
	}
	for i, h := range e.Header {
		x.fields = append(x.fields, field{strings.ToLower(h.Name), h.Value, strings.EqualFold(h.Name, ancmbench.ModelHeader)})
		x.all |= 1 << i
		x.names = append(x.names, x.fields[i].name)
	}
	return x, nil
}

// FieldNames returns the names of the expected header fields, in lower case. An engine
// need not pass other fields to Field. The caller must not change the slice.
func (x *Expectation) FieldNames() []string { return x.names }

// WantsBody reports whether the content of the body matters, not only its length.
func (x *Expectation) WantsBody() bool { return x.sum != nil || len(x.part) > 0 }

// Answer is the state of judging one answer, piece by piece. The zero value is ready to
// use.
type Answer struct {
	right  uint64 // fields seen with the right value
	length int64
	differ bool // the body is not the good one
	kept   []byte
	hash   hash.Hash
	hashed bool
	sum    [sha256.Size]byte
	found  bool   // the expected part of the body
	tail   []byte // of the body so far, in which the part may have begun
	varied bool   // the body is right, and not the first one
}

// Begin prepares a for another answer and keeps its memory.
func (a *Answer) Begin() {
	a.right, a.length, a.differ, a.hashed, a.found, a.varied = 0, 0, false, false, false, false
	a.kept, a.tail = a.kept[:0], a.tail[:0]
	if a.hash != nil {
		a.hash.Reset()
	}
}

// Field takes in one header field line as received, without the white space around its
// value. If a name occurs on several lines, any of them may have the right value.
func (x *Expectation) Field(a *Answer, name, value []byte) {
	for i := range x.fields {
		f := &x.fields[i]
		if len(f.name) == len(name) && equalFold(name, f.name) && string(value) == f.value {
			a.right |= 1 << i
		}
	}
}

// equalFold reports whether two names of one length are equal, without regard to the case
// of name, and without allocating. lower must be in lower case.
func equalFold(name []byte, lower string) bool {
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// Body takes in the next piece of the body, without its framing.
func (x *Expectation) Body(a *Answer, piece []byte) {
	at := a.length
	a.length += int64(len(piece))
	if len(x.part) > 0 && !a.found {
		a.search(x.part, piece)
	}
	if x.sum == nil {
		x.follow(a, at, piece)
		return
	}
	if a.differ {
		return
	}
	if !a.hashed && len(a.kept) == 0 {
		if good := x.good.Load(); good != nil {
			g := *good
			a.differ = a.length > int64(len(g)) || !bytes.Equal(g[at:a.length], piece)
			return
		}
	}
	if !a.hashed && a.length <= keepBody {
		a.kept = append(a.kept, piece...)
		return
	}
	if !a.hashed {
		a.hashed = true
		if a.hash == nil {
			a.hash = sha256.New()
		}
		a.hash.Write(a.kept)
	}
	a.hash.Write(piece)
}

// search looks for part in the body, of which piece is the next piece.
func (a *Answer) search(part, piece []byte) {
	if len(a.tail) > 0 { // it may have begun in an earlier piece
		a.tail = append(a.tail, piece[:min(len(piece), len(part)-1)]...)
		a.found = bytes.Contains(a.tail, part)
	}
	a.found = a.found || bytes.Contains(piece, part)
	if len(piece) >= len(part) {
		a.tail = append(a.tail[:0], piece[len(piece)-len(part)+1:]...)
		return
	}
	if len(a.tail) == 0 {
		a.tail = append(a.tail, piece...)
	}
	if over := len(a.tail) - len(part) + 1; over > 0 {
		a.tail = append(a.tail[:0], a.tail[over:]...)
	}
}

// follow compares the next piece of a body with the first body, or keeps it if there is
// none yet.
func (x *Expectation) follow(a *Answer, at int64, piece []byte) {
	if !x.watch || a.differ || at >= keepBody {
		return
	}
	piece = piece[:min(int64(len(piece)), keepBody-at)]
	first := x.first.Load()
	if first == nil || len(a.kept) > 0 {
		a.kept = append(a.kept, piece...)
		return
	}
	end := at + int64(len(piece))
	a.differ = end > int64(len(first.begins)) || !bytes.Equal(first.begins[at:end], piece)
}

// compare notes whether a right body is another one than the first.
func (x *Expectation) compare(a *Answer) {
	if !x.watch || x.sum != nil {
		return
	}
	first := x.first.Load()
	if first == nil && x.first.CompareAndSwap(nil, &seenBody{a.length, bytes.Clone(a.kept)}) {
		return
	}
	first = x.first.Load()
	a.varied = a.differ || a.length != first.length || len(a.kept) > 0 && !bytes.Equal(a.kept, first.begins)
}

// Varied reports whether the body of a right answer is another one than that of the first
// answer to the same request. Call it after Judge.
func (a *Answer) Varied() bool { return a.varied }

// Judge returns the outcome of a complete answer: BadStatus, WrongModel or WrongAnswer
// for its first difference, in that order, or else OK.
func (x *Expectation) Judge(a *Answer, status int) Outcome {
	if !x.status.has(status) {
		return BadStatus
	}
	if missing := x.all &^ a.right; missing != 0 {
		for i := range x.fields {
			if x.fields[i].model && missing&(1<<i) != 0 {
				return WrongModel
			}
		}
		return WrongAnswer
	}
	if x.length >= 0 && a.length != x.length || len(x.part) > 0 && !a.found || !x.bodyRight(a) {
		return WrongAnswer
	}
	x.compare(a)
	return OK
}

func (x *Expectation) bodyRight(a *Answer) bool {
	switch {
	case x.sum == nil:
		return true
	case a.differ:
		return false
	case a.hashed:
		return bytes.Equal(a.hash.Sum(a.sum[:0]), x.sum)
	}
	if len(a.kept) == 0 {
		if good := x.good.Load(); good != nil {
			return a.length == int64(len(*good))
		}
	}
	sum := sha256.Sum256(a.kept)
	if !bytes.Equal(sum[:], x.sum) {
		return false
	}
	good := bytes.Clone(a.kept)
	x.good.CompareAndSwap(nil, &good)
	return true
}
