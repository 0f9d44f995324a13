package usage

// decimal parses an unsigned number; ok is false if there are other characters than
// digits or the number is too large.
func decimal(b []byte) (n uint64, ok bool) {
	if len(b) == 0 || len(b) > 19 { // 19 digits always fit
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}
