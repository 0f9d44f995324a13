package ancmbench

import (
	"encoding/json"
)

// Warning is doubt as data: a code out of a closed set, and what it is about.
// Its text, with what to do about it, is made in one place, by reports.
type Warning struct {
	Code WarningCode `json:"code"`
	// Phase and Target say where; empty means the whole run.
	Phase  string `json:"phase,omitempty"`
	Target string `json:"target,omitempty"`
	// Value and Bound have the unit that the code's text names.
	Value float64 `json:"value,omitempty"`
	Bound float64 `json:"bound,omitempty"`
	// Detail is a further word, free of host names and paths.
	Detail string `json:"detail,omitempty"`
}

// MarshalJSON writes Value and Bound as Check.MarshalJSON does; what is no number
// is left out.
func (w Warning) MarshalJSON() ([]byte, error) {
	w.Value, w.Bound = finite(w.Value), finite(w.Bound)
	type plain Warning
	return json.Marshal(plain(w))
}

// WarningCode is one of the closed set below.
type WarningCode string

// The warnings.
const (
	WarnRateNotReached     WarningCode = "rate-not-reached"      // Value reached, Bound asked, requests/s
	WarnLag                WarningCode = "send-lag"              // Value lag p50, Bound a tenth of response p50, s
	WarnGeneratorBusy      WarningCode = "generator-busy"        // Value share of one core, Bound
	WarnRunQueue           WarningCode = "generator-waited"      // Value share of time runnable but waiting, Bound
	WarnGC                 WarningCode = "generator-gc"          // Value total pause s, Bound
	WarnArrivals           WarningCode = "arrivals-off-schedule" // Value Anderson-Darling statistic, Bound
	WarnDrift              WarningCode = "drift"                 // Value log ratio of halves' p50, Bound
	WarnCorrelated         WarningCode = "autocorrelated"        // Value lag-1 autocorrelation, Bound
	WarnLittle             WarningCode = "littles-law"           // Value relative difference, Bound
	WarnRetransmits        WarningCode = "retransmits"           // Value count, Bound
	WarnListenOverflow     WarningCode = "listen-overflow"       // Value count, Bound
	WarnErrors             WarningCode = "errors"                // Value share, Bound
	WarnWrongModel         WarningCode = "wrong-model"           // Value count
	WarnShed               WarningCode = "shed"                  // Value count
	WarnNotWarm            WarningCode = "not-warm"              // Value log ratio of last windows, Bound
	WarnStillWarming       WarningCode = "faster-later"          // Value log ratio end of warm-up to end of launch, Bound
	WarnSteal              WarningCode = "steal"                 // Value share, Bound
	WarnOtherLoad          WarningCode = "other-load"            // Value share of all cores, Bound
	WarnGovernor           WarningCode = "cpu-governor"          // Detail its name
	WarnSwap               WarningCode = "swap"                  // Value bytes
	WarnCPULimit           WarningCode = "cpu-limit"             // Value cores allowed, Bound cores present
	WarnClock              WarningCode = "clock-source"          // Detail its name
	WarnPortsLeft          WarningCode = "ports-left"            // Value ports, Bound
	WarnSharedCores        WarningCode = "shared-cores"          // Value cores
	WarnHeadroom           WarningCode = "rate-lowered"          // Value rate used, Bound rate asked
	WarnContinuous         WarningCode = "continuous-phases"     // Value fitted slice s, Bound
	WarnFewSamples         WarningCode = "few-samples"           // Value samples, Bound needed
	WarnFewLaunches        WarningCode = "few-launches"          // Value launches, Bound
	WarnVoidTrials         WarningCode = "void-trials"           // Value count
	WarnUnsupported        WarningCode = "unsupported"           // Detail what and why
	WarnLeftOut            WarningCode = "left-out"              // Detail which model was asked for and not run, and why
	WarnInterrupted        WarningCode = "interrupted"           // Value launches finished, Bound planned
	WarnServiceHeadline    WarningCode = "service-time-headline" // Value lag p50, Bound
	WarnProcessesNotFound  WarningCode = "processes-not-found"   // Detail why
	WarnConnectionsDiffer  WarningCode = "connection-not-reused" // Value reconnects, Bound
	WarnBackgroundCPU      WarningCode = "background-cpu"        // Value share of one core, Bound
	WarnEnginesDisagree    WarningCode = "engines-disagree"      // Value log ratio, Bound
	WarnThroughputBoundGen WarningCode = "generator-bound-peak"  // Value generator's share, Bound
	WarnMemoryShared       WarningCode = "pss-unavailable"       // Detail why RSS is shown
)
