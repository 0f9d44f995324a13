package usage

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestNewMeterNamesEveryFault(t *testing.T) {
	gone := startChild(t, "idle", nil)
	gone.end()
	_, err := NewMeter([]Role{
		{Name: "here", PIDs: []int{os.Getpid()}},
		{Name: "nobody"},
		{Name: "gone", PIDs: []int{gone.pid()}},
	})
	if err == nil {
		t.Fatal("a role without processes and one whose process ended: want an error")
	}
	for _, want := range []string{"nobody", "gone"} {
		if !strings.Contains(err.Error(), "role "+want) {
			t.Errorf("error does not name the role %s: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "role here") {
		t.Errorf("error names a role that can be read: %v", err)
	}
	if !errors.Is(err, ErrGone) {
		t.Errorf("error is not %v: %v", ErrGone, err)
	}
}

func TestReadCPUNeedsRoomForAllRoles(t *testing.T) {
	m := openMeter(t, Role{Name: "generator", PIDs: []int{os.Getpid()}})
	for _, n := range []int{0, 2} {
		if err := m.ReadCPU(make([]time.Duration, n)); err == nil {
			t.Errorf("room for %d roles of one: want an error", n)
		}
		if err := m.ReadUserSystem(make([]UserSystem, n)); err == nil {
			t.Errorf("room for %d roles of one: want an error", n)
		}
	}
}

// TestMeterMeasuresOurOwnWork: what this process burns is what the meter shows,
// by the portable source too.
func TestMeterMeasuresOurOwnWork(t *testing.T) {
	m := openMeter(t, Role{Name: "generator", PIDs: []int{os.Getpid()}})
	before := readCPU(t, m)
	burn(burnTime)
	near(t, m.Source(0), readCPU(t, m)-before, burnTime)
}

func TestLedger(t *testing.T) {
	var l Ledger
	check := func(when string, low time.Duration) time.Duration {
		t.Helper()
		got, err := l.CPU()
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		if got < low {
			t.Errorf("%s: %v, want at least %v", when, got, low)
		}
		return got
	}
	if got := check("empty", 0); got != 0 {
		t.Errorf("empty: %v, want 0", got)
	}
	// What was used before the account was opened is not counted.
	old := startChild(t, "burn", nil)
	a, err := l.Open([]Role{{Name: "old", PIDs: []int{old.pid()}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := check("opened", 0); got > burnTime/2 {
		t.Errorf("opened: %v, and the child had burnt %v before", got, burnTime)
	}
	b, err := l.Open([]Role{{Name: "generator", PIDs: []int{os.Getpid()}}})
	if err != nil {
		t.Fatal(err)
	}
	burn(burnTime)
	sum := check("burnt", burnTime*9/10)
	// Closing keeps what there was, and closing twice does not count twice.
	for range 2 {
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	closed := check("closed", sum)
	burn(burnTime / 4)
	if got := check("afterwards", closed); got != closed {
		t.Errorf("a closed account went on counting: %v, then %v", closed, got)
	}
}

// A process in two accounts, as an app that is a target and stands behind another, is counted
// once.
func TestLedgerCountsAProcessOnce(t *testing.T) {
	var l Ledger
	us := Role{Name: "server", PIDs: []int{os.Getpid()}}
	for range 2 {
		a, err := l.Open([]Role{us})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
	}
	burn(burnTime)
	got, err := l.CPU()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "two accounts of one process", got, burnTime)
}

func openMeter(t *testing.T, roles ...Role) *Meter {
	t.Helper()
	m, err := NewMeter(roles)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// readCPU reads a meter of one role.
func readCPU(t *testing.T, m *Meter) time.Duration {
	t.Helper()
	var d [1]time.Duration
	if err := m.ReadCPU(d[:]); err != nil {
		t.Fatal(err)
	}
	return d[0]
}

// near checks a reading against an independent account. Beside what was burnt
// there is the runtime's own work, and ticks of 10 to 16 ms; a unit that is
// wrong, or a process that is not seen, is off by far more.
func near(t *testing.T, source string, got, want time.Duration) {
	t.Helper()
	const slack = 60 * time.Millisecond
	if got < want-slack || got > want+want/2+slack {
		t.Errorf("%s: %v, want about %v", source, got, want)
	}
}
