package gate

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

// recordedTwins are the A/A fresh starts that scripts/error-rates.sh recorded, and for
// which are to be at least 120.
const (
	recordedTwins = "testdata/aa-launches.jsonl"
	wantedTwins   = 120
)

func readTwins(t *testing.T) []RecordedLaunch { return readRecorded(t, recordedTwins) }

func readRecorded(t *testing.T, path string) []RecordedLaunch {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("skipped: no recording of this project's own: scripts/error-rates.sh makes %s", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	launches, err := ReadLaunches(f)
	if err != nil {
		t.Fatal(err)
	}
	return launches
}

// testEitherSide has the bounds where a bias of the recording cannot help: the sides
// of each drawn start are swapped by a coin.
func testEitherSide(t *testing.T, launches []RecordedLaunch, bound func(string, ...any)) {
	t.Helper()
	for i, m := range ratesOf(t, Resampling{Launches: launches, Seed: 1}).Metrics {
		r := ratesOf(t, Resampling{Launches: launches, Seed: 1, Effect: 0.05, Metric: m.Metric, Swap: true}).Metrics[i]
		t.Logf("+5 %%, either side: %s found in %s, passed wrongly in %s", r.Metric, r.Fail, r.Pass)
		if r.Pass.Share > 0.05 {
			bound("+5 %% in %s on either side: wrong passes %s, at most 5 %%", r.Metric, r.Pass)
		}
		if r.Fail.Share < 0.90 {
			bound("+5 %% in %s on either side: found %s, wants 90 %%", r.Metric, r.Fail)
		}
	}
}

// The bounds on what was really recorded: 10,000 pseudo-runs, with
// nothing and with +5 % injected.
func TestErrorRatesOfRecordedLaunches(t *testing.T) {
	launches := readTwins(t)
	if len(launches) < fewestRecorded {
		t.Skipf("skipped: %d recorded fresh starts in %s, and pseudo-runs need %d", len(launches), recordedTwins, fewestRecorded)
	}
	bound := t.Errorf
	if len(launches) < wantedTwins {
		t.Logf("%d recorded fresh starts in %s, fewer than the %d that the bounds are stated for: they are shown, and not asserted", len(launches), recordedTwins, wantedTwins)
		bound = t.Logf
	}
	same := ratesOf(t, Resampling{Launches: launches, Seed: 1})
	for _, m := range same.Metrics {
		t.Logf("A/A: %s fails falsely in %s, SD %.1f %%", m.Metric, m.Fail, 100*m.SD)
		if m.Fail.Share > 0.01 {
			bound("A/A: %s fails falsely in %s, more than 1 %%", m.Metric, m.Fail)
		}
	}
	for i, m := range same.Metrics {
		r := ratesOf(t, Resampling{Launches: launches, Seed: 2, Effect: 0.05, Metric: m.Metric, Swap: m.Bias.Interval.Holds(1)}).Metrics[i]
		t.Logf("+5 %%: %s found in %s, passed wrongly in %s", r.Metric, r.Fail, r.Pass)
		if r.Fail.Share < 0.90 || r.Pass.Share > 0.05 {
			bound("+5 %% in %s: found %s, wants 90 %%; wrong passes %s, at most 5 %%", r.Metric, r.Fail, r.Pass)
		}
	}
	testEitherSide(t, launches, bound)
	// Ten times the margin is found in any recording, and a gate along it never fails
	// what is the same more often than once in twenty.
	if r := ratesOf(t, Resampling{Launches: launches, Runs: 500, Seed: 3, Effect: 0.5}); r.Fail.Share < 0.99 {
		t.Errorf("+50 %% is found in %s", r.Fail)
	}
	s, err := Resampling{Launches: launches}.Stretches()
	if err != nil {
		t.Fatal(err)
	}
	if s.Fail.Count > max(1, len(s.Lengths)/20) {
		bound("%d of %d gates along the recording fail", s.Fail.Count, len(s.Lengths))
	}
	t.Logf("along the recording: %d gates, %d fail, %d pass", len(s.Lengths), s.Fail.Count, s.Pass.Count)
}

// Of the gates along a recording with a true +5 % in a metric at least 17 of 20 fail,
// as is asked of real selftests.
func TestGatesAlongInjectedLaunches(t *testing.T) {
	for word, metric := range map[string]string{"p50": "response_p50_seconds", "cpu": "cpu_seconds_per_request"} {
		t.Run(word, func(t *testing.T) {
			launches := readRecorded(t, "testdata/injected-"+word+"-launches.jsonl")
			s, err := Resampling{Gate: Gate{Metrics: []GatedMetric{{Name: metric, Margin: 0.05}}}, Launches: launches}.Stretches()
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d of %d gates fail, after %v fresh starts", s.Fail.Count, len(s.Lengths), s.Lengths)
			if len(s.Lengths) == 0 || 20*s.Fail.Count < 17*len(s.Lengths) {
				t.Errorf("%d of %d gates find a true +5 %%, want 17 of 20", s.Fail.Count, len(s.Lengths))
			}
		})
	}
}
