package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ancmbench"
	"ancmbench/reports/gate"
)

// recording is a file of fresh starts that grows batch by batch.
type recording struct {
	launches       int
	out            string
	inject, metric string
	rate           string
	batch          int
	ancmbench      string
	work           string
	extra          string // the injected work, once the first batch has measured it
}

// batch describes the lines that follow it in a recording: "# {...}".
type batch struct {
	Started  time.Time         `json:"started"`
	Launches int               `json:"launches"`
	Elapsed  ancmbench.Seconds `json:"elapsed_seconds"`
	Rate     float64           `json:"rate_per_second"`
	Engine   string            `json:"engine"`
	Seed     uint64            `json:"seed"`
	Tool     string            `json:"tool"`
	Go       string            `json:"go"`
	OS       string            `json:"os"`
	Arch     string            `json:"arch"`
	CPU      string            `json:"cpu_model"`
	Cores    int               `json:"cores"`
	// Inject, Metric and Extra describe an injected effect.
	Inject string `json:"inject,omitempty"`
	Metric string `json:"metric,omitempty"`
	Extra  string `json:"extra,omitempty"`
}

// readRecording returns the fresh starts of a file and the descriptions of its batches;
// none if there is no file.
func readRecording(path string) (launches []gate.RecordedLaunch, batches []batch, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if launches, err = gate.ReadLaunches(bytes.NewReader(b)); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		text, found := strings.CutPrefix(lines.Text(), "# ")
		if !found {
			continue
		}
		var x batch
		if err := json.Unmarshal([]byte(text), &x); err != nil {
			return nil, nil, fmt.Errorf("%s: %q: %w", path, text, err)
		}
		batches = append(batches, x)
	}
	return launches, batches, lines.Err()
}

// record continues until there are enough fresh starts.
func (r *recording) record(ctx context.Context) error {
	if r.launches == 0 {
		return nil
	}
	launches, batches, err := readRecording(r.out)
	if err != nil {
		return err
	}
	if len(batches) > 0 {
		// The same injection at the same rate, or it is another recording.
		first := batches[0]
		if first.Inject != r.inject || r.inject != "" && first.Metric != r.metric {
			return fmt.Errorf("%s holds --inject %q of %q: give --out another file", r.out, first.Inject, first.Metric)
		}
		r.extra = first.Extra
		if r.rate == "" {
			r.rate = strconv.FormatFloat(first.Rate, 'g', -1, 64)
		}
	}
	barren := 0
	for have := len(launches); have < r.launches; {
		n := min(r.batch, r.launches-have)
		fmt.Printf("%s: %d of %d fresh starts; %d more\n", r.out, have, r.launches, n)
		run, err := r.measure(ctx, n)
		if err != nil {
			return err
		}
		got, err := r.add(run)
		if err != nil {
			return err
		}
		if have += got; got > 0 {
			barren = 0
		} else if barren++; barren == 3 {
			return errors.New("three batches in a row had no valid fresh start: check this host with 'ancmbench doctor'")
		}
	}
	fmt.Printf("%s: %d fresh starts\n", r.out, max(len(launches), r.launches))
	return nil
}

// measure carries out one batch with the commands of the gate: 'calibrate' for two
// copies, 'selftest' for an injected effect.
func (r *recording) measure(ctx context.Context, n int) (*ancmbench.Run, error) {
	dir := filepath.Join(r.work, "batch")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	args := []string{"calibrate", "--measure-only"}
	if r.inject != "" {
		args = []string{"selftest", "--inject=" + r.inject, "--metric=" + r.metric}
		if r.extra != "" {
			args = append(args, "--extra="+r.extra)
		}
	}
	args = append(args, "--quiet", "--launches="+strconv.Itoa(n), "--out="+dir)
	if r.rate != "" {
		args = append(args, "--rate="+r.rate)
	}
	c := exec.CommandContext(ctx, r.ancmbench, args...)
	var said bytes.Buffer
	c.Stderr = &said
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGINT) }
	c.WaitDelay = 30 * time.Second
	err := c.Run()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	// A selftest of five fresh starts cannot decide, and its exit code says so. The run
	// counts if its results file exists.
	run, readErr := ancmbench.ReadRun(dir)
	if readErr != nil {
		return nil, errors.Join(err, readErr, errors.New(strings.TrimSpace(said.String())))
	}
	if run.State != ancmbench.Complete {
		return nil, fmt.Errorf("the batch is %s: %s", run.State, run.Reason)
	}
	for _, a := range run.Command {
		if extra, found := strings.CutPrefix(a, "--extra="); found {
			r.extra = extra
		}
	}
	return run, nil
}

// add appends a batch to the file, in one write.
func (r *recording) add(run *ancmbench.Run) (int, error) {
	launches, err := gate.Gate{}.Recorded(run)
	if err != nil || len(launches) == 0 {
		return 0, err
	}
	x := batch{Started: run.Started, Launches: len(launches), Elapsed: run.Elapsed, Rate: rateOf(run), Engine: engineOf(run), Seed: run.Seed,
		Tool: run.Tool.Version, Go: run.Tool.Go, OS: run.Host.OS, Arch: run.Host.Arch, CPU: run.Host.CPUModel, Cores: run.Host.Cores}
	if r.inject != "" {
		x.Inject, x.Metric, x.Extra = r.inject, r.metric, r.extra
	}
	head, err := json.Marshal(x)
	if err != nil {
		return 0, err
	}
	text := bytes.NewBuffer(fmt.Appendf(nil, "# %s\n", head))
	if err := gate.WriteLaunches(text, launches); err != nil {
		return 0, err
	}
	f, err := os.OpenFile(r.out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, err
	}
	_, err = f.Write(text.Bytes())
	return len(launches), errors.Join(err, f.Close())
}

func rateOf(run *ancmbench.Run) float64 {
	for i := range run.Results {
		if res := &run.Results[i]; res.PhaseKind == ancmbench.Latency && res.Void == "" {
			return res.Arrivals.Rate
		}
	}
	return run.Profile.Rate
}

func engineOf(run *ancmbench.Run) string {
	for i := range run.Results {
		if run.Results[i].PhaseKind == ancmbench.Latency {
			return run.Results[i].Engine
		}
	}
	return ""
}
