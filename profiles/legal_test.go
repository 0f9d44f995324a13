package profiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// full uses every key that there is.
const full = `
name: full-1.0_x
description: >
  every key
models: [direct, both]
needs: [nginx, node]
targets:
  - name: app
    command: node server.js --socket {socket}
    env: {NODE_ENV: production, EMPTY: ""}
    dir: app
    ready: {http: /health, status: 204, log: listening, within: 90s}
    stop: SIGINT
    log: app.log
    measured: false
  - name: nginx own
    before: app
    args: [nginx, -p, "{dir}", -c, "{dir}/nginx.conf"]
    ready: port
    files:
      nginx.conf: |
        server {upstream};
        listen {port};
  - {name: haproxy own, before: direct, command: "haproxy {upstream} {port}"}
  - {name: theirs, url: "http://127.0.0.1:8080/x?y", processes: {proxy: "unit:nginx", app: ["port:3000", "name:node"]}}
  - {name: socket, url: "unix:/run/app.sock:/"}
launches: 20
rate: 250.5/s
connections: 64
engine: wire
timeout: 1m30s
max-errors: 0.5%
twin: true
max-time: 1h
precision: 2.5%
slo-p99: 20ms
budgets:
  - out-of-process p99 <= 2ms
  - penalty p50 <= 2.5x
workloads:
  - {name: plain, path: "/plaintext?x=1"}
  - name: mix
    requests:
      - path: /json
        weight: 3
        header: {Accept: application/json, X-Empty: ""}
      - {path: /echo, method: POST, body-size: 1KiB, weight: 0.5}
      - path: /echo
        method: PUT
        expect: {status: "302,4xx", body-contains: moved, body-size: 5B, header: {Location: /b}, body-sha256: b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9}
        body: |
          two
          lines
dotnet:
  gc: server
  tiered-pgo: false
  tiered-compilation: true
  ready-to-run: false
  environment: {Logging__LogLevel__Default: Error, EMPTY: ""}
  warm-up: 12s
  rows:
    - {name: one, gc: workstation, tiered-pgo: true}
    - {name: two}
phases:
  - {kind: cold-start}
  - {kind: warm-up, duration: 1s, arrivals: constant, dealing: single}
  - name: p50
    kind: latency
    duration: 2s
    connections: 16
    workload: mix
    arrivals: {kind: constant, rate: 10/s}
    dealing: {kind: slices, slice: 100ms, settle: 0%, gap: 2ms, mirrored: true}
  - {name: ramp, kind: sweep, duration: 4s, arrivals: {kind: ramp, rate: 1/s, ramp-to: 1e3/s, random: true}}
  - name: steps
    kind: sweep
    arrivals:
      kind: steps
      random: true
      steps: [{rate: 100/s, duration: 1s}, {rate: 200/s, duration: 500ms}]
  - {name: replay, kind: latency, duration: 1s, arrivals: {kind: replay, instants: [0s, 1ms, 1ms, 1s]}}
  - {name: cpu, kind: latency, duration: 1s, factor: cpu, level: 200us}
  - {name: body, kind: latency, duration: 1s, factor: upload, level: 64KiB, front: h2}
  - {name: many, kind: latency, duration: 1s, factor: connections, level: 64}
  - {name: socket, kind: latency, duration: 1s, factor: websocket, engine: websocket}
  - {kind: peak, duration: 1s, arrivals: {kind: closed, think: 10us}}
  - {kind: memory, duration: 1s}
  - {kind: recovery, duration: 3s}
  - {name: app dies, kind: recovery, kill: app, duration: 3s}
`

