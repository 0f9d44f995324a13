package ancm

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"ancmbench/models/httpsys"
)

// An app may answer at any time while a body comes. The race detector checks this.
func TestAnswerWhileBodyComes(t *testing.T) {
	early := func(c net.Conn, r *bufio.Reader) {
		if _, err := readHead(r); err != nil {
			return
		}
		_, _ = r.Read(make([]byte, 100))
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
	}
	inProcess := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		_, _ = r.Body.Read(make([]byte, 100))
		go func() { _, _ = io.Copy(io.Discard, r.Body) }()
		_, _ = io.WriteString(w, "ok")
	})
	eachModel(t, func(t *testing.T, model, kind string) {
		for _, http2 := range []bool{false, true} {
			if http2 && kind != httpsys.NetHTTP {
				continue
			}
			var h httpsys.Handler
			switch f := (&Forwarder{Backends: Fixed(startOrigin(t, early))}); model {
			case "in-process":
				h = &InProcess{Handler: inProcess}
			case "out-of-process":
				h = f
			default:
				h = NewReverseProxy(f)
			}
			address := startFront(t, kind, h, func(o *httpsys.Options) { o.H2C = http2 })
			c := client(t)
			c.Transport.(*http.Transport).Protocols = new(http.Protocols)
			c.Transport.(*http.Transport).Protocols.SetHTTP1(!http2)
			c.Transport.(*http.Transport).Protocols.SetUnencryptedHTTP2(http2)
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for i := range 20 {
						body, w := io.Pipe()
						go func() {
							piece := make([]byte, 200+i*100)
							for range 50 {
								if _, err := w.Write(piece); err != nil {
									return
								}
							}
							if i%2 == 0 {
								_ = w.CloseWithError(io.ErrNoProgress) // breaks off
								return
							}
							_ = w.Close()
						}()
						resp, err := c.Post("http://"+address+"/", "a/b", body)
						if err != nil {
							continue // broken off before the answer
						}
						if resp.StatusCode != 200 && resp.StatusCode != 502 {
							t.Errorf("%s", resp.Status)
						}
						_, _ = io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
						body.Close()
					}
				})
			}
			wg.Wait()
		}
	})
}
