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
// is a fault, as is an unknown key. Manual describes every key, and Schema is the JSON Schema
// of a profile; both are made from the keys that the reader uses (keys.go).
//
// A phase without an arrival rate of its own takes the profile's. Anchors,
// aliases, tags and further documents are not read.
package profiles
