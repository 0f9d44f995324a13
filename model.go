package ancmbench

import (
	"fmt"
	"strings"
)

// Model names a hosting model, or a rung of the breakdown.
type Model string

// The models (DESIGN.md, "The breakdown").
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

// Proxy tells that the rung is a real proxy of the machine's, in front of Direct.
func (m Model) Proxy() bool { return m == Nginx || m == HAProxy }

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
