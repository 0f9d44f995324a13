package ancmbench

import "strings"

// WarningCode is one of the codes below.
type WarningCode string

// The warnings. Warnings says what each carries; reports/advice has the text of each.
const (
	WarnRateNotReached     WarningCode = "rate-not-reached"
	WarnLag                WarningCode = "send-lag"
	WarnLagP99             WarningCode = "send-lag-p99"
	WarnLagMax             WarningCode = "send-lag-max"
	WarnWaited             WarningCode = "waited"
	WarnFewConnections     WarningCode = "few-connections"
	WarnGeneratorBusy      WarningCode = "generator-busy"
	WarnRunQueue           WarningCode = "generator-waited"
	WarnGC                 WarningCode = "generator-gc"
	WarnArrivals           WarningCode = "arrivals-off-schedule"
	WarnSpacing            WarningCode = "arrivals-uneven"
	WarnDrift              WarningCode = "drift"
	WarnCorrelated         WarningCode = "autocorrelated"
	WarnFewIndependent     WarningCode = "few-independent-samples"
	WarnLittle             WarningCode = "littles-law"
	WarnRetransmits        WarningCode = "retransmits"
	WarnListenOverflow     WarningCode = "listen-overflow"
	WarnErrors             WarningCode = "errors"
	WarnWrongModel         WarningCode = "wrong-model"
	WarnShed               WarningCode = "shed"
	WarnNotWarm            WarningCode = "not-warm"
	WarnStillWarming       WarningCode = "faster-later"
	WarnStillCompiling     WarningCode = "still-compiling"
	WarnSteal              WarningCode = "steal"
	WarnOtherLoad          WarningCode = "other-load"
	WarnGovernor           WarningCode = "cpu-governor"
	WarnSwap               WarningCode = "swap"
	WarnSwapping           WarningCode = "swapping"
	WarnCPULimit           WarningCode = "cpu-limit"
	WarnClock              WarningCode = "clock-source"
	WarnClockStep          WarningCode = "clock-step"
	WarnPortsLeft          WarningCode = "ports-left"
	WarnSharedCores        WarningCode = "shared-cores"
	WarnHeadroom           WarningCode = "rate-lowered"
	WarnContinuous         WarningCode = "continuous-phases"
	WarnFewSamples         WarningCode = "few-samples"
	WarnFewLaunches        WarningCode = "few-launches"
	WarnVoidTrials         WarningCode = "void-trials"
	WarnRepeated           WarningCode = "fresh-start-repeated"
	WarnUnsupported        WarningCode = "unsupported"
	WarnLeftOut            WarningCode = "left-out"
	WarnNotRestarted       WarningCode = "not-restarted"
	WarnInterrupted        WarningCode = "interrupted"
	WarnServiceHeadline    WarningCode = "service-time-headline"
	WarnProcessesNotFound  WarningCode = "processes-not-found"
	WarnConnectionsDiffer  WarningCode = "connection-not-reused"
	WarnBackgroundCPU      WarningCode = "background-cpu"
	WarnEnginesDisagree    WarningCode = "engines-disagree"
	WarnThroughputBoundGen WarningCode = "generator-bound-peak"
	WarnLateSlices         WarningCode = "slices-late"
	WarnLoadHostSlower     WarningCode = "load-host-slower"
	WarnLoadHostDoubt      WarningCode = "load-host-doubt"
	WarnClocksApart        WarningCode = "clocks-apart"
	WarnHostSteal          WarningCode = "host-steal"
	WarnOneLoadHost        WarningCode = "one-load-host"
	WarnMemoryShared       WarningCode = "pss-unavailable"
	WarnServerRestarted    WarningCode = "server-restarted"
	WarnSharedProcess      WarningCode = "process-in-two-targets"
	WarnSharedPages        WarningCode = "pages-shared-by-targets"
	WarnServerCloses       WarningCode = "server-closes"
	WarnHopReconnects      WarningCode = "hop-reconnects"
	WarnBodiesVary         WarningCode = "bodies-vary"
	WarnBodiesDiffer       WarningCode = "bodies-differ"
)

// WarningFacts says what the warnings of one code carry and what they are about.
type WarningFacts struct {
	// Unit is that of Value and Bound: "seconds", "share", "count" and the like, "log"
	// for the log of a ratio, "number" for a figure without a unit; empty if there is
	// no Value.
	Unit string
	// Bound and Detail report whether the warning carries one.
	Bound, Detail bool
	// LowIsWorse reports whether the smallest Value is the worst.
	LowIsWorse bool
	// Time warnings doubt the times of answers; a report without times leaves them out.
	// Saturation warnings are expected in a sweep, which goes to rates that no server
	// can sustain.
	Time, Saturation bool
}