func TestEveryKeyIsRead(t *testing.T) {
	p, err := Parse("full.yaml", []byte(full))
	if err != nil {
		t.Fatal(err)
	}
	s := func(d time.Duration) ancmbench.Seconds { return ancmbench.Seconds(d) }
	slices := ancmbench.Dealing{Kind: ancmbench.Slices, Settle: 0.1}
	single := ancmbench.Dealing{Kind: ancmbench.Single}
	yes := true
	poisson := ancmbench.Arrivals{Kind: ancmbench.Poisson}
	want := ancmbench.Profile{
		Name: "full-1.0_x", Description: "every key",
		Models: []ancmbench.Model{ancmbench.Direct, ancmbench.InProcess, ancmbench.OutOfProcess},
		Needs:  []string{"nginx", "node"},
		Targets: []ancmbench.Server{
			{Name: "app", Command: "node server.js --socket {socket}", Dir: "app", Stop: "SIGINT", Log: "app.log", Unmeasured: true,
				Env:   []ancmbench.Field{{Name: "NODE_ENV", Value: "production"}, {Name: "EMPTY"}},
				Ready: ancmbench.Ready{HTTP: "/health", Status: 204, Log: "listening", Within: s(90 * time.Second)}},
			{Name: "nginx own", Before: "app", Args: []string{"nginx", "-p", "{dir}", "-c", "{dir}/nginx.conf"},
				Files: []ancmbench.ServerFile{{Name: "nginx.conf", Text: "server {upstream};\nlisten {port};\n"}}},
			{Name: "haproxy own", Before: "direct", Command: "haproxy {upstream} {port}"},
			{Name: "theirs", URL: "http://127.0.0.1:8080/x?y", Processes: []ancmbench.ProcessRule{{Role: "proxy", By: "unit", Value: "nginx"},
				{Role: "app", By: "port", Value: "3000"}, {Role: "app", By: "name", Value: "node"}}},
			{Name: "socket", URL: "unix:/run/app.sock:/"},
		},
		Launches: 20, Rate: 250.5, Connections: 64, Engine: "wire",
		Timeout: s(90 * time.Second), MaxErrorShare: 0.005, Twin: true,
		MaxTime: s(time.Hour), Precision: 0.025, SLO: s(20 * time.Millisecond),
		Budgets: []string{"out-of-process p99 <= 2ms", "penalty p50 <= 2.5x"},
		Workloads: []ancmbench.Workload{
			{Name: "plain", Requests: []ancmbench.Request{{Path: "/plaintext?x=1"}}},
			{Name: "mix", Requests: []ancmbench.Request{
				{Path: "/json", Weight: 3, Header: []ancmbench.Field{{Name: "Accept", Value: "application/json"}, {Name: "X-Empty"}}},
				{Path: "/echo", Method: "POST", Weight: 0.5, Body: p.Workloads[1].Requests[1].Body},
				{Path: "/echo", Method: "PUT", Body: []byte("two\nlines\n"), Expect: &ancmbench.Expect{Statuses: []string{"302", "4xx"}, BodyContains: "moved",
					BodyBytes: p.Workloads[1].Requests[2].Expect.BodyBytes, Header: []ancmbench.Field{{Name: "Location", Value: "/b"}},
					BodySHA256: "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"}},
			}},
		},
		Dotnet: &ancmbench.Dotnet{
			Settings: ancmbench.DotnetSettings{GC: "server", TieredPGO: new(bool), TieredCompilation: &yes, ReadyToRun: new(bool),
				Environment: []ancmbench.Field{{Name: "Logging__LogLevel__Default", Value: "Error"}, {Name: "EMPTY"}}},
			WarmUp: s(12 * time.Second),
			Rows: []ancmbench.DotnetRow{{Name: "one", Settings: ancmbench.DotnetSettings{GC: "workstation", TieredPGO: &yes}},
				{Name: "two"}},
		},
		Phases: []ancmbench.Phase{
			{Name: "cold-start", Kind: ancmbench.ColdStart, Arrivals: ancmbench.Arrivals{Kind: ancmbench.Closed}, Dealing: single},
			{Name: "warm-up", Kind: ancmbench.WarmUp, Duration: s(time.Second),
				Arrivals: ancmbench.Arrivals{Kind: ancmbench.Constant}, Dealing: single},
			{Name: "p50", Kind: ancmbench.Latency, Duration: s(2 * time.Second), Connections: 16, Workload: "mix",
				Arrivals: ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 10},
				Dealing: ancmbench.Dealing{Kind: ancmbench.Slices, Slice: s(100 * time.Millisecond),
					Gap: s(2 * time.Millisecond), Mirrored: true}},
			{Name: "ramp", Kind: ancmbench.Sweep, Duration: s(4 * time.Second), Dealing: slices,
				Arrivals: ancmbench.Arrivals{Kind: ancmbench.Ramp, Rate: 1, RampTo: 1000, Random: true}},
			{Name: "steps", Kind: ancmbench.Sweep, Duration: s(1500 * time.Millisecond), Dealing: slices,
				Arrivals: ancmbench.Arrivals{Kind: ancmbench.Steps, Random: true, Steps: []ancmbench.Step{
					{Rate: 100, Duration: s(time.Second)}, {Rate: 200, Duration: s(500 * time.Millisecond)}}}},
			{Name: "replay", Kind: ancmbench.Latency, Duration: s(time.Second), Dealing: slices,
				Arrivals: ancmbench.Arrivals{Kind: ancmbench.Replay,
					Instants: []ancmbench.Seconds{0, s(time.Millisecond), s(time.Millisecond), s(time.Second)}}},
			{Name: "cpu", Kind: ancmbench.Latency, Duration: s(time.Second), Dealing: slices, Arrivals: poisson,
				Factor: ancmbench.FactorCPU, Level: 200e-6},
			{Name: "body", Kind: ancmbench.Latency, Duration: s(time.Second), Dealing: slices, Arrivals: poisson,
				Factor: ancmbench.FactorUpload, Level: 64 << 10, Front: "h2"},
			{Name: "many", Kind: ancmbench.Latency, Duration: s(time.Second), Dealing: slices, Arrivals: poisson,
				Factor: ancmbench.FactorConnections, Level: 64},
			{Name: "socket", Kind: ancmbench.Latency, Duration: s(time.Second), Dealing: slices, Arrivals: poisson,
				Factor: ancmbench.FactorWebSocket, Engine: "websocket"},
			{Name: "peak", Kind: ancmbench.Peak, Duration: s(time.Second), Dealing: slices,
				Arrivals: ancmbench.Arrivals{Kind: ancmbench.Closed, Think: s(10 * time.Microsecond)}},
			{Name: "memory", Kind: ancmbench.Memory, Duration: s(time.Second), Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson}, Dealing: single},
			{Name: "recovery", Kind: ancmbench.Recovery, Kill: "worker", Duration: s(3 * time.Second), Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson}, Dealing: single},
			{Name: "app dies", Kind: ancmbench.Recovery, Kill: "app", Duration: s(3 * time.Second), Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson}, Dealing: single},
		},
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("read\n%+v\nwant\n%+v", p, want)
	}
	if body := p.Workloads[1].Requests[1].Body; len(body) != 1024 || string(body[:28]) != "abcdefghijklmnopqrstuvwxyzab" {
		t.Errorf("the body of 1KiB has %d bytes, %.28q", len(body), body)
	}
}

