package profiles

import (
	"bytes"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"ancmbench"
)

// Defaults for keys that a file leaves out.
const (
	defaultLaunches    = 6
	defaultConnections = 8
	defaultTimeout     = "10s"
	defaultMaxErrors   = 0.01
	defaultSettle      = 0.10 // the first tenth of a slice
)

func (r *reader) profile(text []byte) ancmbench.Profile {
	timeout, err := ParseDuration(defaultTimeout)
	if err != nil {
		panic(err)
	}
	p := ancmbench.Profile{
		Models:        []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess},
		Launches:      defaultLaunches,
		Connections:   defaultConnections,
		Engine:        "auto",
		Timeout:       ancmbench.Seconds(timeout),
		MaxErrorShare: defaultMaxErrors,
		Workloads: []ancmbench.Workload{
			{Name: "plaintext", Requests: []ancmbench.Request{{Path: "/plaintext"}}},
		},
	}
	body := r.root(text)
	if body == nil {
		return p
	}
	r.mapping(body, "", fields{
		"name":        r.text(&p.Name),
		"description": r.text(&p.Description),
		"models":      r.models(&p.Models),
		"launches":    r.whole(&p.Launches),
		"rate":        r.rateOrAuto(&p.Rate),
		"connections": r.whole(&p.Connections),
		"engine":      r.text(&p.Engine),
		"timeout":     r.duration(&p.Timeout),
		"max-errors":  r.share(&p.MaxErrorShare),
		"twin":        r.truth(&p.Twin),
		"max-time":    r.given(&p.MaxTime, r.duration(&p.MaxTime)),
		"precision":   r.precision(&p.Precision),
		"slo-p99":     r.given(&p.SLO, r.duration(&p.SLO)),
		"budgets":     r.budgets(&p.Budgets),
		"workloads":   r.workloads(&p.Workloads),
		"phases":      r.phases(&p.Phases),
	})
	p.Description = strings.TrimSpace(p.Description)
	return p
}

// given adds a fault for a zero in the file, where an absent key means "none".
func (r *reader) given(v *ancmbench.Seconds, t take) take {
	return func(n ast.Node, key string) {
		before := len(r.faults)
		t(n, key)
		if *v == 0 && len(r.faults) == before {
			r.fault(lineOf(n), key, "must be above 0; leave the key out for none")
		}
	}
}

func (r *reader) precision(to *float64) take {
	return func(n ast.Node, key string) {
		before := len(r.faults)
		r.share(to)(n, key)
		if *to == 0 && len(r.faults) == before {
			r.fault(lineOf(n), key, "0%% can never be reached: leave the key out for a fixed number of fresh starts")
		}
	}
}

// models reads "both", "all", one model, or a list of these.
func (r *reader) models(to *[]ancmbench.Model) take {
	return func(n ast.Node, key string) {
		var words []string
		one := func(n ast.Node, key string) {
			word, ok := r.scalar(n, key, "the name of a model")
			if !ok {
				return
			}
			if _, err := ancmbench.ParseModels(word); err != nil {
				r.fault(lineOf(n), key, "%v", err)
				return
			}
			words = append(words, word)
		}
		if _, isList := n.(*ast.SequenceNode); isList {
			r.list(n, key, "models", one)
		} else {
			one(n, key)
		}
		if len(words) == 0 {
			if s, isList := n.(*ast.SequenceNode); isList && len(s.Values) == 0 {
				r.fault(lineOf(n), key, "there must be at least one; leave the key out for both")
			}
			return
		}
		models, err := ancmbench.ParseModels(strings.Join(words, ","))
		if err != nil {
			r.fault(lineOf(n), key, "%v", err)
			return
		}
		*to = models
	}
}

