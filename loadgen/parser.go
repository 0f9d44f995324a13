package loadgen

import (
	"bytes"
)

// Step says how much of an answer has been read.
type Step uint8

// The steps.
const (
	More   Step = iota // more bytes are needed
	Whole              // the last byte was read
	Broken             // malformed: this is not HTTP/1.x
	Short              // the connection ended within the answer
	None               // the connection ended before the answer's first byte
)

// Places within an answer.
type place uint8

const (
	inHead place = iota
	inBody       // remain bytes are left
	inTail       // the body ends with the connection
	chunkSize
	chunkBlank // white space after a size; only an extension may follow it
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

// maxChunkLine limits the line of a chunk's size and extensions.
const maxChunkLine = 4096

// Parser parses one HTTP/1.x response from pieces of any size, and keeps only an
// unfinished head. It is strict (RFC 9112). Every engine uses it, so that all of them
// count the same bytes as malformed. Call Reset before each answer.
type Parser struct {
	head   head
	want   *Expectation
	judged Answer
	memo   *Memo // may be nil
	begun  bool  // a byte was read, of the answer or of an interim one

	place    place
	headOnly bool   // the request was HEAD
	digits   bool   // a chunk's size has begun
	fields   bool   // a trailer field was read, so that a folded line may follow
	line     uint16 // length of a chunk's line so far
	remain   int64  // of the body or of the chunk
	spent    int    // bytes used of MaxHead
	part     []byte // a head that arrived in pieces; usually empty
	why      string // why the answer is malformed
}

// keepPart limits the memory for heads in pieces that a connection keeps.
const keepPart = 4 << 10

// Reset prepares p for the answer to the next request; headOnly says that the request is
// HEAD. The memo may be nil.
func (p *Parser) Reset(want *Expectation, m *Memo, headOnly bool) {
	p.want, p.memo, p.headOnly = want, m, headOnly
	p.place, p.begun, p.spent = inHead, false, 0
	if cap(p.part) > keepPart {
		p.part = nil
	}
	p.part = p.part[:0]
	p.judged.Begin()
}

// Judge returns the outcome of a complete answer.
func (p *Parser) Judge() Outcome { return p.want.Judge(&p.judged, p.head.status) }

// Varied reports whether the body of a right answer is another one than that of the first
// answer to the same request. Call it after Judge.
func (p *Parser) Varied() bool { return p.judged.varied }

// Status returns the status of the last head that was read; 0 if there was none.
func (p *Parser) Status() int { return p.head.status }

// Closes reports whether the connection ends with this answer (RFC 9112 9.6).
func (p *Parser) Closes() bool { return p.head.close }

// Switched reports whether the answer switches to another protocol, so that the bytes
// after it are not HTTP.
func (p *Parser) Switched() bool { return p.head.status == 101 }

// Begun reports whether a byte of the answer was read.
func (p *Parser) Begun() bool { return p.begun }

// AtStart reports whether the answer was malformed from its first byte. Such bytes may be
// the rest of the previous answer.
func (p *Parser) AtStart() bool { return p.why == notHTTP || p.why == HTTP2Only }

// Why returns the reason why the answer is malformed, after Broken.
func (p *Parser) Why() string { return p.why }

func (p *Parser) broke(why string) Step {
	p.why = why
	return Broken
}

// Memo remembers a final head and what it means. A server sends the same head again and
// again, and comparing bytes is ten times cheaper than strict parsing.
type Memo struct {
	raw    []byte
	head   head
	fields uint64 // Answer.right
}

// maxMemo limits a remembered head.
const maxMemo = 4 << 10

// Feed parses the next bytes and returns how many of them belong to the answer.
func (p *Parser) Feed(b []byte) (n int, s Step) {
	n, _, s = p.feed(b, false)
	return n, s
}

// Strip is like Feed, for an answer that is passed on to a simpler reader. It moves b's
// bytes together, so that b[:kept] is the same answer without chunk extensions, leading
// zeros and trailers.
func (p *Parser) Strip(b []byte) (n, kept int, s Step) { return p.feed(b, true) }

func (p *Parser) feed(b []byte, strip bool) (n, kept int, s Step) {
	if len(b) > 0 {
		p.begun = true
	}
	dropped := 0
	for {
		switch {
		case p.place == inHead:
			used, s := p.feedHead(b[n:])
			n += used
			if s != Whole {
				return n, n, s
			}
			if st := p.head.status; st < 200 && st != 101 {
				continue // an interim answer (RFC 9110 15.2): the final one follows
			}
			if p.frame() {
				return n, n, Whole
			}
		case n == len(b):
			return n, n - dropped, More
		case p.place == inBody || p.place == chunkData:
			k := int(min(int64(len(b)-n), p.remain))
			p.take(b[n : n+k])
			if dropped > 0 {
				copy(b[n-dropped:], b[n:n+k])
			}
			n += k
			if p.remain -= int64(k); p.remain > 0 {
				return n, n - dropped, More
			}
			if p.place == inBody {
				return n, n, Whole
			}
			p.place = chunkDataCR
		case p.place == inTail:
			p.take(b[n:])
			return len(b), len(b), More
		default:
			drop := p.place == trailerLF || b[n] == '0' && p.place == chunkSize && p.digits && p.remain == 0
			n++
			switch s := p.feedChunk(b[n-1]); s {
			case Whole, Broken:
				if dropped > 0 {
					b[n-1-dropped] = b[n-1]
				}
				return n, n - dropped, s
			}
			switch {
			case !strip:
			case drop, p.place == chunkBlank, p.place == chunkExt, p.place == trailerName, p.place == trailerValue, p.place == trailerLF:
				dropped++
			case dropped > 0:
				b[n-1-dropped] = b[n-1]
			}
		}
	}
}

// EOF returns the step that the answer reaches when the connection ends.
func (p *Parser) EOF() Step {
	switch {
	case p.place == inTail:
		return Whole
	case !p.begun:
		return None
	default:
		return Short
	}
}

func (p *Parser) take(b []byte) {
	p.want.Body(&p.judged, b)
}

// frame decides where the body ends (RFC 9112 6.3), and reports whether there is no body,
// so that the answer is complete.
func (p *Parser) frame() bool {
	st := p.head.status
	switch {
	case p.headOnly, st == 204, st == 304, st == 101:
		return true
	case p.head.chunked:
		p.place, p.line, p.digits, p.remain = chunkSize, 0, false, 0
	case p.head.length == 0:
		return true
	case p.head.length > 0:
		p.place, p.remain = inBody, p.head.length
	default:
		p.place, p.head.close = inTail, true
	}
	return false
}

var headEnd = []byte("\r\n\r\n")

// feedHead looks for a complete head. It compares with the remembered head first.
func (p *Parser) feedHead(b []byte) (n int, s Step) {
	if len(p.part) == 0 {
		if m := p.memo; m != nil && len(m.raw) > 0 && len(b) >= len(m.raw) && string(b[:len(m.raw)]) == string(m.raw) {
			if p.spent += len(m.raw); p.spent > MaxHead {
				return 0, p.broke(headTooLong)
			}
			p.head = m.head
			p.judged.right = m.fields
			return len(m.raw), Whole
		}
		if i := bytes.Index(b, headEnd); i >= 0 {
			return i + 4, p.parseHead(b[:i+4])
		}
	}
	old := len(p.part)
	if room := MaxHead + 1 - p.spent - old; len(b) > room {
		b = b[:room]
	}
	p.part = append(p.part, b...)
	if i := bytes.Index(p.part[max(0, old-3):], headEnd); i >= 0 {
		end := max(0, old-3) + i + 4
		s = p.parseHead(p.part[:end])
		p.part = p.part[:0]
		return end - old, s
	}
	if len(p.part)+p.spent > MaxHead {
		return len(b), p.broke(headTooLong)
	}
	if why := implausible(p.part, max(0, old-1)); why != "" {
		return len(b), p.broke(why)
	}
	return len(b), More
}

// version is how every answer begins.
const version = "HTTP/1."

// IsAnswer reports whether b is, or can become, the beginning of an answer.
func IsAnswer(b []byte) bool {
	k := min(len(b), len(version))
	return string(b[:k]) == version[:k]
}

// SpeaksHTTP2 reports whether b begins with the frame with which every server begins a
// connection of HTTP/2: SETTINGS on stream 0, without acknowledgement (RFC 9113 3.4, 6.5).
func SpeaksHTTP2(b []byte) bool {
	return len(b) >= 9 && b[0] == 0 && b[3] == 4 && string(b[4:9]) == "\x00\x00\x00\x00\x00"
}

// IsTimeout reports whether b begins with status 408 (Request Timeout). A server may send
// it without a request when it closes an idle connection (RFC 9110 15.5.9).
func IsTimeout(b []byte) bool {
	return len(b) >= len("HTTP/1.1 408") && IsAnswer(b) && string(b[8:12]) == " 408"
}

// implausible returns why an unfinished head can never become a legal one, or "". So
// garbage is detected before the timeout. Bytes before from were checked earlier.
func implausible(b []byte, from int) string {
	switch {
	case SpeaksHTTP2(b):
		return HTTP2Only
	case !IsAnswer(b):
		return notHTTP
	}
	for {
		i := bytes.IndexByte(b[from:], '\n')
		if i < 0 {
			return ""
		}
		if from += i + 1; from < 2 || b[from-2] != '\r' {
			return bareLF
		}
	}
}

func (p *Parser) parseHead(raw []byte) Step {
	p.judged.right = 0 // fields of an interim answer do not count
	if p.spent += len(raw); p.spent > MaxHead {
		return p.broke(headTooLong)
	}
	if why := p.head.parse(raw, p.want, &p.judged); why != "" {
		return p.broke(why)
	}
	if m := p.memo; m != nil && p.head.status >= 200 && len(raw) <= maxMemo {
		m.raw, m.head, m.fields = append(m.raw[:0], raw...), p.head, p.judged.right
	}
	return Whole
}
