package profiles

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// numberKey is a key with a number behind it, in the profile that uses every key.
var numberKey = regexp.MustCompile(`([a-z0-9-]+): +([0-9][0-9a-zA-Z./%]*)|instants: \[(0s)`)

// zeros are the keys that may be 0.
var zeros = map[string]bool{"settle": true, "gap": true, "think": true, "level": true, "body-size": true, "instants": true}

// A key that is a number refuses what is none, and what is out of its range; each takes
// only its own unit, so that every word is tried with all of them.
func TestNumbersAreFiniteAndInRange(t *testing.T) {
	seen := map[string]bool{}
	for _, at := range numberKey.FindAllStringSubmatchIndex(full, -1) {
		key, from, to := "instants", at[6], at[7]
		if at[2] >= 0 {
			key, from, to = full[at[2]:at[3]], at[4], at[5]
		}
		seen[key] = true
		for _, v := range []string{"NaN", ".nan", "Inf", ".inf", "-Inf", "1e400", "1e308", "-1", "0", "9223372036854775808", "2562047"} {
			for _, unit := range []string{"", "%", "/s", "us", "h", "MiB"} {
				word := v + unit
				text := full[:from] + word + full[to:]
				_, err := Parse("full.yaml", []byte(text))
				if err != nil || zeros[key] && strings.Trim(v, "0.") == "" || word == "2562047us" { // 2.6 s
					continue
				}
				t.Errorf("%s: %s is legal", key, word)
			}
		}
		if _, err := Parse("full.yaml", []byte(full[:from]+`""`+full[to:])); err == nil {
			t.Errorf("%s: nothing is legal", key)
		}
	}
	for _, key := range []string{"launches", "rate", "connections", "timeout", "max-errors", "max-time", "precision", "slo-p99", "weight", "body-size",
		"duration", "slice", "settle", "gap", "ramp-to", "instants", "level", "think", "status", "within", "warm-up"} {
		if !seen[key] {
			t.Errorf("%s is not tried", key)
		}
	}
	if n := len(seen); n != 21 {
		t.Errorf("%d keys are numbers, and 21 are named above: %v", n, slices.Sorted(func(yield func(string) bool) {
			for k := range seen {
				if !yield(k) {
					return
				}
			}
		}))
	}
}