// budgets reads a list of limits on metrics, each a line of text for the gate.
func (r *reader) budgets(to *[]string) take {
	return func(n ast.Node, key string) {
		r.list(n, key, "budgets", func(n ast.Node, key string) {
			before := len(r.faults)
			var text string
			r.text(&text)(n, key)
			if len(r.faults) > before {
				return
			}
			if r.budget != nil {
				if err := r.budget(text); err != nil {
					r.fault(lineOf(n), key, "%v", err)
					return
				}
			}
			*to = append(*to, text)
		})
	}
}

func (r *reader) workloads(to *[]ancmbench.Workload) take {
	return func(n ast.Node, key string) {
		*to = nil
		r.list(n, key, "workloads", func(n ast.Node, key string) {
			*to = append(*to, r.workload(n, key))
		})
	}
}

// workload reads a workload with the keys of one request, or with a list of requests.
func (r *reader) workload(n ast.Node, key string) ancmbench.Workload {
	var w ancmbench.Workload
	var single ancmbench.Request
	legal := r.request(&single)
	delete(legal, "weight")
	legal["name"] = r.text(&w.Name)
	legal["requests"] = func(n ast.Node, key string) {
		w.Requests = []ancmbench.Request{}
		r.list(n, key, "requests", func(n ast.Node, key string) {
			var q ancmbench.Request
			r.mapping(n, key, r.request(&q))
			w.Requests = append(w.Requests, q)
		})
	}
	r.mapping(n, key, legal)
	_, many := r.lines[key+".requests"]
	if !many {
		w.Requests = []ancmbench.Request{single}
		return w
	}
	for _, k := range []string{"path", "method", "header", "body", "body-size"} {
		if line, both := r.lines[key+"."+k]; both {
			r.fault(line, key+"."+k, "cannot be used together with requests: write it into each of them")
		}
	}
	return w
}

func (r *reader) request(q *ancmbench.Request) fields {
	return fields{
		"path":   r.text(&q.Path),
		"method": r.text(&q.Method),
		"weight": r.weight(&q.Weight),
		"header": func(n ast.Node, key string) {
			m, ok := n.(ast.MapNode)
			if !ok {
				r.wrongKind(n, key, "a mapping of field names to values")
				return
			}
			for it := m.MapRange(); it.Next(); {
				f := ancmbench.Field{Name: keyText(it.Key())}
				path := key + "." + f.Name
				r.lines[path] = lineOf(it.Key())
				if v, ok := r.scalar(it.Value(), path, "the field's value"); ok {
					f.Value = v
					q.Header = append(q.Header, f)
				}
			}
		},
		"body": func(n ast.Node, key string) {
			if len(q.Body) > 0 {
				r.fault(lineOf(n), key, "cannot be used together with body-size")
				return
			}
			var body string
			r.text(&body)(n, key)
			q.Body = []byte(body)
		},
		// A body of the given size repeats the alphabet, so that it is always the same.
		"body-size": func(n ast.Node, key string) {
			if len(q.Body) > 0 {
				r.fault(lineOf(n), key, "cannot be used together with body")
				return
			}
			var size int64
			r.size(&size)(n, key)
			const alphabet = "abcdefghijklmnopqrstuvwxyz"
			if size > 0 {
				q.Body = bytes.Repeat([]byte(alphabet), int(size)/len(alphabet)+1)[:size]
			}
		},
	}
}

func (r *reader) phases(to *[]ancmbench.Phase) take {
	return func(n ast.Node, key string) {
		r.list(n, key, "phases", func(n ast.Node, key string) {
			*to = append(*to, r.phase(n, key))
		})
	}
}