// Warnings has an entry for every code; a test checks this.
var Warnings = map[WarningCode]WarningFacts{
	WarnRateNotReached:     {Unit: "per second", Bound: true, LowIsWorse: true, Saturation: true}, // reached, asked
	WarnLag:                {Unit: "seconds", Bound: true, Time: true, Saturation: true},          // at the median, a tenth of the response p50
	WarnLagP99:             {Unit: "seconds", Bound: true, Time: true, Saturation: true},
	WarnLagMax:             {Unit: "seconds", Bound: true, Time: true, Saturation: true},
	WarnWaited:             {Unit: "share", Bound: true, Detail: true, Time: true, Saturation: true}, // of all response time; Detail: how many, how long
	WarnFewConnections:     {Unit: "count", Bound: true, Time: true, Saturation: true},               // connections needed at this rate and service time, open
	WarnGeneratorBusy:      {Unit: "share", Bound: true, Saturation: true},                           // of one core
	WarnRunQueue:           {Unit: "share", Bound: true, Time: true, Saturation: true},
	WarnGC:                 {Unit: "seconds", Bound: true},
	WarnArrivals:           {Unit: "number", Bound: true, Time: true, Saturation: true}, // Anderson-Darling
	WarnSpacing:            {Unit: "share", Bound: true, Time: true, Saturation: true},  // RMS, of the planned gap
	WarnDrift:              {Unit: "log", Bound: true, Time: true, Saturation: true},
	WarnCorrelated:         {Unit: "number", Bound: true, Time: true, Saturation: true},
	WarnFewIndependent:     {Unit: "count", Bound: true, LowIsWorse: true, Time: true, Saturation: true},
	WarnLittle:             {Unit: "share", Bound: true, Saturation: true},
	WarnRetransmits:        {Unit: "count", Bound: true},
	WarnListenOverflow:     {Unit: "count", Bound: true},
	WarnErrors:             {Unit: "share", Bound: true, Detail: true}, // of the requests; the most frequent causes
	WarnWrongModel:         {Unit: "count"},
	WarnShed:               {Unit: "count"},
	WarnNotWarm:            {Unit: "log", Bound: true},
	WarnStillWarming:       {Unit: "log", Bound: true},
	WarnStillCompiling:     {Unit: "count", Bound: true},
	WarnSteal:              {Unit: "share", Bound: true},
	WarnOtherLoad:          {Unit: "share", Bound: true},
	WarnGovernor:           {Unit: "count", Detail: true},
	WarnSwap:               {Unit: "bytes", Bound: true},
	WarnSwapping:           {Unit: "bytes", Bound: true},
	WarnCPULimit:           {Unit: "cores", Bound: true, LowIsWorse: true}, // allowed, present
	WarnClock:              {Unit: "seconds", Bound: true, Detail: true},
	WarnClockStep:          {Unit: "seconds", Bound: true, Detail: true},
	WarnPortsLeft:          {Unit: "count", Bound: true, LowIsWorse: true},
	WarnSharedCores:        {Unit: "cores", Bound: true},
	WarnHeadroom:           {Unit: "per second", Bound: true, LowIsWorse: true}, // used, asked
	WarnContinuous:         {Unit: "seconds", Bound: true, Detail: true},
	WarnFewSamples:         {Unit: "count", Bound: true, Detail: true, LowIsWorse: true},
	WarnFewLaunches:        {Unit: "count", Bound: true, LowIsWorse: true},
	WarnVoidTrials:         {Unit: "count", Detail: true},
	WarnRepeated:           {Unit: "count", Detail: true},
	WarnUnsupported:        {Detail: true},
	WarnLeftOut:            {Detail: true},
	WarnNotRestarted:       {Detail: true},                                 // the targets
	WarnInterrupted:        {Unit: "count", Bound: true, LowIsWorse: true}, // finished, planned
	WarnServiceHeadline:    {Unit: "seconds", Bound: true, Time: true},
	WarnProcessesNotFound:  {Detail: true},
	WarnConnectionsDiffer:  {Unit: "count", Bound: true},
	WarnBackgroundCPU:      {Unit: "share", Bound: true}, // of one core
	WarnEnginesDisagree:    {Unit: "log", Bound: true},
	WarnThroughputBoundGen: {Unit: "share", Bound: true},
	WarnLateSlices:         {Unit: "share", Bound: true},                                  // of the slices' time
	WarnLoadHostSlower:     {Unit: "log", Bound: true, Detail: true, Time: true},          // its p50 against the median of all; its name
	WarnLoadHostDoubt:      {Unit: "number", Bound: true, Detail: true, Saturation: true}, // the check; load host and check
	WarnClocksApart:        {Unit: "seconds", Bound: true, Detail: true},
	WarnHostSteal:          {Unit: "share", Bound: true, Detail: true}, // an agent's; its load host, or the serving host
	WarnOneLoadHost:        {Detail: true},                             // the phases
	WarnMemoryShared:       {Detail: true},
	WarnServerRestarted:    {Unit: "count", Detail: true}, // processes that ended; which
	WarnSharedProcess:      {Detail: true},                // which process, in which targets
	WarnSharedPages:        {Detail: true},                // which targets
	WarnServerCloses:       {Unit: "share", Bound: true},  // of the requests
	WarnHopReconnects:      {Unit: "share", Bound: true},  // of the requests
	WarnBodiesVary:         {Unit: "share", Bound: true},  // of the right answers
	WarnBodiesDiffer:       {Detail: true},                // between targets
}

// Renewed returns the warning as this version writes it. In older results files some
// warnings share a code and differ only in a word of Detail.
func (w Warning) Renewed() Warning {
	switch {
	case w.Code == WarnLag && w.Detail == "p99":
		w.Code, w.Detail = WarnLagP99, ""
	case w.Code == WarnLag && w.Detail == "max":
		w.Code, w.Detail = WarnLagMax, ""
	case w.Code == WarnArrivals && w.Detail == "evenly spaced":
		w.Code, w.Detail = WarnSpacing, ""
	case w.Code == WarnVoidTrials && strings.HasPrefix(w.Detail, "a launch was repeated: "):
		w.Code, w.Detail = WarnRepeated, strings.TrimPrefix(w.Detail, "a launch was repeated: ")
	}
	return w
}
