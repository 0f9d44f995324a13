//go:build unix

// Command life takes a hosted app through its life under load: start, load, recycle,
// offline, stop, kill. It prints how the requests of every kind of client ended, how many
// apps were told to end, and which processes were left. It exits with 1 if a request was
// lost, an app was not told, or a process was left. scripts/life.sh runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/app"
)

func main() {
	models.RunRole(app.Handler())
	rounds := flag.Int("rounds", 3, "how often each step is taken")
	each := flag.Int("clients", 8, "clients of each kind")
	only := flag.String("app", "", "one app: ours, Node or C# (empty = all)")
	flag.Parse()
	if err := run(*only, *rounds, *each); err != nil {
		fmt.Fprintln(os.Stderr, "life:", err)
		os.Exit(1)
	}
}

func run(only string, rounds, each int) error {
	all, missing, err := apps(context.Background())
	if err != nil {
		return err
	}
	for _, m := range missing {
		fmt.Println("left out:", m)
	}
	var faults []error
	fmt.Printf("%-5s %-15s %-8s %-8s %-11s %8s %7s %7s %8s %5s %5s\n", "app", "model", "front", "step", "clients", "answers", "503", "502", "refused", "cut", "lost")
	for _, h := range all {
		if only != "" && only != h.name {
			continue
		}
		for _, front := range []string{"lean", "nethttp"} {
			for range rounds {
				l, err := newLife(h, front, each)
				if err != nil {
					return err
				}
				faults = append(faults, l.through(), os.RemoveAll(l.dir))
			}
		}
	}
	return errors.Join(faults...)
}

// life is one app from its start to its end.
type life struct {
	hosted
	front, dir, said string
	each             int
	site             *models.Site
	seen             map[int]bool // processes that must be gone at the end
	changes          int
	killed           map[int]bool // apps that were killed and so could not be told
}

func newLife(h hosted, front string, each int) (*life, error) {
	dir, err := os.MkdirTemp("", "life-")
	if err != nil {
		return nil, err
	}
	l := &life{hosted: h, front: front, dir: dir, said: filepath.Join(dir, "said.txt"), each: each, seen: map[int]bool{}, killed: map[int]bool{}}
	return l, errors.Join(h.lay(dir), l.configure())
}

// configure replaces the web.config by the next one.
func (l *life) configure() error {
	l.changes++
	text := l.webConfig(l.said, strconv.Itoa(l.changes))
	path := filepath.Join(l.dir, "web.config")
	return errors.Join(os.WriteFile(path+".new", []byte(text), 0o600), os.Rename(path+".new", path))
}

// through takes the app through its steps, and returns an error that joins all faults.
func (l *life) through() (err error) {
	var faults []error
	if l.site, err = models.Start(context.Background(), models.Options{Model: l.model, Front: l.front, WebConfig: filepath.Join(l.dir, "web.config")}); err != nil {
		return err
	}
	offline := filepath.Join(l.dir, "app_offline.htm")
	steps := []struct {
		name  string
		do    func(*crowd) error
		killS bool // requests in flight may be lost
	}{
		{"start", func(c *crowd) error { return nil }, false}, // the first requests start it
		{"load", func(c *crowd) error { return nil }, false},
		{"recycle", func(c *crowd) error {
			before := l.pid(models.RoleWorker)
			return errors.Join(l.configure(), l.until("another worker", func() bool { now := l.pid(models.RoleWorker); return now != 0 && now != before }))
		}, false},
		{"offline", func(c *crowd) error {
			return errors.Join(os.WriteFile(offline, []byte("closed"), 0o600), l.until("503", func() bool { return c.unavailable() > l.each }), os.Remove(offline))
		}, false},
		{"kill", func(c *crowd) error {
			role := models.RoleApp
			if l.model == ancmbench.InProcess {
				role = models.RoleWorker
			}
			l.killed[l.pid(role)] = true
			return l.site.Kill(context.Background(), role)
		}, true},
		{"stop", func(c *crowd) error { return l.site.Stop(context.Background()) }, false},
	}
	for _, s := range steps {
		c := start(l.site.Address(), l.each)
		err := l.until("answers before "+s.name, func() bool { return c.served(2) })
		l.look()
		err = errors.Join(err, s.do(c))
		if s.name == "stop" {
			err = errors.Join(err, l.until("refusals", func() bool { return c.refused() > l.each }))
		} else {
			n := c.answered()
			err = errors.Join(err, l.until("answers after "+s.name, func() bool { return c.answered() > n+10*l.each }))
		}
		l.look()
		c.stop()
		faults = append(faults, err, l.print(s.name, c, s.killS))
	}
	faults = append(faults, l.toldAll(), l.leftovers())
	return errors.Join(faults...)
}

