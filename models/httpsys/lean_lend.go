//go:build !windows

package httpsys

import "net/http"

// lend gives the socket away for one response that the front itself would write in one
// piece, with nothing of its own but its lines.
func (c *leanConn) lend(buf []byte) (fd int, lines []byte, ok bool) {
	x := &c.x
	if c.fd < 0 || c.tls != nil || x.Minor == 0 || x.Expect || x.began || x.Is(http.MethodHead) || len(x.Also) > 0 ||
		!c.complete || c.close || c.isEnding() || len(c.out) > 0 {
		return 0, nil, false
	}
	buf = append(buf, c.front.own...)
	return c.fd, append(buf, c.front.date(x.Start)...), true
}

// sent goes on behind such a response.
func (c *leanConn) sent(rest []byte) {
	c.mode, c.says = noBody, 0
	c.out = append(c.out, rest...)
}
