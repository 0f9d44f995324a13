package wire

import (
	"bytes"

	"ancmbench/loadgen"
)

// step is how far an answer has come.
type step uint8

const (
	more   step = iota // needs further bytes
	whole              // the last byte has been seen
	broken             // this is not HTTP/1.x: malformed
	short              // the connection ended within the answer
	none               // the connection ended before the answer's first byte
)

// Places within an answer.
type place uint8

const (
	inHead place = iota
	inBody       // remain bytes are left
	inTail       // the body goes on until the connection ends
	chunkSize
	chunkExt
	chunkSizeLF
	chunkData
	chunkDataCR
	chunkDataLF
	trailerStart
	trailerName
	trailerValue
	trailerLF
	trailersLF
)

// maxChunkLine bounds the line of a chunk's size and extensions.
const maxChunkLine = 4096

// answer takes in one response as its bytes come, in any pieces, and keeps no
// more of it than an unfinished head. reset readies it for each answer.
type answer struct {
	head   head
	want   *loadgen.Expectation
	judged loadgen.Answer
	memo   *memo // may be nil
	begun  bool  // a byte of an answer has been seen, of an interim one too

	place    place
	headOnly bool   // the request was HEAD
	digits   bool   // a chunk's size has begun
	line     uint16 // length of a chunk's line so far
	remain   int64  // of the body or of the chunk
	spent    int    // of maxHead
	part     []byte // a head that came in pieces; empty in steady state
}

// keepPart is how much memory for heads in pieces a connection keeps.
const keepPart = 4 << 10

// reset readies a for the answer to the next request.
func (a *answer) reset(want *loadgen.Expectation, m *memo, headOnly bool) {
	a.want, a.memo, a.headOnly = want, m, headOnly
	a.place, a.begun, a.spent = inHead, false, 0
	if cap(a.part) > keepPart {
		a.part = nil
	}
	a.part = a.part[:0]
	a.judged.Begin()
}

// judge compares a whole answer with what was expected.
func (a *answer) judge() loadgen.Outcome { return a.want.Judge(&a.judged, a.head.status) }

// memo remembers a final head and what was found in it. A server sends the same
// head again and again, and comparing is ten times cheaper than parsing
// strictly: a head that is the same byte for byte has the same meaning.
type memo struct {
	raw    []byte
	head   head
	fields uint64 // loadgen.Answer.Fields
}

// maxMemo bounds a remembered head.
const maxMemo = 4 << 10

// feed takes in the next bytes and tells how many of them belong to the answer.
func (a *answer) feed(b []byte) (n int, s step) {
	if len(b) > 0 {
		a.begun = true
	}
	for {
		switch {
		case a.place == inHead:
			used, s := a.feedHead(b[n:])
			n += used
			if s != whole {
				return n, s
			}
			if st := a.head.status; st < 200 && st != 101 {
				continue // an interim answer (RFC 9110 15.2): the final one follows
			}
			if a.frame() {
				return n, whole
			}
		case n == len(b):
			return n, more
		case a.place == inBody || a.place == chunkData:
			k := int(min(int64(len(b)-n), a.remain))
			a.take(b[n : n+k])
			n += k
			if a.remain -= int64(k); a.remain > 0 {
				return n, more
			}
			if a.place == inBody {
				return n, whole
			}
			a.place = chunkDataCR
		case a.place == inTail:
			a.take(b[n:])
			return len(b), more
		default:
			n++
			switch s := a.feedChunk(b[n-1]); s {
			case whole, broken:
				return n, s
			}
		}
	}
}

// eof says what the end of the connection means for the answer.
func (a *answer) eof() step {
	switch {
	case a.place == inTail:
		return whole
	case !a.begun:
		return none
	default:
		return short
	}
}

func (a *answer) take(b []byte) {
	a.want.Body(&a.judged, b)
}

// frame decides where the body ends (RFC 9112 6.3), and reports whether the
// answer is whole without one.
func (a *answer) frame() bool {
	st := a.head.status
	switch {
	case a.headOnly, st == 204, st == 304, st == 101:
		return true
	case a.head.chunked:
		a.place, a.line, a.digits, a.remain = chunkSize, 0, false, 0
	case a.head.length == 0:
		return true
	case a.head.length > 0:
		a.place, a.remain = inBody, a.head.length
	default:
		a.place, a.head.close = inTail, true
	}
	return false
}

var headEnd = []byte("\r\n\r\n")

// feedHead looks for a whole head, first as the one remembered.
func (a *answer) feedHead(b []byte) (n int, s step) {
	if len(a.part) == 0 {
		if m := a.memo; m != nil && len(m.raw) > 0 && len(b) >= len(m.raw) && string(b[:len(m.raw)]) == string(m.raw) {
			if a.spent += len(m.raw); a.spent > maxHead {
				return 0, broken
			}
			a.head = m.head
			a.judged.Recall(m.fields)
			return len(m.raw), whole
		}
		if i := bytes.Index(b, headEnd); i >= 0 {
			return i + 4, a.parseHead(b[:i+4])
		}
	}
	old := len(a.part)
	if room := maxHead + 1 - a.spent - old; len(b) > room {
		b = b[:room]
	}
	a.part = append(a.part, b...)
	if i := bytes.Index(a.part[max(0, old-3):], headEnd); i >= 0 {
		end := max(0, old-3) + i + 4
		s = a.parseHead(a.part[:end])
		a.part = a.part[:0]
		return end - old, s
	}
	if len(a.part)+a.spent > maxHead || !plausible(a.part, max(0, old-1)) {
		return len(b), broken
	}
	return len(b), more
}

// plausible tells early whether an unfinished head can become one, so that
// garbage is found out before the timeout. Bytes before from were looked at.
func plausible(b []byte, from int) bool {
	const version = "HTTP/1."
	k := min(len(b), len(version))
	if string(b[:k]) != version[:k] {
		return false
	}
	for {
		i := bytes.IndexByte(b[from:], '\n')
		if i < 0 {
			return true
		}
		if from += i + 1; from < 2 || b[from-2] != '\r' {
			return false
		}
	}
}

func (a *answer) parseHead(raw []byte) step {
	a.judged.Recall(0) // fields of an interim answer do not count
	if a.spent += len(raw); a.spent > maxHead || !a.head.parse(raw, a.want, &a.judged) {
		return broken
	}
	if m := a.memo; m != nil && a.head.status >= 200 && len(raw) <= maxMemo {
		m.raw, m.head, m.fields = append(m.raw[:0], raw...), a.head, a.judged.Fields()
	}
	return whole
}
