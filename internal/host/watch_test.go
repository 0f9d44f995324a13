package host

import (
	"errors"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ancmbench"
)

// fakeMachine is a machine of two cores, as it would stand after some time:
// from one second on it is disturbed.
type fakeMachine struct {
	began        time.Time
	busy         float64 // cores that are busy, ours included
	steal        float64 // cores that are stolen
	own          float64 // cores that we keep busy
	swapPerSec   int64
	noSteal      bool
	err, ownFail error
}

func (f *fakeMachine) read() (machine, error) {
	const cores = 2
	s := float64(time.Since(f.began))
	return machine{
		busy:       time.Duration(s * f.busy),
		steal:      time.Duration(s * f.steal),
		idle:       time.Duration(s * (cores - f.busy - f.steal)),
		hasSteal:   !f.noSteal,
		swapped:    int64(time.Since(f.began).Seconds()) * f.swapPerSec,
		hasSwapped: true,
	}, f.err
}

func (f *fakeMachine) used() (time.Duration, error) {
	return time.Duration(float64(time.Since(f.began)) * f.own), f.ownFail
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

func TestWatcher(t *testing.T) {
	codes := func(s Seen) map[ancmbench.WarningCode]float64 {
		out := make(map[ancmbench.WarningCode]float64)
		for _, w := range s.Warnings {
			out[w.Code] = w.Value
		}
		return out
	}
	for _, tt := range []struct {
		name         string
		m            fakeMachine
		steal, other float64
		want         []ancmbench.WarningCode
	}{
		{"quiet", fakeMachine{busy: 1, own: 1}, 0, 0, nil},
		{"idle", fakeMachine{}, 0, 0, nil},
		{"steal", fakeMachine{busy: 1, own: 1, steal: 0.2}, 0.1, 0, []ancmbench.WarningCode{ancmbench.WarnSteal}},
		{"others", fakeMachine{busy: 1.5, own: 1}, 0, 0.25, []ancmbench.WarningCode{ancmbench.WarnOtherLoad}},
		{"both and swap", fakeMachine{busy: 1, own: 0.5, steal: 1, swapPerSec: 4 << 20}, 0.5, 0.25,
			[]ancmbench.WarningCode{ancmbench.WarnSteal, ancmbench.WarnOtherLoad, ancmbench.WarnSwapping}},
		// The machine's ticks are coarser than our own account.
		{"own above busy", fakeMachine{busy: 1, own: 1.01}, 0, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := tt.m
				m.began = time.Now()
				w := Watcher{Own: m.used, read: m.read}
				if err := w.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5*time.Second + 10*time.Millisecond)
				w.Stop()
				w.Stop()
				seen := w.Seen()
				if len(seen.Steal) != 5 || len(seen.OtherLoad) != 5 || len(seen.Unsupported) != 0 {
					t.Fatalf("got %+v", seen)
				}
				for i := range seen.Steal {
					if !near(seen.Steal[i], tt.steal) || !near(seen.OtherLoad[i], tt.other) {
						t.Errorf("second %d: steal %v, others %v; want %v, %v", i, seen.Steal[i], seen.OtherLoad[i], tt.steal, tt.other)
					}
				}
				got := codes(seen)
				if len(got) != len(tt.want) {
					t.Errorf("warnings %v, want %v", got, tt.want)
				}
				for _, code := range tt.want {
					if v, ok := got[code]; !ok || v <= 0 {
						t.Errorf("warnings %v, want %v", got, tt.want)
					}
				}
				for _, c := range seen.Checks {
					if !hasUnit(c.Name) || c.Unsupported != "" {
						t.Errorf("check %+v", c)
					}
				}
			})
		})
	}
}

