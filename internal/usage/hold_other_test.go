//go:build !linux

package usage

// hold allocates n bytes and touches each page, so that they are resident.
func hold(n int) ([]byte, error) {
	b := make([]byte, n)
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	return b, nil
}
