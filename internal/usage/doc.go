// Package usage answers one question: what does a process tree cost, in CPU,
// memory and context switches, role by role?
//
//	Cgroups      one cgroup v2 leaf per role, in which its processes are created
//	Meter        CPU per role, fast enough to be read between two slices
//	Ledger       CPU of all that belongs to a run, while targets are started and stopped
//	ReadMemory   PSS, USS, RSS and peak of some processes, at most once a second
//	Switches     context switches over all threads of some processes
//	SystemCalls  system calls per role, while nothing else is measured
//	Listeners    the processes behind a port, when we did not start them
//
// CPU comes from the best source on this machine, and the result names the source:
//
//	cgroup         cpu.stat of the role's leaf: exact, including ended processes
//	process-clock  clock_gettime on the CPU clock of each process: exact, including
//	               ended threads; an ended process keeps its last value
//	schedstat      sum over /proc/PID/task/*/schedstat; an ended thread keeps its last
//	               value, and one that begins and ends between two readings is lost
//	gopsutil       the system's own process times, often in ticks of 10 ms
//
// A value that cannot be read is an error or has a reason; it is never zero. Reasons have
// no paths and names, because they are written into results files. The package starts no
// process and knows nothing of load or of hosting models.
package usage
