package reports

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"ancmbench"
)

var update = flag.Bool("update", false, "write the golden files anew")

func analysed(t *testing.T, run *ancmbench.Run) *Analysis {
	t.Helper()
	a, err := Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run go test -update and look at the difference\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

func screen(t *testing.T, run *ancmbench.Run, opts TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, run, analysed(t, run), opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextGolden(t *testing.T) {
	golden(t, "quick.txt", []byte(screen(t, models().run(), TextOptions{Width: 100, Report: "results/20260102-030405-quick/report.html"})))
}

// How the models were reached stands where the conditions do.
func TestConditionsNameFrontAndModules(t *testing.T) {
	run := &ancmbench.Run{Targets: []ancmbench.TargetInfo{{}}, Results: []ancmbench.Result{{PhaseKind: ancmbench.Latency}}}
	for _, c := range []struct {
		target ancmbench.TargetInfo
		want   string
	}{
		{ancmbench.TargetInfo{Front: "lean"}, "one target at a time"},
		{ancmbench.TargetInfo{Front: "nethttp", Protocol: "https"}, "one target at a time, nethttp front over TLS (HTTP/1.1)"},
		{ancmbench.TargetInfo{Front: "nethttp", Protocol: "h2c"}, "one target at a time, nethttp front with HTTP/2 without TLS"},
		{ancmbench.TargetInfo{Front: "lean", Native: []string{"request-log"}}, "one target at a time, lean front behind request-log"},
	} {
		run.Targets[0] = c.target
		if got := conditions(run); got != c.want {
			t.Errorf("%+v: %q, want %q", c.target, got, c.want)
		}
	}
}