func (r *reader) phase(n ast.Node, key string) ancmbench.Phase {
	var ph ancmbench.Phase
	var kind, factor, level string
	r.mapping(n, key, fields{
		"factor":      r.text(&factor),
		"level":       r.text(&level),
		"front":       r.text(&ph.Front),
		"engine":      r.text(&ph.Engine),
		"name":        r.text(&ph.Name),
		"kind":        r.text(&kind),
		"duration":    r.duration(&ph.Duration),
		"connections": r.connections(&ph.Connections),
		"workload":    r.text(&ph.Workload),
		"kill":        r.text(&ph.Kill),
		"arrivals":    r.arrivals(&ph.Arrivals),
		"dealing":     r.dealing(&ph.Dealing),
	})
	ph.Kind, ph.Factor = ancmbench.PhaseKind(kind), ancmbench.Factor(factor)
	line, written := r.lines[key+".level"]
	if written && level != "" {
		var err error
		if ph.Level, err = parseLevel(ph.Factor, level); err != nil {
			r.fault(line, key+".level", "%v", err)
		}
	} else if !written && ph.Factor.LevelUnit() != "" {
		r.fault(lineOf(n), key+".level", "the factor %s needs a level", ph.Factor)
	}
	if ph.Name == "" {
		ph.Name = kind
	}
	if _, written := r.lines[key+".kill"]; !written && ph.Kind == ancmbench.Recovery {
		ph.Kill = killable[0]
	}
	if ph.Arrivals.Kind == "" {
		ph.Arrivals.Kind = usual[ph.Kind].arrivals
	}
	if ph.Dealing.Kind == "" {
		ph.Dealing.Kind = usual[ph.Kind].dealing
	}
	if _, written := r.lines[key+".dealing.settle"]; !written && ph.Dealing.Kind == ancmbench.Slices {
		ph.Dealing.Settle = defaultSettle
	}
	if _, written := r.lines[key+".duration"]; !written && ph.Arrivals.Kind == ancmbench.Steps {
		for _, s := range ph.Arrivals.Steps {
			ph.Duration += s.Duration
		}
	}
	return ph
}

// connections reads a phase's connections. A 0 is a fault: an absent key means the
// profile's.
func (r *reader) connections(to *int) take {
	return func(n ast.Node, key string) {
		before := len(r.faults)
		r.whole(to)(n, key)
		if *to == 0 && len(r.faults) == before {
			r.fault(lineOf(n), key, "%s", connectionsProblem(0))
		}
	}
}

func (r *reader) arrivals(a *ancmbench.Arrivals) take {
	var kind string
	return r.kindOr(&kind, func() { a.Kind = ancmbench.ArrivalKind(kind) }, fields{
		"rate":    r.rate(&a.Rate),
		"ramp-to": r.rate(&a.RampTo),
		"random":  r.truth(&a.Random),
		"think":   r.duration(&a.Think),
		"steps": func(n ast.Node, key string) {
			r.list(n, key, "steps", func(n ast.Node, key string) {
				var s ancmbench.Step
				r.mapping(n, key, fields{"rate": r.rate(&s.Rate), "duration": r.duration(&s.Duration)})
				a.Steps = append(a.Steps, s)
			})
		},
		"instants": func(n ast.Node, key string) {
			r.list(n, key, "instants", func(n ast.Node, key string) {
				var s ancmbench.Seconds
				r.duration(&s)(n, key)
				a.Instants = append(a.Instants, s)
			})
		},
	})
}

func (r *reader) dealing(d *ancmbench.Dealing) take {
	var kind string
	return r.kindOr(&kind, func() { d.Kind = ancmbench.DealingKind(kind) }, fields{
		"slice":    r.given(&d.Slice, r.duration(&d.Slice)),
		"settle":   r.share(&d.Settle),
		"gap":      r.duration(&d.Gap),
		"mirrored": r.truth(&d.Mirrored),
	})
}

// kindOr reads a kind alone, such as "poisson", or a mapping with the key kind.
func (r *reader) kindOr(kind *string, set func(), legal fields) take {
	legal["kind"] = r.text(kind)
	return func(n ast.Node, key string) {
		if _, alone := n.(ast.ScalarNode); alone {
			if _, null := n.(*ast.NullNode); !null {
				r.text(kind)(n, key)
				set()
				return
			}
		}
		r.mapping(n, key, legal)
		set()
	}
}
