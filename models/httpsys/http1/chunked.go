package http1

import "bytes"

// Limits of the overhead of a chunked body: one size line with its extensions,
// and the extensions of a whole body.
const (
	MaxChunkLine  = 1024
	maxExtensions = 16 << 10
)

// Chunked takes the data out of a chunked body (RFC 9112, 7.1). The zero value
// stands before the first chunk. It ends after the line of the last chunk: the
// trailer section that follows is a field section, found with End.
type Chunked struct {
	left       uint64 // of the chunk's data
	extensions int
	state      chunkState
}

type chunkState uint8

const (
	inSize chunkState = iota
	inData
	afterData
	afterLast
)

// Done reports whether the line of the last chunk has been taken.
func (c *Chunked) Done() bool { return c.state == afterLast }

// Next takes the next piece of data off the front of in and tells how many
// bytes of in are used up with it. No data and not Done means that more bytes
// are needed after those that were used; an unfinished size line is not used.
func (c *Chunked) Next(in []byte) (data []byte, used int, err error) {
	for {
		switch c.state {
		case inSize:
			n, err := c.size(in[used:])
			if err != nil || n == 0 {
				return nil, used, err
			}
			used += n
		case inData:
			if used == len(in) {
				return nil, used, nil
			}
			data = in[used:]
			if uint64(len(data)) > c.left {
				data = data[:c.left]
			}
			c.left -= uint64(len(data))
			used += len(data)
			if c.left == 0 {
				c.state = afterData
				// The line break comes with the data most of the time.
				if rest := in[used:]; len(rest) >= 2 && rest[0] == '\r' && rest[1] == '\n' {
					used += 2
					c.state = inSize
				}
			}
			return data, used, nil
		case afterData:
			rest := in[used:]
			if len(rest) > 0 && rest[0] != '\r' || len(rest) > 1 && rest[1] != '\n' {
				return nil, used, ErrChunk
			}
			if len(rest) < 2 {
				return nil, used, nil
			}
			used += 2
			c.state = inSize
		case afterLast:
			return nil, used, nil
		}
	}
}

// size takes a size line; n is 0 while it is unfinished.
func (c *Chunked) size(in []byte) (n int, err error) {
	eol := bytes.IndexByte(in[:min(len(in), MaxChunkLine)], '\n')
	if eol < 0 {
		if len(in) >= MaxChunkLine {
			return 0, ErrChunk
		}
		return 0, nil
	}
	if eol < 2 || in[eol-1] != '\r' {
		return 0, ErrChunk
	}
	line := in[:eol-1]
	var size uint64
	i := 0
	for ; i < len(line); i++ {
		d, ok := hexDigit(line[i])
		if !ok {
			break
		}
		if size >= 1<<56 { // leading zeros are no digits that count
			return 0, ErrChunk
		}
		size = size<<4 | uint64(d)
	}
	if i == 0 || i < len(line) && !extension(line[i:]) {
		return 0, ErrChunk
	}
	if c.extensions += len(line) - i; c.extensions > maxExtensions {
		return 0, ErrChunk
	}
	c.left, c.state = size, inData
	if size == 0 {
		c.state = afterLast
	}
	return eol + 1, nil
}

// extension accepts what may follow the size: white space, which is bad but to be
// accepted (RFC 9112, 7.1.1; RFC 9110, 5.6.3), ";" and no control characters.
// White space without an extension is no part of the grammar.
func extension(b []byte) bool {
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') {
		i++
	}
	return i < len(b) && b[i] == ';' && ValidValue(b)
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
