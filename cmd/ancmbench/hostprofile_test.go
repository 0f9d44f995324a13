package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ancmbench/internal/host"
)

// A host profile is a file in somebody's home, which a gate believes: what cannot be is
// refused with the file's name, in one line, and a sound one is taken.
func TestHostProfilesThatAreRefused(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", dir)
	h := host.Fingerprint()
	path, err := hostProfilePath(h.Key())
	if err != nil {
		t.Skip(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"spread_log":{"response_p50_seconds":0.02},"attenuation":{"share":{"value":0.7,"interval_95":{"low":0.6,"high":0.8}}}}`: "",
		`{"spread_log":{"\u001b[31m":-0.02}}`:                               `spread of \x1b[31m: -0.02 is not in 0 to 10`,
		`{"spread_log":{"a":1e17}}`:                                         "spread of a: 1e+17 is not in 0 to 10",
		`{"spread_log":{"a":1e300}}`:                                        "out of range",
		`{"spread_log":{"a":NaN}}`:                                          "invalid character 'N'",
		`{"attenuation":{"share":{"value":1e9}}}`:                           "attenuation: a share of 1e+09",
		`{"attenuation":{"share":{"value":1,"interval_95":{"low":-1e12}}}}`: "attenuation: a share of -1e+12",
		`{"later":` + strings.Repeat("[", 100_000):                          "nested deeper than 64 levels",
		`{"fingerprint_key":"` + strings.Repeat("x", 100_000) + `"}`:        "longer than 65536 bytes",
		strings.Repeat(" ", 2<<20):                                          "bytes, more than the limit of 1048576",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := readHostProfile(h)
		switch {
		case want == "" && (err != nil || p.Spread["response_p50_seconds"] != 0.02):
			t.Errorf("a sound one: %+v, %v", p, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 400):
			t.Errorf("%.60s: %.300v, want %q", text, err, want)
		}
	}
}
