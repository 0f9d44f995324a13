package ancmbench

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// The HdrHistogram V2 encoding has eight bytes of cookie and length, and then,
// compressed, a header of forty bytes and one number per bucket or per run of empty
// buckets. It is read directly into the compact form, because the library's own reader
// fills a counts array of 270 kB for each histogram, and a results file has thousands.
const (
	cookiePlain      = 0x1c849303
	cookieCompressed = 0x1c849304
	cookieMask       = ^uint32(0xf0) // leaves out the word size, which V2 does not use
)

// unpacker holds the buffers for reading one histogram; they are reused for the next.
type unpacker struct {
	source  bytes.Reader
	inflate io.ReadCloser // nil before the first
	counts  bufio.Reader
	packer  packer
}

var unpackers = sync.Pool{New: func() any { return new(unpacker) }}

// readCompact decodes base64 text. It returns nil if the histogram is empty.
func readCompact(text string) (*compact, error) {
	blob, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	if len(blob) < 8 {
		return nil, fmt.Errorf("%d bytes are too short", len(blob))
	}
	if cookie := binary.BigEndian.Uint32(blob) & cookieMask; cookie != cookieCompressed {
		return nil, fmt.Errorf("cookie %#x: only the compressed V2 encoding is read", cookie)
	}
	length := binary.BigEndian.Uint32(blob[4:])
	if int64(length) > int64(len(blob)-8) {
		return nil, fmt.Errorf("%d of %d bytes", len(blob)-8, length)
	}
	u := unpackers.Get().(*unpacker)
	defer unpackers.Put(u)
	return u.read(blob[8 : 8+length])
}

func (u *unpacker) read(packed []byte) (*compact, error) {
	u.source.Reset(packed)
	var err error
	if u.inflate == nil {
		u.inflate, err = zlib.NewReader(&u.source)
	} else {
		err = u.inflate.(zlib.Resetter).Reset(&u.source, nil)
	}
	if err != nil {
		return nil, err
	}
	u.counts.Reset(u.inflate)
	var head [40]byte
	if _, err := io.ReadFull(&u.counts, head[:]); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	length, err := payloadOf(head)
	if err != nil {
		return nil, err
	}
	u.packer.reset()
	if err := u.unpack(length); err != nil {
		return nil, err
	}
	// Read up to EOF: only then is the checksum verified.
	if _, err := u.counts.ReadByte(); err == nil {
		return nil, errors.New("continues after its end")
	} else if err != io.EOF {
		return nil, err
	}
	return u.packer.pack(), nil
}

// payloadOf returns the length of the data after the header. It fails on any other
// geometry.
func payloadOf(head [40]byte) (int64, error) {
	if cookie := binary.BigEndian.Uint32(head[:]) & cookieMask; cookie != cookiePlain {
		return 0, fmt.Errorf("cookie %#x: only V2 is read", cookie)
	}
	digits := int32(binary.BigEndian.Uint32(head[12:]))
	low, high := int64(binary.BigEndian.Uint64(head[16:])), int64(binary.BigEndian.Uint64(head[24:]))
	if low != int64(HistogramMin) || high != int64(HistogramMax) || digits != HistogramDigits {
		return 0, fmt.Errorf("geometry %d to %d ns with %d digits is not this project's", low, high, digits)
	}
	length := int32(binary.BigEndian.Uint32(head[4:]))
	if length < 0 {
		return 0, fmt.Errorf("length %d", length)
	}
	return int64(length), nil
}

// unpack reads length bytes of numbers. A positive number is the count of a bucket; a
// negative one stands for that many empty buckets.
func (u *unpacker) unpack(length int64) error {
	for place := 0; length > 0; {
		v, n, err := zigzag(&u.counts)
		if length -= int64(n); err == nil && length < 0 {
			err = errors.New("a number continues after the stated length")
		}
		switch {
		case err != nil:
			return fmt.Errorf("bucket %d: %w", place, err)
		case v < int64(place-places) || v >= 0 && place == places:
			return fmt.Errorf("bucket %d: beyond the last bucket", place)
		case v > maxSamples-u.packer.total:
			return fmt.Errorf("bucket %d: more samples than can be counted", place)
		case v < 0:
			place -= int(v)
			continue
		case v > 0:
			u.packer.add(place, v)
		}
		place++
	}
	return nil
}

// zigzag reads a number of at most nine bytes: seven bits from each, the least
// significant first, and all eight bits of the ninth. The lowest bit is the sign.
func zigzag(r io.ByteReader) (v int64, n int, err error) {
	var bits uint64
	for n < 9 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, n, io.ErrUnexpectedEOF
		}
		if n++; n == 9 {
			bits |= uint64(b) << 56
			break
		}
		bits |= uint64(b&0x7f) << (7 * (n - 1))
		if b&0x80 == 0 {
			break
		}
	}
	return int64(bits>>1) ^ -int64(bits&1), n, nil
}
