package profiles

import (
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
	r.mapping(body, "", r.top(&p))
	p.Description = strings.TrimSpace(p.Description)
	if _, written := r.lines["models"]; !written && p.Targets != nil {
		p.Models = nil
	}
	return p
}

// top returns the keys of a profile.
func (r *reader) top(p *ancmbench.Profile) fields {
	return fields{
		{"name", r.text(&p.Name), "what reports call the profile; default: the file's name"},
		{"description", r.text(&p.Description), "one sentence on what it is for"},
		{"models", r.models(&p.Models), "the hosting models; default both, or none beside targets"},
		{"targets", r.targets(&p.Targets), "servers of your own, by URL or by the command that starts them; the first is the baseline, or the first of models if there are any"},
		{"needs", r.programs(&p.Needs), "programs that must be on PATH, such as [nginx, node]"},
		{"launches", r.whole(&p.Launches), "fresh starts, 1 to 1000; default 6"},
		{"rate", r.rateOrAuto(&p.Rate), "requests per second on each target; auto chooses it by the headroom; default auto"},
		{"connections", r.whole(&p.Connections), "kept-alive connections to each target, 1 to 20000; default 8"},
		{"engine", r.text(&p.Engine).as(oneOf(engines)), "the load generator; default auto"},
		{"timeout", r.duration(&p.Timeout), "time limit of one request, 1ms to 1h; default 10s"},
		{"max-errors", r.share(&p.MaxErrorShare), "share of failed requests beyond which the load stops and a trial is invalid; default 1%"},
		{"twin", r.truth(&p.Twin), "true adds a second copy of the first target (A/A), to all phases but sweeps; default false"},
		{"max-time", r.given(&p.MaxTime, r.duration(&p.MaxTime)), "bound on the whole run; default none"},
		{"precision", r.precision(&p.Precision), "stop at a planned look once the interval is this narrow; default never"},
		{"slo-p99", r.given(&p.SLO, r.duration(&p.SLO)), "limit of p99, for the throughput at an SLO in a sweep; default 5ms"},
		{"budgets", r.budgets(&p.Budgets), "limits that a gate enforces, such as out-of-process p99 <= 2ms"},
		{"workloads", r.workloads(&p.Workloads), "what is requested; default one GET of /plaintext"},
		{"dotnet", r.dotnet(&p.Dotnet), "how an app in .NET is measured, the same for every target; others ignore it"},
		{"phases", r.phases(&p.Phases), "the steps of a fresh start, in order"},
	}
}

// given adds a fault for a zero in the file, where an absent key means "none".
func (r *reader) given(v *ancmbench.Seconds, inner value) value {
	return value{looks: inner.looks, take: func(n ast.Node, key string) {
		before := len(r.faults)
		inner.take(n, key)
		if *v == 0 && len(r.faults) == before {
			r.fault(lineOf(n), key, "must be above 0; leave the key out for none")
		}
	}}
}

func (r *reader) precision(to *float64) value {
	return value{looks: shareShape, take: func(n ast.Node, key string) {
		before := len(r.faults)
		r.share(to).take(n, key)
		if *to == 0 && len(r.faults) == before {
			r.fault(lineOf(n), key, "0%% can never be reached: leave the key out for a fixed number of fresh starts")
		}
	}}
}

// models reads "both", "all", one model, or a list of these.
func (r *reader) models(to *[]ancmbench.Model) value {
	one := suggested("one of", append([]string{"both", "all"}, words(ancmbench.Models)...))
	return value{looks: shape{either: []shape{one, {list: &one}}}, take: func(n ast.Node, key string) {
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
	}}
}

// budgets reads a list of limits on metrics, each a line of text for the gate.
func (r *reader) budgets(to *[]string) value {
	return value{looks: shape{list: &textShape}, take: func(n ast.Node, key string) {
		r.list(n, key, "budgets", func(n ast.Node, key string) {
			before := len(r.faults)
			var text string
			r.text(&text).take(n, key)
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
	}}
}
