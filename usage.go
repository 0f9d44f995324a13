package ancmbench

// RoleUsage is what the processes of one role used during one trial. A value that could
// not be read is nil, never zero, and Unsupported says why.
type RoleUsage struct {
	Role Role `json:"role"`
	// Processes is how many processes the role had.
	Processes int  `json:"processes"`
	CPU       *CPU `json:"cpu,omitempty"`
	// Idle is the memory before any load, Loaded the memory under load.
	Idle   *MemoryUse `json:"memory_idle,omitempty"`
	Loaded *MemoryUse `json:"memory_loaded,omitempty"`
	// OverTime is the memory during the load of a memory phase, once a second or more often;
	// nil in all other phases, and in files of an older version.
	OverTime []MemoryAt `json:"memory_over_time,omitempty"`
	Runtime  *GoRuntime `json:"go_runtime,omitempty"`
	Switches *Switches  `json:"context_switches,omitempty"`
	// SystemCalls is counted in memory phases only, because counting slows every call.
	SystemCalls *int64 `json:"system_calls,omitempty"`
	// Unsupported maps a field's name to the reason why it is missing.
	Unsupported map[string]string `json:"unsupported,omitempty"`
}

// CPU is processor time.
type CPU struct {
	// Own is the time used in this target's own slices and their drains.
	Own Seconds `json:"own_seconds"`
	// Background is the time used in the other targets' slices, which took Others.
	Background Seconds `json:"background_seconds"`
	Others     Seconds `json:"others_seconds"`
	// User and System are for the whole trial, because the kernel samples them by its
	// tick.
	User   Seconds `json:"user_seconds"`
	System Seconds `json:"system_seconds"`
	// Source is "cgroup", "process-clock", "schedstat" or "gopsutil".
	Source string `json:"source"`
}

// MemoryUse is memory in bytes, summed over the role's processes.
type MemoryUse struct {
	// PSS divides shared pages among the processes that share them; nil if unsupported.
	PSS *int64 `json:"pss_bytes,omitempty"`
	// USS is private memory; nil if unsupported.
	USS *int64 `json:"uss_bytes,omitempty"`
	RSS int64  `json:"rss_bytes"`
	// PeakRSS is the high-water mark since each process began; nil if unsupported.
	PeakRSS *int64 `json:"peak_rss_bytes,omitempty"`
	// CLRHeap is the managed heap of .NET, and CLRCommitted what its collector holds of
	// the system's memory; nil if no process has a .NET runtime that says so.
	CLRHeap      *int64 `json:"clr_heap_bytes,omitempty"`
	CLRCommitted *int64 `json:"clr_committed_bytes,omitempty"`
}

// MemoryAt is the memory of a role at one instant of a trial.
type MemoryAt struct {
	At Seconds `json:"at_seconds"`
	// PSS is nil if unsupported.
	PSS *int64 `json:"pss_bytes,omitempty"`
	RSS int64  `json:"rss_bytes"`
}

// GoRuntime is what a Go process reports of itself over its control endpoint.
type GoRuntime struct {
	HeapLive   int64   `json:"heap_live_bytes"`
	GCCycles   int64   `json:"gc_cycles"`
	GCCPU      Seconds `json:"gc_cpu_seconds"`
	GCPauses   Seconds `json:"gc_pause_total_seconds"`
	GOMAXPROCS int     `json:"gomaxprocs"`
	Goroutines int64   `json:"goroutines"`
}

// Switches counts context switches over all threads of the role.
type Switches struct {
	Voluntary   int64 `json:"voluntary"`
	Involuntary int64 `json:"involuntary"`
}
