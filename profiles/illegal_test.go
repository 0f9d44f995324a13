package profiles

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"ancmbench"
)

// Each text has one fault. The rest of the profile is sound, so that a fault of
// ours would show as a second one.
func TestIllegal(t *testing.T) {
	const latency = "phases: [{kind: latency, duration: 1s}]\n"
	phase := func(body string) string { return "phases:\n  - {" + body + "}\n" }
	for _, c := range []struct{ text, want string }{
		// keys
		{"launchs: 3\n" + latency, `:1: launchs: unknown key; did you mean "launches"? legal: budgets, connections, description,`},
		{"max_errors: 3%\n" + latency, `:1: max_errors: unknown key; did you mean "max-errors"?`},
		{"seed: 3\n" + latency, `:1: seed: unknown key`},
		{phase("kind: latency, duration: 1s, dealings: slices"), `:2: phases[0].dealings: unknown key; did you mean "dealing"?`},
		{latency + "rate: 1/s\nrate: 2/s\n", ":3: rate: given twice; first at line 2"},
		// targets
		{"targets: [{name: a, command: x}]\n" + latency, ":1: targets: there must be two or more that are measured"},
		{"targets: [{name: a, command: x}, {name: b, command: x, measured: false}]\n" + latency, ":1: targets: there must be two or more that are measured"},
		{"targets:\n  - {name: a, command: x}\n  - {name: a, command: y}\n" + latency, `:3: targets[1].name: "a" names two targets`},
		{"models: direct\ntargets: [{name: direct, command: x}]\n" + latency, `:2: targets[0].name: "direct" is the name of a model`},
		{"targets: [{command: x}, {name: b, command: y}]\n" + latency, ":1: targets[0].name: a target needs a name"},
		{"targets: [{name: a/b, command: x}, {name: b, command: y}]\n" + latency, `:1: targets[0].name: "a/b": a name has none of`},
		{"targets: [{name: a}, {name: b, command: y}]\n" + latency, ":1: targets[0]: a: a target has exactly one of url, command and args"},
		{"targets: [{name: a, command: x, url: 'http://h/'}, {name: b, command: y}]\n" + latency, ":1: targets[0]: a: a target has exactly one of"},
		{"targets: [{name: a, url: 'http://h/', stop: SIGINT}, {name: b, command: y}]\n" + latency, ":1: targets[0]: a: a url is of a server that runs already"},
		{"targets: [{name: a, command: x, processes: {server: 'pid:1'}}, {name: b, command: y}]\n" + latency, ":1: targets[0].processes: a: processes are named of a server that runs already"},
		{"targets: [{name: a, url: 'http://h/', processes: {worker: 'pid:1'}}, {name: b, command: y}]\n" + latency, `:1: targets[0].processes.worker: role "worker": want server or proxy`},
		{"targets: [{name: a, url: 'http://h/', processes: {server: 'port:x'}}, {name: b, command: y}]\n" + latency, `:1: targets[0].processes.server: "port:x": the port must be 1 to 65535`},
		{"targets: [{name: a, url: 'http://h/', processes: {server: ['pid:1', 'x']}}, {name: b, command: y}]\n" + latency, `want port:N, pid:N, name:NAME, cgroup:PATH or unit:NAME`},
		{"targets: [{name: a, url: 'http://h/', processes: {server: 'pid:1', proxy: 'pid:2'}}, {name: b, command: y}]\n" + latency, ":1: targets[0].processes: roles server and proxy are two names for the same place"},
		{"targets: [{name: a, url: 'http://h/', processes: nginx}, {name: b, command: y}]\n" + latency, ":1: targets[0].processes: "},
		{"targets: [{name: a, url: 'ftp://h/'}, {name: b, command: y}]\n" + latency, ":1: targets[0].url: must be http://host"},
		{"targets: [{name: a, url: 'http://u:p@h/'}, {name: b, command: y}]\n" + latency, ":1: targets[0].url: credentials in a URL are not sent"},
		{"targets: [{name: a, command: x, before: b}, {name: b, command: y}]\n" + latency, `:1: targets[0].before: a must be told where b is: write {upstream}`},
		{"targets: [{name: a, command: 'x {upstream}', before: bb}, {name: b, command: y}]\n" + latency, `:1: targets[0].before: unknown target "bb"; did you mean "b"? legal: b, direct`},
		{"targets: [{name: a, command: 'x {upstream}'}, {name: b, command: y}]\n" + latency, ":1: targets[0]: a: {upstream} is the address of the target behind"},
		{"targets: [{name: a, command: 'x {upstream}', before: a}, {name: b, command: y}]\n" + latency, ":1: targets[0].before: a stands before itself: a -> a"},
		{"targets: [{name: a, command: 'x {upstream}', before: b}, {name: b, url: 'http://h/'}]\n" + latency, ":1: targets[0].before: b is a server that runs already"},
		{"targets: [{name: a, command: 'x {port} {socket}'}, {name: b, command: y}]\n" + latency, ":1: targets[0]: a: a target listens on {port} or on {socket}"},
		{"targets: [{name: a, command: x, stop: SIGKIL}, {name: b, command: y}]\n" + latency, `:1: targets[0].stop: unknown signal "SIGKIL"; legal: SIGTERM, SIGINT`},
		{"targets: [{name: a, command: x, files: {../a: x}}, {name: b, command: y}]\n" + latency, `:1: targets[0].files.../a: "../a": a file's name is a path below {dir}`},
		{"targets: [{name: a, command: x, files: {c: {template: no-such.conf}}}, {name: b, command: y}]\n" + latency, "no-such.conf: no such file"},
		{"targets: [{name: a, command: x, env: {'1 x': y}}, {name: b, command: y}]\n" + latency, `:1: targets[0].env.1 x: "1 x" is not the name of an environment variable`},
		{"targets: [{name: a, args: []}, {name: b, command: y}]\n" + latency, ":1: targets[0]"},
		{"targets: [{name: a, command: x, ready: soon}, {name: b, command: y}]\n" + latency, `:1: targets[0].ready: "soon" is neither port nor a mapping of http, log, status, within`},
		{"targets: [{name: a, command: x, ready: {status: 200}}, {name: b, command: y}]\n" + latency, ":1: targets[0].ready.status: is of the answer to http"},
		{"targets: [{name: a, command: x, ready: {http: /, status: 99}}, {name: b, command: y}]\n" + latency, `:1: targets[0].ready.status: "99" is not a status`},
		{"needs: [rm -rf]\n" + latency, `:1: needs[0]: "rm -rf" is not the name of a program`},
		// units
		{"timeout: 10\n" + latency, `:1: timeout: "10" has no unit: a duration is written 10s`},
		{"timeout: 10 parsecs\n" + latency, `:1: timeout: "10 parsecs" is not a duration: write a number with`},
		{"timeout: 0\n" + latency, `:1: timeout: "0" has no unit`},
		{"rate: 1000\n" + latency, `:1: rate: "1000" has no unit: a rate is written 1000/s, or auto`},
		{"rate: 1000/m\n" + latency, `:1: rate: "1000/m" is not a rate: write requests per second, such as 1000/s, or auto`},
		{"max-errors: 0.01\n" + latency, `:1: max-errors: "0.01" has no unit: a share is written as a percentage`},
		{"max-errors: 1s\n" + latency, `:1: max-errors: "1s" is not a share`},
		{"workloads: [{name: a, path: /, body-size: 10}]\n" + latency, `:1: workloads[0].body-size: "10" has no unit: a size is written 10B`},
		{"workloads: [{name: a, path: /, body-size: 10KB/s}]\n" + latency, `:1: workloads[0].body-size: "10KB/s" is not a size`},
		{"workloads: [{name: a, path: /, body-size: 0.3KiB}]\n" + latency, `0.3KiB is not a whole number of bytes`},
		// values
		{"launches: 0\n" + latency, ":1: launches: 0: there must be 1 to 1000 fresh starts"},
		{"launches: -1\n" + latency, ":1: launches: -1: there must be"},
		{"launches: 6.5\n" + latency, `:1: launches: "6.5" is not a whole number`},
		{"launches: 99999999999999999999\n" + latency, `:1: launches: "99999999999999999999" is not a whole number`},
		{"rate: 0/s\n" + latency, ":1: rate: 0/s: a rate must be above 0/s and at most 1000000/s"},
		{"rate: -5/s\n" + latency, ":1: rate: -5/s: a rate must be above 0/s"},
		{"rate: 1e300/s\n" + latency, ":1: rate: 1e+300/s: a rate must be above 0/s"},
		{"rate: .inf\n" + latency, `:1: rate: ".inf" is not a rate`},
		{"rate: .nan\n" + latency, `:1: rate: ".nan" is not a rate`},
		{"connections: 0\n" + latency, ":1: connections: 0: there must be 1 to 20000 connections per target"},
		{"connections: 20001\n" + latency, ":1: connections: 20001:"},
		{"engine: hyper\n" + latency, `:1: engine: unknown engine "hyper"; legal: auto, wire, vegeta`},
		{"timeout: -1s\n" + latency, ":1: timeout: -1s: must lie between 1ms and 1h0m0s"},
		{"timeout: 2h\n" + latency, ":1: timeout: 2h0m0s: must lie between"},
		{"max-errors: 0%\n" + latency, ":1: max-errors: 0%: must be above 0% and at most 100%"},
		{"max-errors: 101%\n" + latency, ":1: max-errors: 101%: must be above 0% and at most 100%"},
		{"twin: yes\n" + latency, `:1: twin: "yes" is neither true nor false`},
		{"twin: [true]\n" + latency, ":1: twin: is a list; it must be true or false"},
		{"max-time: 0s\n" + latency, ":1: max-time: must be above 0"},
		{"max-time: -1s\n" + latency, ":1: max-time: -1s: must be above 0"},
		{"max-time: 1s\n" + latency, ":1: max-time: 1s: one fresh start alone loads its 2 targets for 2s"},
		{"max-time: 1s\nphases: [{kind: cold-start}, {kind: latency, duration: 1s}]", ":1: max-time: 1s: one fresh start alone loads its 2 targets for 2s"},
		{"slo-p99: 0s\n" + latency, ":1: slo-p99: must be above 0"},
		{"slo-p99: -1ms\n" + latency, ":1: slo-p99: -1ms: must be above 0"},
		{"slo-p99: 2h\n" + latency, ":1: slo-p99: 2h0m0s: must be above 0 and at most 1h0m0s"},
		{"slo-p99: 5\n" + latency, ":1: slo-p99: "},
		{"precision: 0%\n" + latency, ":1: precision: 0% can never be reached"},
		{"precision: 100%\n" + latency, ":1: precision: 100%: must be above 0% and below 100%"},
		{"name: a/b\n" + latency, `:1: name: "a/b": a name is 1 to 64 letters`},
		{"name: ..\n" + latency, `:1: name: "..": a name is 1 to 64 letters`},
		{"name:\n" + latency, ":1: name: has no value; it must be text"},
		{"name: ''\n" + latency, ":1: name: is empty"},
		{"models: in-proces\n" + latency, `:1: models: unknown model "in-proces": the models are both, all, direct, in-process`},
		{"models: []\n" + latency, ":1: models: there must be at least one"},
		{"models:\n  - direct\n  - iis\n" + latency, `:3: models[1]: unknown model "iis"`},
		// workloads
		{"workloads: []\n" + latency, ":1: workloads: there must be at least one"},
		{"workloads: {name: a}\n" + latency, ":1: workloads: is a mapping; it must be a list of workloads"},
		{"workloads: [{path: /}]\n" + latency, ":1: workloads[0].name: a workload needs a name"},
		{"workloads:\n - {name: a, path: /}\n - {name: a, path: /b}\n" + latency, `:3: workloads[1].name: "a" names two workloads`},
		{"workloads: [{name: a}]\n" + latency, `:1: workloads[0].path: "": a path begins with /`},
		{"workloads: [{name: a, path: plaintext}]\n" + latency, `workloads[0].path: "plaintext": a path begins with /`},
		{"workloads: [{name: a, path: \"/a b\"}]\n" + latency, "has neither blanks nor #"},
		{"workloads: [{name: a, path: \"/a\\r\\nX: y\"}]\n" + latency, "has neither blanks nor #"},
		{"workloads: [{name: a, path: '/{{id}}'}]\n" + latency, "workloads[0].vars: variables: nothing gives {{id}} a value"},
		{"workloads: [{name: a, path: /, header: {content-type: application/grpc}}]\n" + latency, "workloads[0].header.content-type: gRPC is not supported"},
		{"workloads: [{name: a, path: /, vars: x.csv}]\n" + latency, "workloads[0].vars: only a profile that is a file itself can name one"},
		{"workloads: [{name: a, path: /, body-file: x}]\n" + latency, "workloads[0].body-file: only a profile that is a file itself can name one"},
		{"workloads: [{name: a, path: /, vars-order: next}]\n" + latency, "workloads[0].vars-order: is the order of the rows of vars, and there is none"},
		{"workloads: [{name: a, path: /, expect: {status: 2xx or 3xx}}]\n" + latency, `workloads[0].expect.status: expected status "2xx or 3xx"`},
		{"workloads: [{name: a, path: /, expect: {status: 99}}]\n" + latency, `workloads[0].expect.status: expected status "99"`},
		{"workloads: [{name: a, path: /, expect: {body-sha256: abc}}]\n" + latency, `workloads[0].expect.body-sha256: "abc": must be 64 hexadecimal digits`},
		{"workloads: [{name: a, path: /, expect: {body-size: 5}}]\n" + latency, `workloads[0].expect.body-size: "5" has no unit`},
		{"workloads: [{name: a, path: /, expect: {statuses: 200}}]\n" + latency, `workloads[0].expect.statuses: unknown key; did you mean "status"?`},
		{"workloads: [{name: a, path: /, expect: 200}]\n" + latency, `workloads[0].expect: is "200"; it must be a mapping`},
		{"workloads: [{name: a, path: /, method: get}]\n" + latency, `workloads[0].method: "get": a method is upper-case`},
		{"workloads: [{name: a, path: /, method: CONNECT}]\n" + latency, "workloads[0].method: CONNECT makes a tunnel"},
		{"workloads: [{name: a, path: /, weight: 2}]\n" + latency, "workloads[0].weight: unknown key"},
		{"workloads: [{name: a, path: /, requests: [{path: /}]}]\n" + latency, "workloads[0].path: cannot be used together with requests"},
		{"workloads: [{name: a, requests: []}]\n" + latency, "workloads[0].requests: there must be at least one"},
		{"workloads: [{name: a, requests: [{path: /, weight: 0}]}]\n" + latency, `workloads[0].requests[0].weight: "0": a weight is a number above 0`},
		{"workloads: [{name: a, path: /, body: x, body-size: 1B}]\n" + latency, "workloads[0].body-size: cannot be used together with another key of a body"},
		{"workloads: [{name: a, path: /, body-size: 1B, body: x}]\n" + latency, "workloads[0].body: cannot be used together with another key of a body"},
		{"workloads: [{name: a, path: /, body-size: 2MiB}]\n" + latency, "2MiB: a body has 0B to 1048576B"},
		{"workloads: [{name: a, path: /, body-size: -1B}]\n" + latency, "-1B: a body has 0B to 1048576B"},
		{"workloads: [{name: a, path: /, header: {Host: x}}]\n" + latency, "workloads[0].header.Host: is set by ancmbench"},
		{"workloads: [{name: a, path: /, header: {\"X Y\": x}}]\n" + latency, `"X Y" is not a name of a header field`},
		{"workloads: [{name: a, path: /, header: {X: \"a\\nb\"}}]\n" + latency, "a value is printable ASCII on one line"},
		{"workloads: [{name: a, path: /, header: [X]}]\n" + latency, "workloads[0].header: is a list; it must be a mapping of field names"},
		// phases
		{"rate: 1/s\n", ":1: phases: nothing would be measured"},
		{"phases: []\n", ":1: phases: nothing would be measured"},
		{"phases: [{kind: warm-up, duration: 1s}]\n", ":1: phases: nothing would be measured"},
		{"phases: latency\n", `:1: phases: is "latency"; it must be a list of phases`},
		{"phases: [latency]\n", `:1: phases[0]: is "latency"; it must be a mapping of arrivals, connections,`},
		{phase("kind: lat, duration: 1s"), `:2: phases[0].kind: unknown kind "lat"; did you mean "latency"? legal: cold-start,`},
		{phase("name: a, duration: 1s"), ":2: phases[0].kind: a phase needs a kind; legal: cold-start,"},
		{phase("kind: latency, duration: 1s") + "  - {kind: latency, duration: 1s}", `:3: phases[1].name: "latency" names two phases`},
		{phase("kind: latency"), ":2: phases[0].duration: 0s: must be above 0 and at most 24h0m0s"},
		{phase("kind: latency, duration: -1s"), "phases[0].duration: -1s: must be above 0"},
		{phase("kind: latency, duration: 25h"), "phases[0].duration: 25h0m0s: must be above 0 and at most 24h0m0s"},
		{phase("kind: cold-start, duration: 1s"), "phases[0].duration: a cold start ends with the first answer"},
		{phase("kind: latency, duration: 1s, connections: 0"), "phases[0].connections: 0: there must be 1 to 20000"},
		{phase("kind: latency, duration: 1s, connections: -3"), "phases[0].connections: -3: there must be 1 to 20000"},
		{phase("kind: latency, duration: 1s, workload: plain"), `phases[0].workload: no workload is named "plain"; did you mean "plaintext"?`},
		{phase("kind: recovery, duration: 1s, kill: was"), `phases[0].kill: no role "was" can be killed; legal: worker, app`},
		{phase("kind: latency, duration: 1s, kill: app"), "phases[0].kill: nothing is killed in a latency phase"},
		// dotnet
		{"dotnet: server\n" + latency, ":1: dotnet: is \"server\"; it must be a mapping"},
		{"dotnet: {gc: serve}\n" + latency, `:1: dotnet.gc: unknown mode "serve"; did you mean "server"?`},
		{"dotnet: {tiered-pgo: 1}\n" + latency, `:1: dotnet.tiered-pgo: "1" is neither true nor false`},
		{"dotnet: {warm-up: 0s}\n" + latency, ":1: dotnet.warm-up: must be above 0"},
		{"dotnet: {warm-up: 2h}\n" + latency, ":1: dotnet.warm-up: 2h0m0s: must be 100ms to 1h"},
		{"dotnet: {warm-up: 1ms}\n" + latency, ":1: dotnet.warm-up: 1ms: must be 100ms to 1h"},
		{"dotnet: {environment: {ASPNETCORE_TOKEN: x}}\n" + latency, ":1: dotnet.environment.ASPNETCORE_TOKEN: is set by the hosting model"},
		{"dotnet: {environment: {aspnetcore_urls: x}}\n" + latency, ":1: dotnet.environment.aspnetcore_urls: is set by the hosting model"},
		{"dotnet: {environment: {DOTNET_TieredPGO: 0}}\n" + latency, ":1: dotnet.environment.DOTNET_TieredPGO: has a key of its own: write tiered-pgo"},
		{"dotnet: {environment: {\"A B\": x}}\n" + latency, `"A B" is not a name of a variable`},
		{"dotnet: {environment: [A]}\n" + latency, ":1: dotnet.environment: is a list"},
		{"dotnet:\n  rows:\n  - {name: a}\n  - {name: A}\n" + latency, `:4: dotnet.rows[1].name: "A" names two rows`},
		{"dotnet: {rows: [{gc: server}]}\n" + latency, `dotnet.rows[0].name: "": a name is 1 to 64 letters`},
		{"dotnet: {rows: [{name: a/b}]}\n" + latency, `dotnet.rows[0].name: "a/b": a name is 1 to 64 letters`},
		{"dotnet: {rows: [{name: a, gc: x}]}\n" + latency, `dotnet.rows[0].gc: unknown mode "x"`},
		// arrivals
		{phase("kind: latency, duration: 1s, arrivals: poison"), `phases[0].arrivals: unknown kind of arrivals "poison"; did you mean "poisson"?`},
		{phase("kind: latency, duration: 1s, arrivals:"), "phases[0].arrivals: has no value; it must be a mapping"},
		{phase("kind: latency, duration: 1s, arrivals: closed"), "phases[0].arrivals: closed in a latency phase: users do not wait"},
		{phase("kind: peak, duration: 1s, arrivals: poisson"), "phases[0].arrivals: poisson in a peak phase: it measures the highest throughput, so it is a closed loop; legal: closed"},
		{phase("kind: latency, duration: 1s, arrivals: {kind: poisson, rate: auto}"), `phases[0].arrivals.rate: "auto" is not a rate`},
		{phase("kind: latency, duration: 1s, arrivals: {kind: poisson, ramp-to: 3/s}"), "phases[0].arrivals.ramp-to: poisson arrivals have none"},
		{phase("kind: latency, duration: 1s, arrivals: {kind: poisson, random: true}"), "phases[0].arrivals.random: poisson arrivals have none"},
		{phase("kind: latency, duration: 1s, arrivals: {kind: poisson, think: 1s}"), "phases[0].arrivals.think: poisson arrivals have none"},
		{phase("kind: peak, duration: 1s, arrivals: {kind: closed, rate: 1/s}"), "phases[0].arrivals.rate: closed arrivals have none"},
		{phase("kind: peak, duration: 1s, arrivals: {kind: closed, think: -1s}"), "phases[0].arrivals.think: -1s: must be 0s to 24h"},
		{phase("kind: sweep, duration: 1s, arrivals: ramp"), "phases[0].arrivals.ramp-to: 0/s: a rate must be above 0/s"},
		{phase("kind: sweep, duration: 1s"), "phases[0].arrivals.steps: there must be at least one step"},
		{phase("kind: sweep, duration: 1s, arrivals: {kind: steps, steps: [{rate: 1/s, duration: 2s}]}"), "the steps last 2s and the phase 1s"},
		{phase("kind: sweep, duration: 1s, arrivals: {kind: steps, steps: [{duration: 1s}]}"), "phases[0].arrivals.steps[0].rate: 0/s: a rate must be above"},
		{phase("kind: latency, duration: 1s, arrivals: replay"), "phases[0].arrivals.instants: there must be at least one"},
		{phase("kind: latency, duration: 1s, arrivals: {kind: replay, instants: [1ms, 0s]}"), "instants[1]: 0s comes before the one above it"},
		{phase("kind: latency, duration: 1s, arrivals: {kind: replay, instants: [2s]}"), "instants[0]: 2s lies after the phase's end at 1s"},
		{phase("kind: latency, duration: 1s, arrivals: {kind: replay, instants: [-2s]}"), "instants[0]: -2s lies before the start"},
		// dealing
		{phase("kind: latency, duration: 1s, dealing: duel"), "phases[0].dealing: duel in a latency phase: a duel is biased towards no difference and is for the gate only; legal: slices, single"},
		{phase("kind: latency, duration: 1s, dealing: slice"), `phases[0].dealing: unknown kind of dealing "slice"; did you mean "slices"?`},
		{phase("kind: latency, duration: 1s, dealing: single"), "phases[0].dealing: single with several models: measured one after the other"},
		{phase("kind: memory, duration: 1s, dealing: slices"), "phases[0].dealing: slices in a memory phase: each target is measured alone; legal: single"},
		{phase("kind: latency, duration: 1s, dealing: {kind: slices, settle: 51%}"), "phases[0].dealing.settle: 51%: must be 0% to 50% of a slice"},
		{phase("kind: latency, duration: 1s, dealing: {kind: slices, settle: -1%}"), "phases[0].dealing.settle: -1%: must be 0%"},
		{phase("kind: latency, duration: 1s, dealing: {kind: slices, slice: 2s}"), "phases[0].dealing.slice: 2s is longer than the phase's 1s"},
		{phase("kind: latency, duration: 1s, dealing: {kind: slices, slice: 1us}"), "phases[0].dealing.slice: 1µs: must be at least 1ms"},
		{phase("kind: latency, duration: 1s, dealing: {kind: slices, gap: -1ms}"), "phases[0].dealing.gap: -1ms: must be 0s"},
		{phase("kind: memory, duration: 1s, dealing: {kind: single, mirrored: true}"), "phases[0].dealing.mirrored: a single dealing has none"},
		// YAML
		{"", ":1: is empty"},
		{"# only a comment\n", ":1: is empty"},
		{"[1, 2]\n", ":1: is a list; it must be a mapping of budgets, connections,"},
		{"just words\n", `:1: is "just words"`},
		{"a: [1\n", ": not YAML: "},
		{latency + "---\n" + latency, ": a second document"},
		{"rate: &r 1/s\n" + latency, "rate: is an anchor, alias or tag"},
		{"rate: !!str 1/s\n" + latency, "rate: is an anchor, alias or tag"},
	} {
		_, err := Parse("x.yaml", []byte(c.text))
		var faults Faults
		if !errors.As(err, &faults) {
			t.Errorf("%q: is taken (%v)", c.text, err)
			continue
		}
		if len(faults) != 1 || !strings.HasPrefix(err.Error(), "x.yaml:") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q:\n got %v\nwant one fault with %s", c.text, err, c.want)
		}
	}
}

