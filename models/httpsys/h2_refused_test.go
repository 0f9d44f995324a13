package httpsys

import (
	"bytes"
	"io"
	"strconv"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A client that sends a long body over HTTP/2 gets the answer that comes before its
// end, and no reset that says that something is wrong, whether the body is read by
// nobody or by a goroutine that is told to stop.
func TestRefusedUploadOverHTTP2(t *testing.T) {
	const size = 5 << 20
	for name, handler := range map[string]HandlerFunc{
		"unread": func(x *Exchange) { _ = x.WriteHead(403, nil, 0) },
		"stopped": func(x *Exchange) {
			read := make(chan struct{})
			go func() {
				defer close(read)
				for {
					if _, err := x.ReadBody(make([]byte, 1000)); err != nil {
						return
					}
				}
			}()
			_ = x.WriteHead(403, nil, 0)
			x.StopBody()
			<-read
		},
	} {
		for range 10 {
			c := serve(t, Auto, handler, func(o *Options) { o.H2C = true })()
			_, _ = io.WriteString(c, http2.ClientPreface)
			f := http2.NewFramer(c, c)
			_ = f.WriteSettings()
			var head bytes.Buffer
			e := hpack.NewEncoder(&head)
			for _, h := range [][2]string{{":method", "POST"}, {":path", "/"}, {":scheme", "http"}, {":authority", "a"}, {"content-length", strconv.Itoa(size)}} {
				_ = e.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]})
			}
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: head.Bytes(), EndHeaders: true})
			// As much as the windows allow at a time; the answer may come at any point.
			window, left, answered, ended := 65535, size, false, false
			for !ended || left > 0 {
				for window > 0 && left > 0 {
					n := min(window, left, 16<<10)
					if err := f.WriteData(1, left == n, make([]byte, n)); err != nil {
						t.Fatalf("%s: writing with %d bytes left: %v", name, left, err)
					}
					window, left = window-n, left-n
				}
				frame, err := f.ReadFrame()
				if err != nil {
					t.Fatalf("%s: with %d bytes left: %v", name, left, err)
				}
				switch frame := frame.(type) {
				case *http2.SettingsFrame:
					if v, ok := frame.Value(http2.SettingInitialWindowSize); ok {
						window += int(v) - 65535
					}
				case *http2.WindowUpdateFrame:
					if frame.StreamID == 1 { // the connection's window is never the smaller one
						window += int(frame.Increment)
					}
				case *http2.HeadersFrame:
					answered, ended = true, frame.StreamEnded()
				case *http2.DataFrame:
					ended = frame.StreamEnded()
				case *http2.RSTStreamFrame:
					t.Fatalf("%s: reset with %v, %d bytes left, answered %v", name, frame.ErrCode, left, answered)
				}
			}
			if !answered {
				t.Errorf("%s: no answer", name)
			}
			_ = c.Close()
		}
	}
}
