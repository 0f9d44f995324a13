// Package host answers one question: what machine is this, and can it be
// trusted to measure?
//
//	Fingerprint  what the machine is, without its name, users and paths
//	Inspect      what makes it unfit before a run: governor, clock, swap, limits, ports
//	Watch        what disturbs it during a run: steal time and the load of others, by second
//	Traffic      what its network stack dropped or retransmitted
//	Cores        which cores the generator and the servers should have
//	Pin          binds this process to its part of that plan
//	Key          a coarse name for machines that may share a host profile
//
// Each observation is a Check, a value with its bound, and beyond the bound also a Warning
// with one of ancmbench's codes. A value that cannot be read is a Check with a reason. The
// package changes nothing on the machine, except that Pin changes where this process runs.
// It discards no result; other packages judge.
package host
