package ancmbench

// Host describes the machine, without the names of host and users and without paths,
// and says whether it was fit to measure.
type Host struct {
	OS           string  `json:"os"`
	Arch         string  `json:"arch"`
	Kernel       string  `json:"kernel,omitempty"`
	CPUModel     string  `json:"cpu_model,omitempty"`
	Cores        int     `json:"cores"`
	CoresAllowed float64 `json:"cores_allowed"`
	MemoryBytes  int64   `json:"memory_bytes"`
	Governor     string  `json:"cpu_governor,omitempty"`
	ClockSource  string  `json:"clock_source,omitempty"`
	Virtual      string  `json:"virtualization,omitempty"`
	SwapBytes    int64   `json:"swap_bytes"`
	GoVersion    string  `json:"go_version"`
	// GeneratorCores and ServerCores are the cores that each side is pinned to; empty
	// if both sides share all cores.
	GeneratorCores []int `json:"generator_cores,omitempty"`
	ServerCores    []int `json:"server_cores,omitempty"`
	// Name and Details are filled only with --with-host-details.
	Name    string            `json:"name,omitempty"`
	Details map[string]string `json:"details,omitempty"`
	// Steal and OtherLoad have one element per second of the run: the share of
	// processor time, in [0,1], that the hypervisor took, and the share that processes
	// outside this run used.
	Steal       []float64         `json:"steal_share_by_second,omitempty"`
	OtherLoad   []float64         `json:"other_load_share_by_second,omitempty"`
	Checks      []Check           `json:"checks,omitempty"`
	Warnings    []Warning         `json:"warnings,omitempty"`
	Unsupported map[string]string `json:"unsupported,omitempty"`
}
