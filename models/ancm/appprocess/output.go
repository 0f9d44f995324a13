package appprocess

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/ancm/webconfig"
)

// capturedOutput is the number of bytes of the app's output that are kept for the
// start-up error (CF-09).
const capturedOutput = 30_000

// keptOutput is the number of bytes of the app's last output that are kept for the report of
// its end. An exception of .NET with its inner ones and their stacks has some kilobytes, and
// what was thrown stands before them.
const keptOutput = 16 << 10

// output is the destination of what one process of the app prints.
type output struct {
	file *os.File // what the process inherits as stdout and stderr
	path string   // of the log; empty if there is none
	also io.Writer

	mu    sync.Mutex
	first []byte
	tail  []byte        // the last keptOutput bytes, or up to twice as many
	ended chan struct{} // closed when a pipe has been read to its end
}

// openOutput opens the log, or a pipe that is always read, so that the app never
// blocks. If the log cannot be opened it reports that and opens the pipe. It fails if
// there is no pipe.
func (p *Processes) openOutput(now time.Time) (*output, error) {
	o := &p.opt
	out := &output{also: o.Output, ended: make(chan struct{})}
	if o.Config.StdoutLogEnabled {
		f, err := webconfig.OpenStdoutLog(o.Config, now)
		if err == nil {
			out.file, out.path = f, f.Name()
			close(out.ended)
			return out, nil
		}
		if o.Output != nil {
			fmt.Fprintf(o.Output, "stdout log: %v\n", err)
		}
		p.report(eventlog.LogNotWritable, "", "the stdout log of the app cannot be written: %v", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("output pipe: %w", err)
	}
	out.file = w
	go out.drain(r)
	return out, nil
}

func (o *output) drain(r *os.File) {
	defer close(o.ended)
	defer r.Close()
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			o.mu.Lock()
			room := min(n, capturedOutput-len(o.first))
			o.first = append(o.first, buf[:room]...)
			o.tail = append(o.tail, buf[:n]...)
			if over := len(o.tail) - keptOutput; over > keptOutput {
				o.tail = append(o.tail[:0], o.tail[over:]...)
			}
			o.mu.Unlock()
			if o.also != nil {
				_, _ = o.also.Write(buf[:n]) // whoever listens may have gone
			}
		}
		if err != nil {
			return
		}
	}
}

// started closes this process's copy of what the app has inherited.
func (o *output) started() { o.file.Close() }

// captured returns what the app has printed so far, at most capturedOutput bytes. It
// waits a short time for the last output of a process that has ended.
func (o *output) captured() string {
	if o.path != "" {
		f, err := os.Open(o.path)
		if err != nil {
			return ""
		}
		defer f.Close()
		b, _ := io.ReadAll(io.LimitReader(f, capturedOutput))
		return string(b)
	}
	o.await()
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.first)
}

// last returns what the app has printed last, at least keptOutput bytes of it if there
// are so many.
func (o *output) last() string {
	if o.path == "" {
		o.await()
		o.mu.Lock()
		defer o.mu.Unlock()
		return string(o.tail)
	}
	f, err := os.Open(o.path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > keptOutput {
		_, _ = f.Seek(-keptOutput, io.SeekEnd) // else the beginning is shown
	}
	b, _ := io.ReadAll(io.LimitReader(f, keptOutput))
	return string(b)
}

// await waits a short time for the last output of a process that has ended.
func (o *output) await() {
	select {
	case <-o.ended:
	case <-time.After(100 * time.Millisecond): // a child of the app holds the pipe
	}
}
