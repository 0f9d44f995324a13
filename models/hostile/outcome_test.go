package hostile_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// endRequest follows every request: it is answered only on a connection that is
// still in step.
const endRequest = "GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

// patience bounds what must come; nothing that passes waits for it.
const patience = 20 * time.Second

// exchange sends pieces, each with a write of its own, and the end request behind the
// last, and gives the outcome as hostile.Request has it.
func exchange(p *place, dial func() (net.Conn, string, error), pieces ...string) string {
	c, client, err := dial()
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	pieces[len(pieces)-1] += endRequest
	go func() { // a server may answer, and close, before it has read all
		for _, piece := range pieces {
			if _, err := io.WriteString(c, piece); err != nil {
				return
			}
		}
	}()
	all, err := io.ReadAll(c)
	if n, ok := err.(net.Error); ok && n.Timeout() {
		return fmt.Sprintf("no end; so far %.200q", all)
	}
	return outcome(all, p.app.take(client))
}

// outcome returns what became of one connection: what came back, and what the app saw.
func outcome(answers []byte, seen []sight) string {
	var parts []string
	r := bufio.NewReader(bytes.NewReader(answers))
	announced := true // a connection that ends without an answer needs no announcement
	for {
		status, err := r.Peek(len("HTTP/1.1 200"))
		if err != nil {
			if len(status) > 0 {
				parts = append(parts, fmt.Sprintf("garbage %q", status))
			}
			break
		}
		method := http.MethodGet
		if len(seen) > 0 && string(status[9:]) == "200" {
			method = seen[0].method
		}
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			parts = append(parts, fmt.Sprintf("garbage: %v", err))
			break
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			parts = append(parts, fmt.Sprintf("%d cut off", resp.StatusCode))
			break
		}
		if resp.StatusCode < 200 {
			continue
		}
		announced = resp.Close
		switch {
		case resp.StatusCode != http.StatusOK:
			parts = append(parts, strconv.Itoa(resp.StatusCode))
		case len(seen) == 0:
			parts = append(parts, "200 by nobody")
		case strings.HasPrefix(seen[0].text, "GET /end a "):
			parts, seen = append(parts, "kept"), seen[1:]
		default:
			parts, seen = append(parts, seen[0].text), seen[1:]
		}
	}
	for _, s := range seen {
		parts = append(parts, "unanswered "+s.text)
	}
	if len(parts) == 0 || parts[len(parts)-1] != "kept" {
		parts = append(parts, "closed")
	}
	if !announced {
		parts = append(parts, "without saying so")
	}
	return strings.Join(parts, "; ")
}
