package ancmbench

import (
	"fmt"
	"strings"
)

// Model names a hosting model, or a rung of the breakdown.
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

// Models lists every rung in the order of the breakdown.
var Models = []Model{Direct, InProcess, Relay, Bare, OutOfProcess,
	OutOfProcessUnix, OutOfProcessNoReuse, ReverseProxy, Nginx, HAProxy}

// modelFacts are what is true of a model, for whoever would else list models.
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

// Proxy reports whether the model is a real proxy of the machine's, in front of Direct.
func (m Model) Proxy() bool { return factsOf[m].proxy }

// HostsApp reports whether the app runs in the process that the client talks to.
func (m Model) HostsApp() bool { return factsOf[m].hostsApp }

// Forwards reports whether the process that the client talks to is ours and hands
// requests on to a process of the app's own, which may be any program.
func (m Model) Forwards() bool { f, known := factsOf[m]; return known && !f.hostsApp && !f.proxy }

// HasPipeline reports whether requests pass a pipeline of ours, in which native
// modules work and applications are told apart by their paths.
func (m Model) HasPipeline() bool { return factsOf[m].pipeline }

// HasFronts reports whether the model can be reached by further fronts, over TLS and
// by HTTP/2: it reads what it passes on, and is started by us.
func (m Model) HasFronts() bool { return factsOf[m].fronts }

// ParseModels reads a comma-separated list of models. "both" is in-process and
// out-of-process, in that order; "all" is every model; "inprocess" and
// "outofprocess" are spelled as in web.config. Case does not matter.
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
