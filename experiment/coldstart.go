package experiment

import (
	"context"
	"fmt"
	"strings"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
)

// coldStart asks each arm for its first answer, one arm at a time in the order
// drawn for the launch, with no worker and no app running: from connect to the
// last byte. It is also where an arm that cannot answer at all is found out.
func (r *runner) coldStart(ctx context.Context, engine loadgen.Engine, arms []*arm, t ancmbench.Trial) ([]ancmbench.Result, error) {
	results := make([]ancmbench.Result, len(arms))
	for _, name := range t.Targets {
		for i, a := range arms {
			if a.spec.Name != name {
				continue
			}
			res, err := r.firstAnswer(ctx, a, t)
			if err != nil {
				return nil, err
			}
			res.Engine = engine.Name()
			results[i] = res
			if err := a.measure(ctx, &r.ledger); err != nil {
				return nil, err
			}
			a.readIdle()
		}
	}
	r.note(arms)
	return results, nil
}

func (r *runner) firstAnswer(ctx context.Context, a *arm, t ancmbench.Trial) (ancmbench.Result, error) {
	target := a.target
	if target.Workload.Requests == nil {
		target.Workload = r.workload(t.Phase.Workload)
	}
	ctx, cancel := context.WithTimeout(ctx, coldTimeout)
	defer cancel()
	took, err := loadgen.Once(ctx, target)
	if err != nil {
		return ancmbench.Result{}, fmt.Errorf("%s gives no first answer: %w%s", a.spec.Name, err, a.lastWords())
	}
	return ancmbench.Result{Target: a.spec.Name, Arrivals: t.Phase.Arrivals, Dealing: t.Phase.Dealing, Connections: 1,
		Outcomes: ancmbench.Outcomes{Due: 1, Sent: 1, OK: 1}, Instants: []ancmbench.Seconds{ancmbench.Seconds(took)},
		Response: new(ancmbench.Histogram), Service: new(ancmbench.Histogram), Lag: new(ancmbench.Histogram),
		FirstByte: new(ancmbench.Histogram), SettleResponse: new(ancmbench.Histogram), SettleService: new(ancmbench.Histogram),
	}, nil
}

// lastWords quotes the last line that the arm's processes wrote, if there is one.
func (a *arm) lastWords() string {
	if a.site == nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(a.site.LogTail()), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + last
	}
	return ""
}

// readIdle remembers the memory of each role before any load.
func (a *arm) readIdle() {
	a.idle, _ = a.readMemory()
}

// readMemory gives the memory now of each role, whose processes are those that
// measure found. It changes nothing, so that it can run beside a load.
func (a *arm) readMemory() (map[string]*ancmbench.MemoryUse, error) {
	m := make(map[string]*ancmbench.MemoryUse, len(a.procs))
	for _, role := range a.procs {
		if len(role.PIDs) == 0 {
			continue
		}
		use, _, err := usage.ReadMemory(role.PIDs)
		if err != nil {
			return m, fmt.Errorf("%s: memory of %s: %w", a.spec.Name, role.Name, err)
		}
		m[role.Name] = &use
	}
	return m, nil
}
