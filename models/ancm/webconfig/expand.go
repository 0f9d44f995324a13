package webconfig

import (
	"os"
	"runtime"
	"strings"
	"sync"
)

// maxExpanded is the largest length of a value with its variables expanded, in bytes:
// no variable and no command line of Windows is longer.
const maxExpanded = 32_767

// expand returns s with the value of the variable for each %NAME%. A name without a
// value stays, as on Windows (ExpandEnvironmentStrings). ok is false if the result is
// too long.
func (p *reader) expand(s string) (expanded string, ok bool) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "%")
		b.WriteString(before)
		if b.Len() > maxExpanded {
			return "", false
		}
		if !found {
			return b.String(), true
		}
		name, after, closed := strings.Cut(rest, "%")
		if !closed {
			b.WriteString("%" + rest)
			return b.String(), b.Len() <= maxExpanded
		}
		if value, known := p.lookup(name); known {
			b.WriteString(value)
			s = after
			continue
		}
		b.WriteString("%" + name) // the second % may begin another name
		s = rest[len(name):]
	}
}

func (p *reader) lookup(name string) (string, bool) {
	if name == "" || len(name) > maxExpanded {
		return "", false
	}
	if p.opt.Lookup != nil {
		return p.opt.Lookup(name)
	}
	return p.environment.lookup(name)
}

// anyCase finds variables in any case, as Windows does: a web.config may have %home%
// and this system HOME. A variable with the exact name comes first.
type anyCase struct {
	once  sync.Once
	lower map[string]string
}

func (e *anyCase) lookup(name string) (string, bool) {
	if value, ok := os.LookupEnv(name); ok || runtime.GOOS == "windows" {
		return value, ok
	}
	e.once.Do(func() {
		e.lower = map[string]string{}
		for _, v := range os.Environ() {
			if name, value, ok := strings.Cut(v, "="); ok {
				e.lower[strings.ToLower(name)] = value
			}
		}
	})
	value, ok := e.lower[strings.ToLower(name)]
	return value, ok
}
