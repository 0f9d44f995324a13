// Package experiment answers one question: what was seen when this profile was
// carried out on these targets? It turns a plan into a results file.
//
//	Plan:   a profile, the targets and a seed give the list of trials; pure.
//	Run:    per launch, fresh processes in random order; per trial, a Load handed
//	        to an Engine, with counters read at slice edges; the results file is
//	        written after each trial.
//	Stop:   reports is asked, through a function value, whether to go on.
//
// It does no statistics, prints nothing and never exits. What it could not
// measure it says in the Result; it never puts a zero there.
package experiment