// print prints a line per kind of client, and returns an error if requests were lost.
func (l *life) print(step string, c *crowd, broken bool) error {
	var faults []error
	for _, kind := range kinds {
		t := c.tallies[kind]
		fmt.Printf("%-5s %-15s %-8s %-8s %-11s %8d %7d %7d %8d %5d %5d\n", l.name, l.model, l.front, step, kind, t.answers, t.unavailable, t.badGateway, t.refused, t.cut, t.lost)
		if !broken && (t.lost > 0 || t.cut > 0 || t.badGateway > 0) || broken && l.model != ancmbench.InProcess && t.lost > 0 {
			faults = append(faults, fmt.Errorf("%s, %s, %s, %s: %s clients: %d lost, %d cut, %d times 502: %s", l.name, l.model, l.front, step, kind, t.lost, t.cut, t.badGateway, t.example))
		}
	}
	return errors.Join(faults...)
}

// pid returns the process of a role, or 0 if there is none.
func (l *life) pid(role string) int {
	ps, err := l.site.Processes(context.Background())
	if err != nil {
		return 0
	}
	for _, p := range ps {
		if p.Role == role {
			return p.PID
		}
	}
	return 0
}

// look records the running processes.
func (l *life) look() {
	for _, role := range []string{models.RoleWAS, models.RoleWorker, models.RoleApp} {
		if pid := l.pid(role); pid != 0 {
			l.seen[pid] = true
		}
	}
}

// toldAll fails if an app that has started was not told to end, unless it was killed.
func (l *life) toldAll() error {
	if l.model == ancmbench.InProcess {
		return nil
	}
	b, err := os.ReadFile(l.said)
	if err != nil {
		return err
	}
	begun, told, untold := 0, 0, []string{}
	for line := range strings.Lines(string(b)) {
		pid, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, _ := strconv.Atoi(pid)
		if what != "begins" || l.killed[n] {
			continue
		}
		begun++
		if strings.Contains(string(b), pid+" told\n") {
			told++
		} else {
			untold = append(untold, pid)
		}
	}
	fmt.Printf("%-5s %-15s %-8s told: %d of %d\n", l.name, l.model, l.front, told, begun)
	if len(untold) > 0 {
		return fmt.Errorf("%s, %s, %s: apps %s were not told to end", l.name, l.model, l.front, strings.Join(untold, ", "))
	}
	return nil
}

// leftovers fails if a process that was seen still exists.
func (l *life) leftovers() error {
	var left []int
	for pid := range l.seen {
		if err := l.until("", func() bool { return gone(pid) }); err != nil {
			left = append(left, pid)
		}
	}
	fmt.Printf("%-5s %-15s %-8s leftovers: %d of %d processes\n", l.name, l.model, l.front, len(left), len(l.seen))
	if len(left) > 0 {
		return fmt.Errorf("%s, %s, %s: processes %v are left", l.name, l.model, l.front, left)
	}
	return nil
}

// gone reports whether a process has ended; a zombie has.
func gone(pid int) bool {
	if st, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		return strings.Contains(string(st), ") Z ")
	}
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

func (l *life) until(what string, holds func() bool) error {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	late := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-look.C:
		case <-late:
			return fmt.Errorf("%s, %s, %s: this did not happen in time: %s", l.name, l.model, l.front, what)
		}
	}
	return nil
}

func (c *crowd) sum(of func(*tally) int) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.tallies {
		n += of(t)
	}
	return n
}

func (c *crowd) answered() int    { return c.sum(func(t *tally) int { return t.answers }) }
func (c *crowd) unavailable() int { return c.sum(func(t *tally) int { return t.unavailable }) }
func (c *crowd) refused() int     { return c.sum(func(t *tally) int { return t.refused }) }
