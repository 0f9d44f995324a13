package wire

// maxChunk keeps a sum of sizes far from overflow.
const maxChunk = 1 << 56

// feedChunk takes in one byte of chunked framing (RFC 9112 7.1): the line of a
// size with its extensions, the ends of lines, and the trailer section. The
// chunks' data do not come here.
func (a *answer) feedChunk(c byte) step {
	switch a.place {
	case chunkSize, chunkExt:
		if a.line++; a.line > maxChunkLine {
			return broken
		}
		return a.feedChunkLine(c)
	case chunkSizeLF:
		if c != '\n' {
			return broken
		}
		a.place = chunkData
		if a.remain == 0 {
			a.place = trailerStart
		}
	case chunkDataCR:
		if c != '\r' {
			return broken
		}
		a.place = chunkDataLF
	case chunkDataLF:
		if c != '\n' {
			return broken
		}
		a.place, a.line, a.digits = chunkSize, 0, false
	default:
		if a.spent++; a.spent > maxHead {
			return broken
		}
		return a.feedTrailer(c)
	}
	return more
}

func (a *answer) feedChunkLine(c byte) step {
	if a.place == chunkExt {
		switch {
		case c == '\r':
			a.place = chunkSizeLF
		case !vchar[c]:
			return broken
		}
		return more
	}
	if v, ok := hexDigit(c); ok {
		if a.remain > maxChunk {
			return broken
		}
		a.remain = a.remain<<4 | int64(v)
		a.digits = true
		return more
	}
	switch {
	case !a.digits:
		return broken
	case c == ';':
		a.place = chunkExt
	case c == '\r':
		a.place = chunkSizeLF
	default:
		return broken
	}
	return more
}

func (a *answer) feedTrailer(c byte) step {
	switch a.place {
	case trailerStart:
		switch {
		case c == '\r':
			a.place = trailersLF
		case tchar[c]:
			a.place = trailerName
		default:
			return broken
		}
	case trailerName:
		switch {
		case c == ':':
			a.place = trailerValue
		case !tchar[c]:
			return broken
		}
	case trailerValue:
		switch {
		case c == '\r':
			a.place = trailerLF
		case !vchar[c]:
			return broken
		}
	case trailerLF:
		if c != '\n' {
			return broken
		}
		a.place = trailerStart
	case trailersLF:
		if c != '\n' {
			return broken
		}
		return whole
	}
	return more
}

func hexDigit(c byte) (v byte, ok bool) {
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
