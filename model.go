package ancmbench

import (
	"fmt"
	"strings"
)

// Model names a hosting model, or a step of the breakdown.
type Model string

// The models.
const (
	Direct              Model = "direct"
	InProcess           Model = "in-process"
	OutOfProcess        Model = "out-of-process"
	Relay               Model = "relay"
	Bare                Model = "bare"
	OutOfProcessUnix    Model = "out-of-process-unix"
	OutOfProcessNoReuse Model = "out-of-process-noreuse"
	ReverseProxy        Model = "reverseproxy"
	Nginx               Model = "nginx"
	HAProxy             Model = "haproxy"
)

// Models lists every model in the order of the breakdown.
var Models = []Model{Direct, InProcess, Relay, Bare, OutOfProcess,
	OutOfProcessUnix, OutOfProcessNoReuse, ReverseProxy, Nginx, HAProxy}

// modelFacts are the properties of a model. Code asks for a property instead of listing
// models, so that a new model needs one entry.
type modelFacts struct {
	proxy, hostsApp, pipeline, fronts bool
}

var factsOf = map[Model]modelFacts{
	Direct:              {hostsApp: true, fronts: true},
	InProcess:           {hostsApp: true, pipeline: true, fronts: true},
	Relay:               {},
	Bare:                {pipeline: true, fronts: true},
	OutOfProcess:        {pipeline: true, fronts: true},
	OutOfProcessUnix:    {pipeline: true, fronts: true},
	OutOfProcessNoReuse: {pipeline: true, fronts: true},
	ReverseProxy:        {pipeline: true, fronts: true},
	Nginx:               {proxy: true},
	HAProxy:             {proxy: true},
}

// Proxy reports whether the model is a proxy installed on the machine, in front of Direct.
func (m Model) Proxy() bool { return factsOf[m].proxy }

// HostsApp reports whether the app runs in the process that the client talks to.
func (m Model) HostsApp() bool { return factsOf[m].hostsApp }

// Forwards reports whether the client talks to a process of ours that forwards requests
// to the app's own process, which may be any program.
func (m Model) Forwards() bool { f, known := factsOf[m]; return known && !f.hostsApp && !f.proxy }

// HasPipeline reports whether requests pass through our pipeline, which runs native
// modules and routes to applications by path.
func (m Model) HasPipeline() bool { return factsOf[m].pipeline }

// HasFronts reports whether the model can also be reached over TLS and HTTP/2. That takes
// a server of ours that parses the requests.
func (m Model) HasFronts() bool { return factsOf[m].fronts }

// ParseModels parses a comma-separated list of models and fails on an unknown one.
// "both" means in-process and out-of-process, in that order; "all" means every model;
// "inprocess" and "outofprocess" are the spellings of web.config. Case does not matter.
func ParseModels(list string) ([]Model, error) {
	var out []Model
	seen := map[Model]bool{}
	add := func(ms ...Model) {
		for _, m := range ms {
			if !seen[m] {
				seen[m] = true
				out = append(out, m)
			}
		}
	}
	for word := range strings.SplitSeq(list, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		switch word {
		case "both":
			add(InProcess, OutOfProcess)
		case "all":
			add(Models...)
		case "inprocess":
			add(InProcess)
		case "outofprocess":
			add(OutOfProcess)
		default:
			m, err := parseModel(word)
			if err != nil {
				return nil, err
			}
			add(m)
		}
	}
	return out, nil
}

func parseModel(word string) (Model, error) {
	names := make([]string, 0, len(Models))
	for _, m := range Models {
		if string(m) == word {
			return m, nil
		}
		names = append(names, string(m))
	}
	return "", fmt.Errorf("unknown model %q: the models are both, all, %s", word, strings.Join(names, ", "))
}
