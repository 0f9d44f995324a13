package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// noNumber are the flags whose value is a word, a path, a URL or a command.
var noNumber = map[string]bool{"out": true, "profile": true, "against": true, "append-history": true, "base": true, "head": true, "base-rev": true,
	"build": true, "start": true, "engine": true, "history": true, "junit": true, "markdown": true, "metric": true, "model": true, "path": true,
	"result": true, "format": true, "body": true, "cacert": true, "header": true, "hgrm": true, "method": true, "spin": true, "vegeta-results": true,
	"target": true, "check": true, "metrics": true, "front": true, "module": true, "request-log": true, "static-files": true, "web-config": true, "app": true,
	"basic-auth": true, "certificate": true, "h2c-listen": true, "listen": true, "negotiate-keytab": true, "negotiate-principal": true, "tls-listen": true,
	"path-base": true, "client-ca": true, "client-certificates": true, "expect": true, "output": true,
	"allow-target": true, "creds": true, "join": true, "serve-address": true, "token-file": true, "nats": true, "agent-image": true, "agent-join": true,
	"start-agents": true, "serve-agent": true,
	"expect-body-contains": true, "expect-body-sha256": true, "request": true, "vars": true, "vars-order": true, "processes": true, "html": true}

// numberFlags are the flags that are numbers: a command line in which everything else is
// right, with VALUE where the number goes, and which of the words below are legal there.
var numberFlags = map[string]struct {
	line  string
	legal string
}{
	"calibrate launches":   {"calibrate --launches=VALUE", ""},
	"calibrate rate":       {"calibrate --rate=VALUE", ""},
	"calibrate seed":       {"calibrate --seed=VALUE", "0"},
	"doctor watch":         {"doctor --watch=VALUE", ""},
	"gate between-runs":    {"gate --against=stored --between-runs=VALUE", ""},
	"gate budget":          {"gate --budget=p99<=VALUE", ""},
	"gate launches":        {"gate --budget=p99<=1s --launches=VALUE", ""},
	"gate margin":          {"gate --base=a --head=b --margin=VALUE", ""},
	"gate max-time":        {"gate --budget=p99<=1s --max-time=VALUE", "0 0s 0ms 0h"},
	"gate rate":            {"gate --budget=p99<=1s --rate=VALUE", ""},
	"gate seed":            {"gate --budget=p99<=1s --seed=VALUE", "0"},
	"load load-agents":     {"load http://127.0.0.1:1/ --listen=127.0.0.1:0 --start-agents=local:1 --load-agents=VALUE", "0"},
	"load agents-within":   {"load http://127.0.0.1:1/ --start-agents=local:1 --agents-within=VALUE", ""},
	"gate load-agents":     {"gate --budget=p99<=1s --listen=127.0.0.1:0 --start-agents=local:1 --load-agents=VALUE", "0"},
	"gate agents-within":   {"gate --budget=p99<=1s --start-agents=local:1 --agents-within=VALUE", ""},
	"run load-agents":      {"run --listen=127.0.0.1:0 --start-agents=local:1 --load-agents=VALUE", "0"},
	"run agents-within":    {"run --start-agents=local:1 --agents-within=VALUE", ""},
	"load connections":     {"load http://127.0.0.1:1/ --connections=VALUE", ""},
	"load duration":        {"load http://127.0.0.1:1/ --duration=VALUE", ""},
	"load max-errors":      {"load http://127.0.0.1:1/ --max-errors=VALUE", "0 0% 1e-400%"},
	"load ramp":            {"load http://127.0.0.1:1/ --rate=5 --ramp=VALUE", ""},
	"load rate":            {"load http://127.0.0.1:1/ --rate=VALUE", ""},
	"load rate2":           {"load http://127.0.0.1:1/ --rate2=VALUE", ""},
	"load requests":        {"load http://127.0.0.1:1/ --requests=VALUE", ""},
	"load stop-at-errors":  {"load http://127.0.0.1:1/ --stop-at-errors=VALUE", ""},
	"load seed":            {"load http://127.0.0.1:1/ --seed=VALUE", "0"},
	"load slo":             {"load http://127.0.0.1:1/ --slo=pVALUE=5ms", ""},
	"load threads":         {"load http://127.0.0.1:1/ --threads=VALUE", "0"},
	"load threshold":       {"load http://127.0.0.1:1/ --threshold=p99<=VALUE", ""},
	"load timeout":         {"load http://127.0.0.1:1/ --timeout=VALUE", ""},
	"predict app-time":     {"predict --at-rate=5 nothing --app-time=VALUE", "0 0s 0ms 0h"},
	"predict at-rate":      {"predict --app-time=1s nothing --at-rate=VALUE", ""},
	"run connections":      {"run --connections=VALUE", ""},
	"run duration":         {"run --duration=VALUE", ""},
	"run launches":         {"run --launches=VALUE", ""},
	"run max-time":         {"run --max-time=VALUE", "0 0s 0ms 0h"},
	"run precision":        {"run --precision=VALUE", ""},
	"run rate":             {"run --rate=VALUE", ""},
	"run seed":             {"run --seed=VALUE", "0"},
	"selftest extra":       {"selftest --extra=VALUE", "0 0s 0ms 0h"},
	"selftest inject":      {"selftest --inject=VALUE", "0 0%"},
	"selftest launches":    {"selftest --launches=VALUE", ""},
	"selftest rate":        {"selftest --rate=VALUE", ""},
	"selftest seed":        {"selftest --seed=VALUE", "0"},
	"serve readiness-poll": {"serve --listen=127.0.0.1:0 --readiness-poll=VALUE", "0 0s 0ms 0h"},
}

// numberWords are what a number must not be, or only where 0 is one.
func numberWords() []string {
	words := []string{""}
	for _, v := range []string{"NaN", "-Inf", "inf", "1e400", "-1", "0", "1e-400", "9e307"} {
		for _, unit := range []string{"", "%", "/s", "s", "M", "/m", "ms", "h"} {
			words = append(words, v+unit)
		}
	}
	return words
}

// Every numeric flag of every verb refuses what is no number, and what is out of its
// range, as a usage error that names it, before anything is started.
func TestNumbersAreFiniteAndInRange(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Chdir(dir)
	storedRun(t, "stored")
	for _, c := range newRoot().Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			name := c.Name() + " " + f.Name
			n, known := numberFlags[name]
			switch {
			case f.Value.Type() == "bool" || noNumber[f.Name] && !known:
				return
			case !known:
				t.Errorf("%s is in neither list", name)
				return
			}
			for i, word := range numberWords() {
				if underRace && i%9 != 0 {
					continue
				}
				line := strings.ReplaceAll(n.line, "VALUE", word)
				err := refusal(t, line)
				code := exitCode(t.Context(), err)
				if legal := slices.Contains(strings.Fields(n.legal), word); legal != (code != exitUsage) {
					t.Errorf("ancmbench %s: exit code %d (%v), legal is %v", line, code, err, legal)
				}
				if err != nil && code == exitUsage && !strings.Contains(err.Error(), "--"+f.Name) {
					t.Errorf("ancmbench %s: %v does not name the flag", line, err)
				}
			}
		})
	}
}

// NaN and the infinities come in by strconv.ParseFloat, whose every call is in finite.
func TestOneReaderOfNumbers(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "ParseFloat(") && file != "numbers.go" && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s reads a number by strconv.ParseFloat, which takes NaN for one: use finite", file)
		}
	}
}
