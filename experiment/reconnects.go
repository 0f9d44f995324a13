package experiment

import "ancmbench"

// A hop keeps its connections if, for fewer than ReconnectShare of the requests, it opens one
// to the server behind it. A pool that fills opens some, so few requests show nothing.
const (
	ReconnectShare   = 0.5
	fewestReconnects = 50
)

// reconnectsCheck is the name of the check; its value is a share of the requests.
const reconnectsCheck = "hop_connections_share"

// checkReconnects checks how many connections the server behind a hop got for the requests
// that the hop was sent. Nil means that nothing was counted.
func checkReconnects(res *ancmbench.Result, opened *int64) {
	if opened == nil || res.Outcomes.Sent < fewestReconnects {
		return
	}
	check := ancmbench.Check{Name: reconnectsCheck, Value: float64(*opened) / float64(res.Outcomes.Sent), Bound: ReconnectShare}
	res.Checks = append(res.Checks, check)
	if !check.OK() {
		res.Warnings = append(res.Warnings, ancmbench.Warning{Code: ancmbench.WarnHopReconnects,
			Phase: res.Phase, Target: res.Target, Value: check.Value, Bound: check.Bound})
	}
}
