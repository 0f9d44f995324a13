package app

import (
	"io"
	"net/http"
	"strconv"

	"github.com/coder/websocket"
)

// MaxMessage bounds one message of /ws, in bytes.
const MaxMessage = 1 << 20

// sink takes a body and keeps nothing of it.
func sink(w http.ResponseWriter, r *http.Request) {
	buf := make([]byte, 16<<10)
	var n int64
	for {
		m, err := r.Body.Read(buf)
		n += int64(m)
		if err == io.EOF {
			break
		}
		if err != nil {
			refuse(w, err, false)
			return
		}
	}
	text := strconv.FormatInt(n, 10)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)+1))
	_, _ = io.WriteString(w, text+"\n") // the client may have gone
}

// socket sends every message back, with its type, until the client goes. A
// request that asks for no upgrade is answered 426 by Accept.
func socket(w http.ResponseWriter, r *http.Request) {
	// Origins are not checked: there is nothing here that a page could steal, and
	// behind a proxy the Host may be another.
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true,
		CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = c.CloseNow() }()
	c.SetReadLimit(MaxMessage)
	for {
		kind, message, err := c.Read(r.Context())
		if err != nil {
			return
		}
		if err := c.Write(r.Context(), kind, message); err != nil {
			return
		}
	}
}
