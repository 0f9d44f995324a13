package hostile_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"ancmbench/models/ancm"
	"ancmbench/models/hostile"
	"ancmbench/models/httpsys"
	"ancmbench/models/internal/selfsigned"
)

// http2Places returns the ways to speak HTTP/2 to a front: on each of the two, with prior
// knowledge and over TLS, before either model.
func http2Places(t *testing.T) (all []*place) {
	pair := selfsigned.Certificate(t)
	for _, kind := range []string{httpsys.Lean, httpsys.NetHTTP} {
		for _, protocol := range []string{"h2c", "h2"} {
			for _, model := range []string{"in-process", "out-of-process"} {
				p := &place{name: kind + "_" + protocol + "_" + model, tags: []string{kind, protocol, model}, app: newRecorder()}
				o := httpsys.Options{Kind: kind, Handler: &ancm.InProcess{Handler: p.app}, H2C: protocol == "h2c"}
				if model == "out-of-process" {
					o.Handler = &ancm.Forwarder{Backends: ancm.Fixed(backend(t, p.app))}
				}
				if protocol == "h2" {
					o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}}
					p.tls = &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}
				}
				f, err := httpsys.New(o)
				if err != nil && kind == httpsys.Lean {
					continue // not on this system
				}
				if err != nil {
					t.Fatal(err)
				}
				p.serve(t, f)
				all = append(all, p)
			}
		}
	}
	return all
}

// block encodes fields as they stand.
func block(fields []hostile.Field) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for _, f := range fields {
		_ = e.WriteField(hpack.HeaderField{Name: f.Name, Value: f.Value}) // a Buffer takes all
	}
	return b.Bytes()
}

// writeHead sends a field block, in as many frames as it needs, of no more than size bytes.
func writeHead(f *http2.Framer, fields []hostile.Field, end bool, size int) error {
	b := block(fields)
	n := min(size, len(b))
	err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: b[:n], EndStream: end, EndHeaders: n == len(b)})
	for b = b[n:]; len(b) > 0 && err == nil; b = b[n:] {
		n = min(size, len(b))
		err = f.WriteContinuation(1, n == len(b), b[:n])
	}
	return err
}

// send writes a stream as the table has it.
func send(f *http2.Framer, s *hostile.Stream, size int) error {
	open := len(s.Data) > 0 || len(s.Trailers) > 0 || s.Reset
	err := writeHead(f, s.Fields, !open, size)
	for i, data := range s.Data {
		if err == nil {
			err = f.WriteData(1, i == len(s.Data)-1 && len(s.Trailers) == 0 && !s.Reset, []byte(data))
		}
	}
	if err == nil && len(s.Trailers) > 0 {
		err = writeHead(f, s.Trailers, true, size)
	}
	if err == nil && s.Reset {
		err = f.WriteRSTStream(1, http2.ErrCodeCancel)
	}
	return err
}

// streamed sends one stream on a connection of its own and gives what became of it: a
// status, "reset" or "ended".
func streamed(p *place, s *hostile.Stream, size int) (end, client string, err error) {
	c, client, err := p.dial()
	if err != nil {
		return "", "", err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		return "", "", err
	}
	f := http2.NewFramer(c, c)
	f.AllowIllegalWrites = true
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if err := f.WriteSettings(); err != nil {
		return "", "", err
	}
	if err := send(f, s, size); err != nil {
		return "", "", err
	}
	ping := [8]byte{1}
	if s.Reset { // nothing more comes of it but this answer
		if err := f.WritePing(false, ping); err != nil {
			return "", "", err
		}
	}
	status := ""
	for {
		frame, err := f.ReadFrame()
		if n, ok := err.(net.Error); ok && n.Timeout() {
			return "", client, errors.New("no end")
		}
		if err != nil {
			return "ended", client, nil
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			status = frame.PseudoValue("status")
			if frame.StreamEnded() {
				return status, client, nil
			}
		case *http2.DataFrame:
			if frame.StreamEnded() {
				return status, client, nil
			}
		case *http2.RSTStreamFrame:
			return "reset", client, nil
		case *http2.PingFrame:
			if frame.IsAck() && frame.Data == ping {
				return "reset", client, nil
			}
		}
	}
}

// streamOutcome returns what the app saw of a stream, or that it was refused.
func streamOutcome(p *place, s *hostile.Stream, size int) string {
	end, client, err := streamed(p, s, size)
	saw := p.app.take(client)
	switch {
	case err != nil:
		return err.Error()
	case len(saw) == 1 && end == "200":
		return saw[0].text
	case len(saw) > 0:
		return fmt.Sprintf("%s, and the app saw %q", end, saw)
	case end == "200":
		return "200 by nobody"
	}
	return "refused"
}

// TestStreams sends every stream of HTTP/2 to every front: the app sees what it may,
// and nothing of what is malformed; the field block in one frame, and byte by byte.
func TestStreams(t *testing.T) {
	streams := hostile.Streams()
	for _, p := range http2Places(t) {
		t.Run(p.name, func(t *testing.T) {
			next := make(chan *hostile.Stream)
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() {
					for s := range next {
						want := s.Want
						if p.is("out-of-process") && s.Dropped != "" {
							want = s.Dropped
						}
						for _, size := range []int{16 << 10, 7} {
							if size == 7 && len(s.Fields) > 0 && len(s.Fields[len(s.Fields)-1].Value) > 1000 {
								continue
							}
							got := streamOutcome(p, s, size)
							right := slices.Contains(strings.Split(want, " or "), got)
							if !right && s.Todo == "" {
								t.Errorf("%s, in frames of %d:\n got %.200s\nwant %.200s", s.Name, size, got, want)
							} else if right && s.Todo != "" {
								t.Errorf("%s: is mended; take the todo away (%s)", s.Name, s.Todo)
							}
						}
					}
				})
			}
			for i := range streams {
				next <- &streams[i]
			}
			close(next)
			all.Wait()
			good := &hostile.Stream{Fields: streams[0].Fields}
			if got := streamOutcome(p, good, 16<<10); got != streams[0].Want {
				t.Errorf("afterwards: %s", got)
			}
			p.app.noneSmuggled(t)
			p.app.nothingLeft(t)
		})
	}
}

// The table has names that differ, and a reason for what it leaves open.
func TestStreamTable(t *testing.T) {
	names := map[string]bool{}
	for _, s := range hostile.Streams() {
		if names[s.Name] || strings.Contains(s.Want, " or ") != (s.Open != "") {
			t.Errorf("%s: there are two, or it is open without a reason", s.Name)
		}
		names[s.Name] = true
	}
	if len(names) < 150 {
		t.Errorf("%d streams, want 150", len(names))
	}
	t.Logf("%d streams", len(names))
}
