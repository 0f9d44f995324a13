package diagnostics

import (
	"encoding/binary"
	"math"
	"unicode/utf16"
)

// reader takes values from a message. After one that is not whole, failed is true and all
// further values are zero.
type reader struct {
	b      []byte
	failed bool
}

// take returns the next n bytes, and nil if there are fewer.
func (r *reader) take(n int) []byte {
	if r.failed || n < 0 || n > len(r.b) {
		r.failed, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) float32() float64 { return float64(math.Float32frombits(r.uint32())) }

func (r *reader) float64() float64 { return math.Float64frombits(r.uint64()) }

// varint takes a number of variable length: seven bits a byte, the lowest first.
func (r *reader) varint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.failed, r.b = true, nil
		return 0
	}
	r.take(n)
	return v
}

// counted takes a UTF-16 string with its length in front, its last character a zero.
func (r *reader) counted() string {
	n := int(r.uint32())
	if n == 0 {
		return ""
	}
	text := characters(r.take(2 * n))
	if len(text) > 0 && text[len(text)-1] == 0 {
		text = text[:len(text)-1]
	}
	return string(utf16.Decode(text))
}

// ended takes a UTF-16 string that ends with a zero.
func (r *reader) ended() string {
	for i := 0; i+1 < len(r.b); i += 2 {
		if r.b[i] == 0 && r.b[i+1] == 0 {
			text := characters(r.take(i))
			r.take(2)
			return string(utf16.Decode(text))
		}
	}
	r.failed, r.b = true, nil
	return ""
}

func characters(b []byte) []uint16 {
	out := make([]uint16, len(b)/2)
	for i := range out {
		out[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return out
}

// appendCounted appends a string as counted takes it.
func appendCounted(b []byte, text string) []byte {
	units := append(utf16.Encode([]rune(text)), 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(units)))
	for _, u := range units {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}
