package ancm

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// bufferedBody is the number of bytes of a body that are held back to see whether it
// ends there. net/http holds back as many, so that the same app sends the same bytes.
const bufferedBody = 2048

// scratch is memory that never reaches the app.
type scratch struct {
	text   []byte
	fields []httpsys.Field
	body   []byte // capacity bufferedBody
}

var scratches = sync.Pool{New: func() any { return &scratch{body: make([]byte, 0, bufferedBody)} }}

// response is the app's http.ResponseWriter over a native response.
type response struct {
	x       *httpsys.Exchange
	request *http.Request
	asked   *body
	header  http.Header
	*scratch

	over     atomic.Bool // ServeHTTP has returned
	status   int         // 0 until WriteHeader
	declared int64       // Content-Length that the app has set, -1 if none
	written  int64
	sent     bool // the native head was written
	hijacked bool
	sniff    bool // no Content-Type was set
	trailers []string
}

var errOver = errors.New("http: the handler has returned: its ResponseWriter is not to be used any more")

func (w *response) Header() http.Header { return w.header }

// WriteHeader notes the header as it is now. It is sent when it is known whether the
// body ends with its first bytes.
func (w *response) WriteHeader(status int) {
	if w.over.Load() || w.hijacked || w.status != 0 {
		return // net/http logs these; a library does not log
	}
	if status < 100 || status > 999 {
		panic("invalid WriteHeader code " + strconv.Itoa(status))
	}
	if status < 200 && status != http.StatusSwitchingProtocols {
		w.snapshot()
		_ = w.x.Inform(status, w.fields) // the next write will tell
		return
	}
	w.status, w.declared = status, -1
	if v := w.header.Get("Content-Length"); v != "" {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && n >= 0 {
			w.declared = n
		}
	}
	if strings.EqualFold(w.header.Get("Connection"), "close") {
		w.x.CloseAfter()
	}
	for _, v := range w.header["Trailer"] {
		for name := range strings.SplitSeq(v, ",") {
			w.trailers = append(w.trailers, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	_, typed := w.header["Content-Type"]
	w.sniff = !typed && w.header.Get("Content-Encoding") == ""
	w.snapshot()
}

// snapshot makes fields of the header as it is now.
func (w *response) snapshot() {
	w.text, w.fields = w.text[:0], w.fields[:0]
	for name, values := range w.header {
		if strings.HasPrefix(name, http.TrailerPrefix) || w.isTrailer(name) {
			continue
		}
		for _, v := range values {
			w.addField(name, v)
		}
	}
}

func (w *response) isTrailer(name string) bool {
	for _, t := range w.trailers {
		if t == name {
			return true
		}
	}
	return false
}

// addField appends a field whose bytes lie in w.text. When that grows, earlier fields
// keep the old memory. It drops what is no valid field, and puts spaces for line breaks
// in a value, as net/http does.
func (w *response) addField(name, value string) {
	at := len(w.text)
	w.text = append(append(w.text, name...), value...)
	n := at + len(name)
	if !http1.ValidToken(w.text[at:n]) {
		return
	}
	for i := n; i < len(w.text); i++ {
		if w.text[i] == '\r' || w.text[i] == '\n' {
			w.text[i] = ' '
		}
	}
	w.fields = append(w.fields, http1.MakeAt(w.text, at, n, n, len(w.text)))
}

func (w *response) Write(p []byte) (int, error) { return write(w, p) }

func (w *response) WriteString(s string) (int, error) { return write(w, s) }

func write[T string | []byte](w *response, p T) (int, error) {
	switch {
	case w.over.Load():
		return 0, errOver
	case w.hijacked:
		return 0, http.ErrHijacked
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified || w.status < 200 {
		return 0, http.ErrBodyNotAllowed
	}
	if w.declared >= 0 && w.written+int64(len(p)) > w.declared {
		return 0, http.ErrContentLength
	}
	w.written += int64(len(p))
	if !w.sent && len(w.body)+len(p) <= bufferedBody {
		w.body = append(w.body, p...)
		return len(p), nil
	}
	if err := w.send(false, []byte(p[:min(len(p), 512)])); err != nil {
		return 0, err
	}
	return w.x.Write([]byte(p))
}

// send writes the native head, unless that was done, and the bytes that were held back.
// whole says that nothing follows; next is what follows, for sniffing.
func (w *response) send(whole bool, next []byte) error {
	if w.sent {
		return nil
	}
	w.sent = true
	head := w.x.Is(http.MethodHead)
	length := w.declared
	if length < 0 && whole && w.status != http.StatusNotModified && (!head || len(w.body) > 0) {
		length = int64(len(w.body))
	}
	if w.sniff && (len(w.body) > 0 || len(next) > 0) {
		w.addField("Content-Type", http.DetectContentType(append(w.body[:len(w.body):len(w.body)], next...)))
	}
	w.asked.closeIfCut()
	if err := w.x.WriteHead(w.status, w.fields, length); err != nil {
		return err
	}
	if len(w.body) == 0 {
		return nil
	}
	_, err := w.x.Write(w.body)
	return err
}

// FlushError sends what was written so far.
func (w *response) FlushError() error {
	if w.over.Load() {
		return errOver
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if err := w.send(false, nil); err != nil {
		return err
	}
	return w.x.Flush()
}

func (w *response) Flush() { _ = w.FlushError() } // http.Flusher has no error

// EnableFullDuplex does nothing: body and response are independent anyway.
func (w *response) EnableFullDuplex() error { return nil }

// Hijack hands the client's connection over to the app. It fails if a response has
// begun, or the front cannot give the connection away.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	switch {
	case w.over.Load():
		return nil, nil, errOver
	case w.hijacked:
		return nil, nil, http.ErrHijacked
	case w.sent:
		return nil, nil, errors.New("http: the response has begun already")
	}
	w.x.Unwatch()
	take := w.x.Hijack
	if w.status == http.StatusSwitchingProtocols { // said before the connection is taken, as net/http has it
		take = w.switchProtocols
	}
	conn, read, err := take()
	if err != nil {
		return nil, nil, errors.Join(http.ErrNotSupported, err)
	}
	w.hijacked = true
	return hijacked(conn, read)
}

// switchProtocols takes the connection over with the 101 that the app has written.
func (w *response) switchProtocols() (net.Conn, []byte, error) {
	protocol := w.header.Get("Upgrade")
	w.header.Del("Upgrade") // these two are Switch's to write
	w.header.Del("Connection")
	w.snapshot()
	return w.x.Switch(protocol, w.fields)
}

// end completes the response when the handler has returned.
func (w *response) end() {
	if w.hijacked {
		return
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	bodyless := w.x.Is(http.MethodHead) || w.status == http.StatusNoContent || w.status == http.StatusNotModified
	if w.declared > w.written && !bodyless {
		if w.send(false, nil) == nil {
			w.x.Abort() // shorter than it said
		}
		return
	}
	if w.send(len(w.trailers) == 0 && !w.prefixed(), nil) != nil {
		return // the client has gone
	}
	if t := w.endTrailers(); len(t) > 0 {
		_ = w.x.WriteTrailers(t)
	}
}

func (w *response) prefixed() bool {
	for name := range w.header {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			return true
		}
	}
	return false
}

func (w *response) endTrailers() []httpsys.Field {
	w.fields = w.fields[:0]
	for _, name := range w.trailers {
		for _, v := range w.header[name] {
			w.addField(name, v)
		}
	}
	if w.prefixed() {
		for name, values := range w.header {
			if t, ok := strings.CutPrefix(name, http.TrailerPrefix); ok {
				for _, v := range values {
					w.addField(t, v)
				}
			}
		}
	}
	return w.fields
}

// close returns to the pool the memory that the app never saw.
func (w *response) close() {
	w.over.Store(true)
	s := w.scratch
	w.scratch = nil
	s.body = s.body[:0]
	scratches.Put(s)
}
