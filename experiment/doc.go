// Package experiment answers one question: what is observed when this profile is carried
// out on these targets? It turns a plan into a results file.
//
//	Plan:   a pure function from a profile, the targets and a seed to the list of trials.
//	Run:    per fresh start, new processes in random order; per trial, a Load for an
//	        Engine, with counters read at slice edges; the results file is written
//	        after each trial.
//	Stop:   Config.Enough, a function of the reports, decides whether to continue.
//
// It does no statistics, prints nothing and never exits. A value that cannot be measured
// is marked as unsupported in the Result; it is never zero.
package experiment
