// Package ancmbench defines the project's data types: what a server is asked
// (Workload, Target, Arrivals, Dealing, Phase, Load), what was observed (Histogram,
// Result, RoleUsage), and the results file that keeps both (Run).
//
// The package is data only. It sends no request, starts no process and judges
// nothing. Other packages do that, and they exchange only these types:
//
//	profile.yaml -> Profile -> plan of Trials        (profiles, experiment)
//	Trial -> Load -> Results, one per Target         (loadgen, models, internal/usage)
//	Results -> Run, the results file                 (this package)
//	Run -> statements, reports, verdicts             (reports)
//
// Units: time is a time.Duration inside and seconds outside (type Seconds);
// memory and bodies are bytes; rates are per second; quantiles lie in [0,1].
// Every type survives a round trip through the results file.
package ancmbench
