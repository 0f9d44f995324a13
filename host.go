package ancmbench

// Host is the fingerprint of the machine, free of its name, its users and its
// paths, and whether it could be trusted to measure.
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
	// GeneratorCores and ServerCores are the sets pinned to; empty if shared.
	GeneratorCores []int `json:"generator_cores,omitempty"`
	ServerCores    []int `json:"server_cores,omitempty"`
	// Name and Details are filled only with --with-host-details.
	Name    string            `json:"name,omitempty"`
	Details map[string]string `json:"details,omitempty"`
	// Steal has one element per second of the run: the share of processor time
	// taken by the hypervisor, in [0,1]; OtherLoad the share used by processes
	// that are not of this run.
	Steal       []float64         `json:"steal_share_by_second,omitempty"`
	OtherLoad   []float64         `json:"other_load_share_by_second,omitempty"`
	Checks      []Check           `json:"checks,omitempty"`
	Warnings    []Warning         `json:"warnings,omitempty"`
	Unsupported map[string]string `json:"unsupported,omitempty"`
}
