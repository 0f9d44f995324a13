//go:build linux

package main

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// The laws of the server's delays.
const (
	lawStall     = "stall" // 100 ms in every second, during which nothing is answered
	lawFast      = "constant 50us"
	lawSlow      = "constant 5ms"
	lawBimodal   = "bimodal 200us, one in twenty 5ms"
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

// delays decides when to answer a request that was read at an instant.
type delays struct {
	law   string
	rnd   *rand.Rand
	began int64
}

func (d *delays) answerAt(read int64) int64 {
	us := 0.0
	switch d.law {
	case lawStall:
		if in := (read - d.began) % int64(stallEvery); in >= int64(stallEvery-stallLength) {
			return read - in + int64(stallEvery)
		}
		return read
	case lawFast:
		us = 50
	case lawSlow:
		us = 5000
	case lawBimodal:
		if us = 200; d.rnd.IntN(20) == 0 {
			us = 5000
		}
	case lawLognormal:
		us = 500 * math.Exp(d.rnd.NormFloat64()*0.7)
	default:
		return read
	}
	return read + int64(us*1e3)
}

var answer = []byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

// serve is the server's process: it prints its address, and writes its log to
// standard output when standard input ends.
//
// It is one thread that spins on the first core and never waits in the kernel, so that the
// scheduler does not delay the times in its log.
func serve(law string) error {
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
	var first unix.CPUSet
	first.Set(0)
	if err := unix.SchedSetaffinity(0, &first); err != nil {
		return fmt.Errorf("the server cannot have the first core: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	var ended atomic.Bool
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		ended.Store(true)
	}()
	s := &spinning{listener: int(f.Fd()), delays: delays{law: law, rnd: rand.New(rand.NewPCG(5, 6)), began: monotonic()},
		log: make([]entry, 0, 1<<17)}
	if err := s.run(&ended); err != nil {
		return err
	}
	w := bufio.NewWriter(os.Stdout)
	if err := binary.Write(w, binary.LittleEndian, s.log); err != nil {
		return err
	}
	return w.Flush()
}

// spinning is the server's loop.
type spinning struct {
	listener int
	delays   delays
	waiting  answers
	log      []entry
}

// due is an answer that waits for its instant.
type due struct {
	at, read int64
	fd       int
}

// answers is a heap by instant.
type answers []due

func (a answers) Len() int           { return len(a) }
func (a answers) Less(i, j int) bool { return a[i].at < a[j].at }
func (a answers) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *answers) Push(x any)        { *a = append(*a, x.(due)) }
func (a *answers) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

func (s *spinning) run(ended *atomic.Bool) error {
	if err := unix.SetNonblock(s.listener, true); err != nil {
		return err
	}
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	if err := watch(poll, s.listener); err != nil {
		return err
	}
	events, b := make([]unix.EpollEvent, 256), make([]byte, 4096)
	for !ended.Load() {
		n, err := unix.EpollWait(poll, events, 0)
		if err != nil && err != unix.EINTR {
			return err
		}
		for i := range max(n, 0) {
			s.ready(poll, int(events[i].Fd), b)
		}
		for now := monotonic(); len(s.waiting) > 0 && s.waiting[0].at <= now; {
			x := heap.Pop(&s.waiting).(due)
			s.log = append(s.log, entry{Read: x.read, Written: monotonic()})
			_, _ = unix.Write(x.fd, answer) // who has gone shows at the next read
		}
	}
	return nil
}

// ready takes a connection, or a request, which comes in one read.
func (s *spinning) ready(poll, fd int, b []byte) {
	if fd == s.listener {
		if c, _, err := unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC); err == nil {
			_ = unix.SetsockoptInt(c, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
			_ = watch(poll, c)
		}
		return
	}
	n, err := unix.Read(fd, b)
	if err == unix.EAGAIN {
		return
	}
	if n <= 0 || err != nil {
		_ = unix.Close(fd)
		return
	}
	read := monotonic()
	heap.Push(&s.waiting, due{s.delays.answerAt(read), read, fd})
}

func watch(poll, fd int) error {
	return unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
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

// stop stops the server and returns its log.
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