func TestAllFaultsAtOnceInTheOrderOfTheFile(t *testing.T) {
	_, err := Parse("mine.yaml", []byte(`launchs: 3
rate: 1000
connections: 0
phases:
  - kind: latency
    duration: 3
    dealing: {kind: duel, slice: 1ms}
  - kind: lat
    arrivals: {kind: poison}
engine: x
`))
	lines := []int{1, 2, 3, 6, 7, 7, 8, 8, 9, 10}
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	var got []int
	for _, f := range faults {
		got = append(got, f.Line)
	}
	if fmt.Sprint(got) != fmt.Sprint(lines) {
		t.Errorf("faults at lines %v, want %v:\n%v", got, lines, err)
	}
	var first Fault
	if !errors.As(err, &first) || first.Key != "launchs" || first.File != "mine.yaml" {
		t.Errorf("errors.As gives %+v", first)
	}
}

// A file of nothing but faults is answered with a screenful, and the number of the rest.
func TestFurtherFaultsAreCounted(t *testing.T) {
	for name, text := range map[string]string{
		"keys":      strings.Repeat("x: 1\n", 10_000),
		"phases":    "phases:\n" + strings.Repeat("- kind: x\n", 6000),
		"workloads": "workloads:\n" + strings.Repeat("- name: \"\"\n", 4000),
		"names":     "workloads:\n" + manyNames(1500) + "phases:\n" + strings.Repeat("- kind: peak\n  workload: x\n", 1000),
	} {
		if len(text) > maxFile {
			t.Fatalf("%s: %d bytes are not read at all", name, len(text))
		}
		_, err := Parse("p.yaml", []byte(text))
		if err == nil {
			t.Fatalf("%s: is legal", name)
		}
		lines := strings.Split(err.Error(), "\n")
		if last := lines[len(lines)-1]; len(lines) != ancmbench.MaxFaults+1 || !strings.HasPrefix(last, "and ") || !strings.HasSuffix(last, " more") {
			t.Errorf("%s: %d lines, the last %q", name, len(lines), last)
		}
		if len(err.Error()) > 10_000 {
			t.Errorf("%s: %d bytes", name, len(err.Error()))
		}
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "- name: a%d\n", i)
	}
	return b.String()
}
