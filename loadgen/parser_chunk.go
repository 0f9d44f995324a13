package loadgen

// maxChunk keeps a sum of sizes far from overflow.
const maxChunk = 1 << 56

// feedChunk parses one byte of chunked framing (RFC 9112 7.1): a size with its
// extensions, line ends and trailers, but not the chunks' data.
func (p *Parser) feedChunk(c byte) Step {
	switch p.place {
	case chunkSize, chunkBlank, chunkExt:
		if p.line++; p.line > maxChunkLine {
			return p.broke(longLine)
		}
		return p.feedChunkLine(c)
	case chunkSizeLF:
		if c != '\n' {
			return p.broke(bareCR)
		}
		p.place = chunkData
		if p.remain == 0 {
			p.place, p.fields = trailerStart, false
		}
	case chunkDataCR:
		if c != '\r' {
			return p.broke(openChunk)
		}
		p.place = chunkDataLF
	case chunkDataLF:
		if c != '\n' {
			return p.broke(openChunk)
		}
		p.place, p.line, p.digits = chunkSize, 0, false
	default:
		if p.spent++; p.spent > MaxHead {
			return p.broke(headTooLong)
		}
		return p.feedTrailer(c)
	}
	return More
}

func (p *Parser) feedChunkLine(c byte) Step {
	switch p.place {
	case chunkExt:
		switch {
		case c == '\r':
			p.place = chunkSizeLF
		case !vchar[c]:
			return p.broke(badChunk)
		}
		return More
	case chunkBlank: // "bad" white space, which a recipient must accept (RFC 9110 5.6.3)
		switch c {
		case ';':
			p.place = chunkExt
		case ' ', '\t':
		default:
			return p.broke(badChunk)
		}
		return More
	}
	if v, ok := hexDigit(c); ok {
		if p.remain > maxChunk {
			return p.broke(longChunk)
		}
		p.remain = p.remain<<4 | int64(v)
		p.digits = true
		return More
	}
	switch {
	case !p.digits:
		return p.broke(badChunk)
	case c == ';':
		p.place = chunkExt
	case c == ' ' || c == '\t':
		p.place = chunkBlank
	case c == '\r':
		p.place = chunkSizeLF
	default:
		return p.broke(badChunk)
	}
	return More
}

func (p *Parser) feedTrailer(c byte) Step {
	switch p.place {
	case trailerStart:
		switch {
		case c == '\r':
			p.place = trailersLF
		case tchar[c]:
			p.place, p.fields = trailerName, true
		case p.fields && (c == ' ' || c == '\t'): // the previous field continues (RFC 9112 5.2)
			p.place = trailerValue
		default:
			return p.broke(badTrailer)
		}
	case trailerName:
		switch {
		case c == ':':
			p.place = trailerValue
		case !tchar[c]:
			return p.broke(badTrailer)
		}
	case trailerValue:
		switch {
		case c == '\r':
			p.place = trailerLF
		case !vchar[c]:
			return p.broke(badTrailer)
		}
	case trailerLF:
		if c != '\n' {
			return p.broke(badTrailer)
		}
		p.place = trailerStart
	case trailersLF:
		if c != '\n' {
			return p.broke(badTrailer)
		}
		return Whole
	}
	return More
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
