package ancmbench

// The limits of a run. Reports compare each target in each phase with the baseline, so
// a file beyond these limits is too large to report on. Plans are held to the same
// limits.
const (
	MaxTargets   = 256 // twins included
	MaxPhases    = 300
	MaxWorkloads = 1000
	MaxLaunches  = 1000
	// MaxCells limits the number of comparisons: the pairs of phase and workload in
	// Results, times the targets.
	MaxCells = 1024
	// MaxVars and MaxRows limit the variables of a workload and their values.
	MaxVars = 100
	MaxRows = 100_000
	// MaxDotnetRows limits the rows of .NET's settings in a profile.
	MaxDotnetRows = 32
	// MaxName limits the name of a target, a phase or a workload, in bytes.
	MaxName = 128
)

const (
	// MaxRunFile limits the size of a results file, in bytes.
	MaxRunFile = 256 << 20
	// maxTrials limits the plan and the Results.
	maxTrials = 200_000
	// maxSamples limits one histogram and one count of outcomes: a million requests a
	// second for twelve days. The sum over all results of a file fits into an int64.
	maxSamples = 1 << 40
	maxBytes   = 1 << 50
	maxWhole   = 1 << 53 // a float64 holds integers up to this exactly
	maxSeconds = 1e8     // three years
	maxNumber  = 1e18
)

// listBounds limits the elements of a list or a map, by type and name in the file. Lists
// without an entry are limited only by the memory of the whole file.
var listBounds = map[string]int{
	"Run.targets": MaxTargets, "Run.plan": maxTrials, "Run.results": maxTrials, "Run.warnings": 10_000,
	"Run.command": 10_000, "Profile.phases": MaxPhases, "Profile.workloads": MaxWorkloads, "Profile.models": MaxTargets, "Profile.targets": MaxTargets, "Profile.needs": 1000,
	"Server.args": 10_000, "Server.processes": 1000, "Server.env": 10_000, "Server.files": 1000,
	"Trial.targets": MaxTargets, "Result.usage": 64, "Result.warnings": 1000, "Result.checks": 1000,
	"Outcomes.status": 1000, "Host.checks": 1000, "Host.warnings": 1000, "Host.details": 1000, "Host.unsupported": 1000,
	"TargetInfo.roles": 64, "TargetInfo.native": 64, "TargetInfo.processes": 10_000, "Vars.names": MaxVars, "Vars.rows": MaxRows, "RoleUsage.unsupported": 64, "Tool.modules": 1000,
	"Run.warmups": maxTrials, "Warmup.windows": 10_000, "Dotnet.rows": MaxDotnetRows, "DotnetSettings.environment": 1000,
}

// textBounds limits the bytes of a text in the file, escapes included, where the limit
// is not maxText: names stand in every row of every table, and a body is base64.
var textBounds = map[string]int{
	"TargetInfo.name": maxName, "Trial.targets": maxName, "Result.target": maxName, "Phase.name": maxName,
	"Result.phase": maxName, "Result.workload": maxName, "Workload.name": maxName, "Profile.name": maxName, "Server.name": maxName, "Server.before": maxName,
	"Warmup.target": maxName, "DotnetRow.name": maxName,
	"TargetInfo.roles": maxName, "RoleUsage.role": maxName, "Process.role": maxName, "ProcessRule.role": maxName, "Request.body": 2 << 20, "Run.started": 64,
	// Texts that a person or a program wrote; as an escape, each byte may take six.
	"Profile.description": maxWords, "Profile.budgets": maxWords, "Request.path": maxWords, "Expect.body_contains": maxWords, "Vars.rows": maxWords, "Field.value": maxWords,
	"Run.command": maxWords, "Server.command": maxWords, "Server.args": maxWords, "ServerFile.text": maxWords, "Run.program": maxWords, "Run.reason": maxWords,
}

// numberBounds limits whole numbers, where the limit is not maxWhole.
var numberBounds = map[string]int64{
	"Result.launch": MaxLaunches - 1, "Trial.launch": MaxLaunches - 1, "Run.launches_done": MaxLaunches, "Profile.launches": MaxLaunches,
	"Result.trial": 1 << 30, "Trial.index": 1 << 30, "Trial.attempt": 1 << 30,
	"Outcomes.due": maxSamples, "Outcomes.shed": maxSamples, "Outcomes.sent": maxSamples, "Outcomes.ok": maxSamples,
	"Outcomes.status": maxSamples, "Outcomes.wrong_model": maxSamples, "Outcomes.wrong_answer": maxSamples,
	"Outcomes.refused": maxSamples, "Outcomes.reset": maxSamples, "Outcomes.timeout": maxSamples,
	"Outcomes.malformed": maxSamples, "Outcomes.closed_early": maxSamples, "Outcomes.failed": maxSamples,
	"Outcomes.unfinished": maxSamples, "Outcomes.redirects": maxSamples, "Outcomes.server_closed": maxSamples, "Outcomes.varied": maxSamples, "Outcomes.stale": maxSamples, "Outcomes.settled": maxSamples,
	"SliceRow.sent": maxSamples, "SliceRow.done": maxSamples, "SecondRow.sent": maxSamples, "SecondRow.done": maxSamples,
	"SecondRow.errors": maxSamples, "SecondRow.p99_rows": 3600, "SliceRow.index": 1 << 30, "SliceRow.group": 1 << 30,
	"Result.sent_bytes": maxBytes, "Result.received_bytes": maxBytes, "MemoryUse.pss_bytes": maxBytes,
	"MemoryUse.uss_bytes": maxBytes, "MemoryUse.rss_bytes": maxBytes, "MemoryUse.peak_rss_bytes": maxBytes,
	"MemoryAt.pss_bytes": maxBytes, "MemoryAt.rss_bytes": maxBytes,
	"MemoryUse.clr_heap_bytes": maxBytes, "MemoryUse.clr_committed_bytes": maxBytes, "Warmup.launch": MaxLaunches - 1, "WarmupWindow.requests": maxSamples,
	"Host.memory_bytes": maxBytes, "Host.swap_bytes": maxBytes, "Host.cores": 1 << 20, "RoleUsage.processes": 1 << 30,
}

// signed names the whole numbers that may be below 0: they are differences of two
// readings, and a process may have ended between the two.
var signed = map[string]bool{
	"Switches.voluntary": true, "Switches.involuntary": true, "RoleUsage.system_calls": true,
	"GoRuntime.heap_live_bytes": true, "GoRuntime.gc_cycles": true, "GoRuntime.goroutines": true, "GoRuntime.gomaxprocs": true,
}

// unbounded names the numbers without a limit: an infinity is written as the largest
// number.
var unbounded = map[string]bool{"Check.value": true, "Check.bound": true, "Warning.value": true, "Warning.bound": true}
