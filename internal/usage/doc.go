// Package usage answers one question: what does a process tree cost, in CPU,
// memory and context switches, role by role?
//
//	Cgroups      one cgroup v2 leaf per role, into which its processes are born
//	Meter        CPU per role, quick enough to be read between two slices
//	Ledger       CPU of all that belongs to a run, while arms come and go
//	ReadMemory   PSS, USS, RSS and peak of some processes, at most once a second
//	Switches     context switches over all threads of some processes
//	SystemCalls  system calls per role, while nothing else is measured
//	Listeners    the processes behind a port, when we did not start them
//
// CPU comes from the best source that this machine offers, and the source is
// part of the answer:
//
//	cgroup         cpu.stat of the role's leaf: exact, and nothing that ended is lost
//	process-clock  clock_gettime on the CPU clock of each process: exact, threads
//	               that ended included; a process that ended keeps its last value
//	schedstat      sum over /proc/PID/task/*/schedstat; a thread that ended keeps
//	               its last value, and one that began and ended unseen is lost
//	gopsutil       the system's own process times, often in ticks of 10 ms
//
// What cannot be had is an error or a stated reason, never a zero. Reasons are
// free of paths and names, because they are written into results files. The
// package starts no process and knows nothing of load or of hosting models.
package usage
