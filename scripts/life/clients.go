//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

// kinds are the kinds of clients.
var kinds = []string{"short", "keep-alive", "SSE", "upload", "WebSocket"}

// tally counts how the requests of one kind of client ended.
type tally struct {
	answers, unavailable, badGateway, refused int // 200 or 101; 503; 502; no connection
	lost                                      int // closed without an answer
	cut                                       int // the answer had begun and did not end
	example                                   string
}

// crowd is a set of clients of every kind that send requests all the time.
type crowd struct {
	address string
	end     chan struct{}
	all     sync.WaitGroup
	mu      sync.Mutex
	tallies map[string]*tally
}

// start starts the given number of clients of each kind.
func start(address string, each int) *crowd {
	c := &crowd{address: address, end: make(chan struct{}), tallies: map[string]*tally{}}
	for _, kind := range kinds {
		c.tallies[kind] = &tally{}
		for range each {
			c.all.Go(func() { c.ask(kind) })
		}
	}
	return c
}

// stop ends the clients, each after its answer.
func (c *crowd) stop() {
	close(c.end)
	c.all.Wait()
}

// served reports whether each kind has had at least the given number of answers.
func (c *crowd) served(n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.tallies {
		if t.answers < n {
			return false
		}
	}
	return true
}

// ask sends requests until the crowd is stopped.
func (c *crowd) ask(kind string) {
	var kept *conn
	defer func() { kept.close() }()
	for {
		select {
		case <-c.end:
			return
		default:
		}
		if kind == "WebSocket" {
			c.count(kind, c.talk())
			continue
		}
		if kept == nil {
			nc, err := net.Dial("tcp", c.address)
			if err != nil {
				c.count(kind, outcome{err: err})
				<-time.After(5 * time.Millisecond) // nothing listens, and no event announces a listener
				continue
			}
			kept = &conn{nc, bufio.NewReader(nc)}
		}
		o := kept.once(kind)
		c.count(kind, o)
		if kind == "short" || o.closes || o.err != nil {
			kept.close()
			kept = nil
		}
	}
}

// outcome says how one request ended.
type outcome struct {
	status int // 0 is no answer
	closes bool
	err    error
}

func (c *crowd) count(kind string, o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tallies[kind]
	switch {
	case errors.Is(o.err, syscall.ECONNREFUSED):
		t.refused++
	case o.status == 0:
		t.lost++
		t.example = fmt.Sprint(o.err)
	case o.err != nil:
		t.cut++
		t.example = fmt.Sprint(o.err)
	case o.status == http.StatusServiceUnavailable:
		t.unavailable++
	case o.status == http.StatusBadGateway:
		t.badGateway++
	default:
		t.answers++
	}
}

// conn is one connection of a client.
type conn struct {
	net.Conn
	in *bufio.Reader
}

func (k *conn) close() {
	if k != nil {
		k.Close()
	}
}

// once sends one request and reads its answer.
func (k *conn) once(kind string) outcome {
	_ = k.SetDeadline(time.Now().Add(60 * time.Second))
	if err := k.send(kind); err != nil && !k.answered() {
		return outcome{err: err}
	}
	a, err := http.ReadResponse(k.in, nil)
	if err != nil {
		return outcome{err: err}
	}
	body, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode == http.StatusOK && !strings.Contains(string(body), want[kind]) {
		err = fmt.Errorf("wrong answer %.40q", body)
	}
	return outcome{status: a.StatusCode, closes: a.Close, err: err}
}

// answered reports whether an answer has arrived although the request could not be sent
// completely: a server may refuse a body.
func (k *conn) answered() bool {
	_, err := k.in.Peek(1)
	return err == nil
}

// want is the expected content of the answer for each kind of client.
var want = map[string]string{"short": "Hello", "keep-alive": "Hello", "upload": strings.Repeat("part", 5)}

func (k *conn) send(kind string) error {
	switch kind {
	case "short":
		_, err := io.WriteString(k, "GET /plaintext HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		return err
	case "SSE":
		_, err := io.WriteString(k, "GET /stream/25 HTTP/1.1\r\nHost: a\r\n\r\n")
		return err
	case "upload":
		if _, err := io.WriteString(k, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"); err != nil {
			return err
		}
		for range 5 {
			if _, err := io.WriteString(k, "4\r\npart\r\n"); err != nil {
				return err
			}
			<-time.After(20 * time.Millisecond) // as a slow client does
		}
		_, err := io.WriteString(k, "0\r\n\r\n")
		return err
	}
	_, err := io.WriteString(k, "GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n")
	return err
}

// talk opens a WebSocket, exchanges messages for a while, and closes it. If the app closes
// it properly, that counts as an answer.
func (c *crowd) talk() outcome {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	ws, a, err := websocket.Dial(ctx, "ws://"+c.address+"/ws", nil)
	if err != nil {
		if a != nil {
			return outcome{status: a.StatusCode}
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			<-time.After(5 * time.Millisecond) // nothing listens
		}
		return outcome{err: err}
	}
	defer ws.CloseNow()
	for range 10 {
		err := ws.Write(ctx, websocket.MessageText, []byte("hello"))
		var got []byte
		if err == nil {
			_, got, err = ws.Read(ctx)
		}
		if status := websocket.CloseStatus(err); status == websocket.StatusGoingAway || status == websocket.StatusNormalClosure {
			return outcome{status: http.StatusSwitchingProtocols}
		}
		if err != nil || !bytes.Equal(got, []byte("hello")) {
			return outcome{status: http.StatusSwitchingProtocols, err: fmt.Errorf("WebSocket: %q %w", got, err)}
		}
		<-time.After(20 * time.Millisecond) // as a person types
	}
	_ = ws.Close(websocket.StatusNormalClosure, "")
	return outcome{status: http.StatusSwitchingProtocols}
}
