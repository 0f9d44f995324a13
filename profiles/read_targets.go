package profiles

import (
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"ancmbench"
)

// maxTemplate limits a file that a profile names as a template, in bytes.
const maxTemplate = 256 << 10

func (r *reader) targets(to *[]ancmbench.Server) value {
	keys := func() fields { return r.serverKeys(new(writtenServer)) }
	return value{looks: shape{list: &shape{keys: keys}}, take: func(n ast.Node, key string) {
		*to = []ancmbench.Server{}
		r.list(n, key, "targets", func(n ast.Node, key string) {
			w := new(writtenServer)
			w.measured = true
			r.mapping(n, key, r.serverKeys(w))
			w.Unmeasured = !w.measured
			*to = append(*to, w.Server)
		})
	}}
}

// writtenServer is a Server as its keys give it.
type writtenServer struct {
	ancmbench.Server
	measured bool
}

// serverKeys returns the keys of a target.
func (r *reader) serverKeys(w *writtenServer) fields {
	s := &w.Server
	return fields{
		{"name", r.text(&s.Name), "what reports call it"},
		{"url", r.text(&s.URL), "a server that runs already: http://host:port/path, https://..., or unix:/path/of/socket:/path"},
		{"processes", r.processes(&s.Processes), "whose CPU and memory are those of a server that runs already, where they are not found by its address: for server or proxy (what the load talks to) and for upstream or app (what is behind it), port:N, pid:N, name:NAME, cgroup:PATH or unit:NAME; children are included"},
		{"command", r.text(&s.Command), "a line for the shell that starts a server and stays in the foreground; it listens on {port} (also $PORT; with its address, {listen}), or on the Unix socket {socket}"},
		{"args", r.texts(&s.Args), "a program and its arguments, started without a shell, instead of command"},
		{"env", r.header(&s.Env), "variables that are added to its environment"},
		{"dir", r.path(&s.Dir), "its working directory, from the folder of this file; default: where ancmbench was started"},
		{"files", r.files(&s.Files), "files that are written into a private folder, {dir}, before it starts: its configuration, with {port}, {listen}, {upstream} and {dir} replaced"},
		{"before", r.text(&s.Before), "the target that this one stands in front of, which is started anew behind it: another target, or the model direct; {upstream} is its address (127.0.0.1:port or unix:/path; {upstream-socket} is the path alone)"},
		{"ready", r.ready(&s.Ready), "when it is ready to be measured; default port: as soon as it listens"},
		{"stop", r.text(&s.Stop).as(oneOf(ancmbench.StopSignals)), "the signal that asks it to end; default SIGTERM"},
		{"log", r.path(&s.Log), "a file that keeps what it writes to its output, from the folder of this file; default none"},
		{"measured", r.truth(&w.measured), "false starts it only behind the targets before it; default true"},
	}
}

// processes reads a mapping from roles to the processes that play them, one way to name them
// or a list of ways.
func (r *reader) processes(to *[]ancmbench.ProcessRule) value {
	one := shape{either: []shape{textShape, {list: &textShape}}}
	return value{looks: shape{free: &one}, take: func(n ast.Node, key string) {
		m, ok := n.(ast.MapNode)
		if !ok {
			r.wrongKind(n, key, "a mapping of roles to processes, as {proxy: port:8080}")
			return
		}
		for it := m.MapRange(); it.Next(); {
			role := keyText(it.Key())
			path := key + "." + role
			r.lines[path] = lineOf(it.Key())
			rule := func(n ast.Node, key string) {
				text, ok := r.scalar(n, key, "how the processes are named, as port:8080")
				if !ok {
					return
				}
				parsed, err := ancmbench.ParseProcessRule(role, text)
				if err != nil {
					r.fault(lineOf(n), key, "%v", err)
					return
				}
				*to = append(*to, parsed)
			}
			if _, list := it.Value().(*ast.SequenceNode); list {
				r.list(it.Value(), path, "processes", rule)
			} else {
				rule(it.Value(), path)
			}
		}
	}}
}

