package profiles

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ancmbench"
)

// fronts are the listeners of a bundled model beside its main one.
var fronts = []string{"nethttp", "tls", "h2", "h2c"}

// websocket is the engine of a phase whose connections are upgraded.
const websocket = "websocket"

// parseLevel parses the level of a factor, in the factor's unit.
func parseLevel(f ancmbench.Factor, s string) (float64, error) {
	switch f.LevelUnit() {
	case "seconds":
		d, err := ParseDuration(s)
		return d.Seconds(), err
	case "bytes":
		n, err := parseSize(s)
		return float64(n), err
	case "connections":
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0, fmt.Errorf("%q is not a whole number, such as 64", short(s))
		}
		return float64(n), nil
	}
	return 0, fmt.Errorf("the factor %q has no level; leave it out", f)
}

// point checks the keys that make a phase a point of a curve.
func (c *check) point(p ancmbench.Profile, ph ancmbench.Phase, key string) {
	c.must(ph.Factor == "" || slices.Contains(ancmbench.Factors, ph.Factor), key+".factor",
		"unknown factor %q%s", short(string(ph.Factor)), meant(string(ph.Factor), words(ancmbench.Factors)))
	c.must(ph.Factor == "" || ph.Kind == ancmbench.Latency, key+".factor", "a point of a curve is a latency phase, and this is a %s phase", ph.Kind)
	c.must(ph.Level >= 0, key+".level", "%v: must not be negative", ph.Level)
	c.must(ph.Factor.LevelUnit() != "seconds" || ph.Level <= maxTimeout.Seconds(), key+".level", "%vs: no request takes longer than %v", ph.Level, maxTimeout)
	if ph.Factor == ancmbench.FactorConnections {
		c.must(int(ph.Level) == connectionsOf(p, ph), key+".level", "%v, and the phase has %d connections: they are the same thing", ph.Level, connectionsOf(p, ph))
	}
	c.must(ph.Front == "" || slices.Contains(fronts, ph.Front), key+".front", "unknown front %q%s", short(ph.Front), meant(ph.Front, fronts))
	c.must(ph.Front == "" || ph.Kind == ancmbench.Latency, key+".front", "a front of its own is for latency phases; leave it out")
	c.must(ph.Engine == "" || ph.Engine == websocket, key+".engine", "unknown engine %q: a phase may name %s, and the profile has the others", short(ph.Engine), websocket)
	c.must(ph.Engine == "" || ph.Kind == ancmbench.Latency || ph.Kind == ancmbench.Peak, key+".engine", "a %s phase takes the profile's; leave it out", ph.Kind)
}

func connectionsOf(p ancmbench.Profile, ph ancmbench.Phase) int {
	if ph.Connections != 0 {
		return ph.Connections
	}
	return p.Connections
}

// reservedField reports whether a profile must not give a header field. "Connection:
// close" is allowed.
func reservedField(f ancmbench.Field) bool {
	name := strings.ToLower(f.Name)
	return slices.Contains(ours, name) && !(name == "connection" && strings.EqualFold(f.Value, "close"))
}