func TestDefaults(t *testing.T) {
	p, err := Parse("/some where/my own.profile.yaml", []byte("phases: [{kind: latency, duration: 1s}]"))
	if err != nil {
		t.Fatal(err)
	}
	quick, err := Load("quick")
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "my-own.profile" {
		t.Errorf("it is named %q", p.Name)
	}
	if !reflect.DeepEqual(p.Models, quick.Models) || p.Launches != 6 || p.Rate != 0 || p.Connections != 8 ||
		p.Engine != "auto" || p.MaxErrorShare != 0.01 || !reflect.DeepEqual(p.Workloads, quick.Workloads) {
		t.Errorf("defaults are %+v", p)
	}
}

func TestSpellingsOfModels(t *testing.T) {
	both := []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess}
	for text, want := range map[string][]ancmbench.Model{
		"both": both, "all": ancmbench.Models, "[InProcess, outofprocess]": both, `"in-process,out-of-process"`: both,
		"direct": {ancmbench.Direct}, "[both, direct]": {ancmbench.InProcess, ancmbench.OutOfProcess, ancmbench.Direct},
	} {
		p, err := Parse("x.yaml", []byte("models: "+text+"\nphases: [{kind: latency, duration: 1s}]"))
		if err != nil || !reflect.DeepEqual(p.Models, want) {
			t.Errorf("models: %s gives %v and %v, want %v", text, p.Models, err, want)
		}
	}
}

func TestLoadByPath(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	p, err := Load(write("mine.yaml", "phases: [{kind: latency, duration: 1s}]"))
	if err != nil || p.Name != "mine" {
		t.Errorf("gives %q, %v", p.Name, err)
	}
	bad := write("bad.yaml", "phases: 3")
	if _, err := Load(bad); err == nil || !strings.HasPrefix(err.Error(), bad+":1: phases: ") {
		t.Errorf("a fault is not at the file's path: %v", err)
	}
	_, err = Load("qick")
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), `did you mean "quick"? legal: apache-node, breakdown, caddy-node, curve, dotnet, dotnet-settings, gate, haproxy-node, hops, iis, nginx-gunicorn, nginx-node, nginx-unix-node, quick, smoke, standard`) {
		t.Errorf("an unknown profile: %v", err)
	}
	if _, err = Load(dir); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("a folder: %v", err)
	}
	if _, err = Load(write("huge.yaml", strings.Repeat("#", maxFile+1))); err == nil || !strings.Contains(err.Error(), "more than the limit of") {
		t.Errorf("a huge file: %v", err)
	}
	if _, err := Source("../profiles"); err == nil {
		t.Error("a path is no embedded profile")
	}
}
