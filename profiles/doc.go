// Package profiles answers one question: what should be run, how often and for how long?
// It reads a profile, embedded or from a file, and checks it before anything is started.
//
//  1. Read the YAML with the line of each key (node.go, scalar.go, read.go).
//  2. Check the profile against rules that do not depend on YAML (rules.go), so that
//     flags obey the same rules (flags.go).
//  3. Return an ancmbench.Profile, or every fault at once (fault.go).
//
// It plans nothing and fits nothing: package experiment replaces a rate of 0 or a slice
// of 0 by a value from its measurements.
//
// # The file
//
// Durations carry their unit ("800ms", "2s", "1m30s"), rates are per second
// ("1000/s", or "auto" for the profile's rate), shares are percentages ("10%"),
// sizes have units ("64B", "10KiB", "1MB"). A bare number where a unit belongs
// is a fault, as is every key that is not listed here:
//
//	name          what reports call it; default: the file's name
//	description   one sentence
//	models        both, all, or a list; default both
//	launches      fresh starts, 1 to 1000; default 6
//	rate          requests/s per target, or auto (from headroom); default auto
//	connections   per target, 1 to 20000; default 8
//	engine        auto, wire or vegeta; default auto
//	timeout       of one request, 1ms to 1h; default 10s
//	max-errors    share of failed requests beyond which a trial is invalid; default 1%
//	twin          true adds a second copy of the first target (A/A), to all but sweeps; default false
//	max-time      bound on the whole run; default none
//	precision     stop at a planned look once the interval is this narrow; default never
//	slo-p99       limit of p99, for throughput at an SLO in a sweep; default 5ms
//	budgets       list of limits that a gate enforces: "out-of-process p99 <= 2ms"
//	workloads     list of: name, and path, method, header, body, body-size,
//	              or requests: a list of these with a weight each;
//	              default one GET of /plaintext
//	phases        list of: name, kind, duration, arrivals, dealing, connections, workload,
//	              kill (worker or app, in a recovery phase),
//	              factor and level (a point of a curve: cpu 1ms, upload 64KB, connections 256),
//	              front (nethttp, tls, h2, h2c), engine (websocket)
//	arrivals      a kind, or: kind, rate, ramp-to, random, steps, instants, think
//	dealing       a kind, or: kind, slice, settle, gap, mirrored
//
// A phase without an arrival rate of its own takes the profile's. Anchors,
// aliases, tags and further documents are not read.
package profiles
