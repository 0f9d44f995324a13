// Package ancmbench holds the nouns of the project: what is asked of a server
// (Workload, Target, Arrivals, Dealing, Phase, Load), what was seen (Histogram,
// Result, RoleUsage), and the file in which both are kept (Run).
//
// The package is data only. It sends no request, starts no process and judges
// nothing; the rooms beside it do, and meet only here:
//
//	profile.yaml -> Profile -> plan of Trials        (profiles, experiment)
//	Trial -> Load -> Results, one per Target         (loadgen, models, internal/usage)
//	Results -> Run, the results file                 (this package)
//	Run -> statements, reports, verdicts             (reports)
//
// Units: time is a time.Duration inside and seconds outside (type Seconds);
// memory and bodies are bytes; rates are per second; quantiles lie in [0,1].
// Every noun survives a round trip through the results file.
package ancmbench