func (r *reader) texts(to *[]string) value {
	return value{looks: shape{list: &textShape}, take: func(n ast.Node, key string) {
		r.list(n, key, "texts", func(n ast.Node, key string) {
			if text, ok := r.scalar(n, key, "text"); ok {
				*to = append(*to, text)
			}
		})
	}}
}

func (r *reader) programs(to *[]string) value {
	return value{looks: shape{list: &textShape}, take: func(n ast.Node, key string) {
		r.list(n, key, "programs", func(n ast.Node, key string) {
			var name string
			r.text(&name).take(n, key)
			*to = append(*to, name)
		})
	}}
}

// path reads a path of the file system. One that is not absolute goes from the folder of
// the profile's file; from where ancmbench was started, if the profile is embedded.
func (r *reader) path(to *string) value {
	return value{looks: textShape, take: func(n ast.Node, key string) {
		r.text(to).take(n, key)
		*to = r.below(*to)
	}}
}

func (r *reader) below(path string) string {
	if path == "" || filepath.IsAbs(path) || r.base == "" {
		return path
	}
	return filepath.Join(r.base, path)
}

// files reads a mapping of names to texts, or to files with the text.
func (r *reader) files(to *[]ancmbench.ServerFile) value {
	template := func(path *string) fields {
		return fields{{"template", r.text(path), "a file with the text, from the folder of this file"}}
	}
	one := shape{either: []shape{textShape, {keys: func() fields { return template(new(string)) }}}}
	return value{looks: shape{free: &one}, take: func(n ast.Node, key string) {
		m, ok := n.(ast.MapNode)
		if !ok {
			r.wrongKind(n, key, "a mapping of file names to texts")
			return
		}
		for it := m.MapRange(); it.Next(); {
			f := ancmbench.ServerFile{Name: keyText(it.Key())}
			path := key + "." + f.Name
			r.lines[path] = lineOf(it.Key())
			if _, mapping := it.Value().(ast.MapNode); mapping {
				var from string
				r.mapping(it.Value(), path, template(&from))
				f.Text = r.template(from, path+".template")
			} else {
				r.text(&f.Text).take(it.Value(), path)
			}
			*to = append(*to, f)
		}
	}}
}

// template returns the text of a file beside the profile.
func (r *reader) template(from, key string) string {
	if from == "" {
		return "" // the fault is there already, or the key is missing, which a rule says
	}
	if r.base == "" {
		r.fault(r.line(key), key, "an embedded profile has no files beside it")
		return ""
	}
	text, err := ancmbench.ReadInput(r.below(from), maxTemplate)
	if err != nil {
		r.fault(r.line(key), key, "%v", err)
	}
	return string(text)
}

// ready reads "port", or a mapping with what must come after it.
func (r *reader) ready(to *ancmbench.Ready) value {
	const port = "port"
	alone := oneOf([]string{port})
	legal := func() fields {
		return fields{
			{"http", r.text(&to.HTTP), "a path whose answer must be right"},
			{"status", r.status(&to.Status), "the status of that answer; default any of 200 to 399"},
			{"log", r.text(&to.Log), "a text that a line of its output must contain"},
			{"within", r.given(&to.Within, r.duration(&to.Within)), "the time limit; default 60s"},
		}
	}
	return value{looks: shape{either: []shape{alone, {keys: legal}}}, take: func(n ast.Node, key string) {
		if _, mapping := n.(ast.MapNode); mapping {
			r.mapping(n, key, legal())
			return
		}
		if word, ok := r.scalar(n, key, "port, or a mapping of http, log, status, within"); ok && word != port {
			r.fault(lineOf(n), key, "%q is neither port nor a mapping of http, log, status, within", short(word))
		}
	}}
}

func (r *reader) status(to *int) value {
	return read(r, to, wholeShape, func(s string) (int, error) {
		v, err := strconv.Atoi(s)
		if err != nil || v < 200 || v > 599 {
			return 0, fmt.Errorf("%q is not a status, 200 to 599", short(s))
		}
		return v, nil
	})
}
