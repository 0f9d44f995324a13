package ancmbench

// What a run may have at most. Reports compare each target in each phase with the
// baseline, so a file beyond these bounds is no run that anybody made; who plans a
// run is held to the same.
const (
	MaxTargets   = 256 // twins included
	MaxPhases    = 300
	MaxWorkloads = 1000
	MaxLaunches  = 1000
	// MaxCells is the most phases that Results tell of, each with one workload, times
	// the targets.
	MaxCells = 1024
	// MaxName is how long the name of a target, a phase or a workload may be, in bytes.
	MaxName = 128
)

const (
	// MaxRunFile is the size of a results file beyond which it is refused, in bytes.
	MaxRunFile = 256 << 20
	// maxTrials bounds the plan, and the Results.
	maxTrials = 200_000
	// maxSamples bounds one histogram and one count of outcomes: a million requests a
	// second for twelve days. The sum over all results that a file may have still fits
	// into an int64.
	maxSamples = 1 << 40
	maxBytes   = 1 << 50
	maxWhole   = 1 << 53 // what a float64 can hold exactly
	maxSeconds = 1e8     // three years
	maxNumber  = 1e18
)

// listBounds are the most elements of a list or a map, by type and name in the file.
// What is not named is bounded by the memory of all.
var listBounds = map[string]int{
	"Run.targets": MaxTargets, "Run.plan": maxTrials, "Run.results": maxTrials, "Run.warnings": 10_000,
	"Run.command": 10_000, "Profile.phases": MaxPhases, "Profile.workloads": MaxWorkloads, "Profile.models": MaxTargets,
	"Trial.targets": MaxTargets, "Result.usage": 64, "Result.warnings": 1000, "Result.checks": 1000,
	"Outcomes.status": 1000, "Host.checks": 1000, "Host.warnings": 1000, "Host.details": 1000, "Host.unsupported": 1000,
	"TargetInfo.roles": 64, "TargetInfo.native": 64, "RoleUsage.unsupported": 64, "Tool.modules": 1000,
}

// textBounds are the most bytes of a text as it stands in the file, where that is not
// maxText: names are in every row of every table, and a body is base64.
var textBounds = map[string]int{
	"TargetInfo.name": maxName, "Trial.targets": maxName, "Result.target": maxName, "Phase.name": maxName,
	"Result.phase": maxName, "Result.workload": maxName, "Workload.name": maxName, "Profile.name": maxName,
	"TargetInfo.roles": maxName, "RoleUsage.role": maxName, "Request.body": 2 << 20, "Run.started": 64,
	// What a person wrote, and the last words of a program, each byte of which may take six.
	"Profile.description": maxWords, "Profile.budgets": maxWords, "Request.path": maxWords, "Field.value": maxWords,
	"Run.command": maxWords, "Run.program": maxWords, "Run.reason": maxWords,
}

// numberBounds are the most of a whole number, where that is not maxWhole.
var numberBounds = map[string]int64{
	"Result.launch": MaxLaunches - 1, "Trial.launch": MaxLaunches - 1, "Run.launches_done": MaxLaunches, "Profile.launches": MaxLaunches,
	"Result.trial": 1 << 30, "Trial.index": 1 << 30, "Trial.attempt": 1 << 30,
	"Outcomes.due": maxSamples, "Outcomes.shed": maxSamples, "Outcomes.sent": maxSamples, "Outcomes.ok": maxSamples,
	"Outcomes.status": maxSamples, "Outcomes.wrong_model": maxSamples, "Outcomes.wrong_answer": maxSamples,
	"Outcomes.refused": maxSamples, "Outcomes.reset": maxSamples, "Outcomes.timeout": maxSamples,
	"Outcomes.malformed": maxSamples, "Outcomes.closed_early": maxSamples, "Outcomes.failed": maxSamples,
	"Outcomes.unfinished": maxSamples, "Outcomes.stale": maxSamples, "Outcomes.settled": maxSamples,
	"SliceRow.sent": maxSamples, "SliceRow.done": maxSamples, "SecondRow.sent": maxSamples, "SecondRow.done": maxSamples,
	"SecondRow.errors": maxSamples, "SliceRow.index": 1 << 30, "SliceRow.group": 1 << 30,
	"Result.sent_bytes": maxBytes, "Result.received_bytes": maxBytes, "MemoryUse.pss_bytes": maxBytes,
	"MemoryUse.uss_bytes": maxBytes, "MemoryUse.rss_bytes": maxBytes, "MemoryUse.peak_rss_bytes": maxBytes,
	"Host.memory_bytes": maxBytes, "Host.swap_bytes": maxBytes, "Host.cores": 1 << 20, "RoleUsage.processes": 1 << 30,
}

// signed are the whole numbers that may be below 0: the difference of two readings,
// between which a process may have ended.
var signed = map[string]bool{
	"Switches.voluntary": true, "Switches.involuntary": true, "RoleUsage.system_calls": true,
	"GoRuntime.heap_live_bytes": true, "GoRuntime.gc_cycles": true, "GoRuntime.goroutines": true, "GoRuntime.gomaxprocs": true,
}

// unbounded are the numbers that may be as large as JSON can say: an infinity is
// written as the largest.
var unbounded = map[string]bool{"Check.value": true, "Check.bound": true, "Warning.value": true, "Warning.bound": true}
