//go:build linux

package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The laws of the server's delays.
const (
	lawStall     = "stall" // 100 ms in every second, during which nothing is answered
	lawFast      = "constant 50us"
	lawSlow      = "constant 5ms"
	lawBimodal   = "bimodal 200us, one in ten 5ms"
	lawLognormal = "lognormal, median 500us, sigma 0.7"
	lawNone      = "at once"
)

const stallEvery, stallLength = time.Second, 100 * time.Millisecond

// entry is one line of the server's log, by CLOCK_MONOTONIC, which all
// processes of a machine share: when the request had been read, and the moment
// before its answer was written.
type entry struct{ Read, Written int64 }

func monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic("no monotonic clock: " + err.Error())
	}
	return ts.Nano()
}

// sleepUntil waits as precisely as the kernel can; the caller's thread is its own.
func sleepUntil(at int64) {
	ts := unix.NsecToTimespec(at)
	for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &ts, nil) == unix.EINTR {
	}
}

// delays draws when to answer a request that was read at an instant.
type delays struct {
	law   string
	mu    sync.Mutex
	rnd   *rand.Rand
	began int64
}

func (d *delays) answerAt(read int64) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	us := 0.0
	switch d.law {
	case lawStall:
		if in := (read - d.began) % int64(stallEvery); in >= int64(stallEvery-stallLength) {
			return read - in + int64(stallEvery)
		}
		return 0
	case lawFast:
		us = 50
	case lawSlow:
		us = 5000
	case lawBimodal:
		if us = 200; d.rnd.IntN(10) == 0 {
			us = 5000
		}
	case lawLognormal:
		us = 500 * math.Exp(d.rnd.NormFloat64()*0.7)
	default:
		return 0
	}
	return read + int64(us*1e3)
}

const answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

// serve is the server's process: it prints its address, and writes its log to
// standard output when standard input ends.
func serve(law string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	d := &delays{law: law, rnd: rand.New(rand.NewPCG(5, 6)), began: monotonic()}
	var mu sync.Mutex
	var log []entry
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go d.connection(c, func(e entry) {
				mu.Lock()
				log = append(log, e)
				mu.Unlock()
			})
		}
	}()
	if _, err := os.Stdin.Read(make([]byte, 1)); err == nil {
		return fmt.Errorf("standard input is for ending the server")
	}
	mu.Lock()
	defer mu.Unlock()
	w := bufio.NewWriter(os.Stdout)
	if err := binary.Write(w, binary.LittleEndian, log); err != nil {
		return err
	}
	return w.Flush()
}

// connection answers one connection's requests, each in one read, on a thread
// of its own that waits in the kernel and whose sleeps end without slack: a
// request is not to wait for the Go scheduler before the log sees it.
func (d *delays) connection(c net.Conn, log func(entry)) {
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	defer c.Close()
	f, err := c.(*net.TCPConn).File() // blocking
	if err != nil {
		return
	}
	defer f.Close()
	fd := int(f.Fd())
	b, out := make([]byte, 4096), []byte(answer)
	for {
		if n, err := unix.Read(fd, b); n <= 0 || err != nil {
			return
		}
		e := entry{Read: monotonic()}
		if at := d.answerAt(e.Read); at > 0 {
			sleepUntil(at)
		}
		e.Written = monotonic()
		log(e)
		if _, err := unix.Write(fd, out); err != nil {
			return
		}
	}
}

// server is the process as its parent sees it.
type server struct {
	cmd  *exec.Cmd
	in   interface{ Close() error }
	out  *bufio.Reader
	addr string
}

func startServer(law string) (*server, error) {
	me, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{cmd: exec.Command(me, "serve", law)}
	s.cmd.Stderr = os.Stderr
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.in, s.out = in, bufio.NewReader(out)
	line, err := s.out.ReadString('\n')
	s.addr = strings.TrimSpace(line)
	return s, err
}

// stop ends the server and gives its log.
func (s *server) stop() (log []entry, err error) {
	if err := s.in.Close(); err != nil {
		return nil, err
	}
	for {
		var e entry
		if err := binary.Read(s.out, binary.LittleEndian, &e); err != nil {
			break // its end
		}
		log = append(log, e)
	}
	return log, s.cmd.Wait()
}
