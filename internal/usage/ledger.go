package usage

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Ledger sums the CPU of everything that belongs to a run, while targets are started and
// stopped. The rest of the machine's load is that of others. The zero value is empty and
// ready to use. A Ledger is safe for concurrent use.
type Ledger struct {
	mu     sync.Mutex
	closed time.Duration // of accounts that were closed
	open   []*Account
}

// Account is the CPU that one target or the generator has used since Open.
type Account struct {
	ledger *Ledger
	meter  *Meter
	pids   []int // of roles without a group
	before []time.Duration
	now    []time.Duration
}

// Open opens an account for some roles. It does not count what they used before, which
// matters for servers that we did not start, nor processes that an open account counts. It
// fails if a role cannot be read.
func (l *Ledger) Open(roles []Role) (*Account, error) {
	roles, pids := l.uncounted(roles)
	m, err := NewMeter(roles)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	a := &Account{ledger: l, meter: m, pids: pids, before: make([]time.Duration, len(roles))}
	if err := m.ReadCPU(a.before); err != nil {
		return nil, errors.Join(fmt.Errorf("ledger: %w", err), m.Close())
	}
	a.now = slices.Clone(a.before)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, a)
	return a, nil
}

// uncounted returns the roles without the processes of open accounts, and the processes that
// are left: one may serve two targets.
func (l *Ledger) uncounted(roles []Role) (rest []Role, pids []int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range roles {
		if r.Cgroup != "" || r.Missing != "" {
			rest = append(rest, r)
			continue
		}
		some := len(r.PIDs) > 0
		r.PIDs = slices.DeleteFunc(slices.Clone(r.PIDs), func(pid int) bool {
			return slices.ContainsFunc(l.open, func(a *Account) bool { return slices.Contains(a.pids, pid) })
		})
		pids = append(pids, r.PIDs...)
		if !some || len(r.PIDs) > 0 { // a role without any is an error, which NewMeter has
			rest = append(rest, r)
		}
	}
	return rest, pids
}

// CPU returns the sum over all accounts, including closed ones. If reading fails it
// returns an error, and a sum with the last known value of each unread account.
func (l *Ledger) CPU() (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sum := l.closed
	var errs error
	for _, a := range l.open {
		errs = errors.Join(errs, a.meter.ReadCPU(a.now))
		sum += a.used()
	}
	return sum, errs
}

func (a *Account) used() time.Duration {
	var d time.Duration
	for i := range a.now {
		d += a.now[i] - a.before[i]
	}
	return d
}

// Close reads the account a last time and keeps its sum. Call it before the role's groups
// are removed. A second Close does nothing.
func (a *Account) Close() error {
	a.ledger.mu.Lock()
	defer a.ledger.mu.Unlock()
	i := slices.Index(a.ledger.open, a)
	if i < 0 {
		return nil
	}
	a.ledger.open = slices.Delete(a.ledger.open, i, i+1)
	err := a.meter.ReadCPU(a.now)
	a.ledger.closed += a.used()
	return errors.Join(err, a.meter.Close())
}
