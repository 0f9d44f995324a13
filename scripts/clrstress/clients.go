//go:build clr && linux && amd64 && cgo

package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"ancmbench/models/leavers"
)

// ask returns the body of an answer, and whether there was one.
func (s *site) ask(method, path, body string) (string, bool) {
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return err.Error(), false
	}
	a, err := s.client.Do(r)
	if err != nil {
		return err.Error(), false
	}
	defer a.Body.Close()
	var b strings.Builder
	if _, err := io.Copy(&b, a.Body); err != nil {
		return err.Error(), false
	}
	if a.StatusCode != 200 {
		return fmt.Sprint(a.StatusCode, " ", b.String()), false
	}
	return b.String(), true
}

var (
	long = strings.Repeat("x", 300_000)
	echo = strings.Repeat("0123456789abcdef", 5000)
)

// check compares what the app answers.
func (s *site) check() {
	for _, c := range []struct{ method, path, body, want string }{
		{"GET", "/hello", "", "hello from "},
		{"GET", "/big/300000", "", long},
		{"POST", "/echo", echo, echo},
		{"GET", "/big/100", "", long[:100]},
	} {
		got, ok := s.ask(c.method, c.path, c.body)
		right := ok && (got == c.want || c.path == "/hello" && strings.HasPrefix(got, c.want))
		s.judge(right, ok, c.method+" "+c.path, got)
	}
}

// small asks for what the app's own threads may send.
func (s *site) small() {
	for _, n := range []int{1, 100, 9000} {
		got, ok := s.ask("GET", fmt.Sprint("/big/", n), "")
		s.judge(ok && got == long[:n], ok, fmt.Sprint("GET /big/", n), got)
	}
}

// judge counts an answer.
func (s *site) judge(right, came bool, what, got string) {
	switch {
	case right:
		counts.good.Add(1)
	case !came && s.mayLose():
		counts.lost.Add(1)
	default:
		counts.wrong.Add(1)
		fmt.Printf("%s: %v, %d bytes: %.80q\n", what, came, len(got), got)
	}
}

// talk sends messages over a WebSocket and compares what comes back.
func (s *site) talk() {
	c, err := s.upgrade()
	if err != nil {
		s.judge(false, false, "GET /ws", err.Error())
		return
	}
	defer c.Close()
	for range 1 + rand.IntN(20) {
		message := echo[:1+rand.IntN(60_000)]
		got, err := c.exchange(message)
		if err != nil {
			s.judge(false, false, "WebSocket", err.Error())
			return
		}
		s.judge(got == message, true, "WebSocket", got)
		counts.sockets.Add(1)
	}
	if rand.IntN(2) == 0 { // else it breaks off
		if err := c.end(); err != nil {
			s.judge(false, false, "WebSocket's end", err.Error())
		}
	}
}

// socket is the client's side of a WebSocket.
type socket struct {
	net.Conn
	from *bufio.Reader
}

// upgrade opens a WebSocket to the app.
func (s *site) upgrade() (*socket, error) {
	conn, err := net.Dial("tcp", s.Address())
	if err != nil {
		return nil, err
	}
	c := &socket{conn, bufio.NewReader(conn)}
	_, err = io.WriteString(conn, "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	err = errors.Join(err, conn.SetDeadline(time.Now().Add(time.Minute)))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	a, err := http.ReadResponse(c.from, nil)
	if err == nil && a.StatusCode != http.StatusSwitchingProtocols {
		err = fmt.Errorf("status %d", a.StatusCode)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

const binaryFrame, closeFrame = 0x82, 0x88

// frame returns a client's frame, with a mask of zeros: the bytes stay what they are.
func frame(kind byte, payload string) []byte {
	b := []byte{kind, 0x80 | byte(len(payload))}
	if len(payload) > 125 {
		b[1] = 0x80 | 126
		b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// exchange sends a message and returns the one that comes back, which may be in parts.
func (c *socket) exchange(message string) (string, error) {
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(frame(binaryFrame, message))
		sent <- err
	}()
	got, err := c.receive()
	return got, errors.Join(err, <-sent)
}

func (c *socket) receive() (string, error) {
	var all strings.Builder
	for {
		var head [2]byte
		if _, err := io.ReadFull(c.from, head[:]); err != nil {
			return all.String(), err
		}
		n := int64(head[1])
		if n == 126 {
			var more [2]byte
			if _, err := io.ReadFull(c.from, more[:]); err != nil {
				return all.String(), err
			}
			n = int64(binary.BigEndian.Uint16(more[:]))
		}
		if _, err := io.CopyN(&all, c.from, n); err != nil {
			return all.String(), err
		}
		if head[0]&0x80 != 0 {
			return all.String(), nil
		}
	}
}

// end says that this side is over, and waits for the other's word and its end.
func (c *socket) end() error {
	if _, err := c.Write(frame(closeFrame, "\x03\xe8")); err != nil {
		return err
	}
	if _, err := c.receive(); err != nil {
		return err
	}
	if _, err := c.from.ReadByte(); err != io.EOF {
		return fmt.Errorf("after its end: %w", err)
	}
	return nil
}

var requests = []string{
	"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /big/3000000 HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /big/9000 HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /gone HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /null HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + echo[:30000],
	"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n" + echo[:30000],
	"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" +
		string(frame(binaryFrame, echo[:60000])),
}

// breakOff is a client that goes in some phase of a request.
func (s *site) breakOff() {
	if leavers.Leave(s.Address(), requests, rand.New(rand.NewPCG(rand.Uint64(), 1))) == nil {
		counts.broken.Add(1)
	}
}
