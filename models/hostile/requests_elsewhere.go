package hostile

const (
	bothFramings = "both framing fields: net/http serves the coding, and keeps the connection"
	oldCoding    = "net/http ignores a coding in HTTP/1.0, and closes behind the answer"
)

// framedElsewhere returns the outcomes with net/http, if framing fields have another
// outcome there.
func framedElsewhere(l, c value, http string) []Exception {
	if http != "HTTP/1.0" || c.means == absent || l.means == noLength || badField(c) {
		return nil
	}
	if l.means == three {
		return stdlib(`POST /p a "0\r\n"; closed`, oldCoding)
	}
	return stdlib(`POST /p a ""; closed`, oldCoding)
}

// framedToday returns the places where framing fields do not have the required outcome
// today.
func framedToday(l, c value, http string) []Todo {
	if http == "HTTP/1.1" && l.means == three && c.means == chunked {
		return todo("nethttp", bothFramings)
	}
	return nil
}

// badField reports whether a coding breaks the grammar of every field, so that a server
// refuses it before it looks at its meaning.
func badField(c value) bool {
	for i := range len(c.fields) - 1 {
		if b := c.fields[i]; b == 0x0b || b == 0 || b == ' ' && c.fields[i+1] == ':' {
			return true
		}
	}
	return false
}
