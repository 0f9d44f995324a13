package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Launch is what a launcher needs to start agents. Launchers only start 'agent --join'.
type Launch struct {
	// Join is the URL at which the agents' hosts reach the coordinator.
	Join string
	// Token lets the agents join. Without one, Credentials is the file with the user's
	// credentials for a NATS server of the user's; it may be empty.
	Token       *Token
	Credentials string
	// Program is the executable of this tool.
	Program string
	// Flags are further flags of 'agent': what it offers, and what it is allowed.
	Flags []string
	// Output gets what the agents write.
	Output io.Writer
}

// Launched are the agents that a launcher has started.
type Launched struct {
	agents []*launched
	dir    string // with the token, on this machine; removed at the end
}

type launched struct {
	cmd  *exec.Cmd
	name string
	tail *lastLines
	done chan struct{}
	err  error // set before done is closed
}

// pass returns the content of the file that lets an agent join, and the flag that names
// it; "" if none is needed. It fails if the file with the credentials cannot be read.
func pass(t *Token, credentials string) (flag string, content []byte, err error) {
	switch {
	case t != nil:
		var b bytes.Buffer
		err = t.Write(&b)
		return "--token-file", b.Bytes(), err
	case credentials != "":
		content, err = ReadCredentials(credentials)
		return "--creds", content, err
	}
	return "", nil, nil
}

// LocalAgents starts n agents as processes of this machine.
func LocalAgents(l Launch, n int) (_ *Launched, err error) {
	all := &Launched{}
	if all.dir, err = os.MkdirTemp("", "ancmbench-agents-"); err != nil {
		return nil, err
	}
	flag, secret, err := pass(l.Token, l.Credentials)
	if err != nil {
		all.End()
		return nil, err
	}
	words := []string{"agent", "--join", l.Join}
	if flag != "" {
		path := filepath.Join(all.dir, "pass")
		if err := os.WriteFile(path, secret, 0o600); err != nil {
			all.End()
			return nil, err
		}
		words = append(words, flag, path)
	}
	for i := range n {
		cmd := exec.Command(l.Program, slices.Concat(words, l.Flags)...)
		if err := all.start(fmt.Sprint("local agent ", i+1), cmd, l.Output); err != nil {
			all.End()
			return nil, err
		}
	}
	return all, nil
}

// start starts a process, whose end Failed tells.
func (l *Launched) start(name string, cmd *exec.Cmd, output io.Writer) error {
	a := &launched{cmd: cmd, name: name, tail: &lastLines{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = output, io.MultiWriter(a.tail, &speaker{name: name, to: output})
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s does not start: %w", name, err)
	}
	l.agents = append(l.agents, a)
	go func() {
		defer close(a.done)
		a.err = cmd.Wait()
	}()
	return nil
}

// Failed waits until an agent ends, and returns why; it returns nil when ctx ends first.
// Before a run has begun, no agent ends by itself unless it cannot join.
func (l *Launched) Failed(ctx context.Context) error {
	ended := make(chan *launched, len(l.agents))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, a := range l.agents {
		go func() {
			select {
			case <-a.done:
				ended <- a
			case <-ctx.Done():
			}
		}()
	}
	select {
	case a := <-ended:
		return fmt.Errorf("%s ended: %w%s", a.name, orEnded(a.err), a.tail.said())
	case <-ctx.Done():
		return nil
	}
}

func orEnded(err error) error {
	if err == nil {
		return errors.New("it was not needed")
	}
	return err
}

// launchedMost bounds how long agents may take to end after their run, before they are
// killed.
const launchedMost = 5 * time.Second

// End waits until all agents have ended, kills those that do not, and removes what was
// written for them. Call it after Coordinator.Close.
func (l *Launched) End() {
	timer := time.NewTimer(launchedMost)
	defer timer.Stop()
	for _, a := range l.agents {
		select {
		case <-a.done:
			continue
		case <-timer.C:
			timer.Reset(0) // for the next one too
		}
		killGroup(a.cmd)
		<-a.done
	}
	if l.dir != "" {
		_ = os.RemoveAll(l.dir) // a folder of the system for temporary files
	}
}

// speaker passes on what an agent writes, line by line, with the agent's name: its errors
// are not those of the run.
type speaker struct {
	name string
	to   io.Writer
	part []byte // of a line
}

func (s *speaker) Write(b []byte) (int, error) {
	s.part = append(s.part, b...)
	for {
		i := bytes.IndexByte(s.part, '\n')
		if i < 0 {
			return len(b), nil
		}
		line := strings.TrimPrefix(string(s.part[:i]), "ancmbench: ")
		s.part = s.part[i+1:]
		if _, err := fmt.Fprintf(s.to, "%s: %s\n", s.name, line); err != nil {
			return len(b), err
		}
	}
}

// lastLines keeps the end of what an agent wrote, for an error that explains its end.
type lastLines struct {
	mu   sync.Mutex
	text []byte
}

const lastLinesMost = 4 << 10

func (t *lastLines) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - lastLinesMost; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(b), nil
}

// said returns "; its last words: " and the last line, or "".
func (t *lastLines) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(string(bytes.TrimSpace(t.text)), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return "; its last words: " + last
	}
	return ""
}