// TestWatcherBetween: a stretch of time has its own seconds and its own mean.
func TestWatcherBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := fakeMachine{began: time.Now()}
		var stolen atomic.Int64
		w := Watcher{Own: m.used, read: func() (machine, error) {
			all, err := m.read()
			all.steal = time.Duration(stolen.Load())
			all.idle -= all.steal
			return all, err
		}}
		begin := time.Now()
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3*time.Second + 10*time.Millisecond)
		stolen.Store(int64(time.Second)) // half of the fourth second on two cores
		time.Sleep(2 * time.Second)
		w.Stop()
		mean := func(from, to time.Duration) (float64, string) {
			c := w.Between(begin.Add(from), begin.Add(to)).Checks[0]
			return c.Value, c.Unsupported
		}
		for _, tt := range []struct {
			from, to time.Duration
			want     float64
		}{{0, 3 * time.Second, 0}, {3 * time.Second, 4 * time.Second, 0.5}, {0, 4 * time.Second, 0.125}, {4 * time.Second, 5 * time.Second, 0},
			{3300 * time.Millisecond, 4300 * time.Millisecond, 0.5}} {
			if got, why := mean(tt.from, tt.to); !near(got, tt.want) || why != "" {
				t.Errorf("%v to %v: %v, %q; want %v", tt.from, tt.to, got, why, tt.want)
			}
		}
		if got, why := mean(4*time.Second, 4*time.Second+100*time.Millisecond); why == "" || got != 0 {
			t.Errorf("a tenth of a second: %v, %q; want a reason", got, why)
		}
	})
}

// TestWatcherUnsupported: what is not known is a reason, not a quiet machine.
func TestWatcherUnsupported(t *testing.T) {
	run := func(m fakeMachine, noOwn bool) Seen {
		var seen Seen
		synctest.Test(t, func(t *testing.T) {
			m.began = time.Now()
			w := Watcher{Own: m.used, read: m.read}
			if noOwn {
				w.Own = nil
			}
			if err := w.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second)
			w.Stop()
			seen = w.Seen()
		})
		return seen
	}
	check := func(what string, seen Seen, steal, other bool) {
		t.Helper()
		if (seen.Steal != nil) != steal || (seen.Unsupported["steal_share_by_second"] == "") != steal {
			t.Errorf("%s: steal %v, reason %q", what, seen.Steal, seen.Unsupported["steal_share_by_second"])
		}
		if (seen.OtherLoad != nil) != other || (seen.Unsupported["other_load_share_by_second"] == "") != other {
			t.Errorf("%s: others %v, reason %q", what, seen.OtherLoad, seen.Unsupported["other_load_share_by_second"])
		}
		if len(seen.Warnings) > 0 {
			t.Errorf("%s: warnings %v", what, seen.Warnings)
		}
	}
	check("all known", run(fakeMachine{busy: 1, own: 1}, false), true, true)
	check("no own load", run(fakeMachine{busy: 2}, true), true, false)
	check("own load fails", run(fakeMachine{busy: 2, ownFail: errors.New("x")}, false), true, false)
	check("no steal", run(fakeMachine{busy: 1, own: 1, noSteal: true}, false), false, true)
}

// TestWatcherStandstill: seconds in which the system counted nothing are no
// quiet seconds.
func TestWatcherStandstill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := Watcher{read: func() (machine, error) {
			return machine{busy: time.Second, idle: time.Second, hasSteal: true, hasSwapped: true}, nil
		}}
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3*time.Second + 10*time.Millisecond)
		w.Stop()
		if seen := w.Seen(); len(seen.Steal) != 0 || seen.Checks[0].Unsupported == "" {
			t.Errorf("got %+v", seen)
		}
	})
}

func TestWatcherFaults(t *testing.T) {
	var idle Watcher
	idle.Stop() // without a Start
	m := fakeMachine{err: errors.New("open /proc/stat: no")}
	w := Watcher{read: m.read}
	if err := w.Start(); err == nil {
		t.Error("a machine that tells nothing: want an error")
	}
	w.Stop()
	synctest.Test(t, func(t *testing.T) {
		m := fakeMachine{began: time.Now()}
		w := Watcher{Own: m.used, read: m.read}
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		if err := w.Start(); err == nil {
			t.Error("started twice: want an error")
		}
		w.Stop()
		if seen := w.Seen(); len(seen.Steal) != 0 || seen.Checks[0].Unsupported == "" {
			t.Errorf("not a second long: %+v", seen)
		}
	})
}

// TestReadMachine: this machine's own counters move forward and add up.
func TestReadMachine(t *testing.T) {
	a, err := readMachine()
	if err != nil {
		t.Fatal(err)
	}
	if a.busy <= 0 || a.idle < 0 || a.steal < 0 || a.swapped < 0 {
		t.Errorf("got %+v", a)
	}
	b, err := readMachine()
	if err != nil || b.busy < a.busy {
		t.Errorf("busy %v, then %v, %v", a.busy, b.busy, err)
	}
}
